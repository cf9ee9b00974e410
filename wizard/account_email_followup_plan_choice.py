from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine.planning.difference_text import tell
from ..engine.planning.supposed import Supposed

#: What its form says.
FORM = ["partner_ids", "company_id", "choice", "plan_id"]


class AccountEmailFollowupPlanChoice(models.TransientModel):
    """Say by which plan some customers are chased, or leave it to the rules again."""

    _name = "account.email.followup.plan.choice"
    _inherit = ["account.email.followup.customers"]
    _description = "Set Follow-up Plan"

    choice = fields.Selection(
        [
            ("own", "Chase them by this plan"),
            ("rules", "As the rules say, else by the company's plan"),
        ],
        required=True,
        default="own",
    )
    plan_id = fields.Many2one(
        "account.email.followup.plan",
        compute="_compute_plan_id",
        store=True,
        readonly=False,
        domain="['|', ('company_id', '=', False), "
        "('company_id', 'parent_of', company_id)]",
    )
    plan_steps = fields.Char(related="plan_id.steps", related_sudo=False)

    @api.depends("choice")
    def _compute_plan_id(self):
        for wizard in self:
            wizard.plan_id = wizard.choice == "own" and wizard.plan_id

    @api.readonly
    def what_would_change(self, values):
        """Say what a form that has these *values*, and is not saved, would change for
        its customers: HTML. Nothing is written.

        :raises AccessError: if the user does not handle follow-ups.
        """
        return tell(self.env, self.sudo().env, self._supposed(values))

    def _supposed(self, values):
        defaults = {} if self else self.default_get(FORM)
        said = {name: values[name] for name in FORM if name in values}
        wizard = self.new({**defaults, **said}, origin=self)
        customers, plan = wizard._customers(), wizard._plan_to_note()
        companies = wizard.company_id._email_followup_peers()
        own = dict.fromkeys(companies.ids, plan.id or None)
        return Supposed(own=dict.fromkeys(customers.ids, own))

    def action_confirm(self):
        """Note it on the customers, for the wizard's company, and for its branches and
        parent if they share an email.
        """
        customers = self._customers()
        plan = self._plan_to_note()
        customers._email_followup_note(
            {"email_followup_plan_id": plan.id}, self.company_id
        )

    def _plan_to_note(self):
        """The plan, which the user may see and the company may use; empty: the rules'.

        :raises UserError: if no plan was chosen, or another company's.
        """
        plan = self.plan_id._origin  # of what is in memory only, no rule is asked
        if self.choice == "rules":
            return plan.browse()
        if not plan:
            raise UserError(self.env._("Choose a plan."))
        plan.check_access("read")
        owner = plan.company_id
        if owner and owner not in self.company_id.sudo().parent_ids:
            raise UserError(
                self.env._(
                    "“%(plan)s” is %(owner)s's: choose one that %(company)s may use.",
                    plan=plan.name,
                    owner=owner.sudo().name,
                    company=self.company_id.sudo().name,
                )
            )
        return plan
