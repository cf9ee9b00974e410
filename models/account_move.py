from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..engine.followup import reconcile
from ..engine.rights import ACCOUNTING, check_accountant
from ..tools.actions import listing, window

DISPUTE = {
    "email_followup_dispute_reason",
    "email_followup_dispute_user_id",
    "email_followup_dispute_since",
    "email_followup_despite",
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
    email_followup_count = fields.Integer(
        compute="_compute_email_followup_count", groups=ACCOUNTING
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

    email_followup_reason = fields.Char(
        compute="_compute_email_followup", groups=ACCOUNTING
    )
    email_followup_despite = fields.Json(
        readonly=True,
        copy=False,
        groups=ACCOUNTING,
        help="The money in spite of which a person wants this chased: numbers of "
        "journal items.",
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

    def write(self, vals):
        self._refuse_dispute_values(vals)
        return super().write(vals)

    def _refuse_dispute_values(self, vals):
        """Who has noted a dispute, and when, is noted by itself."""
        if not self.env.su and DISPUTE & vals.keys():
            raise AccessError(
                self.env._("A dispute is noted, or resolved, by its button.")
            )
        if not self.env.su and "email_followup_resume_on" in vals:
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
            move.email_followup_next_date = explanation and explanation.date
            move.email_followup_next_step_id = explanation and explanation.step

    def _compute_email_followup_count(self):
        lines = self.env["account.email.followup.line"]._read_group(
            [("move_ref", "in", self.ids)],
            ["move_ref"],
            ["followup_id:count_distinct"],
        )
        counts = dict(lines)
        for move in self:
            move.email_followup_count = counts.get(move.id, 0)

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

    def action_email_followup_dispute(self):
        """Ask for the reason of a dispute, which stops follow-ups."""
        self.check_access("read")
        return window(
            self.env._("In dispute"),
            "account.email.dispute",
            default_move_ids=self.ids,
        )

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
