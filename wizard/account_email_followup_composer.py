from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import is_html_empty

from ..engine import cron
from ..engine.compose import stored_pdfs
from ..engine.fees.late import to_keep
from ..engine.fees.said import keep_what_is_said
from ..engine.followup import (
    documents,
    ledger,
    missing_address,
    reviewers,
    reviewing,
)
from ..engine.followup.byhand import ledger_values, offers
from ..engine.followup.colleagues import copies
from ..engine.followup.ledger_reasons import LedgerReason
from ..engine.followup.person import act, make_way
from ..engine.followup.preview import in_memory, preview
from ..engine.followup.receivers import written_to
from ..engine.planning import cases
from ..engine.planning.decisions import decisions
from ..engine.planning.explain import customers_of
from ..engine.rights import check_accountant, check_values
from ..engine.sending.documents import make_some
from ..models.account_email_followup_step import check_addresses
from ..rules import Reason
from ..tools.actions import CLOSE, notify, watch, window

#: What a person writes in it; the rest was found when it was opened.
WRITTEN = {
    *("line_ids", "going_line_ids", "held_line_ids"),
    *("step_id", "subject", "body", "cc", "attachment_ids", "address"),
}
#: A start is made for the user, who may not see all invoices of the customer; then a
#: person writes it.
BEGUN = {"compute_sudo": False, "store": True, "readonly": False}


