from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..engine.followup import reconcile
from ..engine.followup.addressees import addressees
from ..engine.handover import rest
from ..engine.planning import cases, ends, in_effect
from ..engine.planning.difference_text import tell
from ..engine.planning.explain import explain_customers
from ..engine.planning.supposed import Supposed
from ..engine.rights import ACCOUNTING, check_accountant, check_reader
from ..tools.actions import listing, only_one, window

#: Says whether, and how, a customer is chased.
CHASED = {
    "email_followup_plan_id",
    "email_followup_excluded",
    "email_followup_paused_until",
    "email_followup_answered",
    "email_followup_bounced",
    "email_followup_handed_over_on",
    "email_followup_handed_over_to",
    "email_followup_asked",
}
#: Of these Odoo keeps the text, without a zero in front: PostgreSQL reads that of the
#: year 33 as no day, and the customer cannot be opened any more.
DAYS = {"email_followup_paused_until", "email_followup_handed_over_on"}


class ResPartner(models.Model):
    _inherit = "res.partner"

    type = fields.Selection(
        selection_add=[("email_followup", "Follow-ups"), ("other",)],
        ondelete={"email_followup": "set default"},
        help="A contact for follow-ups gets the reminders about all invoices.",
    )
    email_followup_plan_id = fields.Many2one(
        "account.email.followup.plan",
        "Follow-up plan",
        company_dependent=True,
        groups=ACCOUNTING,
        help="Empty: the plan of the first rule that applies, else the company's.",
    )
    email_followup_excluded = fields.Boolean(
        "Never chase",
        company_dependent=True,
        groups=ACCOUNTING,
        help="This customer gets no follow-ups.",
    )
    email_followup_paused_until = fields.Date(
        "Paused until",
        company_dependent=True,
        groups=ACCOUNTING,
        help="No follow-ups until the end of this day.",
    )
    email_followup_answered = fields.Boolean(
        "Answered",
        company_dependent=True,
        groups=ACCOUNTING,
        help="A reply has come to a follow-up: a person takes over until this is "
        "switched off.",
    )
    email_followup_bounced = fields.Char(
        "Bounced address",
        groups=ACCOUNTING,
        help="Emails to it came back. Follow-ups go to the contact's other addresses; "
        "without any they become to-dos until the address is corrected.",
    )
    email_followup_asked = fields.Char(
        company_dependent=True,
        readonly=True,
        copy=False,
        groups=ACCOUNTING,
        help="The money of which a to-do has told: numbers of journal items.",
    )
    email_followup_text = fields.Char(
        "Follow-up",
        compute="_compute_email_followup",
        groups=ACCOUNTING,
        help="Why this customer is, or is not, chased, and when next.",
    )
    email_followup_plan_text = fields.Char(
        "Plan in effect",
        compute="_compute_email_followup",
        groups=ACCOUNTING,
        help="Which plan this customer has, and why.",
    )
    email_followup_reason = fields.Char(
        compute="_compute_email_followup", groups=ACCOUNTING
    )
    email_followup_next_date = fields.Date(
        "Next follow-up", compute="_compute_email_followup", groups=ACCOUNTING
    )
    email_followup_next_step_id = fields.Many2one(
        "account.email.followup.step",
        "Next step",
        compute="_compute_email_followup",
        groups=ACCOUNTING,
    )
    email_followup_promise_ids = fields.One2many(
        "account.email.promise", "partner_id", "Promises to pay", groups=ACCOUNTING
    )
    email_followup_handed_over_on = fields.Date(
        "Handed over on",
        company_dependent=True,
        groups=ACCOUNTING,
        help="Since then somebody else collects the money: no follow-ups.",
    )
    email_followup_handed_over_to = fields.Char(
        "Handed over to", company_dependent=True, groups=ACCOUNTING
    )
    email_followup_ended = fields.Boolean(
        "All steps done",
        compute="_compute_email_followup_ended",
        search="_search_email_followup_ended",
        groups=ACCOUNTING,
        help="Something overdue has had every step of its plan, and is still owed.",
    )
    email_followup_count = fields.Integer(
        compute="_compute_email_followup_count", groups=ACCOUNTING
    )

    @api.model_create_multi
    def create(self, vals_list):
        """As before. A default that a call brings along says as much as a value."""
        context = self.env.context
        given = {
            name: context[f"default_{name}"]
            for name in CHASED
            if f"default_{name}" in context
        }
        for vals in vals_list:
            self._check_followup_values({**given, **vals})
        return super().create(vals_list)

    def write(self, vals):
        self._check_followup_values(vals)
        return super().write(vals)

    def _check_followup_values(self, vals):
        """Who is chased, and by which plan, is for accountants to say: auditors see
        these fields, too, and may be allowed to edit contacts.

        :raises AccessError: for anybody else, and for a plan that they may not see.
        :raises ValidationError: for a day of a year before 1000.
        """
        days = (fields.Date.to_date(vals[name]) for name in DAYS & vals.keys())
        if any(day and day.year < 1000 for day in days):
            raise ValidationError(self.env._("Enter a year of four digits."))
        if self.env.su or CHASED.isdisjoint(vals):
            return
        check_accountant(self.env)
        plans = self.env["account.email.followup.plan"]
        plans.browse(vals.get("email_followup_plan_id") or ()).check_access("read")

    @api.depends_context("company", "lang")
    def _compute_email_followup(self):
        customers = self.commercial_partner_id
        told = explain_customers(self.sudo().env, customers)
        others = customers.filtered(lambda each: each.id not in told)
        plans = in_effect.of_customers(self.sudo().env, others) if others.ids else {}
        for partner in self:
            found = told.get(partner.id) or told.get(partner.commercial_partner_id.id)
            partner.email_followup_reason = found and found.reason
            partner.email_followup_text = found and found.text
            partner.email_followup_next_date = found and found.date
            partner.email_followup_next_step_id = found and found.step
            plan = plans.get(partner.commercial_partner_id.id)
            partner.email_followup_plan_text = found.plan if found else plan

    @api.depends_context("allowed_company_ids")
    def _compute_email_followup_ended(self):
        customers = self.commercial_partner_id
        found = ends.ended(self.sudo().env, self.env.companies, customers)
        for partner in self:
            partner.email_followup_ended = partner.commercial_partner_id.id in found

    @api.model
    def _search_email_followup_ended(self, operator, value):
        if operator != "in" or list(value) != [True]:
            return NotImplemented
        self._check_field_access(self._fields["email_followup_ended"], "read")
        found = ends.ended(self.sudo().env, self.env.companies)
        return [("commercial_partner_id", "in", list(found))]

    @api.depends_context("allowed_company_ids")
    def _compute_email_followup_count(self):
        customer, count = "partner_id.commercial_partner_id", "__count"
        followups = self.env["account.email.followup"]
        found = followups._read_group(self._email_followups(), [customer], [count])
        counts = dict(found)
        for partner in self:
            partner.email_followup_count = counts.get(partner.commercial_partner_id, 0)

    def _email_followup_recipients(self, moves=None, addressee=None, contacts=None):
        """Whom a follow-up to this customer goes to, see
        :mod:`..engine.followup.addressees`."""
        self.ensure_one()
        return addressees(self, moves, addressee, contacts)

    def action_email_followup_case(self):
        """Show what this customer owes the company in use, and what was said.

        :raises UserError: if it owes nothing, and never did.
        """
        self.ensure_one()
        self.check_access("read")
        check_reader(self.env)
        customer, company = self.commercial_partner_id, self.env.company
        cases.look(self.sudo().env, company, customer)
        case = self.env["account.email.followup.case"].with_context(active_test=False)
        here = [("partner_id", "=", customer.id), ("company_id", "=", company.id)]
        case = case.search(here)
        if not case:
            raise UserError(self.env._("Nothing is open."))
        return window(customer.display_name, case._name, case.id, target="current")

    def action_email_followups(self):
        """Show the follow-ups of these customers."""
        self.check_access("read")
        domain = self._email_followups()
        return listing(self.env._("Follow-ups"), "account.email.followup", domain)

    def _email_followups(self):
        """The domain of their follow-ups; also of what a person got, who has become a
        contact of a company since.
        """
        customers = self.commercial_partner_id
        return [("partner_id.commercial_partner_id", "in", customers.ids)]

    def action_email_followup_pause(self):
        """Leave these customers alone for a while."""
        self.check_access("read")
        return self._email_followup_pause(self.env.company)

    def _email_followup_pause(self, company):
        """Ask how long *company* leaves these customers alone.

        :raises UserError: if it is more than one: each pauses customers of its own.
        """
        check_accountant(self.env)
        if len(company) > 1:
            raise UserError(
                self.env._("Choose customers of one company: each pauses for itself.")
            )
        return window(
            self.env._("Pause follow-ups"),
            "account.email.followup.pause",
            default_partner_ids=self.commercial_partner_id.ids,
            default_company_id=company.id,
        )

    def action_email_followup_go_on(self):
        """The answer was dealt with: follow-ups of the companies in use go on."""
        check_accountant(self.env)
        customers = self.commercial_partner_id
        customers.check_access("read")
        customers._email_followup_note({"email_followup_answered": False})
        for customer in customers.sudo():
            if not customer._email_followup_answered_anywhere():
                customer.activity_feedback(
                    ["account_email_connector.activity_type_answered"]
                )

    def action_email_followup_plan(self):
        """Say by which plan these customers are chased in the company in use."""
        check_accountant(self.env)
        self.check_access("read")
        return window(
            self.env._("Set follow-up plan"),
            "account.email.followup.plan.choice",
            default_partner_ids=self.commercial_partner_id.ids,
            default_company_id=self.env.company.id,
        )

    def _email_followup_note(self, values, companies=None):
        """Note something on these customers, and on them for all companies that write
        to them with one email.

        :param companies: those that the user has switched on if None.
        """
        companies = companies or self.env.companies
        for company in companies._email_followup_peers():
            self.sudo().with_company(company).write(values)

    def _email_followup_answered_anywhere(self):
        """Whether an answer still waits for a person, in any company."""
        return any(
            self.with_company(company).email_followup_answered
            for company in self.env["res.company"].sudo().search([])
        )

    @api.readonly
    def email_followup_what_would_change(self, values):
        """Say what the plan of a form that has these *values*, and is not saved, would
        change for this customer: HTML. Nothing is written.

        :raises AccessError: if the user does not handle follow-ups.
        """
        return tell(self.env, self.sudo().env, self._email_followup_supposed(values))

    def _email_followup_supposed(self, values):
        self.ensure_one()
        self.check_access("read")
        check_accountant(self.env)
        plan = self.email_followup_plan_id
        if "email_followup_plan_id" in values:
            plan = plan.browse(values["email_followup_plan_id"] or ())
            plan.check_access("read")
        own = {self.env.company.id: plan.id or None}
        return Supposed(own={self.id: own})

    def action_email_followup_hand_over(self):
        """Make a file of what this customer owes, for who collects it from now on."""
        self.check_access("read")
        check_accountant(self.env)
        only_one(self)
        return window(
            self.env._("Hand over"),
            "account.email.followup.handover",
            default_partner_id=self.commercial_partner_id.id,
            default_company_id=self.env.company.id,
        )

    def action_email_followup_take_back(self):
        """Chase these customers again, from where it had stopped."""
        check_accountant(self.env)
        customers = self.commercial_partner_id
        customers.check_access("read")
        rest.take_back(customers.sudo(), self.env.companies, self.env.user)

    def action_email_followup_chase_anyway(self):
        """Chase these customers in spite of money that is to be reconciled first."""
        check_accountant(self.env)
        customers, companies = self.commercial_partner_id, self.env.companies
        held = reconcile.held(self.sudo().env, companies, customers)
        moves = self.env["account.move"].browse(held)
        moves._filtered_access("write").action_email_followup_chase_anyway()

    def action_email_followup_promise(self):
        """Note that this customer has promised to pay."""
        self.check_access("read")
        return window(
            self.env._("Promise to pay"),
            "account.email.promise",
            default_partner_id=self.commercial_partner_id.id,
            default_company_id=self.env.company.id,
        )

    def action_email_followup_compose(self):
        """Write a follow-up to these customers by hand."""
        self.check_access("read")
        return self.env["account.email.followup.composer"]._open(
            partners=self.commercial_partner_id
        )
