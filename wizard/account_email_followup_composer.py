from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError

from ..engine.byhand import ledger_values, offers
from ..engine.preview import preview
from ..texts import verdict_text


class AccountEmailFollowupComposer(models.TransientModel):
    """Send follow-ups by hand: one that can be edited, or many with a summary."""

    _name = "account.email.followup.composer"
    _description = "Send Follow-ups by Hand"

    line_ids = fields.One2many("account.email.followup.composer.line", "composer_id")
    single = fields.Boolean(help="One customer: the email can be edited.")
    can_go_count = fields.Integer("Can be sent", compute="_compute_counts")
    held_count = fields.Integer("Cannot be sent", compute="_compute_counts")
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    recipient_ids = fields.Many2many(
        "res.partner", string="To", compute="_compute_recipient_ids"
    )
    remark = fields.Char(readonly=True)
    plan_id = fields.Many2one("account.email.followup.plan", readonly=True)
    step_id = fields.Many2one("account.email.followup.step", "Template of the step")
    subject = fields.Char(
        compute="_compute_email", store=True, readonly=False, precompute=False
    )
    body = fields.Html(
        compute="_compute_email",
        store=True,
        readonly=False,
        sanitize="email_outgoing",
        precompute=False,
    )
    written_subject = fields.Char(readonly=True)
    written_body = fields.Html(readonly=True, sanitize="email_outgoing")

    @api.depends("line_ids.selected", "line_ids.possible")
    def _compute_counts(self):
        for composer in self:
            going = composer.line_ids.filtered("selected")
            composer.can_go_count = len(going)
            composer.held_count = len(composer.line_ids - going)

    @api.depends("partner_id")
    def _compute_recipient_ids(self):
        for composer in self:
            partner = composer.partner_id
            composer.recipient_ids = partner and partner._email_followup_recipients()

    @api.depends("step_id")
    def _compute_email(self):
        """The step's template, rendered for the customer, as a start."""
        for composer in self:
            line = composer.line_ids[:1]
            subject = body = False
            if composer.single and composer.step_id.template_id and line.possible:
                values = ledger_values(line._offer(), composer.step_id)
                subject, body, _whole = preview(self.env, values)
            composer.subject, composer.body = subject, body

    @api.model
    def _open(self, partners=None, moves=None):
        """Open the composer for customers, or for invoices.

        :param partners: commercial partners (``res.partner``).
        :param moves: invoices (``account.move``).
        """
        self._check_right()
        if moves is not None:
            moves.check_access("read")
            partners = moves.commercial_partner_id
        found = offers(self.env, self.env.companies, partners, moves)
        if not found:
            raise UserError(self.env._("Nothing is open: there is nothing to ask for."))
        composer = self.create(
            {
                "single": len(found) == 1,
                "line_ids": [Command.create(self._line(offer)) for offer in found],
            }
        )
        if composer.single:
            composer._show_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Send a follow-up"),
            "res_model": self._name,
            "res_id": composer.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def _show_one(self):
        line = self.line_ids
        self.write(
            {
                "partner_id": line.partner_id.id,
                "plan_id": line.step_id.plan_id.id,
                "step_id": line.step_id.id,
                "remark": line.remark,
            }
        )
        self.write({"written_subject": self.subject, "written_body": self.body})

    @api.model
    def _line(self, offer):
        decided = offer.decided
        return {
            "partner_id": decided.customer.id,
            "company_id": decided.unit.company_id,
            "step_id": offer.step.id,
            "move_line_ids": [Command.set([item.line_id for item in offer.items])],
            "amount": sum(i.residual_company for i in offer.items + offer.credits),
            "reason": offer.reason,
            "possible": offer.possible,
            "selected": offer.possible,
        }

    def action_send(self):
        """Put the chosen follow-ups into the ledger; they leave within moments."""
        self.ensure_one()
        self._check_right()
        followups = self.env["account.email.followup"].sudo()
        for line in self.line_ids.filtered("selected"):
            followups |= self._make(line)
        if not followups:
            raise UserError(self.env._("Choose at least one that can be sent."))
        self.env.ref("account_email_connector.ir_cron_followups").sudo()._trigger()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "%s follow-ups are on their way through the mailbox.",
                    len(followups),
                ),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _make(self, line):
        """The ledger row for *line*; an open one for the same customer makes way."""
        step = self.single and self.step_id or line.step_id
        step.check_access("read")
        offer = line._offer()
        if not offer or not offer.possible:
            raise UserError(
                self.env._(
                    "%s has nothing left to ask for. Close this and look again.",
                    line.partner_id.name,
                )
            )
        values = ledger_values(offer, step)
        if self.single and self._was_edited():
            values.update(subject=self.subject, body=self.body)
        Followup = self.env["account.email.followup"].sudo()
        Followup._make_way(line.company_id, line.partner_id)
        return Followup.create(values)

    def _was_edited(self):
        """What nobody has touched is rendered afresh when it is sent."""
        return self.subject != self.written_subject or self.body != self.written_body

    def _check_right(self):
        if not self.env.user.has_group("account.group_account_invoice"):
            raise AccessError(
                self.env._("Follow-ups are sent by accounting users only.")
            )


class AccountEmailFollowupComposerLine(models.TransientModel):
    """One customer in the composer."""

    _name = "account.email.followup.composer.line"
    _description = "Follow-up to Send by Hand"

    composer_id = fields.Many2one(
        "account.email.followup.composer", required=True, ondelete="cascade"
    )
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    step_id = fields.Many2one("account.email.followup.step", readonly=True)
    move_line_ids = fields.Many2many("account.move.line", readonly=True)
    amount = fields.Monetary("Open", readonly=True)
    reason = fields.Char("Reason code", readonly=True)
    remark = fields.Char("Why it does not go by itself", compute="_compute_remark")
    possible = fields.Boolean(readonly=True)
    selected = fields.Boolean("Send")

    @api.depends("reason")
    def _compute_remark(self):
        for line in self:
            line.remark = verdict_text(self.env, line.reason)

    def _offer(self):
        """What can be sent at this moment, for the same invoices; None if nothing.

        :raises AccessError: if the user has not got the company.
        """
        self.ensure_one()
        if self.company_id not in self.env.companies:
            raise AccessError(self.env._("Switch on %s first.", self.company_id.name))
        moves = self.move_line_ids.sudo().move_id
        found = offers(self.env, self.company_id, self.partner_id, None)
        mine = {item.move_id for offer in found for item in offer.items}
        if not set(moves.ids) >= mine:
            found = offers(self.env, self.company_id, self.partner_id, moves)
        wanted = [o for o in found if o.decided.unit.company_id == self.company_id.id]
        return wanted[0] if wanted else None
