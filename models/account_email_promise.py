from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

from ..engine.followup import promised
from ..engine.planning.promises import owed, states
from ..engine.rights import check_values, without_defaults

#: What a person notes; the rest is noted by itself.
NOTED = {
    *("company_id", "partner_id", "move_ids", "until", "amount", "note", "active"),
    *("within", "everything"),
}
#: No promise is of so much, in any currency.
TOO_MUCH = 1e15
#: No promise is for a day farther away: follow-ups wait for it.
FARTHEST = relativedelta(years=1)
#: Days → the choice that means so many.
WEEKS = {7: "1", 14: "2", 28: "4"}


class AccountEmailPromise(models.Model):
    """A customer's word to pay an amount until a day. Follow-ups wait for it."""

    _name = "account.email.promise"
    _inherit = ["account.email.export"]
    _description = "Promise to Pay"
    _order = "until desc, id desc"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        required=True,
        index=True,
        ondelete="cascade",
        domain=["|", ("parent_id", "=", False), ("is_company", "=", True)],
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
    within = fields.Selection(
        [("1", "In 1 week"), ("2", "In 2 weeks"), ("4", "In 4 weeks")],
        compute="_compute_within",
        readonly=False,
    )
    amount = fields.Monetary(help="In the company's currency. 0: all of it.")
    everything = fields.Boolean(
        "Everything that is open",
        compute="_compute_everything",
        inverse="_inverse_everything",
    )
    promised = fields.Monetary(
        "Amount promised",
        compute="_compute_promised",
        help="What was open when it was made, if all of it was promised.",
    )
    covers = fields.Char("What is promised", compute="_compute_covers")
    owed = fields.Monetary(
        readonly=True, help="What was open of it when the promise was made."
    )
    made_on = fields.Date(
        required=True, readonly=True, default=fields.Date.context_today
    )
    user_id = fields.Many2one(
        "res.users", "Noted by", readonly=True, default=lambda self: self.env.uid
    )
    note = fields.Char()
    active = fields.Boolean(default=True)
    state = fields.Selection(
        [("open", "Pending"), ("kept", "Kept"), ("broken", "Broken")],
        compute="_compute_state",
    )

    @api.depends("until", "amount", "owed", "move_ids", "partner_id", "company_id")
    def _compute_state(self):
        """Open as long as the customer is left alone for it, the grace included."""
        saved = self.filtered(lambda promise: isinstance(promise.id, int)).sudo()
        found = states(saved) if saved else {}
        for promise in self:
            promise.state = found.get(promise.id, "open")

    @api.depends("partner_id", "until")
    @api.depends_context("lang")
    def _compute_display_name(self):
        """Whose, and until when: never a number of the database."""
        for promise in self:
            who = promise.partner_id.display_name
            day = promise.until and format_date(self.env, promise.until)
            promise.display_name = ", ".join(filter(None, (who, day)))

    @api.depends("amount", "owed", "partner_id", "move_ids", "company_id")
    def _compute_promised(self):
        for promise in self:
            amount = promise.owed if promise._origin else promise._open_now()
            promise.promised = promise.amount or amount

    @api.depends("until", "made_on")
    def _compute_within(self):
        for promise in self:
            days = promise.until and (promise.until - promise.made_on).days
            promise.within = WEEKS.get(days)

    @api.onchange("within")
    def _onchange_within(self):
        if self.within:
            self.until = self.made_on + relativedelta(weeks=int(self.within))

    @api.depends("amount")
    def _compute_everything(self):
        for promise in self:
            promise.everything = not promise.amount

    def _inverse_everything(self):
        self.filtered("everything").amount = 0

    @api.depends("amount", "owed", "partner_id", "move_ids", "company_id")
    @api.depends_context("lang")
    def _compute_covers(self):
        for promise in self:
            amount = promise.owed if promise._origin else promise._open_now()
            promise.covers = promised.covers(promise, amount)

    def _open_now(self):
        """What is open of what is about to be promised, for whoever may note it."""
        mine = self.has_access("create") and self.company_id in self.env.companies
        if not mine or not self.partner_id._origin.has_access("read"):
            return 0
        return owed(self.sudo()).get(self.id, 0)

    @api.constrains("amount")
    def _check_amount(self):
        for promise in self:
            if not 0 <= promise.amount < TOO_MUCH:
                raise ValidationError(
                    self.env._("Enter the amount that was promised; nothing means all.")
                )

    @api.constrains("until", "made_on")
    def _check_until(self):
        last = fields.Date.context_today(self) + FARTHEST
        for promise in self:
            if promise.until < promise.made_on:
                raise ValidationError(
                    self.env._("The day promised is in the past already.")
                )
            if promise.until > last:  # as 2062 instead of 2026
                raise ValidationError(
                    self.env._(
                        "The day promised is more than a year away. To leave a "
                        "customer alone for longer, pause them."
                    )
                )

    @api.model
    def default_get(self, fields):
        """As before; what is not for people to write has no default of theirs."""
        return without_defaults(self, super().default_get(fields), NOTED)

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            check_values(self, vals, NOTED)
        promises = super().create(vals_list)
        promises.partner_id.check_access("read")  # its name is shown
        promises._note_owed()
        promised.log(promises.sudo(), self.env.user)
        return promises

    def write(self, vals):
        check_values(self, vals, NOTED)
        result = super().write(vals)
        if "company_id" in vals:  # the rules were asked about the one before
            self.check_access("write")
        if "partner_id" in vals:
            self.partner_id.check_access("read")
        if not vals.keys().isdisjoint(("partner_id", "until")):
            promised.log(self.sudo(), self.env.user)
        if not vals.keys().isdisjoint(("move_ids", "partner_id", "company_id")):
            self._note_owed()
        return result

    def _note_owed(self):
        """Write down what is open of it: less than that has to be left one day."""
        amounts = owed(self.sudo())
        for promise in self.sudo():
            promise.owed = amounts.get(promise.id, promise.owed)