class AccountEmailFollowupComposer(models.TransientModel):
    """Send follow-ups by hand: one that can be edited, or many with a summary."""

    _name = "account.email.followup.composer"
    _description = "Send Follow-ups by Hand"

    line_ids = fields.One2many("account.email.followup.composer.line", "composer_id")
    going_line_ids = fields.One2many(
        "account.email.followup.composer.line",
        "composer_id",
        "These go",
        domain=[("held", "=", False)],
    )
    held_line_ids = fields.One2many(
        "account.email.followup.composer.line",
        "composer_id",
        "These do not go by themselves",
        domain=[("held", "=", True)],
    )
    followup_id = fields.Many2one(
        "account.email.followup",
        readonly=True,
        help="The one that this one is written instead of.",
    )
    reviewing = fields.Boolean(
        readonly=True, help="That one waits until somebody has read it."
    )
    single = fields.Boolean(help="One customer: the email can be edited.")
    sent = fields.Boolean(readonly=True, help="It cannot be sent a second time.")
    can_go_count = fields.Integer("Can be sent", compute="_compute_counts")
    going = fields.Char("Will be sent", compute="_compute_counts")
    address = fields.Char("Email address")
    asks_address = fields.Boolean(compute="_compute_asks_address")
    who_may_address = fields.Char(compute="_compute_asks_address")
    has_contacts = fields.Boolean(compute="_compute_counts")
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    recipient_ids = fields.Many2many(
        "res.partner", string="To", compute="_compute_recipient_ids"
    )
    goes_to = fields.Char(compute="_compute_recipient_ids")
    remark = fields.Char(readonly=True)
    plan_id = fields.Many2one("account.email.followup.plan", readonly=True)
    step_id = fields.Many2one("account.email.followup.step", "Template of the step")
    attach_statement = fields.Boolean(related="step_id.attach_statement")
    subject = fields.Char(compute="_compute_email", precompute=False, **BEGUN)
    body = fields.Html(
        compute="_compute_email", precompute=False, sanitize="email_outgoing", **BEGUN
    )
    cc = fields.Char("Copies to", compute="_compute_email", precompute=False, **BEGUN)
    copies_left_out = fields.Char(compute="_compute_email", precompute=False, **BEGUN)
    attachment_ids = fields.Many2many(
        "ir.attachment",
        string="Attachments",
        compute="_compute_extras",
        bypass_search_access=True,  # an invoice's PDF belongs to a field of it
        **BEGUN,
    )
    documents_text = fields.Char("Documents", compute="_compute_documents_text")
    can_make_documents = fields.Boolean(compute="_compute_documents_text")
    written_subject = fields.Char(readonly=True)
    written_body = fields.Html(readonly=True, sanitize="email_outgoing")

    @api.depends("going_line_ids.selected", "held_line_ids.selected")
    def _compute_counts(self):
        for composer in self:
            lines = composer.going_line_ids | composer.held_line_ids
            going = lines.filtered("selected")
            composer.can_go_count = len(going)
            composer.going = going._counted()
            composer.has_contacts = bool(lines.addressee_id)

    @api.depends("single", "line_ids.reason")
    def _compute_asks_address(self):
        for composer in self:
            asks = composer.single and composer.line_ids.reason == Reason.NO_ADDRESS
            company = composer.line_ids.company_id
            who = asks and missing_address.who_may(self.env, company)
            composer.asks_address, composer.who_may_address = asks, who

    @api.depends("partner_id")
    def _compute_recipient_ids(self):
        for composer in self:
            partner = composer.partner_id
            items = composer.line_ids._items()
            composer.recipient_ids = partner and partner._email_followup_recipients(
                items.move_id, composer.line_ids[:1].addressee_id
            )
            composer.goes_to = written_to(composer.recipient_ids)

    @api.depends("step_id")
    def _compute_email(self):
        """The step's template, rendered for the customer, as a start."""
        for composer in self:
            composer.step_id._origin.check_access("read")
            line = composer._origin.line_ids[:1]
            subject = body = cc = left_out = offered = False
            if composer.single and composer.step_id.template_id and line.possible:
                offered = composer._offers(line).get(line._key())
            if offered:
                values = ledger_values(offered, composer.step_id)
                subject, body, _whole = preview(self.sudo().env, values)
                cc, left_out = copies(in_memory(self.sudo().env, values))
            composer.subject, composer.body = subject, body
            composer.cc, composer.copies_left_out = cc, left_out

    @api.depends("step_id")
    def _compute_extras(self):
        """The step's PDFs, as a start; files of one's own stay."""
        for composer in self:
            composer.step_id._origin.check_access("read")
            moves = composer._origin.line_ids.sudo().move_line_ids.move_id
            own = composer.attachment_ids - documents.files(moves)
            composer.attachment_ids = composer._step_pdfs() | own

    def _step_pdfs(self):
        """The stored PDFs that the step attaches; of one customer only."""
        # Those that were found: what a browser says of them is not believed.
        lines = self._origin.line_ids if self.single else self.line_ids.browse()
        return stored_pdfs(self.step_id, lines.sudo().move_line_ids.move_id)

    @api.depends("step_id")
    def _compute_documents_text(self):
        for composer in self:
            step = composer.step_id.sudo()
            attached = composer.single and step.attach_invoices
            moves = composer._origin.line_ids.sudo().move_line_ids.move_id
            wanted = documents.Wanted(moves, attached, step.plan_id.only_sent)
            (composer.documents_text,) = documents.say(self.env, [wanted])
            missing = attached and documents.missing(moves)
            composer.can_make_documents = bool(missing)

    @api.constrains("cc")
    def _check_cc(self):
        for composer in self:
            check_addresses(self.env, composer.cc)

    def write(self, vals):
        check_values(self, vals, WRITTEN)
        res = super().write(vals)
        self.step_id.check_access("read")
        return res

    @api.model
    def _open(self, partners=None, moves=None, only=None, followup=None, pairs=None):
        """Open the composer for customers, or for invoices.

        :param partners: commercial partners (``res.partner``).
        :param moves: exactly these invoices (``account.move``).
        :param only: the keys (:attr:`Offered.key`) of those wanted; all if None.
        :param followup: the open follow-up to be written anew.
        :param pairs: (company id, customer id) of those wanted, where a company may be
            one that another writes for; all if None.
        """
        check_accountant(self.env)
        companies, line_ids = self.env.companies, None
        if moves is not None:
            moves.check_access("read")
            partners, companies = customers_of(moves.sudo()), moves.company_id
            line_ids = moves.sudo().line_ids.ids
        looked_up = decisions(self.sudo().env, companies, partners)
        found = [
            offered
            for offered in offers(self.env, looked_up, line_ids)
            if only is None or offered.key in only
            if pairs is None or not pairs.isdisjoint(offered.pairs)
        ]
        if not found:
            raise UserError(self.env._("Nothing is open: there is nothing to ask for."))
        single = len(found) == 1
        found.sort(key=lambda each: (not each.offer.selected, not each.offer.possible))
        Line = self.env["account.email.followup.composer.line"]
        lines = [Command.create(Line._values(offered, single)) for offered in found]
        # The invoices of a branch that is not switched on, too. From a client, Odoo
        # links nothing that the user cannot read.
        composer = self.sudo().create({"single": single, "line_ids": lines})
        composer = composer.with_env(self.env)
        if single:
            composer._show_one(followup)
        size = "large" if single else "extra-large"
        title = self.env._("Send a follow-up")
        return window(title, self._name, composer.id, dialog_size=size)

    def _show_one(self, followup=None):
        """Fill in the email: the step's, or what a person wrote before.

        :param followup: the open follow-up that this one is written instead of.
        """
        line = self.line_ids
        followup = followup or self.followup_id.browse()
        planned = followup.step_id
        step = planned if planned.channel == "email" else line.step_id
        known = [Reason.FOLLOWUP_OPEN] if followup else []  # it is the open one
        self.sudo().write(
            {
                "partner_id": line.partner_id.id,
                "plan_id": step.plan_id.id,
                "step_id": step.id,
                "remark": line._said(known),
                "followup_id": followup.id,
                "reviewing": followup.state == ledger.TO_REVIEW,
            }
        )
        self.sudo().write({"written_subject": self.subject, "written_body": self.body})
        if followup.body:
            self.write(_written(followup, followup.attachment_ids))

    def action_note_address(self):
        """Note the address that the customer lacks, and show the email to it."""
        self.ensure_one()
        self.check_access("write")
        check_accountant(self.env)
        line = self.line_ids
        contact = self.recipient_ids[:1] or line._who()
        missing_address.note(contact, self.address)
        offered = self._offers(line).get(line._key())
        if not offered:
            raise UserError(self.env._("Nothing is open: there is nothing to ask for."))
        line.sudo().write(line._values(offered, single=True))
        self._show_one(self.followup_id)
        return window(self.env._("Send a follow-up"), self._name, self.id)

    def action_make_documents(self):
        """Make the PDFs that are missing, a few at most: the others are made later."""
        self.ensure_one()
        self.check_access("write")
        check_accountant(self.env)
        make_some(documents.missing(self.line_ids.sudo().move_line_ids.move_id))
        self.sudo().attachment_ids |= self._step_pdfs()
        return window(self.env._("Send a follow-up"), self._name, self.id)

    def action_send(self):
        """Put the chosen follow-ups into the ledger; they leave within moments.

        Those that cannot go any more are left out, and said; the others go.
        """
        followups, refused = self._write_down()
        cron.run_followups(self.sudo().env)
        customers = followups.partner_id.commercial_partner_id
        cases.refresh(self.sudo().env, followups.company_id, customers)
        return self._say_sent(followups, refused)

    def action_save(self):
        """Keep what was written; it waits on until somebody has approved it."""
        (followup,), _refused = self._write_down(review=True)
        reviewers.tell(self.sudo().env)
        return reviewing.show(followup.with_env(self.env))

    def _write_down(self, review=False):
        """Put the chosen follow-ups into the ledger.

        :param review: they wait until a person has approved them.
        :return: the follow-ups, and why others cannot go, as texts.
        :raises UserError: if none can.
        """
        self.ensure_one()
        self.check_access("write")
        check_accountant(self.env)
        self._check_ready()
        followups, refused = self._make_selected(review)
        if not followups:
            nothing = self.env._("Choose at least one that can be sent.")
            raise UserError("\n".join(refused) or nothing)
        self.sudo().sent = True
        if self.followup_id.state == ledger.FAILED:  # the others have made way
            act(self.followup_id.sudo(), ledger.skip, LedgerReason.REPLACED)
        return followups, refused

    def _check_ready(self):
        """
        :raises UserError: if it was sent, or there is nothing to read in it.
        """
        if self.sent:
            raise UserError(
                self.env._("This was sent already. You find it under Follow-ups.")
            )
        if self.single and (not self.subject or is_html_empty(self.body)):
            raise UserError(self.env._("Write a subject and a text first."))

    def _make_selected(self, review):
        """The ledger rows of what can go; and why the others cannot, as texts."""
        followups = self.env["account.email.followup"].sudo()
        refused = []
        fresh = self._offers(self.line_ids)
        for line in self.line_ids.filtered("selected"):
            offered = fresh.get(line._key())
            why = line._objection(offered)
            try:
                if not why:
                    followups |= self._make(line, offered, review)
            except UserError as error:  # another one is being sent right now
                why = str(error)
            if why:
                refused.append(f"{line._who().name}: {why}")
        return followups, refused

    def _say_sent(self, followups, refused):
        """Close the window, and say what goes and what does not."""
        count = len(followups)
        message = self.env._("The follow-up is on its way through the mailbox.")
        if count != 1:
            message = self.env._(
                "%s follow-ups are on their way through the mailbox.", count
            )
        if refused:
            message = self.env._(
                "%(sent)s Not sent: %(refused)s",
                sent=message,
                refused=" ".join(refused),
            )
        kind = "warning" if refused else "success"
        then = reviewing.go_on(self.followup_id) if self.reviewing else CLOSE
        if not self.single:
            then = watch(followups.connector_id, then, followups.ids)
        return notify(kind, message, sticky=bool(refused), then=then)

    @api.model
    def _offers(self, lines):
        """What can be sent at this moment, for exactly the invoices of *lines*.

        :return: {key: ``Offered``}, gathered all at once.
        """
        items = lines.sudo().move_line_ids.ids
        companies, partners = self.env.companies, lines.partner_id
        looked_up = decisions(self.sudo().env, companies, partners)
        found = offers(self.env, looked_up, items)
        return {offered.key: offered for offered in found}

    def _make(self, line, offered, review):
        """The ledger row for *line*; an open one for the same customer makes way."""
        step = self.single and self.step_id or line.step_id
        step.check_access("read")
        values = ledger_values(offered, step, review)
        if self.single and self._was_edited(values):
            # Odoo lets nobody add what they cannot read.
            values.update(_written(self, self.sudo().attachment_ids))
            values.update(to_keep(step, step.plan_id, values["planned_date"]))
        Followup = self.env["account.email.followup"].sudo()
        make_way(Followup.env, line.company_id, line._who())
        followup = Followup.create(values)
        keep_what_is_said(followup)
        # A file uploaded here would be deleted together with this wizard.
        uploaded = followup.attachment_ids.filtered(
            lambda file: file.res_model == self._name
        )
        uploaded.write({"res_model": followup._name, "res_id": followup.id})
        return followup

    def _was_edited(self, values):
        """What nobody has touched is rendered afresh when it is sent."""
        start = copies(in_memory(self.sudo().env, values))
        return (
            self.subject != self.written_subject
            or self.body != self.written_body
            or (self.cc or "") != start.cc
            or self.sudo().attachment_ids != self.sudo()._step_pdfs()
        )


def _written(record, files):
    """An email as a person left it, for the ledger or to be written on.

    :param record: the composer, or a follow-up.
    """
    return {
        "subject": record.subject,
        "body": record.body,
        "cc": record.cc,
        "attachment_ids": [Command.set(files.ids)],
    }
