from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine.mailbox import start
from ..engine.planning import outlook
from ..engine.planning.outlook_text import next_text, rows
from ..engine.rights import readable
from ..rules import IN_SERVICE
from ..tools.actions import RELOAD, notify, watch


class AccountEmailFollowupStart(models.TransientModel):
    """How the follow-ups of a company begin, and what would go then."""

    _name = "account.email.followup.start"
    _inherit = ["account.email.connector.form"]
    _description = "Start Follow-ups"
    _check_company_auto = True

    company_id = fields.Many2one(related="connector_id.company_id", related_sudo=False)
    chasing = fields.Selection(related="connector_id.chasing", related_sudo=False)
    plan_id = fields.Many2one(
        "account.email.followup.plan",
        compute="_compute_settings",
        compute_sudo=False,
        store=True,
        readonly=False,
        check_company=True,
    )
    since = fields.Date(
        "What was due since",
        compute="_compute_settings",
        compute_sudo=False,
        store=True,
        readonly=False,
        help="Invoices that were due before this day are left alone: customers are "
        "not written to about what people have settled long ago. Empty: all are "
        "chased.",
    )
    read_first = fields.Boolean(
        "Read each email first, for two weeks",
        compute="_compute_settings",
        compute_sudo=False,
        store=True,
        readonly=False,
        help="Each waits under Collections, To review, until somebody approves it.",
    )
    ladder = fields.Html("Its steps", compute="_compute_ladder", sanitize=False)
    outlook = fields.Html("What would go", compute="_compute_outlook", sanitize=False)

    @api.depends("connector_id")
    def _compute_settings(self):
        for wizard in self:
            mailbox = wizard._mailbox()._origin.sudo()
            if not mailbox:
                wizard.plan_id = wizard.since = wizard.read_first = False
                continue
            is_new = mailbox.chasing == "new"
            today = fields.Date.context_today(wizard)
            wizard.plan_id = start.plan_of(mailbox)
            wizard.since = (
                start.proposed_since(today) if is_new else mailbox.chase_since
            )
            until = mailbox.read_first_until
            wizard.read_first = is_new or bool(until and until >= today)

    @api.depends("plan_id")
    @api.depends_context("lang")
    def _compute_ladder(self):
        for wizard in self:
            steps = readable(wizard.plan_id).step_ids
            wizard.ladder = self.env["ir.qweb"]._render(
                "account_email_connector.start_ladder", {"steps": steps}
            )

    @api.depends("plan_id", "since", "read_first")
    @api.depends_context("lang", "uid")
    def _compute_outlook(self):
        for wizard in self:
            mailbox = wizard._mailbox()._origin.sudo()
            if not mailbox:
                wizard.outlook = False
                continue
            company, supposed = mailbox.company_id, wizard._supposed(mailbox)
            found = outlook.outlook(self.env, company, supposed)
            wizard.outlook = self.env["ir.qweb"]._render(
                "account_email_connector.start_outlook",
                rows(self.env, company, found),
            )

    def _supposed(self, mailbox):
        plan = readable(self.plan_id).sudo()
        return start.supposed(mailbox, plan, self.since, self.read_first)

    def action_start(self):
        """Let follow-ups go by themselves, as this form says."""
        self.ensure_one()
        self.check_access("write")
        mailbox, plan = self._mailbox(), self.plan_id
        plan.check_access("read")
        if not plan or mailbox.state not in IN_SERVICE:  # since it was opened
            raise UserError(self.env._("Choose a plan, and connect a mailbox first."))
        was_on = mailbox.chasing == "on"
        start.start(mailbox.sudo(), plan.sudo(), self.since, self.read_first)
        title = self.env._("Saved") if was_on else self.env._("Started")
        text = next_text(self.env, mailbox.state, self.read_first)
        return notify("success", text, title, then=watch(mailbox, RELOAD))
