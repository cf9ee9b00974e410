from odoo import api, fields, models

from ..engine import incoming
from ..engine.followup import (
    achieved,
    addressees,
    documents,
    followup_page,
    items_table,
    ledger,
    retention,
    reviewing,
)
from ..engine.followup.ledger_reasons import LedgerReason
from ..engine.followup.person import act, act_on_each
from ..engine.followup.preview import shown
from ..engine.followup.receivers import receivers
from ..engine.followup.signature import signature
from ..engine.planning import cases, explain, forewarning, planner
from ..engine.rights import check_accountant
from ..rules import SKIP_ONCE, SKIP_STEP, Reason
from ..tools.actions import CLOSE, watch

#: After these it leaves within moments: the page follows it.
AT_ONCE = (ledger.send_now, ledger.retry, ledger.send_after_all)


class AccountEmailFollowup(models.Model):
    """The ledger: one follow-up to one customer, from its planning to its receipt.

    How it goes from state to state: see :mod:`..engine.followup.ledger`.
    """

    _name = "account.email.followup"
    _inherit = [
        "mail.thread",
        "account.email.export",
        "account.email.papers",
        "account.email.late.fees",
    ]
    _description = "Follow-up"
    _order = "planned_date desc, id desc"
    _rec_name = "partner_id"
    _check_company_auto = True

    company_id = fields.Many2one("res.company", required=True, readonly=True)
    connector_id = fields.Many2one(
        "account.email.connector",
        "Mailbox",
        required=True,
        readonly=True,
        ondelete="restrict",
        index=True,
    )
    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, readonly=True, index=True
    )
    addressee_id = fields.Many2one(
        "res.partner",
        "Contact",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    plan_id = fields.Many2one(
        "account.email.followup.plan", readonly=True, ondelete="restrict"
    )
    step_id = fields.Many2one("account.email.followup.step", readonly=True)
    step_days = fields.Integer(
        readonly=True, help="The step's days when the follow-up was planned."
    )
    step_position = fields.Integer(
        readonly=True, help="The step's rank in its plan at that time, from 0."
    )
    channel = fields.Selection(
        [("email", "Email"), ("todo", "To-do")],
        required=True,
        readonly=True,
        default="email",
    )
    state = fields.Selection(
        ledger.STATES,
        required=True,
        readonly=True,
        default=ledger.first_state(),
        index=True,
    )
    approved = fields.Boolean(
        readonly=True, help="A person has read it: it goes at the plan's next hours."
    )
    at_once = fields.Boolean(
        readonly=True, help="A person wants it to go now, at whatever day and hour."
    )
    by_hand = fields.Boolean(
        readonly=True, help="A person chose its step and invoices in the composer."
    )
    decided_on = fields.Date(
        readonly=True, help="The day on which a person wanted it to go."
    )
    known = fields.Char(
        readonly=True, help="Reasons against it of which that person knew."
    )
    skip = fields.Selection(
        [("once", "This time"), ("step", "This step")],
        readonly=True,
        help="What a person meant by skipping it.",
    )
    planned_date = fields.Date(required=True, readonly=True)
    done_on = fields.Date(
        readonly=True, index=True, help="The day it was sent, tried or skipped."
    )
    retry_at = fields.Datetime("Not before", readonly=True)
    attempts = fields.Integer(readonly=True)
    reason = fields.Char(
        "Reason code",
        readonly=True,
        help="Why it was skipped or failed, or what it waits for.",
    )
    reason_detail = fields.Char("Details", readonly=True)
    reason_text = fields.Char("Reason", compute=followup_page.reason)
    attempt_text = fields.Text("What is known", compute=followup_page.tell)
    copy_text = fields.Text("Its copy", compute=followup_page.tell)
    tried_at = fields.Char("Time in logs", compute=followup_page.tell)
    objection = fields.Char(compute=followup_page.tell)
    can_insist = fields.Boolean(compute=followup_page.tell)
    line_ids = fields.One2many("account.email.followup.line", "followup_id")
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount = fields.Monetary(
        "Open amount",
        readonly=True,
        aggregator=None,  # several may ask for the same invoice
        help="What is left after credits, in the company's currency.",
    )
    answered = fields.Boolean(compute=achieved.tell)
    paid_since = fields.Monetary(
        "Paid since",
        compute=achieved.tell,
        help="Of what it asked for; also if a later follow-up asked for it again.",
    )
    still_open = fields.Monetary(
        "Still open",
        compute=achieved.tell,
        help="What is left by now of what it asked for.",
    )
    oldest_due_date = fields.Date(readonly=True)
    lang = fields.Char(compute=addressees.compute)
    recipient_ids = fields.Many2many(
        "res.partner",
        string="Recipients",
        compute=addressees.compute,
        context={"active_test": False},  # an archived customer owes as much as before
    )
    recipient_name = fields.Char(compute=addressees.compute)
    subject = fields.Char(
        readonly=True, help="Written by a person. Empty: the template's."
    )
    body = fields.Html(
        readonly=True,
        sanitize="email_outgoing",
        help="Written by a person. Empty: the template's.",
    )
    cc = fields.Char(
        "Copies",
        readonly=True,
        help="Of an email written by a person, else the step's.",
    )
    attachment_ids = fields.Many2many(
        "ir.attachment",
        string="Attachments",
        readonly=True,
        bypass_search_access=True,  # an invoice's PDF belongs to a field of it
        help="Of an email written by a person, else the invoices' PDFs.",
    )
    documents_text = fields.Char("Documents", compute=documents.tell)
    items_html = fields.Html(
        "Table of invoices",
        compute=items_table.fill,
        sanitize=False,
        help="For email templates: invoices, credits, totals, and how to pay.",
    )
    signature_html = fields.Html(compute=signature, compute_sudo=True, sanitize=False)
    goes_to = fields.Char("To", compute=receivers, compute_sudo=True)
    copies_to = fields.Char("In copy", compute=receivers, compute_sudo=True)
    copies_left_out = fields.Char(compute=receivers, compute_sudo=True)
    mail_message_id = fields.Many2one(
        "mail.message", "Email", readonly=True, index="btree_not_null"
    )
    mail_id = fields.Many2one("mail.mail", readonly=True, index="btree_not_null")
    email_subject = fields.Char("Subject of the email", compute="_compute_email")
    email_html = fields.Html(
        "The email",
        compute="_compute_email",
        sanitize=False,
        help="As it was sent, or as it would go now.",
    )
    message_id_header = fields.Char("Message-ID", readonly=True, index="btree_not_null")
    thread_root = fields.Char(
        readonly=True,
        index="btree_not_null",
        help="Joins the emails to a conversation.",
    )
    thread_subject = fields.Char(readonly=True)
    thread_mailbox = fields.Char(
        readonly=True, help="In which mailbox the conversation lies."
    )
    sent_at = fields.Datetime("Sent on", readonly=True)
    delivery_id = fields.Many2one(
        "account.email.delivery",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    # Read as superuser, whoever reads the follow-up: of its own delivery and email.
    sent_to = fields.Char(
        "Sent to",
        related="delivery_id.recipients",
        help="The addresses that the mailbox was given, those of copies included.",
    )
    sent_copies_to = fields.Char(related="mail_id.email_cc", string="Copies to")
    sent_attachment_ids = fields.Many2many(
        related="mail_message_id.attachment_ids", string="Sent with it"
    )
    web_link = fields.Char("In the mailbox", related="delivery_id.web_link")

    # Also against two planners at once: nobody gets two emails on their way.
    _one_open = models.UniqueIndex(
        "(company_id, partner_id, COALESCE(addressee_id, 0))"
        " WHERE state IN ('to_review', 'planned', 'sending')",
        "This customer has a follow-up on its way already.",
    )
    # For each customer at each run, however many were sent. The state's own index
    # cannot serve such a condition: PostgreSQL would take it for the better one until
    # it has counted again.
    _under_way = models.Index(
        "(partner_id)"
        " WHERE (state IN ('to_review', 'planned', 'sending', 'unknown')) IS TRUE"
    )
    _due = models.Index(
        "(connector_id, planned_date) WHERE state IN ('planned', 'sending')"
    )

    @api.model_create_multi
    def create(self, vals_list):
        """As before; nobody follows it, and it does not tell that it was made."""
        quiet = self.with_context(mail_create_nosubscribe=True, mail_create_nolog=True)
        return super(AccountEmailFollowup, quiet).create(vals_list).with_env(self.env)

    def message_update(self, msg_dict, update_vals=None):
        """As before; what Odoo's own mail gateway has fetched is to be read, too."""
        res = super().message_update(msg_dict, update_vals=update_vals)
        if self.env.uid == api.SUPERUSER_ID:  # anybody may hand it an email of theirs
            incoming.fetched(self, msg_dict.get("email_from"))
        return res

    @api.depends("mail_id", "state", "channel", "body", "line_ids.amount")
    def _compute_email(self):
        self._origin.check_access("read")  # it is rendered with more rights
        for followup in self:
            followup.email_subject, followup.email_html = shown(followup.sudo())

    _compute_display_name = addressees.display_name

    def _chased_lines(self):
        """The items that this follow-up asks for; what is read of them is read along
        with that of the other follow-ups which are at hand."""
        lines = self.line_ids
        chased = lines.filtered(lambda line: line.state == "chased")
        return chased.with_prefetch(lines._prefetch_ids)

    def _today(self):
        """The day where the plan is at home."""
        return self.plan_id._today(self.company_id._email_followup_tz())

    @api.model
    def _plan(self, companies=None, on_date=None):
        """Write down the follow-ups that are due.

        :param companies: a ``res.company`` recordset; all if None.
        :param on_date: the day to plan for; today if None.
        :return: the new rows, after a fixed number of SQL statements.
        """
        return planner.plan(self.sudo().env, companies, on_date)

    @api.model
    def _explain(self, moves, on_date=None):
        """Why each is, or is not, chased, and when next: {move id: ``Explanation``}."""
        return explain.explain(self.sudo().env, moves, on_date)

    @api.model
    def _cron_forewarn(self):
        """Tell the people in charge what goes out on the next day."""
        forewarning.forewarn(self.sudo().env)

    @api.autovacuum
    def _gc_mails(self):
        return retention.forget_old_copies(self.sudo().env)

    # -- what a person decides -----------------------------------------------------

    def action_approve(self):
        """Let a reviewed follow-up go, as soon as its plan's days and hours allow."""
        return self._decide(ledger.approve)

    def action_send_now(self):
        """Do not wait for the plan's hours or days."""
        return self._decide(ledger.send_now)

    def action_retry(self):
        """Try a failed follow-up again; it is re-checked before it goes."""
        return self._decide(ledger.retry)

    def action_skip(self):
        """Leave this follow-up out this time; it is proposed again later."""
        return self._decide(ledger.skip, Reason.HELD_BACK, SKIP_ONCE)

    def action_skip_step(self):
        """Pass over this step without an email; the next one comes in its time."""
        return self._decide(ledger.skip, LedgerReason.STEP_SKIPPED, SKIP_STEP)

    def action_was_sent(self):
        """A person says that it left when it was tried. Its copy is filed soon."""
        return self._decide(ledger.found_sent)

    def action_was_not_sent(self):
        """A person takes the risk that the customer gets it twice."""
        return self._decide(ledger.send_after_all)

    def _decide(self, transition, *details):
        """Let a person take these follow-ups on, by a *transition* of the ledger.

        Of many, those that cannot be are left as they are, and that is said. In the
        form of one that waits for a review, the next one is shown.
        """
        self.check_access("read")
        check_accountant(self.env)
        if len(self) != 1:
            done, left = act_on_each(self.sudo(), transition, *details)
            if done:
                done._look_again()
            return reviewing.told(self.env, transition, len(done), left)
        waited = self.state == ledger.TO_REVIEW
        act(self.sudo(), transition, *details)
        self.sudo()._look_again()
        if waited and self.env.context.get("email_followup_in_review"):
            return reviewing.go_on(self)
        at_once = transition in AT_ONCE
        return watch(self.connector_id, CLOSE, self.ids) if at_once else None

    def _look_again(self):
        """Have Collections say what holds now: a person goes back there."""
        cases.refresh(self.env, self.company_id, self.partner_id.commercial_partner_id)

    def action_edit(self):
        """Write this follow-up's email by hand before it goes.

        It neither shows nor asks for what the person may not see.
        """
        self.ensure_one()
        self.check_access("read")
        moves = self._chased_lines().move_id._filtered_access("read")
        composer = self.env["account.email.followup.composer"]
        return composer._open(moves=moves, followup=self)

    def action_chase_anyway(self):
        """Do not wait for money that is to be reconciled first."""
        self.check_access("read")
        self._chased_lines().move_id.action_email_followup_chase_anyway()

    def action_pause(self):
        """Leave these customers alone for a while."""
        self.check_access("read")
        return self.partner_id._email_followup_pause(self.company_id)

    def action_open_in_mailbox(self):
        """Open the email as it lies in the mailbox, in the provider's web mail."""
        self.ensure_one()
        self.check_access("read")
        return {"type": "ir.actions.act_url", "url": self.web_link, "target": "new"}
