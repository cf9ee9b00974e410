from markupsafe import Markup

from odoo import fields, models
from odoo.tools.mail import plaintext2html
from odoo.tools.translate import LazyTranslate

from ..engine.people import managers
from .account_email_followup import AFRESH

_lt = LazyTranslate(__name__)

#: To-dos on the customer, for the responsible.
TODO_UNKNOWN = _lt("Was this follow-up sent? Look into the Sent folder, then say so.")
TODO_FAILED = _lt("A follow-up could not be sent: see why, correct it and try again.")
TODO_NO_ADDRESS = _lt("This customer has no email address to send reminders to.")
LINK = _lt("The follow-up")


class AccountEmailFollowup(models.Model):
    """What becomes of a follow-up: see ``engine/drain.py``."""

    _inherit = "account.email.followup"

    def _find_delivery(self):
        """The journal's row of its email, if it was ever handed to a mailbox."""
        return self.env["account.email.delivery"].search(
            [("message_id", "=", self.message_id_header)], limit=1
        )

    def _mark_sent(self, delivery, on=None):
        """The mailbox accepted it: tell the customer's invoices.

        :param on: the day it left; today if None.
        """
        self.write(
            {
                "state": "sent",
                "reason": False,
                "reason_detail": False,
                "retry_at": False,
                "sent_at": delivery.accepted_at or fields.Datetime.now(),
                "done_on": on or self._today(),
                "delivery_id": delivery.id,
            }
        )
        self._tell_chatter("sent")
        moves = self._chased_lines().move_id
        here = self.with_context(lang=self._responsible().lang)
        note = here.env._(
            "Follow-up sent to %(address)s: %(step)s.",
            address=delivery._reached(),
            step=here.step_id.name,
        )
        moves._message_log_batch(bodies=dict.fromkeys(moves.ids, note))
        self._tell_customers_chatter(here.env)
        for address, words in (delivery.refused or {}).items():
            text = here.env._(
                "A follow-up was sent, but not to %s: the server refused that address.",
                address,
            )
            self._ask_person(text, note=words)

    def _tell_customers_chatter(self, env):
        """Say there that a reminder was sent, and lead to it those who may read it.

        Everybody who sees the customer reads that: no amounts, no words of the email.

        :param env: in the language to say it in.
        """
        words = env._("A payment reminder of %s was sent.", self.company_id.name)
        link = self._get_html_link(title=env._("Look at it"))
        self.partner_id._message_log(body=Markup("<p>%s %s</p>") % (words, link))

    def _mark_unknown(self, delivery):
        """Nobody knows whether it left: a person has to look. It is never resent."""
        self.write(
            {
                "state": "unknown",
                "reason": "maybe_sent",
                "reason_detail": delivery.detail,
                "done_on": self._today(),
                "delivery_id": delivery.id,
            }
        )
        self._tell_chatter("exception")
        self._ask_person(TODO_UNKNOWN)

    def _tell_chatter(self, state):
        """Show what became of the email, if an interrupted run or a person's word
        has left it in another state.

        Core's queue would look at an ``outgoing`` one again and again.

        :param state: ``sent`` or ``exception``, of the mail and of its notifications.
        """
        mail = self.mail_id.filtered(lambda mail: mail.state != state)
        failure = {"failure_type": "mail_smtp" if state == "exception" else False}
        mail.write({"state": state, "failure_reason": False, **failure})
        notifications = self.env["mail.notification"].search(
            [("mail_mail_id", "in", mail.ids)]
        )
        notifications.write({"notification_status": state, **failure})

    def _take_back(self, reason=False, retry_at=False):
        """It has provably not left: drop its email, and plan it again."""
        self.mail_message_id.unlink()
        self.write({**AFRESH, "reason": reason, "retry_at": retry_at})

    def _fail(self, reason, detail=""):
        """This one will not leave as it is; the step is not counted as taken."""
        self.write(
            {
                "state": "failed",
                "reason": reason,
                "reason_detail": detail,
                "done_on": self._today(),
                "attempts": 0,  # a person's retry begins anew
            }
        )
        self._ask_person(TODO_FAILED)

    def _skip(self, reason):
        """There is nothing to ask for any more."""
        for followup in self:
            followup.write(followup._skipped(reason))

    def _skipped(self, reason):
        """The values of one that is skipped; its plan says which day it is."""
        return {
            "state": "skipped",
            "reason": reason,
            "reason_detail": False,
            "done_on": self._today(),
        }

    def _hand_to_person(self):
        """It is not an email: somebody calls, or writes a letter.

        A step that is meant so counts as taken; one that lacks an address does not.
        """
        step = self.step_id
        if step.channel == "todo":
            done = {"state": "sent", "sent_at": fields.Datetime.now()}
            name = step.with_context(lang=self._responsible().lang).name
            self._ask_person(name, step.activity_type_id)
        else:
            done = {"state": "failed", "reason": "no_address"}
            self._ask_person(TODO_NO_ADDRESS)
        self.write({**done, "done_on": self._today()})

    def _ask_person(self, summary, activity_type=None, note=""):
        """Put a to-do on the customer, for the responsible, once.

        :param summary: str, or a lazy translation.
        :param note: plain text.
        """
        self.ensure_one()
        user = self._responsible()
        text = summary if isinstance(summary, str) else self._say(user, summary)
        todo = activity_type or self.env.ref("mail.mail_activity_data_todo")
        wanted = [("summary", "=", text), ("user_id", "=", user.id)]
        if not self.partner_id.activity_ids.filtered_domain(wanted):
            # There is no more in it than everybody may know who sees the customer.
            link = self._get_html_link(title=self._say(user, LINK))
            self.partner_id.activity_schedule(
                activity_type_id=todo.id,
                summary=text,
                note=(plaintext2html(note) if note else "")
                + Markup("<p>%s</p>") % link,
                user_id=user.id,
            )

    def _say(self, user, text):
        """*text* (a lazy translation) in the language of *user*."""
        return self.with_context(lang=user.lang).env._(text)

    def _responsible(self):
        """Who handles what cannot go by itself: the first who is still there, and in
        the company."""
        self.ensure_one()
        for user in (
            self.step_id.user_id,
            self.plan_id.responsible_id,
            self.connector_id.connected_by_id,
        ):
            if user.active and self.company_id in user.company_ids:
                return user
        return managers(self.connector_id)[:1] or self.env.ref("base.user_admin")
