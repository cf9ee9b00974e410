from odoo import api, fields, models

from ..engine.replay import asking
from ..engine.rights import check_accountant, check_company
from ..texts.replay import PERIODS
from ..tools.actions import window


class AccountEmailFollowupReplayStart(models.TransientModel):
    """On which days of the past a plan is to be tried."""

    _name = "account.email.followup.replay.start"
    _description = "Try a Plan on the Past"

    # Which plan, and what its form had that nobody has saved: said by its button, for
    # whoever may read that plan.
    plan_id = fields.Many2one(
        "account.email.followup.plan", readonly=True, groups=fields.NO_ACCESS
    )
    form_values = fields.Json(readonly=True, groups=fields.NO_ACCESS)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company,
        domain=lambda self: [("id", "in", self.env.companies.ids)],
    )
    period = fields.Selection(PERIODS, "Days", required=True, default="12")
    first = fields.Date(
        "From", compute="_compute_days", store=True, readonly=False, precompute=True
    )
    last = fields.Date(
        "To", compute="_compute_days", store=True, readonly=False, precompute=True
    )

    @api.model
    def _open(self, plan, values, company):
        """Open it for a plan as the user's, with what its form has."""
        check_accountant(self.env)
        values = asking.kept(plan, values)
        asking.plan_tried(plan, values)  # else it is too late to say so
        if company not in self.env.companies:
            company = self.env.company
        wizard = self.create({"company_id": company.id})
        wizard.sudo().write({"plan_id": plan.id, "form_values": values})
        return window(self.env._("Try it on the past"), self._name, wizard.id)

    @api.depends("period")
    def _compute_days(self):
        for wizard in self:
            if wizard.period == "days":
                wizard.first, wizard.last = wizard.first, wizard.last
                continue
            today = fields.Date.context_today(wizard)
            wizard.first, wizard.last = asking.days_of(today, int(wizard.period or 12))

    def action_start(self):
        """Let it begin in the background, and show it."""
        self.ensure_one()
        self.check_access("write")
        check_company(self.env, self.company_id)
        today = fields.Date.context_today(self)
        asking.check_days(self.env, self.first, self.last, today)
        known = self.sudo()
        replay = asking.begin(self.env, known.env, known)
        action = window(replay.display_name, replay._name, replay.id, target="current")
        return self._beside(action, f"/{replay.id}")

    def action_earlier(self):
        """Show what was tried before."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_email_connector.action_followup_replay"
        )
        return self._beside(action)

    def _beside(self, action, path=""):
        """*action*, or the same in another tab if the plan's form has what nobody has
        saved: Odoo saves a form that is left."""
        if not self.sudo().form_values:
            return action
        url = f"/odoo/email-plans-tried{path}"
        return {
            "type": "ir.actions.act_url",
            "url": url,
            "target": "new",
            "close": True,
        }
