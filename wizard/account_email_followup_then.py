from datetime import timedelta

from odoo import api, fields, models

from ..engine.replay.then import Asked, page
from ..engine.rights import check_company, check_reader
from ..tools.actions import window

DAYS_AGO = 30


class AccountEmailFollowupThen(models.TransientModel):
    """Pick a day in the past: why a customer was, or was not, chased on it."""

    _name = "account.email.followup.then"
    _description = "Why then?"

    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, readonly=True
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    move_id = fields.Many2one("account.move", "Invoice", readonly=True)
    day = fields.Date(
        required=True,
        default=lambda self: fields.Date.context_today(self) - timedelta(days=DAYS_AGO),
    )
    told = fields.Html(compute="_compute_told", sanitize=False)

    @api.model
    def _open(self, partner, company, move=None):
        """Open it for a customer of *company*, or for one invoice."""
        defaults = {"default_partner_id": partner.id, "default_company_id": company.id}
        if move:
            defaults["default_move_id"] = move.id
        name = self.env._("Why then?")
        return window(name, self._name, dialog_size="extra-large", **defaults)

    @api.model_create_multi
    def create(self, vals_list):
        found = super().create(vals_list)
        found._check_chosen()
        return found

    def write(self, vals):
        res = super().write(vals)
        self._check_chosen()
        return res

    def _check_chosen(self):
        """What is told of them is for those only who may read it: of a company that the
        user has switched on, to readers of follow-ups."""
        check_reader(self.env)
        if self.env.su:
            return
        for wizard in self:
            for company in wizard.company_id._origin:
                check_company(self.env, company)
            wizard.partner_id._origin.check_access("read")
            wizard.move_id._origin.check_access("read")

    @api.depends("partner_id", "company_id", "move_id", "day")
    @api.depends_context("lang", "allowed_company_ids")
    def _compute_told(self):
        for wizard in self:
            wizard.told = wizard._tell()

    def _tell(self):
        """The answer for the day, as HTML."""
        self._check_chosen()
        known = self.sudo()
        customer = known.partner_id._origin.commercial_partner_id
        company, move = known.company_id._origin, known.move_id._origin
        if not customer or not company or not self.day:
            return False
        if self.day > fields.Date.context_today(self):
            return self.env._("Choose a day in the past.")
        if move.company_id != company:
            move = move.browse()
        return page(Asked(self.env, customer, company, move, self.day))
