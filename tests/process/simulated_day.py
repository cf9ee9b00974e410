"""Runs in ``odoo shell``: a day of one mailbox at Microsoft, in simulated time.

Thirty emails a minute are what Microsoft lets through, and what is asked for here, in
some minutes of each hour. Tokens live an hour. At 6 and at 18 o'clock there is a storm
of 429, at 12 o'clock the grant is revoked. That shows when the access token ends; half
an hour later somebody reconnects.
"""

from collections import Counter
from email.message import EmailMessage
from urllib.parse import parse_qsl, urlsplit

import requests
from freezegun import freeze_time

from odoo import fields

from odoo.addons.account_email_connector.dev.standin.person import Person
from odoo.addons.account_email_connector.engine.mailbox import condition, connecting
from odoo.addons.account_email_connector.engine.secrets.mailboxes import oauth_app
from odoo.addons.account_email_connector.engine.sending.mail_session import open_session
from odoo.addons.account_email_connector.providers.base import OutgoingEmail
from odoo.addons.account_email_connector.providers.microsoft import (
    signin as microsoft_signin,
)
from odoo.addons.account_email_connector.providers.outcomes import Outcome

A_MINUTE = 30
HOURS = 24
STORMS, REVOKED = (6, 18), 12
LAST_ORDERS = 23  # what is asked for later would wait for the next day


class Day:
    """The mailbox, what waits for it, and the providers' world around it.

    :param standin: the stand-in's URL.
    :param minutes: in how many minutes of each hour emails are asked for.
    """

    def __init__(self, env, connector_id, standin, minutes):
        self.env = env
        self.connector = env["account.email.connector"].browse(connector_id)
        self.address = self.connector.email
        self.standin = standin
        self.minutes = minutes
        self.http = requests.Session()
        self.http.trust_env = False
        self.waiting, self.asked, self.refused = [], 0, Counter()
        self.minutes_lost = 0

    def live(self):
        """Live through the day; returns what is left to say, a dict."""
        # The web server of the stand-in is in another process, with a clock of its own.
        with freeze_time() as clock:
            for minute in range(HOURS * 60):
                hour, minute = divmod(minute, 60)
                self._events(hour, minute)
                if hour < LAST_ORDERS and minute < self.minutes:
                    self._ask()
                self._send()
                if minute == 0:
                    self.env["account.email.connector"]._cron_health()
                    self._commit()
                self._pass(clock)
        return {
            "asked": self.asked,
            "waiting": len(self.waiting),
            "refused": dict(self.refused),
            "state": self.connector.state,
            "minutes_lost": self.minutes_lost,
        }

    def _pass(self, clock):
        """Let a minute pass; if the mailbox may be used in it again, send by then.

        The scheduled action is triggered for that moment.
        """
        left = 60
        until = self.connector.wait_until
        wait = (until - fields.Datetime.now()).total_seconds() if until else 0
        if 0 < wait < left:
            self._tick(clock, wait)
            self._send()
            left -= wait
        self._tick(clock, left)

    def _tick(self, clock, seconds):
        clock.tick(seconds)
        self._control("clock", advance=seconds)

    def _events(self, hour, minute):
        if hour in STORMS and minute == 1:
            how = {"endpoint": "graph.sendMail", "fault": "429"}
            self._control("faults", times=3, retry_after=45, **how)
        if (hour, minute) == (REVOKED, 1):
            self._control("revoke", account=self.address)
        if self.connector.state == "error":
            self.minutes_lost += 1
            if self.minutes_lost == 30:
                self._reconnect()

    def _control(self, verb, **values):
        url = f"{self.standin}/_control/{verb}"
        self.http.post(url, json=values, timeout=10).raise_for_status()

    def _ask(self):
        for _each in range(A_MINUTE):
            self.asked += 1
            self.waiting.append(self._email(f"customer{self.asked}@many.example"))

    def _email(self, recipient):
        message = EmailMessage()
        message["From"], message["To"] = self.address, recipient
        message["Subject"] = "Reminder"
        message["Message-ID"] = f"<{self.asked}@day.example>"
        message.set_content("Please pay")
        return OutgoingEmail(message, self.address, (recipient,))

    def _send(self):
        """As the scheduled action does, without the follow-ups around it."""
        if not (self.waiting and self.connector._usable()):
            return
        journal = self.env["account.email.delivery"]
        with open_session(self.connector) as session:
            while self.waiting and self.connector._usable():
                try:
                    journal._deliver(self.connector, session.mailbox(), self.waiting[0])
                except Outcome as outcome:
                    self.refused[type(outcome).__name__] += 1
                    condition.note_outcome(self.connector, outcome)
                else:
                    self.waiting.pop(0)
                    condition.note_success(self.connector)
        self._commit()

    def _reconnect(self):
        app = self.connector.oauth_app_id
        begun = microsoft_signin.start(oauth_app(app), app.redirect_uri)
        back = Person(self.standin).sign_in(begun.url, self.address)
        params = dict(parse_qsl(urlsplit(back).query))
        grant = microsoft_signin.finish(oauth_app(app), begun.kept, params)
        connecting.take_grant(self.connector, app, grant)
        self._commit()

    def _commit(self):
        self.env.cr.commit()  # pylint: disable=invalid-commit
