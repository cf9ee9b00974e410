"""Look into the mailboxes by IMAP, as a mail program does."""

import contextlib
import email
import email.policy
import imaplib
import re
import ssl

INBOX = "INBOX"


class Mailboxes:
    """The mailboxes of a mail server.

    :param mail: what the mail server says of itself (`MailServer.describe`).
    """

    def __init__(self, mail):
        self.mail = mail
        self.accounts = mail["accounts"]

    def folders(self, address):
        """The folders that are worth a look: Inbox, and of an account also Sent."""
        if address not in self.accounts:
            return [INBOX]
        with self._signed_in(address) as imap:
            return [INBOX, _sent_folder(imap)]

    def read(self, address, folder=INBOX):
        """Return the messages in a folder as `EmailMessage`, oldest first."""
        with self._signed_in(address) as imap:
            _ok(imap.select(_quoted(folder), readonly=True))
            numbers = _ok(imap.search(None, "ALL"))[0].split()
            return [_message(imap, number) for number in numbers]

    def sent(self, address):
        """Return the messages in an account's Sent folder, whatever its name is."""
        return self.read(address, self.folders(address)[1])

    def addresses(self):
        """Whose mailboxes are there: the accounts, and who has received anything."""
        recipients = set()
        for account in self.accounts:
            for message in self.sent(account):
                recipients |= {each.addr_spec for each in message["To"].addresses}
        return [*self.accounts, *sorted(recipients - set(self.accounts))]

    def everything(self):
        """All there is: {(address, folder): [Message-ID, …]}."""
        return {
            (address, folder): [m["Message-ID"] for m in self.read(address, folder)]
            for address in self.addresses()
            for folder in self.folders(address)
        }

    @contextlib.contextmanager
    def _signed_in(self, address):
        context = ssl.create_default_context(cafile=self.mail["ca_file"])
        host, port = self.mail["host"], self.mail["imaps"]
        password = self.accounts.get(address, self.mail["customer_password"])
        with imaplib.IMAP4_SSL(host, port, ssl_context=context, timeout=10) as imap:
            imap.login(address, password)
            yield imap


def _sent_folder(imap):
    r"""The folder that the server marks with \Sent (RFC 6154)."""
    for line in _ok(imap.list()):
        found = re.match(rb'\(([^)]*)\) "[^"]*" "?([^"]*)"?$', line)
        if found and rb"\Sent" in found[1]:
            return found[2].decode()
    raise RuntimeError("The mailbox has no Sent folder.")


def _message(imap, number):
    (_header, content), *_rest = _ok(imap.fetch(number, "(BODY.PEEK[])"))
    return email.message_from_bytes(content, policy=email.policy.default)


def _quoted(folder):
    return f'"{folder}"'


def _ok(answer):
    status, data = answer
    if status != "OK":
        raise RuntimeError(f"IMAP: {data}")
    return data
