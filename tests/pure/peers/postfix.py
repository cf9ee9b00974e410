"""A real Postfix of several faces: each port of it has restrictions of its own.

What it takes it delivers to the Maildir of its only domain, or returns.
"""

import os
from contextlib import contextmanager

from daemon import directory, running
from lib import debs
from mail_helpers import ACCOUNT

QUEUES = (
    *("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming"),
    *("maildrop", "pid", "private", "public", "saved", "trace"),
)
# What becomes of an email to these domains, after it was taken.
RETURNS = {
    "gone.example": "error:5.1.1 User unknown",
    "full.example": "error:5.2.2 The mailbox is full",
    "spam.example": "error:5.7.1 Message content rejected as spam",
    "blocked.example": "error:5.7.1 Client host blocked using a list of Spamhaus",
    "dmarc.example": "error:5.7.26 Blocked, because the sender is unauthenticated",
    "large.example": "error:5.3.4 Message too big for the system",
    "away.example": "retry:4.4.1 Connection timed out",
}
RCPT = {
    "later@acme.example": "450 4.2.0 Greylisted, try again in 5 minutes",
    "quota@acme.example": "552 5.2.2 The mailbox is full",
    "limit@acme.example": "550 5.7.1 You have exceeded your hourly sending limit",
}
RCPT_TABLE = " ".join(f"{{ {address} = {words} }}" for address, words in RCPT.items())
#: The ports, and what is said there.
FACES = {
    "open": "",
    "tls": "-o smtpd_tls_security_level=encrypt -o smtpd_sasl_auth_enable=yes",
    "no_relay": "-o mynetworks=",
    "rcpt": "-o { smtpd_recipient_restrictions ="
    f" check_recipient_access inline:{{ {RCPT_TABLE} }} reject_unlisted_recipient }}",
    "small": "-o message_size_limit=3000",
    "hello": "-o { smtpd_helo_restrictions ="
    r" check_helo_access regexp:{{/^\[/ REJECT Names only}} }"
    " -o smtpd_delay_reject=no",
    "hello_late": "-o { smtpd_helo_restrictions ="
    r" check_helo_access regexp:{{/^\[/ REJECT Names only}} }",
    "client": "-o { smtpd_client_restrictions = check_client_access static:REJECT }",
    "sender": "-o { smtpd_sender_restrictions = check_sender_access static:REJECT }",
    "owner": "-o smtpd_tls_security_level=encrypt -o smtpd_sasl_auth_enable=yes"
    " -o smtpd_sender_login_maps=static:somebody@acme.example"
    " -o smtpd_sender_restrictions=reject_sender_login_mismatch",
    "many": "-o smtpd_client_message_rate_limit=2",
    "many_rcpt": "-o smtpd_client_recipient_rate_limit=2",
    "calls": "-o smtpd_client_connection_rate_limit=2",
}
MAIN_CF = """\
compatibility_level = 3.6
queue_directory = {root}/spool
data_directory = {root}/lib
maillog_file = {root}/maillog
maillog_file_prefixes = {root}
daemon_directory = {files}/usr/lib/postfix/sbin
command_directory = {files}/usr/sbin
shlib_directory = {files}/usr/lib/postfix
meta_directory = {root}/etc
import_environment = LD_LIBRARY_PATH MAIL_CONFIG MAIL_LOGTAG POSTLOG_SERVICE
    POSTLOG_HOSTNAME LANG=C TZ=UTC
mail_owner = nobody
default_privs = daemon
setgid_group = mail
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.acme.example
mynetworks = 127.0.0.0/8
mydestination =
alias_maps =
local_recipient_maps =
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
smtpd_client_event_limit_exceptions =
smtpd_error_sleep_time = 0
smtpd_soft_error_limit = 100
smtpd_peername_lookup = no
smtpd_helo_required = yes
smtpd_reject_unlisted_recipient = no
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{auth}
smtpd_tls_chain_files = {root}/server.pem
smtp_tls_security_level = none
virtual_mailbox_domains = acme.example
virtual_mailbox_base = {root}/mail
virtual_mailbox_maps = inline:{{{{ {account} = box/ }}}}
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
virtual_minimum_uid = 1
maximal_queue_lifetime = 0
bounce_queue_lifetime = 0
transport_maps = inline:{{ {returns} }}
"""
MASTER_CF = """\
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
virtual unix - n n - - virtual
error unix - - n - - error
retry unix - - n - - error
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""


class Postfix:
    """One that runs.

    :param ports: by the names in :data:`FACES`.
    """

    def __init__(self, root, ports):
        self.root = root
        self.ports = dict(zip(FACES, ports, strict=True))

    def inbox(self):
        """The emails in our mailbox, as bytes."""
        return [path.read_bytes() for path in self.root.glob("mail/box/new/*")]


@contextmanager
def postfix(cert, auth):
    """Run one.

    :param cert: a ``trustme`` certificate.
    :param auth: the port where Dovecot says whose password is right.
    """
    files = debs.unpacked("postfix")
    with directory("postfix") as root:
        _make(root, files, cert, auth)

        def launch(*ports):
            smtpd = (
                f"{port} inet n - n - - smtpd {options}\n"
                for port, options in zip(ports, FACES.values(), strict=True)
            )
            (root / "etc/master.cf").write_text("".join(smtpd) + MASTER_CF)
            command = [files / "usr/lib/postfix/sbin/master", "-d", "-c", root / "etc"]
            return command, {"LD_LIBRARY_PATH": str(files / "usr/lib/postfix")}

        with running(launch, len(FACES)) as ports:
            yield Postfix(root, ports)


def _make(root, files, cert, auth):
    for name in ("etc", "lib", "mail", *(f"spool/{queue}" for queue in QUEUES)):
        (root / name).mkdir(parents=True)
        if name.partition("/")[2] != "pid":
            os.chown(root / name, 65534, -1)
    for name in ("etc", "spool"):
        os.chown(root / name, 0, -1)
    cert.private_key_and_cert_chain_pem.write_to_path(root / "server.pem")
    returns = " ".join(f"{{ {domain} = {to} }}" for domain, to in RETURNS.items())
    text = MAIN_CF.format(
        root=root, files=files, auth=auth, account=ACCOUNT, returns=returns
    )
    (root / "etc/main.cf").write_text(text)
