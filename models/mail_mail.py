import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools.mail import append_content_to_html, html2plaintext

from ..engine.followup.person import retry_from_mail
from ..engine.mailbox import elsewhere
from ..engine.mailbox.serving import connector_of
from ..engine.sending.mail_session import CONTEXT_KEY, attempt_of, open_session
from ..providers.envelope import with_ascii_domain
from ..providers.inline import DATA_IMAGE, without_images
from ..providers.outcomes import Throttled, Unavailable
from ..texts import failure_text
from ..tools.apart import apart
from ..tools.waits import RETRY_AFTER

_logger = logging.getLogger(__name__)

#: Emails of these models may leave through the company's mailbox too.
ACCOUNTING_MODELS = ("account.move", "account.payment")
#: What stands in the way of an email that is tried again.
WAITS = (Throttled, Unavailable)
#: What was not accepted for so long is shown as failed, as mail servers do.
TRY_AT_MOST = timedelta(days=2)


class MailMail(models.Model):
    _inherit = "mail.mail"

    email_followup_id = fields.Many2one(
        "account.email.followup", "Follow-up", index="btree_not_null"
    )
    email_incident_id = fields.Many2one(
        "account.email.connector",
        "Mailbox that it tells of",
        groups=fields.NO_ACCESS,
        index="btree_not_null",
        ondelete="cascade",
    )

    def send(self, auto_commit=False, raise_exception=False, post_send_callback=None):
        """Send what a connector owns through it, and the rest as core does.

        :raises AccessError: for those who may not write the emails. Core finds that out
            later; what follows here is done with more rights.
        """
        if self:
            self.check_access("write")
        rest = self - self._refuse_strays()
        if not self.env["ir.mail_server"]._disable_send():
            for connector, mails in self._group_by_connector():
                rest -= mails
                mails._send_apart(connector, auto_commit, post_send_callback)
        if not rest:
            return True
        return super(MailMail, rest).send(
            auto_commit=auto_commit,
            raise_exception=raise_exception,
            post_send_callback=post_send_callback,
        )

    def _refuse_strays(self):
        """Refuse emails about a follow-up that are not its own: whoever may read it
        could send it by a template, past the ledger and the mailbox.

        :return: those refused.
        """
        strays = self.filtered(
            lambda mail: (
                mail.model == "account.email.followup"
                and not mail.email_followup_id
                and mail.state == "outgoing"
            )
        )
        if strays:
            text = self.env._("A follow-up is sent from its mailbox only.")
            strays.write({"state": "exception", "failure_reason": text})
        return strays

    # -- whose email is it? --------------------------------------------------------

    def _group_by_connector(self):
        """Yield (connector, its mails); a mail that none owns is in no group."""
        owner = self.sudo()._owners()
        for connector in self.env["account.email.connector"].union(*owner.values()):
            yield (
                connector.sudo(),
                self.filtered(lambda m, c=connector: owner.get(m.id) == c),
            )

    def _owners(self):
        """Return {mail id: connector} for the mails that a connector owns.

        What was once handed to a mailbox stays with it: only its journal knows who
        has got it already.
        """
        accounting = self.filtered(
            lambda mail: (
                mail.model in ACCOUNTING_MODELS or mail.sudo().email_incident_id
            )
        )
        journal = self.env["account.email.delivery"].search(
            [("message_id", "in", accounting.mapped("message_id"))]
        )
        tried = {delivery.message_id: delivery.connector_id for delivery in journal}
        owners = {}
        for mail in self:
            if mail.email_followup_id:
                owners[mail.id] = mail.email_followup_id.connector_id
            elif mail.message_id in tried:
                owners[mail.id] = tried[mail.message_id]
            elif mail.sudo().email_incident_id:
                owners[mail.id] = elsewhere.mailbox_for(mail.sudo())
            elif mail.model in ACCOUNTING_MODELS and mail.res_id:
                record = self.env[mail.model].browse(mail.res_id).exists()
                connector = record and connector_of(record.company_id)
                if connector and connector.sends_accounting_emails:
                    owners[mail.id] = connector
        return owners

    # -- sending ---------------------------------------------------------------------

    def _send_apart(self, connector, auto_commit, post_send_callback):
        """Send these mails; a fault of this part does not stop the emails of others."""
        try:
            self._send_through(connector, auto_commit, post_send_callback)
        except Exception:
            if not auto_commit:  # a transaction that is not ours to roll back
                raise
            _logger.exception("Emails of %s could not be sent.", connector.email)
            self.env.cr.rollback()

    def _send_through(self, connector, auto_commit, post_send_callback=None):
        """Send these mails through *connector*, each in a transaction of its own.

        A transaction that is not ours may be rolled back, or replayed with a new
        Message-ID (``odoo.service.model.retrying``) after the email has left. So
        unless the caller lets us commit, we wait for its commit.
        """
        followups = self.filtered("email_followup_id")
        retry_from_mail(followups.sudo().email_followup_id)
        mails = (self - followups).filtered(lambda mail: mail.state == "outgoing")
        if mails and auto_commit:
            mails._send_each(connector, post_send_callback, auto_commit)
        elif mails:
            mails._send_after_commit()

    def _send_each(self, connector, post_send_callback=None, auto_commit=False):
        """Send one after the other, as long as *connector* is the mailbox it was."""
        with open_session(connector) as session:
            for mail in self:
                if session.usable():
                    mail._send_one(session)
                elif connector._usable():  # by now another mailbox: the queue asks it
                    break
                else:
                    mail._postpone_or_refuse(connector)
                if post_send_callback:
                    post_send_callback(mail.ids)
                if auto_commit:  # as core: the email has left, so this is true
                    self.env.cr.commit()  # pylint: disable=invalid-commit

    def _send_after_commit(self):
        """As core's ``send_after_commit``, in a transaction that may commit.

        Tests, where nothing is ever committed, put another method in its place.
        """
        ids, env = self.ids, self.env(user=api.SUPERUSER_ID)

        @self.env.cr.postcommit.add
        def send_committed():
            with apart(env) as own:
                own["mail.mail"].browse(ids).exists().send(auto_commit=True)

    def _send_one(self, session, thread_id=""):
        """Hand this mail over on *session*; then heed the outcome."""
        self._hand_over(session, thread_id)
        session.heed()
        if (session.outcome or session.undecided) and not self.email_followup_id:
            self._heed(session)

    def _hand_over(self, session, thread_id=""):
        """Hand this mail, which is committed, to core's ``_send`` on *session*.

        The session says what became of it.
        """
        self.ensure_one()
        session.start(self.id, thread_id)
        here = self.with_context(**{CONTEXT_KEY: session.attempt})
        here._send(smtp_session=session)
        if session.outcome:  # of the last envelope, if there are several
            _logger.info("%s: %s", self.message_id, session.outcome)

    def _heed(self, session):
        """Wait and try again what was not accepted, or what only the journal can tell
        of; show the rest as failed."""
        outcome = session.outcome
        waits = session.undecided or isinstance(outcome, WAITS)
        if waits and self.create_date >= fields.Datetime.now() - TRY_AT_MOST:
            self._postpone((outcome and outcome.retry_after) or RETRY_AFTER)

    def _postpone_or_refuse(self, connector):
        """The mailbox is not usable. Never fall through to another server."""
        if connector.state == "connected":
            wait = connector.wait_until - fields.Datetime.now()
            self._postpone(wait.total_seconds())
            return
        text = self.env._(
            "The mailbox of %(company)s is not connected, so this email was not sent. "
            "Reconnect it, then retry.",
            company=connector.company_id.name,
        )
        self.write({"state": "exception", "failure_reason": text})
        self._postprocess_sent_message([], [], text, failure_type="mail_smtp")

    def _postpone(self, seconds):
        """Leave the mail to the queue, which takes it up again after *seconds*."""
        later = fields.Datetime.now() + timedelta(seconds=seconds)
        self.write(
            {
                "state": "outgoing",
                "scheduled_date": later,
                "failure_type": False,
            }
        )
        self.env["mail.notification"].sudo().search(
            [("mail_mail_id", "in", self.ids), ("notification_status", "!=", "sent")]
        ).write({"notification_status": "ready", "failure_type": False})
        self.env.ref("mail.ir_cron_mail_scheduler_action")._trigger(later)

    def _prepare_outgoing_list(self, mail_server=False, doc_to_followers=None):
        """As core, which turns large files of business documents into links.

        The message's own files (Send & Print makes all of its files such) become links
        too, where the provider would not take them: a message in a chatter stays, and
        its files with it.
        """
        emails = super()._prepare_outgoing_list(mail_server, doc_to_followers)
        attempt = attempt_of(self.env)
        for email in emails if attempt else ():
            # Of the envelope's addresses, whose domains are in punycode, core keeps
            # what it finds here (``ir.mail_server._prepare_smtp_to_list``).
            known = email["email_to_normalized"]
            email["email_to_normalized"] = [with_ascii_domain(each) for each in known]
            if DATA_IMAGE.search(email["body"] or ""):  # core would write it all out
                words = without_images(email["body"])
                email["body_alternative"] = html2plaintext(words)
        limit = attempt and attempt.attachment_limit
        if limit and self.is_notification:
            for email in emails:
                if sum(len(raw) for _name, raw, _type in email["attachments"]) > limit:
                    self._link_files(email)
        return emails

    def _link_files(self, email):
        """Put links into *email* (values of core) in place of its attachments."""
        names = {name for name, _raw, _type in email["attachments"]}
        files = self.attachment_ids.sudo().filtered(lambda file: file.name in names)
        files.generate_access_token()
        links = self.env["ir.qweb"]._render(
            "mail.mail_attachment_links", {"attachments": files}
        )
        email["body"] = append_content_to_html(email["body"], links, plaintext=False)
        email["body_alternative"] = html2plaintext(without_images(email["body"]))
        email["attachments"] = []

    def _postprocess_sent_message(
        self, success_pids, success_emails, failure_reason=False, failure_type=None
    ):
        """Tell our own words for a failure, instead of core's "unknown error"."""
        attempt = attempt_of(self.env)
        if attempt and attempt.outcome:
            failure_reason = failure_text(self.env, attempt.outcome)
            failure_type = "mail_smtp"
            self.write({"failure_reason": failure_reason, "failure_type": failure_type})
        incidents = (
            self.sudo().filtered("email_incident_id") if failure_type else self[:0]
        )
        res = super()._postprocess_sent_message(
            success_pids, success_emails, failure_reason, failure_type
        )
        if not (attempt and isinstance(attempt.outcome, WAITS)):
            for mail in incidents.exists():
                elsewhere.heed_failure(mail, was_elsewhere=bool(attempt))
        return res
