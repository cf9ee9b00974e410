from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.base.models.res_partner import _tz_get

from ..engine import rights
from ..engine.planning import (
    applies,
    difference,
    late_payment,
    picture,
    plan_form,
    sharing,
    switches,
)
from ..engine.planning.difference_text import tell
from ..engine.planning.draft import draft_of
from ..engine.planning.hours import Hours, day_in
from ..engine.planning.plans import WEEKDAYS
from ..engine.planning.supposed import Supposed
from ..texts import choices
from ..texts.plan_rules import steps_text
from .account_email_followup_step import check_internal


class AccountEmailFollowupPlan(models.Model):
    """Which follow-ups an overdue customer gets, and when."""

    _name = "account.email.followup.plan"
    _description = "Follow-up Plan"
    _order = "sequence, id"
    _check_company_auto = True
    _check_company_domain = models.check_company_domain_parent_of

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(
        default=lambda self: self._last_sequence() + 1,
        help="The first shared plan is that of companies which have chosen none.",
    )
    company_id = fields.Many2one(
        "res.company", help="Empty: every company may use this plan."
    )
    mode = fields.Selection(
        choices.PLAN_MODES,
        required=True,
        default="by_customer",
        help="By customer: one email lists everything overdue, the oldest overdue "
        "invoice decides the step.\n"
        "By invoice: each invoice has its own step; those on the same step share an "
        "email.\n"
        "Recap: a statement of what is open, at regular intervals.",
    )
    step_ids = fields.One2many("account.email.followup.step", "plan_id", copy=True)
    steps = fields.Char("Steps in order", compute="_compute_steps")
    picture = fields.Html(
        "Steps in time", compute=picture.draw, sanitize=False, groups=rights.ACCOUNTING
    )
    can_change = fields.Boolean(compute=plan_form.can_change)
    is_in_use = fields.Boolean(
        compute=plan_form.is_in_use,
        compute_sudo=True,
        help="The current company chases by it.",
    )
    rule_ids = fields.One2many("account.email.followup.plan.rule", "plan_id")
    customer_count = fields.Integer(
        compute="_compute_customer_count",
        groups=rights.ACCOUNTING,
        help="Customers who owe something now, and have this plan.",
    )
    responsible_id = fields.Many2one(
        "res.users",
        domain=[("share", "=", False)],
        help="Gets the to-dos and the digest. Empty: whoever connected the mailbox.",
    )

    # When
    on_monday = fields.Boolean("Mon", default=True)
    on_tuesday = fields.Boolean("Tue", default=True)
    on_wednesday = fields.Boolean("Wed", default=True)
    on_thursday = fields.Boolean("Thu", default=True)
    on_friday = fields.Boolean("Fri", default=True)
    on_saturday = fields.Boolean("Sat", default=True)
    on_sunday = fields.Boolean("Sun", default=True)
    not_on_holidays = fields.Boolean(
        "Not on public holidays", help="Those of the company's country."
    )
    from_hour = fields.Float("From", help="Nothing is sent before this time of day.")
    until_hour = fields.Float(
        "Until", default=24.0, help="Nothing is sent after this time of day."
    )
    tz = fields.Selection(
        _tz_get,
        "Time zone",
        default=lambda self: self.env.user.tz,
        help="Empty: the company's, else that of whoever connected its mailbox.",
    )
    minimum_gap = fields.Integer(
        "Days between two emails",
        default=7,
        help="At least so many days lie between two follow-ups to one customer.",
    )
    limits_lateness = fields.Boolean(
        "Send late by at most",
        help="A follow-up that is later than that does not go by itself any more: "
        "somebody sends it by hand. A weekly or monthly recap that is missed is left "
        "out until its next day, unless it may still go that late.",
        **switches.behaviour("limits_lateness"),
    )
    catch_up_days = fields.Integer("Days late at most", help="0: no limit.")
    limits_waiting = fields.Boolean(
        "Ask again after waiting",
        help="A follow-up that has waited for longer, because its mailbox could not "
        "send, does not go by itself any more: a person looks at it again.",
        **switches.behaviour("limits_waiting"),
    )
    waiting_days = fields.Integer("Days of waiting", default=14, help="0: no limit.")
    repeats_last = fields.Boolean(
        "Repeat the last step",
        help="It goes again while the money is still owed. Otherwise it is sent once, "
        "and a person decides what comes next.",
        **switches.behaviour("repeats_last"),
    )
    last_times = fields.Integer("Times", help="0: the last step is sent once.")
    last_every = fields.Integer("Repeat it every", default=14)
    start_date = fields.Date(
        "Chase what is due since",
        help="Invoices that were due before this day are left alone.",
    )
    recap_period = fields.Selection(choices.RECAP_PERIODS, default="monthly")
    recap_days = fields.Integer("Every", default=14)
    recap_weekday = fields.Selection(choices.WEEKDAYS, "Weekday", default="0")
    recap_monthday = fields.Integer("Day of the month", default=1)
    recap_not_due = fields.Boolean("List what is not due yet, too")

    # Whom, and not whom
    minimum_amount = fields.Float(
        help="Nobody is chased for less, in the company's currency."
    )
    only_sent = fields.Boolean(
        "Only invoices that were sent",
        default=True,
        help="An invoice that was never sent to the customer is not chased: the "
        "responsible gets a to-do instead. The same goes for one that was reset to "
        "draft since, or that the e-invoicing network refused. Invoices older than "
        "the first one that Odoo sent for the company count as sent. Switch this "
        "off if you send your invoices in another way.",
    )
    promise_grace = fields.Integer(
        "Grace for promises",
        default=2,
        help="Days that the bank is given after a promised date.",
    )
    holds_for_bank = fields.Boolean(
        "Hold while bank data are older than",
        help="Nothing goes by itself while a bank journal's last transaction is older: "
        "the payment may be there already.",
        **switches.behaviour("holds_for_bank"),
    )
    bank_days = fields.Integer("Age of bank data", help="In days. 0: never hold.")
    awaits_matching = fields.Boolean(
        "Wait for unmatched bank transactions",
        help="An invoice that a bank transaction probably pays, which nobody has "
        "reconciled, is left out for a while: somebody is asked to reconcile it.",
        **switches.behaviour("awaits_matching"),
    )
    bank_line_days = fields.Integer(
        "Days for matching", default=7, help="0: do not look."
    )
    forewarn = fields.Boolean(
        "Tell the responsible the day before",
        help="A digest of what goes out on the next day.",
    )
    forewarned_on = fields.Date(
        readonly=True, copy=False, help="The day of the last digest."
    )

    # Interest: told to the customer, and posted by nobody but a person
    interest_rate = fields.Float(
        "Yearly interest",
        digits=(5, 2),
        help="In percent. For the steps that mention it. Nothing is posted by itself: "
        "a click on a sent follow-up makes a draft invoice of it.",
    )
    fixed_fee = fields.Float(
        help="For each late invoice, such as the 40 euro of EU directive 2011/7. For "
        "the steps that mention it. Nothing is posted by itself: a click on a sent "
        "follow-up makes a draft invoice of it.",
    )
    fee_currency_id = fields.Many2one(
        "res.currency", default=lambda self: self.env.company.currency_id
    )
    by_law = fields.Html(compute=late_payment.tell, compute_sudo=True)
    differs_from_law = fields.Boolean(compute=late_payment.tell, compute_sudo=True)

    _gap_not_negative = models.Constraint(
        "CHECK (minimum_gap >= 0 AND catch_up_days >= 0 AND bank_days >= 0 "
        "AND promise_grace >= 0 AND waiting_days >= 0 AND last_every >= 0 "
        "AND last_times >= 0 AND bank_line_days >= 0)",
        "A number of days cannot be negative.",
    )
    _days_possible = models.Constraint(
        # No day of the calendar is that far away: it would stop everybody's planning.
        "CHECK (minimum_gap <= 36500 AND catch_up_days <= 36500 AND bank_days <= 36500 "
        "AND promise_grace <= 36500 AND recap_days <= 36500 "
        "AND waiting_days <= 36500 AND last_every <= 36500 AND last_times <= 1000 "
        "AND bank_line_days <= 36500)",
        "A number of days can be 36500 at most, a hundred years.",
    )
    _amount_not_negative = models.Constraint(
        "CHECK (minimum_amount >= 0 AND interest_rate >= 0 AND fixed_fee >= 0)",
        "An amount or rate cannot be negative.",
    )
    _amount_possible = models.Constraint(
        # No number at all (NaN) is higher than all others.
        "CHECK (minimum_amount < 1e15 AND interest_rate < 1e15 AND fixed_fee < 1e15)",
        "This amount or rate is too high.",
    )
    _fee_has_currency = models.Constraint(
        "CHECK (COALESCE(fixed_fee, 0) = 0 OR fee_currency_id IS NOT NULL)",
        "Choose the currency of the fixed fee.",
    )
    _hours = models.Constraint(
        "CHECK (from_hour >= 0 AND from_hour < until_hour AND until_hour <= 24)",
        "The hours in which emails go must begin before they end.",
    )
    _recap_days_positive = models.Constraint(
        "CHECK (recap_days > 0 AND recap_monthday BETWEEN 1 AND 31)",
        "A recap is sent once a day at most, and on a day from 1 to 31.",
    )

    # -- whose it is ---------------------------------------------------------------

    def _check_access(self, operation):
        """As before; and a shared plan is changed by those who have all companies that
        it is for: with it, one company would decide what the others send, and to whom.
        """
        result = super()._check_access(operation)
        if result or operation == "read":
            return result
        return sharing.forbidden(sharing.shared_with_others(self.sudo()))

    def write(self, vals):
        """As before. It is theirs to whom it goes, too."""
        res = super().write(vals)
        if "company_id" in vals:
            self.check_access("write")
        return res

    def action_make_own(self):
        """Make a plan of the company in use from this shared one, and chase by it."""
        self.ensure_one()
        self.check_access("read")
        return sharing.make_own(self, self.env.company.sudo()).get_formview_action()

    def action_use(self):
        """Let the company in use chase by this plan all who have no other."""
        self.ensure_one()
        self.check_access("read")
        rights.check_manager(self.env)
        sharing.use(self, self.env.company.sudo())

    @api.onchange("company_id")
    def _onchange_company_id(self):
        late_payment.propose(self, late_payment.everybody(self.sudo().env))

    @api.onchange(*switches.SWITCHES)
    def _onchange_switches(self):
        for switch in switches.SWITCHES:
            switches.heed(self, switch)

    def action_use_law(self):
        """Take interest and fee from the law of the company's country."""
        self.check_access("write")
        for plan in self:
            plan.write(late_payment.suggested(plan.sudo()))

    @api.model
    def _last_sequence(self):
        """A new plan is the last: it is nobody's before somebody has chosen it."""
        plans = self.with_context(active_test=False)
        return plans.search([], order="sequence desc", limit=1).sequence

    @api.depends("step_ids.display_name")
    @api.depends_context("lang")
    def _compute_steps(self):
        for plan in self:
            plan.steps = steps_text(plan)

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_customer_count(self):
        saved = self.filtered("id")  # not again at each change of a form
        (self - saved).customer_count = 0
        found = saved and applies.customers(self.env, self.sudo().env)
        for plan in saved:
            plan.customer_count = len(found.by_plan(plan.id))

    def action_customers(self):
        """Show the customers who have this plan, and owe something now."""
        self.ensure_one()
        self.check_access("read")
        found = applies.customers(self.env, self.sudo().env)
        return applies.listing_of(self, found.by_plan(self.id))

    @api.readonly
    def what_would_change(self, values):
        """Say what a form that has these *values*, and is not saved, would change for
        today's customers: HTML. Nothing is written.

        :raises AccessError: if the user may not change the plan, or make one.
        """
        return tell(self.env, self.sudo().env, self._supposed(values))

    @api.readonly
    def what_use_would_change(self, values):
        """The same of :meth:`action_use`, with what the form has besides.

        :raises AccessError: if the user does not say by which plan a company chases.
        """
        self.ensure_one()
        self.check_access("read")
        rights.check_manager(self.env)
        company = self.env.company.sudo()
        sharing.check_usable(self, company)
        supposed = self._supposed(values) if values else Supposed()
        chosen = {company.id: supposed.plan or self.sudo()}
        return tell(self.env, self.sudo().env, supposed._replace(chosen=chosen))

    def _supposed(self, values):
        """What a form with these *values* supposes."""
        draft = draft_of(self, values)
        return difference.tried(self.env, self.sudo().env, draft)

    def try_on_the_past(self, values):
        """Ask on which days to try what a form has, whose *values* are not saved; {}:
        as it is saved.

        :raises AccessError: if the user may not read it, or change what is changed.
        """
        start = self.env["account.email.followup.replay.start"]
        return start._open(self, values, self.company_id or self.env.company)

    @api.constrains("responsible_id")
    def _check_responsible(self):
        for plan in self:
            check_internal(self.env, plan.responsible_id)

    @api.constrains(*WEEKDAYS)
    def _check_weekdays(self):
        for plan in self:
            if not plan._weekdays():
                raise ValidationError(
                    self.env._("Choose at least one weekday on which emails go.")
                )

    @api.constrains("mode", "step_ids")
    def _check_steps(self):
        for plan in self:
            if plan.mode == "recap" and len(plan.step_ids) > 1:
                raise ValidationError(self.env._("A recap has one step."))

    def _weekdays(self):
        """The days on which emails go, 0 Monday … 6 Sunday."""
        return [number for number, name in enumerate(WEEKDAYS) if self[name]]

    # -- when it sends; *tz* is the company's zone, for a plan that has none -----------

    def _today(self, tz=None):
        """The day where this plan is at home, or its company if there is no plan."""
        return day_in(self._zone(tz))

    def _is_open_now(self, tz=None):
        """Whether it is the time of day at which this plan sends."""
        return self._hours_in(tz).are_now()

    def _is_over(self, tz=None):
        """Whether the hours of this plan have ended for today."""
        return self._hours_in(tz).are_over()

    def _opening(self, day, tz=None):
        """When its hours begin on *day* (naive, UTC); without a plan: at midnight."""
        return self._hours_in(tz).opening(day)

    def _next_opening(self, tz=None):
        """When the hours of this plan begin next (naive, UTC)."""
        return self._hours_in(tz).next_opening()

    def _hours_in(self, tz):
        return Hours(self.from_hour, self.until_hour, self._zone(tz))

    def _zone(self, tz):
        return self.tz or tz or "UTC"
