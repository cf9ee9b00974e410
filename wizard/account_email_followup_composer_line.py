from odoo import Command, api, fields, models

from ..engine.rights import check_company, check_values
from ..rules import Reason
from ..texts import standing_text
from ..texts.standings import Comes


class AccountEmailFollowupComposerLine(models.TransientModel):
    """One customer in the composer, or one contact that hears by itself."""

    _name = "account.email.followup.composer.line"
    _description = "Follow-up to Send by Hand"

    composer_id = fields.Many2one(
        "account.email.followup.composer", required=True, ondelete="cascade"
    )
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    addressee_id = fields.Many2one("res.partner", "Contact", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    step_id = fields.Many2one("account.email.followup.step", readonly=True)
    move_line_ids = fields.Many2many("account.move.line", readonly=True)
    amount = fields.Monetary("To be asked for", readonly=True)
    reason = fields.Char("Reason code", readonly=True)
    doubts = fields.Char(readonly=True, help="The codes of what speaks against it.")
    days = fields.Json(readonly=True, help="The days that the doubts are about.")
    comes_on = fields.Date(readonly=True, help="When the next step comes by itself.")
    comes_days = fields.Integer(readonly=True, help="Of that step.")
    comes_due = fields.Date(readonly=True, help="The due date that it counts from.")
    left_out = fields.Char(readonly=True, help="Chosen, but never asked for.")
    remark = fields.Char("Why it does not go by itself", compute="_compute_remark")
    possible = fields.Boolean(readonly=True)
    held = fields.Boolean(readonly=True, help="It goes only if a person ticks it.")
    selected = fields.Boolean("Send")

    def write(self, vals):
        check_values(self, vals, {"selected"})
        return super().write(vals)

    @api.depends(
        *("reason", "doubts", "days", "left_out"),
        *("comes_on", "comes_days", "comes_due"),
    )
    @api.depends_context("lang")
    def _compute_remark(self):
        for line in self:
            line.remark = line._said()

    def _said(self, known=()):
        """What there is to know before, as text.

        :param known: codes of what need not be said.
        """
        reasons = (self.doubts or self.reason or "").split(",")
        when = self.comes_on and Comes(self.comes_on, self.comes_days, self.comes_due)
        days = self.days or {}
        texts = [
            standing_text(self.env, each, day=days.get(each), comes=when)
            for each in reasons
            if each not in known
        ]
        left_out = self.left_out or ""  # which says it of each invoice
        texts = [text for text in texts if text not in left_out]
        return " ".join(filter(None, [*texts, left_out]))

    @api.model
    def _values(self, offered, single):
        """The values of a line; one customer alone is ticked, with the remark."""
        made = offered.offer
        company_id, partner_id, addressee_id = offered.key
        return {
            "partner_id": partner_id,
            "addressee_id": addressee_id,
            "company_id": company_id,
            "step_id": offered.step.id,
            "move_line_ids": [Command.set([item.line_id for item in made.items])],
            "amount": made.total_company,
            "reason": made.reason.value,
            "doubts": ",".join(made.doubts),
            "days": _days_of(offered.decided, [*made.doubts, made.reason]),
            **self._when(offered.decided),
            "left_out": self._left_out(offered),
            "possible": made.possible,
            "held": not made.selected,
            "selected": made.possible if single else made.selected,
        }

    def _when(self, decided):
        """What comes by itself, as values: what :class:`Comes` says in words."""
        comes, items = decided.comes, decided.decision.items
        if not comes:
            return {"comes_on": False, "comes_days": 0, "comes_due": False}
        step = self.env["account.email.followup.step"].sudo().browse(comes.step_id)
        due = min((item.due for item in items), default=False)
        return {"comes_on": comes.day, "comes_days": step.days, "comes_due": due}

    def _left_out(self, offered):
        """The chosen invoices that are never asked for, and why."""
        lines = self.env["account.move.line"].sudo()
        return " ".join(
            f"{lines.browse(standing.line_id).move_id.name}: "
            f"{self._worded(offered, standing.reason, standing.line_id)}"
            for standing in offered.offer.left_out
        )

    def _items(self):
        """The oldest first, as in the ledger: whom the email goes to depends on it."""
        return self.move_line_ids.sorted(
            lambda item: (item.date_maturity or item.date, item.id)
        )

    def _counted(self):
        """How many these are, and what they ask for in each company's currency."""
        sums = [
            currency.format(sum(lines.mapped("amount")))
            for currency, lines in self.grouped("currency_id").items()
        ]
        return f"{len(self)} ({' + '.join(sums)})" if sums else "0"

    def _key(self):
        """The ids of the company that sends, of the customer, and of the contact."""
        return self.company_id.id, self.partner_id.id, self.addressee_id.id

    def _who(self):
        """The contact that hears by itself, else the customer."""
        return self.addressee_id or self.partner_id

    def _objection(self, offered):
        """Why this line cannot go any more, or not without asking again; or None.

        :param offered: what can be sent at this moment, or None.
        :raises AccessError: if the user has not got the company.
        """
        self.ensure_one()
        if offered is None:
            check_company(self.env, self.company_id)
            return standing_text(self.env, Reason.NOTHING_OPEN.value)
        if not offered.offer.possible:
            return self._worded(offered, offered.offer.reason)
        known = (self.doubts or "").split(",")
        new = [reason for reason in offered.offer.doubts if reason.value not in known]
        return self._worded(offered, new[0]) if new else None

    def _worded(self, offered, reason, line_id=None):
        """A reason with its day, if it is about one."""
        day = offered.decided.day_of(reason, line_id)
        return standing_text(self.env, reason.value, day=day)


def _days_of(decided, reasons):
    """{code of a reason: the day that it is about, as text}, of those that have one."""
    days = {reason.value: decided.day_of(reason) for reason in reasons}
    return {code: str(day) for code, day in days.items() if day}
