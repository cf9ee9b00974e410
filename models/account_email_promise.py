from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine.promises import is_kept


class AccountEmailPromise(models.Model):
    """A customer's word to pay an amount until a day. Follow-ups wait for it."""

    _name = "account.email.promise"
    _description = "Promise to Pay"
    _order = "until desc, id desc"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, index=True, ondelete="cascade"
    )
    move_ids = fields.Many2many(
        "account.move",
        string="Invoices",
        check_company=True,
        domain="[('commercial_partner_id', '=', partner_id), "
        "('move_type', 'in', ('out_invoice', 'out_receipt')), "
        "('state', '=', 'posted')]",
        help="Empty: everything that is open.",
    )
    until = fields.Date("Pays until", required=True)
    amount = fields.Monetary(help="In the company's currency. 0: all of it.")
    owed = fields.Monetary(
        readonly=True, help="What was open of it when the promise was made."
    )
    made_on = fields.Date(required=True, readonly=True, default=fields.Date.today)
    user_id = fields.Many2one(
        "res.users", "Noted by", readonly=True, default=lambda self: self.env.uid
    )
    note = fields.Char()
    active = fields.Boolean(default=True)
    state = fields.Selection(
        [("open", "Open"), ("kept", "Kept"), ("broken", "Broken")],
        compute="_compute_state",
    )

    @api.depends("until", "amount", "move_ids", "partner_id")
    @api.depends_context("uid")
    def _compute_state(self):
        today = fields.Date.today()
        for promise in self:
            if is_kept(promise):
                promise.state = "kept"
            else:
                promise.state = "open" if promise.until >= today else "broken"

    @api.constrains("until", "made_on")
    def _check_until(self):
        for promise in self:
            if promise.until < promise.made_on:
                raise ValidationError(
                    self.env._("The day promised is in the past already.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        promises = super().create(vals_list)
        for promise in promises:
            promise.owed = sum(promise._open_lines().mapped("amount_residual"))
        return promises

    def _open_lines(self):
        """The receivable items promised, as far as they are still open."""
        domain = [
            ("company_id", "child_of", self.company_id.id),
            ("partner_id.commercial_partner_id", "=", self.partner_id.id),
            ("account_type", "=", "asset_receivable"),
            ("parent_state", "=", "posted"),
            ("reconciled", "=", False),
            ("amount_residual", ">", 0),
        ]
        if self.move_ids:
            domain.append(("move_id", "in", self.move_ids.ids))
        return self.env["account.move.line"].sudo().search(domain)
