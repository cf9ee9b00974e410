from odoo import fields, models


class AccountEmailFollowupPlan(models.Model):
    """Which follow-ups an overdue customer gets, and when."""

    _name = "account.email.followup.plan"
    _description = "Follow-up Plan"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        "res.company", help="Empty: every company may use this plan."
    )
    mode = fields.Selection(
        [
            ("by_customer", "Escalation by customer"),
        ],
        required=True,
        default="by_customer",
        help="By customer: one email lists everything overdue; the oldest overdue "
        "invoice decides the step.",
    )
    step_ids = fields.One2many("account.email.followup.step", "plan_id", copy=True)
    minimum_gap = fields.Integer(
        "Days between two emails",
        default=7,
        help="At least so many days lie between two follow-ups to one customer.",
    )
    minimum_amount = fields.Float(
        help="Nobody is chased for less, in the company's currency."
    )

    _gap_not_negative = models.Constraint(
        "CHECK (minimum_gap >= 0)", "The days between two emails cannot be negative."
    )
    _amount_not_negative = models.Constraint(
        "CHECK (minimum_amount >= 0)", "The minimum amount cannot be negative."
    )
