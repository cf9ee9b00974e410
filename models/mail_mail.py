import logging

import psycopg2

from odoo import api, fields, models
from odoo.tools.mail import append_content_to_html, html2plaintext

from ..engine import cron
from ..engine.followup.person import retry_from_mail
from ..engine.mailbox import elsewhere
from ..engine.mailbox.sender import writer_of
from ..engine.sending import waiting
from ..engine.sending.mail_session import CONTEXT_KEY, attempt_of, open_session
from ..engine.sending.owners import owners
from ..engine.sending.routes import known
from ..providers.envelope import with_ascii_domain
from ..providers.inline import DATA_IMAGE, without_images
from ..texts import failure_text
from ..tools.apart import apart

_logger = logging.getLogger(__name__)

#: Whose an email is, and so by which mailbox it leaves.
OURS = (
    *("email_followup_id", "email_incident_id"),
    *("email_waits_for_id", "email_waits_since"),
)


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
    email_waits_for_id = fields.Many2one(
        "account.email.connector",
        "Mailbox that it waits for",
        groups=fields.NO_ACCESS,
        index="btree_not_null",
        copy=False,
    )

    email_waits_since = fields.Datetime("Waiting", groups=fields.NO_ACCESS, copy=False)

    @api.model_create_multi
    def create(self, vals_list):
        """As before; whose an email is, nobody says who creates it: Odoo lets each user
        give all values of one, with all rights (``mail.template.send_mail``). Whoever
        made it for a follow-up, or an incident, says so afterwards."""
        defaults = {f"default_{name}" for name in OURS}
        context = _without(defaults, self.env.context)
        vals_list = [_without(OURS, vals) for vals in vals_list]
        # With less in it: pylint: disable-next=context-overridden
        return super(MailMail, self.with_context(context)).create(vals_list)

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
        owner = self._owners()
        for connector in self.env["account.email.connector"].union(*owner.values()):
            yield (
                connector.sudo(),
                self.filtered(lambda m, c=connector: owner.get(m.id) == c),
            )

    def _owners(self):
        """Return {mail id: connector} for the mails that a connector owns."""
        return owners(self.sudo())

    def _email_connector_routes(self):
        """For other addons to extend: which of these mails, to customers, are about
        accounting documents, of which company, and which switch of its mailbox they
        need: ``readme/DEVELOP.rst``. Comes with all rights.

        :return: {mail id: (``res.company``, "invoice" or "accounting")}; a mail that
            is not in there leaves as Odoo sends it.
        """
        return known(self)

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
            self._note_stuck()

    def _note_stuck(self):
        """Look at them later, so that the emails behind them go meanwhile."""
        try:
            waiting.put_off_stuck(self.sudo())
            self.env.cr.commit()  # see _send_apart  # pylint: disable=invalid-commit
        except psycopg2.Error as error:  # somebody else is at work on them
            _logger.info("What could not be sent stays due: %s", error)
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
        if mails and not connector._usable():
            mails._wait_for(connector, auto_commit, post_send_callback)
        elif mails and auto_commit:
            mails._send_each(connector, post_send_callback, auto_commit)
        elif mails:
            mails._send_after_commit()

    def _send_each(self, connector, post_send_callback=None, auto_commit=False):
        """Send one after the other, as long as *connector* is the mailbox it was."""
        with open_session(connector) as session:
            for position, mail in enumerate(self):
                if not session.usable():
                    if not connector._usable():  # else the queue asks its new mailbox
                        rest = self[position:]
                        rest._wait_for(connector, auto_commit, post_send_callback)
                    break
                mail._send_one(session)
                self._note_done(mail.ids, auto_commit, post_send_callback)

    def _note_done(self, ids, auto_commit, post_send_callback):
        if post_send_callback:
            post_send_callback(ids)
        if auto_commit:  # as core: the email has left, so this is true
            self.env.cr.commit()  # pylint: disable=invalid-commit

    def _wait_for(self, connector, auto_commit=False, post_send_callback=None):
        """The mailbox is not usable. Never fall through to another server."""
        mails = self.sudo()
        incidents = mails.filtered("email_incident_id")
        if connector.state != "connected":
            waiting.refuse(incidents, connector)
            mails -= incidents
        waiting.hold(mails, connector)
        self._note_done(self.ids, auto_commit, post_send_callback)

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
            waiting.heed(self.sudo(), session)

    def _hand_over(self, session, thread_id=""):
        """Hand this mail, which is committed, to core's ``_send`` on *session*.

        The session says what became of it.
        """
        self.ensure_one()
        person = "" if self.email_followup_id else writer_of(self)
        session.start(self.id, thread_id, person)
        if not self.email_from:  # core would ask for one before it asks the session
            self.email_from = session.smtp_from
        here = self.with_context(**{CONTEXT_KEY: session.attempt})
        here._send(smtp_session=session)
        if session.outcome:  # of the last envelope, if there are several
            _logger.info("%s: %s", self.message_id, session.outcome)

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
        """Tell our own words for a failure, instead of core's "unknown error"; and tell
        nobody of one while the email is tried again."""
        attempt = attempt_of(self.env)
        if attempt and attempt.outcome:
            attempt.waits = not self.email_followup_id and waiting.may_wait(
                self.sudo(), attempt.outcome
            )
            # A follow-up is tried again by the ledger.
            given_up = not (attempt.waits or self.email_followup_id) and isinstance(
                attempt.outcome, waiting.WAITS
            )
            failure_reason = failure_text(self.env, attempt.outcome, given_up)
            failure_type = "mail_smtp"
            self.write({"failure_reason": failure_reason, "failure_type": failure_type})
            if attempt.waits:
                return True
        incidents = (
            self.sudo().filtered("email_incident_id") if failure_type else self[:0]
        )
        res = super()._postprocess_sent_message(
            success_pids, success_emails, failure_reason, failure_type
        )
        for mail in incidents.exists():
            elsewhere.heed_failure(mail, was_elsewhere=bool(attempt))
        return res

    # -- what waits --------------------------------------------------------------------

    @api.model
    def process_email_queue(self, email_ids=(), batch_size=1000):
        """As core, the oldest first; what waits for a mailbox that is back goes at
        once. Where nothing of the oldest moves, the newest go as with core: the rest
        does not wait for what sticks."""
        if email_ids or not self.env.su:
            return super().process_email_queue(email_ids, batch_size)
        waiting.release(self.env)
        oldest, batch = waiting.oldest(self, batch_size)
        result = super(MailMail, oldest).process_email_queue(email_ids, batch_size)
        if waiting.has_moved(batch):
            cron.run_emails(self.env)
        elif batch:
            result = super().process_email_queue(email_ids, batch_size)
        return result


def _without(names, values):
    return {name: value for name, value in values.items() if name not in names}
