from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine.followup import documents
from ..engine.followup.byhand import foreign_lines, row_values
from ..engine.followup.ledger import PLANNED, TO_REVIEW
from ..engine.planning.decisions import decisions
from ..engine.rights import check_accountant, check_company
from ..rules import OPEN_STATES, Reason, decide
from ..rules.credits import company_total
from ..texts import standing_text
from ..tools.actions import listing, notify

HORIZON = timedelta(days=60)
#: More than anybody reads; the list says the soonest.
AT_MOST = 2000


class AccountEmailFollowupUpcoming(models.TransientModel):
    """What goes out today and on the coming days, as far as it is known today."""

    _name = "account.email.followup.upcoming"
    _inherit = ["account.email.export"]
    _description = "Upcoming Follow-up"
    _order = "date, amount desc, id"

    date = fields.Date(readonly=True)
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    addressee_id = fields.Many2one("res.partner", "Contact", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    step_id = fields.Many2one("account.email.followup.step", readonly=True)
    amount = fields.Monetary("Open", readonly=True)
    followup_id = fields.Many2one("account.email.followup", readonly=True)
    documents_text = fields.Char("Documents", readonly=True)
    reason = fields.Char("Reason code", readonly=True)
    reason_text = fields.Char("Reason", compute="_compute_reason_text")

    @api.depends("reason")
    def _compute_reason_text(self):
        for upcoming in self:
            upcoming.reason_text = standing_text(self.env, upcoming.reason)

    @api.model
    def action_open(self):
        """Look ahead, for the companies that the user has switched on."""
        check_accountant(self.env)
        mine = self.sudo()  # nobody writes a row but this
        mine.search([("create_uid", "=", self.env.uid)]).unlink()
        mine.create(self._look_ahead())
        return listing(
            self.env._("Upcoming follow-ups"),
            self._name,
            [("create_uid", "=", self.env.uid)],
            form=False,
        )

    def _look_ahead(self):
        """The values of the rows: what goes, of what the user may see."""
        found = [
            decided
            for decided in decisions(self.sudo().env, self.env.companies)
            if decided.unit.connector and _is_near(decided)
        ]
        foreign = foreign_lines(self.env, found)
        rows = filter(None, (self._row(decided, foreign) for decided in found))
        rows = sorted(rows, key=lambda row: (row["date"], row["partner_id"]))[:AT_MOST]
        wanted = [row.pop("wanted") for row in rows]
        texts = documents.say(self.env, wanted)
        return [
            {**row, "documents_text": text}
            for row, text in zip(rows, texts, strict=True)
        ]

    def _row(self, decided, foreign):
        """The values of a row; None if nothing of the user's goes on that day.

        :param foreign: the ids of the items that the user may not see.
        """
        date, decision = _on_its_day(decided)
        items, credits = (
            [item for item in those if item.line_id not in foreign]
            for those in (decision.items, decision.credits)
        )
        if not items or decision.reason not in (Reason.FOLLOWUP_OPEN, Reason.DUE):
            return None
        return {
            "date": date,
            "partner_id": decided.customer.id,
            "addressee_id": decided.customer.addressee,
            "company_id": decided.unit.company_id,
            "step_id": _step_id(decision, decided.customer),
            "amount": company_total(items, credits),
            "reason": decided.decision.reason.value,
            "followup_id": _waiting(decided.customer),
            "wanted": self._wanted(decided, decision, items),
        }

    def _wanted(self, decided, decision, items):
        """What its documents are: of a to-do there are none."""
        env = decided.plan.env  # with the right to see everything
        step = env["account.email.followup.step"].browse(
            _step_id(decision, decided.customer)
        )
        moves = env["account.move"].browse({item.move_id for item in items})
        attached = step.channel == "email" and step.attach_invoices
        return documents.Wanted(moves, attached, decided.plan.only_sent)

    def action_look(self):
        """Show what goes: a planned follow-up, its email if there is none yet; of a
        to-do, the customer.
        """
        self.ensure_one()
        self.check_access("read")
        if self.followup_id:
            return self.followup_id.get_formview_action()
        if self.step_id.channel == "email":
            preview = self.env["account.email.followup.preview"]
            who = self.addressee_id or self.partner_id
            return preview._open(self.step_id, who, self.company_id)
        return self.partner_id.get_formview_action()

    def action_skip(self):
        """Leave these out: the same steps are proposed again later.

        Of many, those that have changed meanwhile are said; the others are left out.
        """
        self.check_access("read")
        check_accountant(self.env)
        changed = []
        for upcoming in self:
            try:
                upcoming._skip()
            except UserError as error:
                if len(self) == 1:
                    raise
                changed.append(f"{upcoming.partner_id.name}: {error}")
        then = self.action_open()
        if not changed:
            return then
        return notify("warning", " ".join(changed), sticky=True, then=then)

    def _skip(self):
        followup = self.followup_id or self._make_followup()
        followup.with_env(self.env).action_skip()
        followup.sudo().done_on = self.date  # the gap counts from then

    def action_pause(self):
        """Leave these customers alone for a while.

        A branch's user notes it for the branch: it holds its parent's email, too.
        """
        self.check_access("read")
        company = self.company_id & self.env.companies or self.env.company
        return self.partner_id._email_followup_pause(company)

    def action_send_now(self):
        """Send by hand what would go later: to these customers, of these companies."""
        self.check_access("read")
        only = {row._key() for row in self}
        composer = self.env["account.email.followup.composer"]
        return composer._open(partners=self.partner_id, only=only)

    def _key(self):
        """The ids of the company that sends, of the customer, and of the contact."""
        return self.company_id.id, self.partner_id.id, self.addressee_id.id

    def _make_followup(self):
        """The ledger row of a follow-up that nobody has planned yet, to be skipped."""
        self.ensure_one()
        check_company(self.env, self.company_id)
        (decided,) = [
            decided
            for decided in decisions(self.sudo().env, self.company_id, self.partner_id)
            if decided.key == self._key()
        ] or [None]
        comes = decided and decided.decision.date
        decision = comes and _on_its_day(decided)[1]
        if not decision or decision.reason is not Reason.DUE:
            raise UserError(
                self.env._("This has changed meanwhile. Open the list again.")
            )
        step = self.env["account.email.followup.step"].browse(decision.step.id)
        values = row_values(decided, step, decision.items, decision.credits)
        return self.env["account.email.followup"].sudo().create(values)


def _is_near(decided):
    date = decided.decision.date
    return date and date <= decided.today + HORIZON


def _step_id(decision, customer):
    """The step of what is on its way already; else the one that comes next.

    Of what is sent again after the last step, the plan knows no next one.
    """
    for past in customer.history:
        if past.state in OPEN_STATES:
            return past.step_id
    return decision.step.id if decision.step else None


def _waiting(customer):
    """The id of the follow-up that waits for its day, or for a person; or False."""
    waiting = (
        past.id for past in customer.history if past.state in (TO_REVIEW, PLANNED)
    )
    return next(waiting, False)


def _on_its_day(decided):
    """(date, decision) of the coming day, with what is known today.

    More will have fallen due by then.
    """
    date = max(decided.decision.date, decided.today)
    return date, decide(decided.case.on(date))
