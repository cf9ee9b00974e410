from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import email_normalize, email_split

from ..engine.followup import ledger
from ..engine.planning import sharing
from ..rules import OPEN_STATES, Reason


def check_addresses(env, text):
    """Refuse *text* if one of its addresses, separated by commas, is not valid.

    :raises ValidationError: with the first wrong one.
    """
    for address in email_split(text or "") or [text]:
        if address and not email_normalize(address):
            raise ValidationError(env._("%s is not an email address.", address))
    if text and not text.isprintable():  # a line break would begin another header
        raise ValidationError(env._("Write all addresses on one line."))


def check_internal(env, user):
    """Refuse *user* (``res.users``, perhaps none) if it is a customer's.

    What is done is told with names and amounts: to people of the house only.
    """
    if user.share:
        raise ValidationError(
            env._(
                "%s is not an internal user, so follow-ups cannot be assigned to them.",
                user.name,
            )
        )


class AccountEmailFollowupStep(models.Model):
    """One rung of a plan's ladder: when, and with which words."""

    _name = "account.email.followup.step"
    _description = "Follow-up Step"
    _order = "plan_id, days, id"

    plan_id = fields.Many2one(
        "account.email.followup.plan", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="plan_id.company_id")
    name = fields.Char(required=True, translate=True)
    days = fields.Integer(
        "Days after the due date",
        required=True,
        help="Days between the due date and this follow-up; negative: before it.",
    )
    channel = fields.Selection(
        [("email", "Email"), ("todo", "To-do (a call, a letter)")],
        required=True,
        default="email",
    )
    template_id = fields.Many2one(
        "mail.template",
        "Email template",
        domain=[("model", "=", "account.email.followup")],
        ondelete="restrict",
    )
    cc = fields.Char(
        "Copies to", help="Email addresses that get a copy (Cc), separated by commas."
    )
    copy_salesperson = fields.Boolean(
        "Copy to the salesperson",
        help="Of each invoice that is listed; without one, the customer's.",
    )
    copy_responsible = fields.Boolean(
        "Copy to the responsible",
        help="The plan's; without one, the customer's salesperson, else whoever "
        "connected the mailbox.",
    )
    signed_by = fields.Selection(
        [
            ("mailbox", "The mailbox's name"),
            ("salesperson", "The salesperson"),
            ("responsible", "The responsible"),
        ],
        "Signed by",
        required=True,
        default="mailbox",
        help="With name, position, telephone and email address. Answers come to the "
        "mailbox all the same. If the invoices have several salespeople, the one of "
        "the oldest signs; if nobody can, the mailbox does.",
    )
    attach_invoices = fields.Boolean(
        "Attach PDFs",
        default=True,
        help="Attach the invoices' PDFs, and their e-invoice files. What is missing is "
        "made before. They are linked in any case.",
    )
    attach_statement = fields.Boolean(
        "Attach the statement",
        help="Attach a statement of account: all that is open, as a PDF.",
    )
    letter = fields.Boolean(
        "With a letter",
        help="For steps that are a to-do: a letter to print, or to send by post.",
    )
    show_interest = fields.Boolean(
        "Mention interest",
        help="Show late-payment interest and the fixed fee of the plan.",
    )
    show_payment = fields.Boolean(
        "Tell how to pay",
        default=True,
        help="Show the bank account, a QR code where the country has one, and a button "
        "to pay online where that is set up. References are shown in any case.",
    )
    review = fields.Boolean(
        "Review first", help="A person looks at the follow-up before it goes."
    )
    activity_type_id = fields.Many2one(
        "mail.activity.type",
        "To-do",
        domain=[("res_model", "in", (False, "res.partner"))],
        help="For steps that are a to-do: what there is to do.",
    )
    user_id = fields.Many2one(
        "res.users",
        "Done by",
        domain=[("share", "=", False)],
        help="For steps that are a to-do. Empty: the plan's responsible.",
    )

    _one_per_day = models.UniqueIndex(
        "(plan_id, days)", "Two steps of a plan cannot be on the same day."
    )
    _days_possible = models.Constraint(
        "CHECK (days BETWEEN -36500 AND 36500)",
        "A number of days can be 36500 at most, a hundred years.",
    )
    _template = models.Constraint(
        "CHECK (channel <> 'email' OR template_id IS NOT NULL)",
        "An email step needs a template.",
    )

    @api.depends("name", "days", "plan_id.mode")
    def _compute_display_name(self):
        for step in self:
            if step.plan_id.mode == "recap":
                step.display_name = step.name
            else:
                step.display_name = step._with_days()

    def _with_days(self):
        """The name with the days from the due date, in the right number."""
        env = self.env
        if self.days == 1:
            return env._("%(name)s (1 day)", name=self.name)
        if self.days == -1:
            return env._("%(name)s (1 day before)", name=self.name)
        if self.days < 0:
            return env._(
                "%(name)s (%(days)s days before)", name=self.name, days=-self.days
            )
        return env._("%(name)s (%(days)s days)", name=self.name, days=self.days)

    def _check_access(self, operation):
        """As before; those of a shared plan are changed by those who may change it."""
        result = super()._check_access(operation)
        if result or operation == "read":
            return result
        foreign = sharing.shared_with_others(self.sudo().plan_id)
        steps = self.filtered(lambda step: step.sudo().plan_id in foreign)
        return sharing.forbidden(foreign, steps)

    def write(self, vals):
        """As before. It is theirs to whose plan it goes, too."""
        res = super().write(vals)
        if "plan_id" in vals:
            self.check_access("write")
        return res

    @api.constrains("template_id")
    def _check_template(self):
        """A template of another model would be rendered for the record of that model
        which has the follow-up's id."""
        for step in self.sudo():
            template = step.template_id
            if template and template.model != "account.email.followup":
                raise ValidationError(
                    self.env._(
                        "The email template “%s” is about something else: a step needs "
                        "one about follow-ups.",
                        template.name,
                    )
                )

    @api.constrains("user_id")
    def _check_user(self):
        for step in self:
            check_internal(self.env, step.user_id)

    @api.constrains("cc")
    def _check_cc(self):
        for step in self:
            check_addresses(self.env, step.cc)

    @api.ondelete(at_uninstall=False)
    def _unlink_what_waits(self):
        """What was sent with it stays in the ledger, and counts as far as it went; what
        has not left is planned anew, with the step that is right then.
        """
        states = [*OPEN_STATES, "failed"]
        waiting = self.env["account.email.followup"].sudo()
        waiting = waiting.search([("step_id", "in", self.ids), ("state", "in", states)])
        locked = len(waiting.try_lock_for_update()) == len(waiting)
        if not locked or "sending" in waiting.mapped("state"):
            raise UserError(
                self.env._("A follow-up is being sent right now. Look again soon.")
            )
        ledger.skip(waiting, Reason.STEP_CHANGED)

    def action_preview(self):
        """See this step's email as a real customer would get it."""
        self.ensure_one()
        self.check_access("read")
        return self.env["account.email.followup.preview"]._open(self)
