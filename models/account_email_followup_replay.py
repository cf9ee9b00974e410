from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models

from ..engine.replay import asking, job, told
from ..engine.rights import check_accountant, for_reader
from ..texts import replay as texts
from ..tools.actions import RELOAD

KEPT = timedelta(days=30)


class AccountEmailFollowupReplay(models.Model):
    """A plan tried on the past: what was asked, how far it is, and what came of it.

    It works in the background (:mod:`..engine.replay.job`), and only that writes it.
    """

    _name = "account.email.followup.replay"
    _description = "Plan Tried on the Past"
    _order = "id desc"
    _rec_name = "plan_name"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    # It is about what these are owed: only for who has them all, see ir_rule.xml.
    served_ids = fields.Many2many(
        "res.company",
        "account_email_followup_replay_company",
        "replay_id",
        "company_id",
        "Its companies",
        readonly=True,
        groups=fields.NO_ACCESS,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one(
        "res.users", "Tried by", required=True, readonly=True, ondelete="cascade"
    )
    is_mine = fields.Boolean(compute="_compute_is_mine")
    plan_id = fields.Many2one(
        "account.email.followup.plan",
        "Saved plan",
        readonly=True,
        ondelete="set null",
    )
    plan_name = fields.Char("Plan", required=True, readonly=True)
    basis = fields.Selection(texts.BASES, "Plan tried", required=True, readonly=True)
    # What the form had that nobody has saved.
    form_values = fields.Json(readonly=True, groups=fields.NO_ACCESS)
    first = fields.Date("From", required=True, readonly=True)
    last = fields.Date("To", required=True, readonly=True)
    state = fields.Selection(
        texts.STATES, required=True, readonly=True, default="waiting", index=True
    )
    attempts = fields.Integer(readonly=True, groups=fields.NO_ACCESS)
    done = fields.Integer("Customers done", readonly=True, aggregator=None)
    total = fields.Integer("Customers in all", readonly=True, aggregator=None)
    problem = fields.Char(readonly=True, help="Why it failed.")

    # What came of it
    customers = fields.Integer(
        readonly=True, aggregator=None, help="They have the plan, and owed something."
    )
    emails = fields.Integer(readonly=True, aggregator=None)
    asked = fields.Monetary(
        "Asked for",
        readonly=True,
        aggregator=None,
        help="The invoices that the emails ask for, each counted once and in full.",
    )
    day_limit = fields.Integer(
        readonly=True, help="What the mailbox takes in a day. 0: not known."
    )
    books_since = fields.Date(readonly=True, help="The first entry of a customer.")
    chased_since = fields.Date(
        readonly=True, help="What was due before that day is left alone."
    )
    left_alone = fields.Integer(
        "Left alone",
        readonly=True,
        aggregator=None,
        help="Invoices due before that day, and paid more than 30 days late.",
    )
    empty = fields.Char(readonly=True, help="Why nothing would have gone, as a code.")
    line_ids = fields.One2many(
        "account.email.followup.replay.line", "replay_id", readonly=True
    )
    page = fields.Html(compute="_compute_page", sanitize=False)

    _first_before_last = models.Constraint(
        "CHECK (first <= last)", "The first day is after the last one."
    )

    @api.depends_context("uid")
    def _compute_is_mine(self):
        for replay in self:
            replay.is_mine = replay.user_id == self.env.user

    @api.depends("plan_name", "first", "last")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for replay in self:
            replay.display_name = f"{replay.plan_name}, {told.days(replay)}"

    @api.depends("state")
    @api.depends_context("lang", "uid", "allowed_company_ids")
    def _compute_page(self):
        for replay in self:
            replay.page = told.page(replay, for_reader(replay))

    def action_stop(self):
        """Let it end without a result. Whoever may delete it may stop it."""
        self.check_access("unlink")
        job.stop(self.sudo())
        return RELOAD

    def action_again(self):
        """Try the same plan on other days."""
        self.ensure_one()
        check_accountant(self.env)
        known = for_reader(self)
        plan = known.plan_id.with_env(self.env)
        return self.env["account.email.followup.replay.start"]._open(
            plan, asking.values_again(known, self.env), known.company_id
        )

    def action_rows(self, which="would", value=None):
        """Show the rows behind a number of the page.

        :param which: a key of :data:`..engine.replay.told.ROWS`.
        :param value: which of them, such as the number of a step.
        """
        self.ensure_one()
        return told.rows(self, for_reader(self), which, value)

    @api.model
    def _cron_run(self):
        """Try what waits, one after the other, each in committed steps."""
        job.run(self.with_user(SUPERUSER_ID))

    @api.autovacuum
    def _gc_old(self):
        before = fields.Datetime.now() - KEPT
        self.sudo().search([("create_date", "<", before)]).unlink()
