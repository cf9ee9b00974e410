from odoo import SUPERUSER_ID, api, fields, models

from ..engine.followup import (
    case_page,
    case_story,
    coming,
    ledger,
    open_items,
    reviewing,
)
from ..engine.followup.person import act_on_each
from ..engine.planning import cases
from ..engine.rights import check_accountant, check_reader
from ..texts import choices
from ..tools.actions import RELOAD, listing, notify, only_one

OVERDUE_SINCE = "Overdue for so long, less credits and payments of that age."


class AccountEmailFollowupCase(models.Model):
    """What a customer owes a company, and what there is to do about it.

    One row for each customer and company with something open; archived when nothing is
    any more. It is what the rules have said, written down, and only
    :mod:`..engine.planning.cases` writes it.
    """

    _name = "account.email.followup.case"
    _inherit = ["account.email.export"]
    _description = "Customer's Account"
    _order = "overdue desc, total desc, id"
    _rec_name = "partner_id"

    company_id = fields.Many2one("res.company", required=True, readonly=True)
    partner_id = fields.Many2one(
        "res.partner",
        "Customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    active = fields.Boolean(readonly=True, help="Something is open.")
    currency_id = fields.Many2one(related="company_id.currency_id")
    total = fields.Monetary(
        "Open", readonly=True, help="All that is open, less credits and payments."
    )
    overdue = fields.Monetary(
        readonly=True, help="What was due before today, less all credits and payments."
    )
    not_due = fields.Monetary(
        "Not due",
        readonly=True,
        help="Not due yet, less credits and payments of that age.",
    )
    late_30 = fields.Monetary("1–30 days", readonly=True, help=OVERDUE_SINCE)
    late_60 = fields.Monetary("31–60 days", readonly=True, help=OVERDUE_SINCE)
    late_90 = fields.Monetary("61–90 days", readonly=True, help=OVERDUE_SINCE)
    late_more = fields.Monetary("Over 90 days", readonly=True, help=OVERDUE_SINCE)
    oldest_due_date = fields.Date(readonly=True)
    invoices = fields.Integer("Open invoices", readonly=True)
    disputed = fields.Integer("In dispute", readonly=True)
    usual_delay = fields.Integer(
        "Usual days late",
        readonly=True,
        aggregator=None,
        help="From the due date to the payment, on average of all that was paid in the "
        "last 12 months; 0 if that was earlier. Of 3 invoices at least.",
    )
    paid_invoices = fields.Integer(
        readonly=True,
        help="Invoices paid in the last 12 months, if there were 3 or more.",
    )
    pays_text = fields.Char("Usually pays", compute=case_page.pays)
    expected_on = fields.Date(
        "Payment expected",
        readonly=True,
        help="When the next open invoice is paid, if the customer pays as late as "
        "usual. Empty: too little is known, or that day has passed.",
    )
    invoiced = fields.Monetary(
        "Invoiced in 90 days",
        readonly=True,
        help="Invoices less credit notes of the last 90 days, with taxes.",
    )
    dso = fields.Float(
        "Days sales outstanding",
        digits=(12, 0),
        readonly=True,
        aggregator=None,
        help="What is open, divided by what was invoiced in the last 90 days, times "
        "90. Empty: nothing was invoiced in these days, or nothing of it is paid.",
    )
    todo = fields.Selection(
        choices.TODOS,
        "To do",
        required=True,
        readonly=True,
        group_expand="_group_expand_todo",
        help="What there is to do; of several things the most urgent.",
    )
    reason = fields.Char("Reason code", readonly=True)
    remarks = fields.Char("Remark codes", readonly=True)
    reason_day = fields.Date(readonly=True, help="The day that the reason is about.")
    reason_text = fields.Char(
        "Why", compute=case_page.reason, help="Why it is so, and what comes next."
    )
    contact_id = fields.Many2one(
        "res.partner",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        help="Of several who are written to, the one that this is about.",
    )
    plan_id = fields.Many2one(
        "account.email.followup.plan", readonly=True, ondelete="set null"
    )
    step_id = fields.Many2one(
        "account.email.followup.step", "Next step", readonly=True, ondelete="set null"
    )
    next_date = fields.Date(
        "Next follow-up", readonly=True, help="Empty: nothing goes by itself."
    )
    counts_from = fields.Date(
        "Counts from",
        readonly=True,
        help="The oldest due date of what the next follow-up is about. Empty: nothing "
        "goes by itself to the contact that this is about.",
    )
    next_channel = fields.Selection(choices.CHANNELS, "Channel", readonly=True)
    next_amount = fields.Monetary(
        "To be asked for", readonly=True, help="What the next follow-up asks for."
    )
    user_id = fields.Many2one(
        "res.users", "Responsible", readonly=True, ondelete="set null"
    )
    decided_on = fields.Date("As of", readonly=True)
    # What the decision rests on, as one number: as it is, and as it was then.
    signature = fields.Char(readonly=True, groups="base.group_no_one")
    decided_for = fields.Char(readonly=True, groups="base.group_no_one")
    last_on = fields.Date("Last follow-up", compute=case_page.last)
    last_text = fields.Char("Last step", compute=case_page.last)
    promised_until = fields.Date("Promised until", compute=case_page.promises)
    item_ids = fields.Many2many(
        "account.move.line",
        string="Open items",
        compute=case_page.items,
        help="As in the ledger: their sum is what is open.",
    )
    items_html = fields.Html("What is open", compute=open_items.compute, sanitize=False)
    numbers = fields.Char("Invoice", compute=case_page.items, search="_search_numbers")

    story = fields.Html(compute=case_story.story, sanitize=False)

    _customer = models.UniqueIndex("(company_id, partner_id)")

    @api.model
    def action_open(self):
        """The worklist, as things are now, of the companies that are switched on."""
        return self._open("action_case")

    @api.model
    def action_open_ageing(self):
        """What is open by how long it is overdue, as things are now."""
        return self._open("action_case_ageing")

    @api.model
    def _open(self, name):
        """An action of ours, after the rows were brought up to date; of many, those
        that are in doubt for longest, and the others a moment later."""
        check_reader(self.env)
        cases.look(self.sudo().env, self.env.companies)
        return self.env["ir.actions.act_window"]._for_xml_id(
            f"account_email_connector.{name}"
        )

    @api.model
    def action_open_coming(self):
        """What goes by itself in the next days, by day."""
        return self._open("action_case_coming")

    def web_read(self, specification):
        """As before; whoever opens a customer sees what holds now."""
        if len(self) == 1:
            self.check_access("read")
            cases.look(self.sudo().env, self.company_id, self.partner_id)
        return super().web_read(specification)

    web_read._readonly = False  # core's writes nothing, and may be given a replica

    def _group_expand_todo(self, todos, _domain):
        """The most urgent first, not by the alphabet; of those that there are."""
        return [todo for todo, _name in choices.TODOS if todo in todos]

    @api.model
    def _search_numbers(self, operator, value):
        return case_page.search_numbers(self.env, operator, value)

    @api.model
    def _cron_look(self):
        """Decide about all of whom it is not known what holds today."""
        env = self.with_user(SUPERUSER_ID).env
        cases.look_at_all(env)

    # -- what is done about them: each is the customer's own act -----------------------

    def action_compose(self):
        """Write a follow-up to these customers by hand, from these companies."""
        customers = self._customers()
        return customers.env["account.email.followup.composer"]._open(
            partners=customers,
            pairs={(row.company_id.id, row.partner_id.id) for row in self},
        )

    def action_preview(self):
        """Show what comes next: the follow-up that is written, else its email."""
        self.check_access("read")
        check_accountant(self.env)
        only_one(self)
        decided, comes = coming.next_of(self.sudo().env, self)[self.id]
        if followup := coming.written(self.env, comes):
            return followup.get_formview_action()
        step = self.env["account.email.followup.step"].browse(comes.step_id)
        who = self.env["res.partner"].browse(decided.customer.contact)
        preview = self.env["account.email.followup.preview"]
        return preview._open(step, who, self.company_id)

    def action_skip(self):
        """Leave out what comes next to these customers; the same step comes later.

        Of many, it is said whose could not be left out; the others are.
        """
        self.check_access("read")
        check_accountant(self.env)
        refused = coming.skip(self, self.sudo().env)
        cases.refresh(self.sudo().env, self.company_id, self.partner_id)
        done = self.env._("Skipped: %s.", len(self) - len(refused))
        said, kind = " ".join([done, *refused]), "warning" if refused else "success"
        return notify(kind, said, sticky=bool(refused), then=RELOAD)

    def action_pause(self):
        """Leave these customers alone for a while."""
        self.check_access("read")
        return self.partner_id._email_followup_pause(self.company_id)

    def action_promise(self):
        """Note that this customer has promised to pay."""
        customers = self._customers()
        check_accountant(self.env)
        only_one(self)
        return customers.action_email_followup_promise()

    def action_read_answer(self):
        """Show the follow-up that the customer has answered, with the answer."""
        self.check_access("read")
        answered = case_page.answered(self)
        return answered.get_formview_action() if answered else self.action_followups()

    def action_go_on(self):
        """The answer was dealt with: follow-ups go on."""
        self._customers().action_email_followup_go_on()

    def action_hand_over(self):
        """Make a file of what this customer owes, for who collects it from now on."""
        customers = self._customers()
        check_accountant(self.env)
        only_one(self)
        return customers.action_email_followup_hand_over()

    def action_take_back(self):
        """Chase this customer again, from where it had stopped."""
        self._customers().action_email_followup_take_back()

    def action_followups(self):
        """Show the follow-ups of these customers."""
        return self._customers().action_email_followups()

    def action_review(self):
        """Show what waits to be read: of these companies, and of those that get one
        email with them."""
        self.check_access("read")
        domain = self._in_state(ledger.TO_REVIEW, ledger.UNKNOWN)
        name = self.env._("Follow-ups")
        return listing(name, "account.email.followup", domain)

    def action_approve(self):
        """Let go what waits to be read: the same, of these customers. It is said of how
        many nothing waited."""
        self.check_access("read")
        check_accountant(self.env)
        followups = self.env["account.email.followup"]
        waiting = followups.search(self._in_state(ledger.TO_REVIEW))
        done, left = act_on_each(waiting.sudo(), ledger.approve)
        customers = waiting.partner_id.commercial_partner_id
        cases.refresh(self.sudo().env, self.company_id, customers)
        idle = len(self.partner_id - customers)
        return reviewing.told(self.env, ledger.approve, len(done), left, idle)

    def _in_state(self, *states):
        """The domain of their follow-ups in one of these states."""
        companies = self.company_id._email_followup_peers()
        return [
            ("partner_id.commercial_partner_id", "in", self.partner_id.ids),
            ("company_id", "in", companies.ids),
            ("state", "in", states),
        ]

    def action_then(self):
        """Pick a day in the past: why this customer was, or was not, chased on it."""
        self.check_access("read")
        check_reader(self.env)
        only_one(self)
        then = self.env["account.email.followup.then"]
        return then._open(self.partner_id, self.company_id)

    def action_documents(self):
        """Show the open invoices and credit notes of these customers."""
        self.check_access("read")
        domain = [("id", "in", self.item_ids.move_id.ids)]
        return listing(self.env._("Open documents"), "account.move", domain)

    def _customers(self):
        """The customers, for the companies of these rows and no others."""
        self.check_access("read")
        here = self.company_id.ids or self.env.companies.ids
        return self.partner_id.with_context(allowed_company_ids=here)
