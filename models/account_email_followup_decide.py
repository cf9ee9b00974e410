from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine.rights import check_accountant
from ..rules import OPEN_STATES
from .account_email_followup import AFRESH

#: With one of these a person wants it to go: at the plan's hours, or now.
GOES = {"approved", "at_once"}


class AccountEmailFollowup(models.Model):
    """What a person decides about a follow-up."""

    _inherit = "account.email.followup"

    def action_approve(self):
        """Let a reviewed follow-up go, as soon as its plan's days and hours allow."""
        self._decide(
            {"to_review"}, {"state": "planned", "approved": True, "reason": False}
        )

    def action_skip(self):
        """Leave this follow-up out this time; it is proposed again later."""
        self._skip_by_person("held_back", "once")

    def action_skip_step(self):
        """Pass over this step without an email; the next one comes in its time."""
        self._skip_by_person("step_skipped", "step")

    def _skip_by_person(self, reason, skip):
        for followup in self:
            followup._decide(
                {"to_review", "planned", "failed"},
                {**followup._skipped(reason), "skip": skip},
            )

    def action_retry(self):
        """Try a failed follow-up again; it is re-checked before it goes."""
        self._decide({"failed"}, {**AFRESH, "at_once": True})

    def action_open_in_mailbox(self):
        """Open the email as it lies in the mailbox, in the provider's web mail."""
        self.ensure_one()
        self.check_access("read")
        return {"type": "ir.actions.act_url", "url": self.web_link, "target": "new"}

    def action_was_sent(self):
        """A person found it in the Sent folder: it left when it was tried."""
        for followup in self:
            followup._decide({"unknown"}, {"state": "sent"})
            followup = followup.sudo()
            followup.delivery_id._found_by_person()
            followup._mark_sent(followup.delivery_id, followup.done_on)

    def action_was_not_sent(self):
        """A person is sure that it never left: send it after all."""
        self._decide({"unknown"}, {**AFRESH, "at_once": True})

    @api.model
    def _make_way(self, company, partner):
        """A person sends another follow-up instead of the open one, if there is one.

        :raises UserError: if the open one is being sent at this moment.
        """
        for open_one in self._on_its_way(company, partner):
            open_one._decide({"to_review", "planned"}, open_one._skipped("replaced"))
            open_one.flush_recordset()

    def action_edit(self):
        """Write this follow-up's email by hand before it goes.

        It neither shows nor asks for what the person may not see.
        """
        self.ensure_one()
        self.check_access("read")
        moves = self._chased_lines().move_id._filtered_access("read")
        composer = self.env["account.email.followup.composer"]
        return composer._open(moves=moves, followup=self)

    def action_pause(self):
        """Leave these customers alone for a while."""
        self.check_access("read")
        return self.partner_id._email_followup_pause(self.company_id)

    def action_send_now(self):
        """Do not wait for the plan's hours or days."""
        self._decide({"to_review", "planned"}, {**AFRESH, "at_once": True})

    def _decide(self, allowed, values):
        """Write *values*, if the follow-ups are still in one of the *allowed* states.

        :raises UserError: if one has moved on, or is being sent at this moment.
        """
        self.check_access("read")
        check_accountant(self.env)
        followups = self.sudo()
        if len(followups.try_lock_for_update()) < len(followups):
            raise UserError(
                self.env._("A follow-up is being sent right now. Look again soon.")
            )
        if any(followup.state not in allowed for followup in followups):
            raise UserError(
                self.env._(
                    "The follow-up has moved on meanwhile. Reload the page and look."
                )
            )
        followups._let_go(values) if GOES & values.keys() else followups.write(values)
        followups._tell_reviewers()

    def _let_go(self, values):
        """Write *values*, with which a person wants it to go; the action looks soon."""
        self.write({**values, "decided_on": fields.Date.today()})
        self.env.ref("account_email_connector.ir_cron_followups").sudo()._trigger()

    def _retry_from_mail(self):
        """Somebody pressed "retry" on the email in the chatter.

        The follow-up is planned again instead: it has to be re-checked, and only the
        connector's own run may send it. A customer who has one on the way gets that
        one, and whoever perhaps got it is not sent it again: a person has to say so.
        """
        self.filtered(lambda each: each.state == "unknown")._tell_chatter("exception")
        failed = self.filtered(lambda followup: followup.state == "failed")
        failed.mail_id.write({"state": "cancel"})
        for followup in failed.sorted("id", reverse=True):
            if not self._on_its_way(followup.company_id, followup.partner_id):
                followup._let_go({**AFRESH, "at_once": True})
        self.flush_recordset()  # if it clashes, then here, not among others' emails

    @api.model
    def _on_its_way(self, company, partner):
        """The open follow-up to a customer, if there is one; or several, if the
        customer is a company and a person with one has become its contact.
        """
        return self.search(
            [
                ("company_id", "=", company.id),
                (
                    "partner_id.commercial_partner_id",
                    "=",
                    partner.commercial_partner_id.id,
                ),
                ("state", "in", OPEN_STATES),
            ]
        )
