from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine.planning import applies, sharing
from ..engine.planning.difference_text import tell
from ..engine.planning.draft import draft_of_rule
from ..engine.planning.supposed import Supposed
from ..engine.rights import ACCOUNTING
from ..texts.plan_rules import customers_of
from .account_email_followup_step import check_internal

CONDITIONS = (
    "tag_ids",
    "country_ids",
    "salesperson_ids",
    "amount_overdue",
    "days_late",
)


class AccountEmailFollowupPlanRule(models.Model):
    """Customers of whom all of this is true have this plan. The first rule that holds
    decides; a plan that was chosen for the customer comes before all of them."""

    _name = "account.email.followup.plan.rule"
    _description = "Follow-up Plan Rule"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        "res.company",
        default=lambda self: self.env.company,
        index=True,
        help="Empty: for every company. A branch has its parent's rules; with rules of "
        "its own, its customers get emails apart from the parent's.",
    )
    plan_id = fields.Many2one(
        "account.email.followup.plan",
        required=True,
        ondelete="cascade",
        index=True,
        check_company=True,
        help="What they get. While it is archived, they get nothing.",
    )
    plan_active = fields.Boolean(
        related="plan_id.active", related_sudo=False, string="Plan is active"
    )
    plan_steps = fields.Char(related="plan_id.steps", related_sudo=False)
    # What a rule asks for is not deleted: it would be about more customers then.
    tag_ids = fields.Many2many(
        "res.partner.category",
        "account_email_followup_plan_rule_tag",
        "rule_id",
        "tag_id",
        "Tags",
        ondelete="restrict",
        help="The customer has any of these tags, or of those below them.",
    )
    country_ids = fields.Many2many(
        "res.country",
        "account_email_followup_plan_rule_country",
        "rule_id",
        "country_id",
        "Countries",
        ondelete="restrict",
        help="The customer's own country is any of these.",
    )
    salesperson_ids = fields.Many2many(
        "res.users",
        "account_email_followup_plan_rule_user",
        "rule_id",
        "user_id",
        "Salespersons",
        domain=[("share", "=", False)],
        ondelete="restrict",
        help="The salesperson of the customer (not of an invoice) is any of these.",
    )
    amount_overdue = fields.Float(
        "Overdue, at least",
        help="All that is overdue, less credits, without what is in dispute; in the "
        "company's currency. 0: any amount.",
    )
    days_late = fields.Integer(
        "Days late, at least",
        help="On average over the invoices paid in full in the last year: from the due "
        "date to the last payment, 0 if that was earlier. Customers who have not "
        "paid anything yet never meet it. 0: any.",
    )
    customers = fields.Char(
        compute="_compute_customers", help="The conditions: all of them are true."
    )
    customer_count = fields.Integer(
        "Applies to",
        compute="_compute_customer_count",
        groups=ACCOUNTING,
        help="Customers who owe something now, and have the plan by this rule.",
    )
    can_change = fields.Boolean(compute="_compute_can_change")

    _not_negative = models.Constraint(
        "CHECK (amount_overdue >= 0 AND days_late >= 0)",
        "An amount or a number of days cannot be negative.",
    )

    _amount_possible = models.Constraint(
        # No number at all (NaN) is higher than all others.
        "CHECK (amount_overdue < 1e15)",
        "This amount or rate is too high.",
    )

    # -- in words ------------------------------------------------------------------

    @api.depends_context("lang")
    @api.depends(*CONDITIONS, "company_id")
    def _compute_customers(self):
        for rule in self:
            rule.customers = customers_of(rule)

    @api.depends_context("lang")
    @api.depends("name", "customers")
    def _compute_display_name(self):
        for rule in self:
            rule.display_name = rule.name or rule.customers

    # -- to whom it applies ----------------------------------------------------------

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_customer_count(self):
        saved = self.filtered("id")  # not again at each change of a form
        (self - saved).customer_count = 0
        found = saved and applies.customers(self.env, self.sudo().env)
        for rule in saved:
            rule.customer_count = len(found.by_rule(rule.id))

    def action_customers(self):
        """Show the customers who have the plan by this rule."""
        self.ensure_one()
        self.check_access("read")
        found = applies.customers(self.env, self.sudo().env)
        return applies.listing_of(self, found.by_rule(self.id))

    @api.readonly
    def what_would_change(self, values):
        """Say what a form that has these *values*, and is not saved, would change for
        today's customers: HTML. Nothing is written.

        :raises AccessError: if the user may not change the rule, or make one.
        """
        return tell(self.env, self.sudo().env, self._supposed(values))

    def _supposed(self, values):
        return Supposed(rule=draft_of_rule(self, values).sudo())

    # -- whose it is ---------------------------------------------------------------

    @api.depends_context("uid")
    @api.depends("company_id")
    def _compute_can_change(self):
        for rule in self:
            saved = rule._origin
            rule.can_change = not saved or saved.has_access("write")

    def _check_access(self, operation):
        """As before; and a shared rule is changed by those who have all companies."""
        result = super()._check_access(operation)
        if result or operation == "read":
            return result
        return sharing.forbidden_rules(self.sudo())

    def write(self, vals):
        """As before. It is theirs whose customers it is about, too."""
        res = super().write(vals)
        if "company_id" in vals:
            self.check_access("write")
        return res

    @api.constrains("plan_id", *CONDITIONS)
    def _check_conditions(self):
        """For everybody there is the company's plan."""
        for rule in self:
            if not any(rule[name] for name in CONDITIONS):
                raise ValidationError(
                    self.env._(
                        "Choose which customers the rule applies to. For all others "
                        "there is the company's plan."
                    )
                )

    @api.constrains("company_id", "plan_id")
    def _check_plan(self):
        for rule in self.sudo():
            if not rule.company_id and rule.plan_id.company_id:
                raise ValidationError(
                    self.env._(
                        "A rule for every company needs a plan that every company may "
                        "use: “%(plan)s” is %(company)s's.",
                        plan=rule.plan_id.name,
                        company=rule.plan_id.company_id.name,
                    )
                )

    @api.constrains("salesperson_ids")
    def _check_salespersons(self):
        for rule in self:
            for user in rule.salesperson_ids:
                check_internal(self.env, user)
