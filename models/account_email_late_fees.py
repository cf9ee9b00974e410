from odoo import api, fields, models

from ..engine.fees import invoices
from ..engine.fees.late import MADE
from ..engine.fees.waive import is_waived
from ..engine.paying.asked import mentioned
from ..engine.rights import check_accountant, check_company, for_reader
from ..tools.actions import listing, notify, window


class AccountEmailLateFees(models.AbstractModel):
    """The interest and fees that a follow-up mentions, and the invoices of them."""

    _name = "account.email.late.fees"
    _description = "Late Fees of a Follow-up"

    interest_terms = fields.Json(
        readonly=True,
        copy=False,
        help="The interest and fee that its email mentions: to which day, at which "
        "rate.",
    )
    late_fee_count = fields.Integer(compute="_compute_late_fees")
    can_invoice_late_fees = fields.Boolean(compute="_compute_late_fees")
    can_waive_late_fees = fields.Boolean(compute="_compute_late_fees")

    @api.depends("state")
    def _compute_late_fees(self):
        made = invoices.made_of(self.env, self)
        for followup, known in zip(self, for_reader(self), strict=True):
            moves = made.get(followup._origin.id, self.env["account.move"])
            followup.late_fee_count = len(moves)
            followup.can_waive_late_fees = not all(map(is_waived, moves))
            sent = followup.state == "sent"
            left = sent and mentioned(known, MADE)
            followup.can_invoice_late_fees = bool(left)

    def action_invoice_late_fees(self):
        """Make draft invoices of the interest and fees that it mentioned, once."""
        self.ensure_one()
        self.check_access("read")
        check_accountant(self.env)
        made, told = invoices.charge(self.env, self.sudo())
        opened = self._show_late_fees(made)
        return notify("warning", told, sticky=True, then=opened) if told else opened

    def action_late_fees(self):
        """Show the invoices of its interest and fees."""
        self.check_access("read")
        return self._show_late_fees(self._late_fee_moves())

    def action_waive_late_fees(self):
        """Let the customer off them: see ``account.move``. All, or none of them."""
        self.check_access("read")
        for moves in invoices.made_of(self.sudo().env, self).values():
            for company in moves.company_id:
                check_company(self.env, company)
        return self._late_fee_moves().action_email_followup_waive()

    def _late_fee_moves(self):
        made = invoices.made_of(self.env, self).values()
        return self.env["account.move"].union(*made)

    def _show_late_fees(self, moves):
        title = self.env._("Late fees")
        if len(moves) == 1:
            return window(title, moves._name, moves.id, target="current")
        return listing(title, moves._name, [("id", "in", moves.ids)])
