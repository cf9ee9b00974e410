from markupsafe import escape

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..engine import compose, digest, explain, incoming, planner
from ..engine.decisions import decisions
from ..rules import Instruction, Past, interest_and_fee
from ..rules.credits import Net
from ..texts import standing_text

#: Planned again, with nothing left of the former attempt.
AFRESH = {
    "state": "planned",
    "reason": False,
    "reason_detail": False,
    "retry_at": False,
    "done_on": False,
    "mail_id": False,
    "mail_message_id": False,
    "message_id_header": False,
    "delivery_id": False,
}


class AccountEmailFollowup(models.Model):
    """The ledger: one follow-up to one customer, from its planning to its receipt."""

    _name = "account.email.followup"
    _inherit = ["mail.thread", "account.email.export"]
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
    plan_id = fields.Many2one(
        "account.email.followup.plan", readonly=True, ondelete="restrict"
    )
    step_id = fields.Many2one(
        "account.email.followup.step", readonly=True, ondelete="set null"
    )
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
        [
            ("to_review", "To review"),
            ("planned", "Planned"),
            ("sending", "Sending"),
            ("sent", "Sent"),
            ("unknown", "Perhaps sent"),
            ("failed", "Failed"),
            ("skipped", "Skipped"),
        ],
        required=True,
        readonly=True,
        default="planned",
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
    done_on = fields.Date(readonly=True, help="The day it was sent, tried or skipped.")
    retry_at = fields.Datetime("Not before", readonly=True)
    attempts = fields.Integer(readonly=True)
    reason = fields.Char(
        "Reason code",
        readonly=True,
        help="Why it was skipped or failed, or what it waits for.",
    )
    reason_detail = fields.Char("Details", readonly=True)
    reason_text = fields.Char("Reason", compute="_compute_reason_text")
    line_ids = fields.One2many("account.email.followup.line", "followup_id")
    currency_id = fields.Many2one(related="company_id.currency_id")
    amount = fields.Monetary(
        "Open amount",
        readonly=True,
        help="What is left after credits, in the company's currency.",
    )
    oldest_due_date = fields.Date(readonly=True)
    lang = fields.Char(compute="_compute_recipients")
    recipient_ids = fields.Many2many(
        "res.partner",
        string="Recipients",
        compute="_compute_recipients",
        context={"active_test": False},  # an archived customer owes as much as before
    )
    recipient_name = fields.Char(compute="_compute_recipients")
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
    items_html = fields.Html(
        "Table of invoices",
        compute="_compute_items_html",
        sanitize=False,
        help="For email templates: invoices, credits and totals.",
    )
    mail_message_id = fields.Many2one(
        "mail.message",
        "Email",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
    )
    mail_id = fields.Many2one(
        "mail.mail", readonly=True, ondelete="set null", index="btree_not_null"
    )
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

    # Also against two planners at once: a customer never gets two emails on their way.
    _one_open = models.UniqueIndex(
        "(company_id, partner_id) WHERE state IN ('to_review', 'planned', 'sending')",
        "This customer has a follow-up on its way already.",
    )
    _due = models.Index(
        "(connector_id, planned_date) WHERE state IN ('planned', 'sending')"
    )

    @api.model_create_multi
    def create(self, vals_list):
        """As before; nobody follows it, and it does not tell that it was made."""
        quiet = self.with_context(mail_create_nosubscribe=True, mail_create_nolog=True)
        followups = super(AccountEmailFollowup, quiet).create(vals_list)
        return followups.with_env(self.env)

    def message_update(self, msg_dict, update_vals=None):
        """As before; what Odoo's own mail gateway has fetched is to be read, too.

        It may be a machine's: that alone is no reason to leave the customer alone.
        """
        res = super().message_update(msg_dict, update_vals=update_vals)
        if self.env.uid == api.SUPERUSER_ID:  # anybody may hand it an email of theirs
            for followup in self:
                incoming.ask_to_read(followup)
        return res

    @api.depends("reason", "reason_detail")
    @api.depends_context("lang")
    def _compute_reason_text(self):
        for followup in self:
            followup.reason_text = standing_text(self.env, followup.reason)

    @api.depends("partner_id", "line_ids.state")
    def _compute_recipients(self):
        for followup in self:
            moves = followup._chased_lines().move_id
            recipients = followup.partner_id._email_followup_recipients(moves)
            followup.recipient_ids = recipients
            first = recipients[:1] or followup.partner_id
            followup.recipient_name = first.name or followup.partner_id.name
            followup.lang = followup._first_installed(
                self.env.context.get("email_followup_lang"),  # of a preview
                first.lang,
                followup.partner_id.lang,
                followup.company_id.partner_id.lang,
            )

    def _first_installed(self, *langs):
        """The first language that the email can be rendered in: an archived contact
        may keep one that was switched off.
        """
        installed = self.env["res.lang"]
        return next((lang for lang in langs if installed._get_code(lang)), "en_US")

    @api.depends("mail_id", "state", "channel", "body", "line_ids.amount")
    def _compute_email(self):
        self._origin.check_access("read")  # it is rendered with more rights
        for followup in self:
            mail = followup.sudo().mail_id
            subject, html = mail.subject, mail.body_html
            if not mail and followup._is_still_to_go():
                subject, html = followup._preview()
            followup.email_subject, followup.email_html = subject, html

    def _is_still_to_go(self):
        return self.channel == "email" and self.state in ("to_review", "planned")

    def _preview(self):
        """Subject and whole email as it would go now, or why it cannot be made."""
        followup = self.sudo()
        try:
            subject, body = compose.render(followup)
        except UserError as error:  # the template has a mistake
            return False, escape(str(error))
        return subject, compose.layout(followup, body)

    @api.depends("line_ids.state", "line_ids.amount")
    def _compute_items_html(self):
        for followup in self:
            followup.items_html = self.env["ir.qweb"]._render(
                "account_email_connector.followup_items",
                followup._items_values(),
                lang=followup.lang,
            )

    def _items_values(self):
        """What the table of the email shows, by currency, oldest first."""
        self.ensure_one()
        listed = self.line_ids.filtered(
            lambda line: line.state != "dropped" and line.move_line_id
        )
        interest = self._interest(listed)
        groups = listed.grouped("currency_id")
        fee_currency = self.plan_id.fee_currency_id
        if fee_currency.id in interest:  # perhaps another than those of the invoices
            groups.setdefault(fee_currency, listed.browse())
        return {
            "followup": self.with_context(lang=self.lang),
            "rate": self.plan_id.interest_rate,
            "groups": [
                (currency, lines.sorted("due_date"), interest.get(currency.id, 0))
                for currency, lines in groups.items()
            ],
        }

    def _interest(self, lines):
        """Late-payment interest and fees by currency id, if the step mentions them."""
        plan = self.plan_id
        if not self.step_id.show_interest:
            return {}
        listed = [(line.state, line._as_item()) for line in lines.sorted("due_date")]
        items = [item for state, item in listed if state == "chased"]
        credits = [item for state, item in listed if state == "credit"]
        currencies = lines.currency_id | plan.fee_currency_id
        _by_item, totals = interest_and_fee(
            Net(items, credits).left(),
            self._today(),
            plan.interest_rate,
            plan.fixed_fee,
            plan.fee_currency_id.id,
            {currency.id: currency.decimal_places for currency in currencies},
        )
        return {currency_id: float(total) for currency_id, total in totals.items()}

    # -- planning ------------------------------------------------------------------

    @api.model
    def _plan(self, companies=None, on_date=None):
        """Write down the follow-ups that are due.

        :param companies: a ``res.company`` recordset; all if None.
        :param on_date: the day to plan for; today if None.
        :return: the new rows. The number of SQL statements does not depend on the
            number of invoices.
        """
        return planner.plan(self.env, companies, on_date)

    @api.model
    def _cron_forewarn(self):
        """Tell the people in charge what goes out on the next day."""
        digest.forewarn(self.env)

    @api.model
    def _explain(self, moves, on_date=None):
        """Say for each invoice why it is, or is not, chased, and when next.

        :param moves: an ``account.move`` recordset.
        :return: ``{move id: Explanation}``, see :mod:`..engine.explain`.
        """
        return explain.explain(self.env, moves, on_date)

    @api.model
    def _explain_customers(self, partners, on_date=None):
        """Say for each customer why it is, or is not, chased, and when next.

        :param partners: commercial partners (``res.partner``).
        :return: ``{partner id: (Decision, step record)}`` for the companies that the
            user has switched on; the one that acts first, if there are several.
        """
        steps = self.env["account.email.followup.step"]
        told = {}
        companies = self.env.companies
        for decided in decisions(self.env, companies, partners, on_date):
            decision = decided.decision
            known = told.get(decided.customer.id)
            if not known or _acts_before(decision, known[0]):
                step = steps.browse(decision.step.id if decision.step else ())
                told[decided.customer.id] = (decision, step)
        return told

    def _past(self):
        """This row as the rules know it."""
        self.ensure_one()
        return Past(
            self.id,
            self.state,
            self.planned_date,
            self.step_id.id or None,
            self.step_position,
            self.step_days,
            tuple(self._chased_lines().mapped("move_line_ref")),
            self._channel_of_step(),
            self.by_hand,
        )

    def _channel_of_step(self):
        """How it is to go: what lacked an address is an email again once there is one.

        What was planned as an email stays one, whatever became of its step.
        """
        return "email" if self.step_id.channel == "email" else self.channel

    def _instruction(self):
        """What a person has said of it, as the rules know it."""
        self.ensure_one()
        return Instruction(
            self.approved,
            self.at_once,
            self.decided_on or None,
            tuple((self.known or "").split(",")),
        )

    def _written(self):
        """What a person wrote of it, to be written on."""
        return {
            "subject": self.subject,
            "body": self.body,
            "cc": self.cc,
            "attachment_ids": [Command.set(self.attachment_ids.ids)],
        }

    def _today(self):
        """The day where the plan is at home."""
        return self.plan_id._today(self.company_id._email_followup_tz())

    def _chased_lines(self):
        """The items that this follow-up asks for."""
        return self.line_ids.filtered(lambda line: line.state == "chased")


def _acts_before(decision, other):
    """Whether *decision* comes to something, and earlier than *other*."""
    return bool(decision.date) and (not other.date or decision.date < other.date)
