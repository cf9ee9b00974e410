from odoo import api, fields, models


class AccountEmailFollowupStep(models.Model):
    """One rung of a plan's ladder: when, and with which words."""

    _name = "account.email.followup.step"
    _description = "Follow-up Step"
    _order = "plan_id, days, id"

    plan_id = fields.Many2one(
        "account.email.followup.plan", required=True, ondelete="cascade", index=True
    )
    name = fields.Char(required=True, translate=True)
    days = fields.Integer(
        "Days after the due date",
        required=True,
        help="Days between the due date and this follow-up.",
    )
    template_id = fields.Many2one(
        "mail.template",
        "Email",
        required=True,
        domain=[("model", "=", "account.email.followup")],
        ondelete="restrict",
    )
    attach_invoices = fields.Boolean(
        default=True, help="Attach the stored PDFs of the invoices."
    )
    review = fields.Boolean(
        "Review first", help="A person looks at the follow-up before it goes."
    )

    _one_per_day = models.UniqueIndex(
        "(plan_id, days)", "Two steps of a plan cannot be on the same day."
    )

    @api.depends("name", "days")
    def _compute_display_name(self):
        for step in self:
            step.display_name = self.env._(
                "%(name)s (%(days)s days)", name=step.name, days=step.days
            )
