from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..engine.byhand import ledger_values, offers
from ..engine.decisions import decisions
from ..rules import decide
from ..texts import verdict_text

HORIZON = timedelta(days=60)
#: More than anybody reads; the list says the soonest.
AT_MOST = 2000


class AccountEmailFollowupUpcoming(models.TransientModel):
    """What goes out today and on the coming days, as far as it is known today."""

    _name = "account.email.followup.upcoming"
    _description = "Upcoming Follow-up"
    _order = "date, amount desc, id"

    date = fields.Date(readonly=True)
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    step_id = fields.Many2one("account.email.followup.step", readonly=True)
    amount = fields.Monetary("Open", readonly=True)
    followup_id = fields.Many2one("account.email.followup", readonly=True)
    reason = fields.Char("Reason code", readonly=True)
    reason_text = fields.Char("Why then", compute="_compute_reason_text")

    @api.depends("reason")
    def _compute_reason_text(self):
        for upcoming in self:
            upcoming.reason_text = verdict_text(self.env, upcoming.reason)

    @api.model
    def action_open(self):
        """Look ahead, for the companies that the user has switched on."""
        if not self.env.user.has_group("account.group_account_invoice"):
            raise AccessError(self.env._("This list is for accounting users."))
        self.search([("create_uid", "=", self.env.uid)]).unlink()
        self.create(self._look_ahead())
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Upcoming follow-ups"),
            "res_model": self._name,
            "views": [(False, "list")],
            "domain": [("create_uid", "=", self.env.uid)],
            "context": {"group_by": ["date:day"]},
        }

    def _look_ahead(self):
        rows = []
        for decided in decisions(self.env, self.env.companies):
            decision = decided.decision
            if decision.date and decision.date <= decided.today + HORIZON:
                rows.append((decision.date, decided))
        rows.sort(key=lambda row: (row[0], row[1].customer.id))
        return [self._row(date, decided) for date, decided in rows[:AT_MOST]]

    def _row(self, date, decided):
        date = max(date, decided.today)
        # On that day, with what is known today: more will have fallen due by then.
        decision = decide(decided.customer, decided.rules, decided.facts, date)
        waiting = [
            past.id
            for past in decided.customer.history
            if past.state in ("to_review", "planned")
        ]
        return {
            "date": date,
            "partner_id": decided.customer.id,
            "company_id": decided.unit.company_id,
            "step_id": decision.step.id if decision.step else False,
            "amount": decision.total_company,
            "reason": decided.decision.reason.value,
            "followup_id": waiting[0] if waiting else False,
        }

    def action_skip(self):
        """Leave this one out: the same step is proposed again later."""
        for upcoming in self:
            followup = upcoming.followup_id or upcoming._make_followup()
            followup.with_env(self.env).action_skip()
            followup.sudo().done_on = upcoming.date  # the gap counts from then
        return self.action_open()

    def action_pause(self):
        """Leave these customers alone for a while."""
        return self.partner_id.action_email_followup_pause()

    def action_send_now(self):
        """Send by hand what would go later."""
        return self.env["account.email.followup.composer"]._open(
            partners=self.partner_id
        )

    def _make_followup(self):
        """The ledger row of a follow-up that nobody has planned yet, to be skipped."""
        self.ensure_one()
        if self.company_id not in self.env.companies:
            raise AccessError(self.env._("Switch on %s first.", self.company_id.name))
        found = offers(self.env, self.company_id, self.partner_id)
        values = {**ledger_values(found[0]), "approved": False, "by_hand": False}
        return self.env["account.email.followup"].sudo().create(values)
