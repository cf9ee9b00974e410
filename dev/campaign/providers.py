"""SMTP, Graph and Gmail: how one signs in, what they do wrong, what they took."""

import itertools
import os
from contextlib import contextmanager, suppress

import requests
from mailserver import MailServer
from oauth_user import good_callback
from standin import StandIn
from standin.fault_table import AADSTS, GMAIL, GOOGLE, GRAPH
from standin.person import Stopped

SMTP_ADDRESS, PASSWORD = "accounting@bench.example", "planted-Pa55word"
#: What a server may say or do at each point of the dialogue. ``accepted`` is when it
#: has taken the email.
AT_ANY_POINT = ("drop", "reset", "421 4.3.2 Closing down", "451 4.3.0 Try again later")
SMTP_POINTS = ("greeting", "ehlo", "auth", "mail", "rcpt", "data", "body:0", "body:200")
SMTP_WORDS = (
    *(("auth", "535 5.7.8 Not accepted"), ("auth", "454 4.7.0 Temporary failure")),
    *(("mail", "550 5.7.60 Send as denied"), ("rcpt", "550 5.1.1 No such user")),
    *(("rcpt", "450 4.2.0 Greylisted"), ("rcpt", "452 4.5.3 Too many")),
    *(("data", "554 5.7.1 Refused"), ("dot", "554 5.6.0 Refused")),
    *(("dot", "drop"), ("dot", "reset"), ("dot", "451 4.3.0 Later")),
    *(("accepted", "drop"), ("accepted", "reset")),
)
#: What stops a person who signs in while Odoo or the provider is in trouble.
NOT_NOW = (
    *(requests.RequestException, Stopped),
    *(AssertionError, KeyError, TypeError, RuntimeError),
)
#: After these the email may have been taken all the same.
MAY_FOLLOW = ("500", "502", "504")


class Smtp:
    """A mail server, which forgets nothing that it has accepted."""

    name = "SMTP"

    def __init__(self, mail, standin):
        self.mail, self.standin = mail, standin
        self.variables = {"SSL_CERT_FILE": mail.ca_file}

    def faults(self):
        """Names and functions, each of which makes the next email go wrong once."""
        everywhere = itertools.product(SMTP_POINTS, AT_ANY_POINT)
        for point, action in (*everywhere, *SMTP_WORDS):
            if not (point.startswith("body") and action[0].isdigit()):
                yield f"{point}: {action}", self._fault(point, action)

    def _fault(self, point, action):
        return lambda: self.mail.sink.faults.set(point, action, times=1)

    def clear(self):
        """End all faults."""
        self.mail.sink.faults.clear()

    def connect(self, office):
        """Sign in, as a person does."""
        values = {
            **{"connector_id": office.connector, "email": SMTP_ADDRESS},
            **{"user": SMTP_ADDRESS, "password": PASSWORD, "host": self.mail.host},
            **{"encryption": "ssl", "port": self.mail.sink.tls_port},
            **{"imap_host": self.mail.host, "imap_port": self.mail.imaps},
            **{"imap_encryption": "ssl", "sent_copy": "auto"},
        }
        model = "account.email.connector.smtp"
        made = office.press("create", [values], model)
        if made and "result" in made:
            office.press("action_log_in", made["result"], model)

    def accepted(self):
        """The recipients of each email that was accepted."""
        return [each.recipients for each in self.mail.sink.accepted()]


class OAuth:
    """Microsoft or Google, as the stand-in plays it."""

    def __init__(self, standin, provider):
        self.standin, self.provider = standin, provider
        microsoft = provider == "microsoft"
        self.name = "Graph" if microsoft else "Gmail"
        self._send = "graph.sendMail" if microsoft else "gmail.send"
        self._at_send = GRAPH if microsoft else GMAIL
        self._at_token = [f"AADSTS{n}" for n in AADSTS] if microsoft else GOOGLE
        os.chmod(standin.ca_file, 0o644)
        self.variables = {
            "ACCOUNT_EMAIL_CONNECTOR_STANDIN": " ".join(
                [standin.url, standin.tls_url, str(standin.ca_file)]
            ),
            "OAUTHLIB_INSECURE_TRANSPORT": "1",
        }

    def faults(self):
        """As :meth:`Smtp.faults`."""
        send = self._send
        for name in self._at_send:
            yield f"{send}: {name}", self._fault(send, name)
        for name in MAY_FOLLOW:
            yield f"{send}: taken, then {name}", self._fault(send, name, when="after")
        for size in (0, 1, 40):
            yield f"{send}: answer cut at {size}", self._fault(send, cut=size)
        for size in (0, 100, 3000):
            yield f"{send}: request cut at {size}", self._fault(send, cut_read=size)
        yield f"{send}: slow", self._fault(send, delay=2)
        yield "connection refused", self._fault("connection")
        yield "retry later", self._fault(send, "429", retry_after=30)
        for name in self._at_token:
            yield f"token: {name}", self._at_refresh(name)

    def _fault(self, endpoint, name=None, **how):
        return lambda: self.standin.control.add_fault(endpoint, name, **how)

    def _at_refresh(self, name):
        def strike():
            self._fault(f"{self.provider}.token", name)()
            self.standin.control.expire_tokens()

        return strike

    def clear(self):
        """End all faults."""
        self.standin.control.clear_faults()

    def connect(self, office):
        """Sign in on the provider's page."""
        answer = office.press(
            f"action_sign_in_{self.provider}",
            [office.connector],
            "account.email.connector",
        )
        with suppress(*NOT_NOW):
            url = answer["result"]["url"]
            office.user.get(good_callback(office, url, self.provider))

    def accepted(self):
        """As :meth:`Smtp.accepted`."""
        return [entry["recipients"] for entry in self.standin.control.log()]


@contextmanager
def opened(name, url):
    """The provider of that *name*: ``smtp``, ``graph`` or ``gmail``.

    :param url: of the Odoo to which people come back.
    """
    with StandIn(redirect_bases=[url]) as standin:
        if name == "smtp":
            with MailServer({SMTP_ADDRESS: PASSWORD}) as mail:
                yield Smtp(mail, standin)
        else:
            provider = {"graph": "microsoft", "gmail": "google"}[name]
            yield OAuth(standin, provider)
