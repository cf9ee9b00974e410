from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..engine.fees import waive
from ..engine.followup import case_page, reconcile
from ..engine.planning import ends, sent
from ..engine.planning.explain import customers_of
from ..engine.rights import ACCOUNTING, check_accountant, check_reader
from ..texts import choices
from ..tools.actions import listing, window

DISPUTE = {
    "email_followup_dispute_reason",
    "email_followup_dispute_user_id",
    "email_followup_dispute_since",
    "email_followup_despite",
}
#: For accountants to write.
NOTED = {
    "email_followup_resume_on",
    "email_followup_reopened",
    "email_followup_sent_on",
    "email_followup_pdf_tried_on",
}


class AccountMove(models.Model):
    _inherit = "account.move"

    email_followup_text = fields.Char(
        "Follow-up",
        compute="_compute_email_followup",
        groups=ACCOUNTING,
        help="Why this invoice is, or is not, chased, and when next.",
    )
    email_followup_next_date = fields.Date(
        "Next follow-up", compute="_compute_email_followup", groups=ACCOUNTING
    )
    email_followup_next_step_id = fields.Many2one(
        "account.email.followup.step",
        "Next step",
        compute="_compute_email_followup",
        groups=ACCOUNTING,
    )
    email_followup_todo = fields.Selection(
        choices.TODOS,
        "Follow-up: to do",
        compute=case_page.todo,
        search="_search_email_followup_todo",
        groups=ACCOUNTING,
        help="What there is to do about the customer, as Collections has it.",
    )
    email_followup_count = fields.Integer(
        compute="_compute_email_followup_count", groups=ACCOUNTING
    )
    email_followup_ended = fields.Boolean(
        "All steps done",
        compute="_compute_email_followup_ended",
        search="_search_email_followup_ended",
        groups=ACCOUNTING,
        help="It is overdue, has had every step of its plan, and is still owed.",
    )
    email_followup_dispute_reason = fields.Char(
        "In dispute", readonly=True, copy=False, tracking=True, groups=ACCOUNTING
    )
    email_followup_dispute_user_id = fields.Many2one(
        "res.users", "Dispute noted by", readonly=True, copy=False, groups=ACCOUNTING
    )
    email_followup_dispute_since = fields.Date(
        "In dispute since", readonly=True, copy=False, groups=ACCOUNTING
    )
    email_followup_resume_on = fields.Date(
        "Not chased before",
        copy=False,
        groups=ACCOUNTING,
        help="This invoice is left out of follow-ups until that day.",
    )

    email_followup_reopened = fields.Boolean(
        "Reset to draft since it was sent", readonly=True, copy=False, groups=ACCOUNTING
    )
    email_followup_sent_on = fields.Date(
        "Sent to the customer on", readonly=True, copy=False, groups=ACCOUNTING
    )
    email_followup_pdf_tried_on = fields.Date(
        "PDF could not be made on", readonly=True, copy=False, groups=ACCOUNTING
    )
    email_followup_unsent = fields.Boolean(
        "Never sent",
        compute="_compute_email_followup_unsent",
        search="_search_email_followup_unsent",
        groups=ACCOUNTING,
        help="Open, and the customer was never sent it: it is not chased.",
    )
    _email_followup_first_sent = models.Index(
        "(company_id, invoice_date) WHERE is_move_sent AND move_type = 'out_invoice'"
        " AND state = 'posted'"
    )
    email_followup_reason = fields.Char(
        compute="_compute_email_followup", groups=ACCOUNTING
    )
    email_followup_waits = fields.Boolean(
        compute="_compute_email_followup", groups=ACCOUNTING
    )
    email_followup_can_waive = fields.Boolean(
        compute="_compute_email_followup_can_waive", groups=ACCOUNTING
    )
    email_followup_late_fee = fields.Boolean(
        "About late fees",
        readonly=True,
        copy=False,  # see copy_data
        groups=ACCOUNTING,
        help="It asks for the interest and fees of a follow-up: being late with it "
        "costs nothing, and it can be waived.",
    )
    email_followup_despite = fields.Json(
        readonly=True,
        copy=False,
        groups=ACCOUNTING,
        help="The money despite which a person wants this chased: numbers of journal "
        "items.",
    )

    @api.depends("line_ids.no_followup")
    def _compute_no_followup(self):
        """Receipts are chased as invoices are. Core says of all of them that they are
        not, and forgets what is chosen."""
        result = super()._compute_no_followup()
        for move in self._sale_receipts():
            move.no_followup = move._receivable_lines()[:1].no_followup
        return result

    @api.model
    def default_get(self, fields):
        """As before; nobody's defaults note a dispute."""
        defaults = super().default_get(fields)
        return {k: v for k, v in defaults.items() if k not in DISPUTE}

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._refuse_dispute_values(vals)
        return super().create(vals_list)

    def copy_data(self, default=None):
        """As before. A copy of an invoice of late fees, such as the new one after a
        credit note, is one, too."""
        copies = super().copy_data(default)
        for move, vals in zip(self.sudo(), copies, strict=True):
            if vals and move.email_followup_late_fee:
                vals["email_followup_late_fee"] = True
        return copies

    def write(self, vals):
        self._refuse_dispute_values(vals)
        return super().write(sent.note(self.sudo(), vals))

    def _refuse_dispute_values(self, vals):
        """Who has noted a dispute, and when, is noted by itself."""
        if not self.env.su and DISPUTE & vals.keys():
            raise AccessError(
                self.env._("A dispute is noted, or resolved, by its button.")
            )
        if not self.env.su and not NOTED.isdisjoint(vals):
            check_accountant(self.env)

    def _inverse_no_followup(self):
        result = super()._inverse_no_followup()
        for move in self._sale_receipts():
            move._receivable_lines().no_followup = move.no_followup
        return result

    def _sale_receipts(self):
        return self.filtered(lambda move: move.move_type == "out_receipt")

    def _receivable_lines(self):
        return self.line_ids.filtered(
            lambda line: line.account_type == "asset_receivable"
        )

    def _compute_email_followup(self):
        invoices = self.filtered(
            lambda move: (
                move.is_sale_document(include_receipts=True) and move.state == "posted"
            )
        )
        told = self.env["account.email.followup"]._explain(invoices)
        for move in self:
            explanation = told.get(move.id)
            move.email_followup_text = explanation and explanation.text
            move.email_followup_reason = explanation and explanation.reason
            move.email_followup_waits = explanation and explanation.waits
            move.email_followup_next_date = explanation and explanation.date
            move.email_followup_next_step_id = explanation and explanation.step

    @api.model
    def _search_email_followup_todo(self, operator, value):
        self._check_field_access(self._fields["email_followup_todo"], "read")
        return case_page.search_todo(self, operator, value)

    def _compute_email_followup_unsent(self):
        unsent = self.sudo().search(
            [("id", "in", self.ids), ("email_followup_unsent", "=", True)]
        )
        for move in self:
            move.email_followup_unsent = move in unsent

    def _search_email_followup_unsent(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("id", "in", sent.never_sent(self.sudo().env))]

    def _compute_email_followup_ended(self):
        customers = self.partner_id.commercial_partner_id
        found = ends.ended(self.sudo().env, self.company_id, customers)
        lines = {line for ended in found.values() for line in ended}
        for move in self:
            move.email_followup_ended = not lines.isdisjoint(move.line_ids.ids)

    @api.model
    def _search_email_followup_ended(self, operator, value):
        if operator != "in" or list(value) != [True]:
            return NotImplemented
        self._check_field_access(self._fields["email_followup_ended"], "read")
        found = ends.ended(self.sudo().env, self.env.companies)
        lines = [line for ended in found.values() for line in ended]
        return [("line_ids", "in", lines)]

    def _compute_email_followup_count(self):
        lines = self.env["account.email.followup.line"]._read_group(
            [("move_ref", "in", self.ids)],
            ["move_ref"],
            ["followup_id:count_distinct"],
        )
        counts = dict(lines)
        for move in self:
            move.email_followup_count = counts.get(move.id, 0)

    def _email_followup_late_fees(self):
        """Those of them that are about the interest and fees of a follow-up."""
        charges = self.env["account.email.late.charge"]
        found = charges.search([("fee_move_id", "in", self.ids)]).fee_move_id
        return found | self.filtered(
            lambda move: (
                move.email_followup_late_fee and move.move_type == "out_invoice"
            )
        )

    @api.depends("state", "reversal_move_ids.state")
    def _compute_email_followup_can_waive(self):
        late_fees = self._origin._email_followup_late_fees()
        for move in self:
            ours = move._origin in late_fees
            move.email_followup_can_waive = ours and not waive.is_waived(move)

    def action_email_followup_waive(self):
        """Let the customer off late fees: drafts are cancelled, the others credited."""
        check_accountant(self.env)
        self.check_access("write")
        return waive.waive_and_tell(self._email_followup_late_fees())

    def action_email_followups(self):
        """Show the follow-ups in which this invoice was listed."""
        self.check_access("read")
        domain = [("line_ids.move_ref", "in", self.ids)]
        return listing(self.env._("Follow-ups"), "account.email.followup", domain)

    def action_email_followup_compose(self):
        """Write a follow-up about these invoices by hand."""
        return self.env["account.email.followup.composer"]._open(moves=self)

    def action_email_followup_chase_anyway(self):
        """Chase these invoices in spite of money that is to be reconciled first."""
        check_accountant(self.env)
        self.check_access("write")
        noted = reconcile.insist(self.sudo().env, self.sudo())
        words = self.env._("Follow-ups do not wait for the money to be reconciled.")
        noted._message_log_batch(bodies=dict.fromkeys(noted.ids, words))

    def action_email_followup_case(self):
        """Show all that the customer owes, and what was said."""
        self.ensure_one()
        self.check_access("read")
        customer = self.commercial_partner_id.with_company(self.company_id)
        return customer.action_email_followup_case()

    def action_email_followup_then(self):
        """Pick a day in the past: why this invoice was, or was not, chased on it."""
        self.ensure_one()
        self.check_access("read")
        check_reader(self.env)
        customer = customers_of(self)[:1] or self.commercial_partner_id
        then = self.env["account.email.followup.then"]
        return then._open(customer, self.company_id, self)

    def action_email_followup_dispute(self):
        """Ask for the reason of a dispute, which stops follow-ups."""
        self.check_access("read")
        return window(
            self.env._("In dispute"),
            "account.email.dispute",
            default_move_ids=self.ids,
        )

    def action_email_followup_sent(self):
        """Say that the customer has these invoices, sent in another way."""
        check_accountant(self.env)
        self.check_access("write")
        sent.say_sent(self.sudo())

    def action_email_followup_dispute_resolved(self):
        """Chase these invoices again, from where it had stopped."""
        check_accountant(self.env)
        self.check_access("write")
        for company, moves in self.grouped("company_id").items():
            moves.sudo().write(
                {
                    "email_followup_dispute_reason": False,
                    "email_followup_dispute_user_id": False,
                    "email_followup_dispute_since": False,
                    "email_followup_resume_on": company._email_followup_today(),
                }
            )

    def _email_followup_dispute(self, reason):
        """Take these invoices out of follow-ups, because the customer disputes them."""
        check_accountant(self.env)
        self.check_access("write")
        self.sudo().write(
            {
                "email_followup_dispute_reason": reason,
                "email_followup_dispute_user_id": self.env.uid,
                "email_followup_dispute_since": fields.Date.context_today(self),
            }
        )
