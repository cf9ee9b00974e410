"""A real mail server for tests and the demo: Dovecot, and a relay that delivers.

    python dev/mailserver.py --account accounting@acme.example:secret

Submission (STARTTLS and TLS), IMAP and LMTP are Dovecot's, on free loopback ports.
Behind its submission, and also to be used directly, stands a :class:`SinkServer`, which
records every message and delivers it by LMTP, so that anybody's inbox can be opened:
customers sign in with their address and the password ``customer``.
"""

import argparse
import contextlib
import email
import email.policy
import functools
import json
import os
import re
import shutil
import signal
import smtplib
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import trustme
from mailserver_sink import Faults, SinkServer, read_accepted, server_context

__all__ = [
    "Dovecot",
    "Faults",
    "MailServer",
    "SinkServer",
    "closed_port",
    "filtered_port",
    "read_accepted",
]

CUSTOMER_PASSWORD = "customer"
NEEDED = ("dovecot", "setpriv")
PORTS = ("submission", "submissions", "imap", "imaps", "lmtp")
_TAKEN = []  # sockets that keep a port from everybody else

DOVECOT_CONF = """\
protocols = imap submission lmtp
listen = {listen}
base_dir = {run}
state_dir = {root}/state
log_path = {root}/dovecot.log
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
default_client_limit = 1000
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service submission-login {{
  chroot =
  inet_listener submission {{
    port = {submission}
  }}
  inet_listener submissions {{
    port = {submissions}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
ssl = required
ssl_cert = <{root}/server.pem
ssl_key = <{root}/server.pem
auth_mechanisms = plain login
auth_failure_delay = 0
mail_max_userip_connections = 100
passdb {{
  driver = passwd-file
  args = {root}/users
}}
passdb {{
  driver = static
  args = password={customer_password}
  username_filter = *@*.example {not_accounts}
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={root}/mail/%Lu allow_all_users=yes
}}
mail_location = maildir:~/Maildir
submission_relay_host = 127.0.0.1
submission_relay_port = {relay_port}
submission_max_mail_size = {max_size}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox "{sent_folder}" {{
    {special_use}
    auto = subscribe
  }}
}}
"""


class Dovecot:
    """A Dovecot of its own in *root*; as root it runs as ``nobody``.

    :param accounts: ``{address: password}``.
    :param cert: a ``trustme`` certificate.
    :param sent_folder: the name of the Sent folder, in plain letters of any language.
    :param special_use: whether the server says that it is the Sent folder (RFC 6154).
    :param extra: further lines of ``dovecot.conf``.
    """

    def __init__(
        self,
        root,
        accounts,
        cert,
        relay_port,
        *,
        sent_folder="Sent Items",
        special_use=True,
        max_size="35M",
        extra="",
    ):
        self.root = Path(root)
        self.accounts = accounts
        self.cert = cert
        self.relay_port = relay_port
        self.sent_folder = sent_folder
        self.special_use = special_use
        self.max_size = max_size
        self.extra = extra
        self.process = None
        self.run_directory = None
        self.ports = {}

    def start(self):
        missing = [name for name in NEEDED if not _which(name)]
        if missing:
            raise RuntimeError(
                f"not installed: {', '.join(missing)} (apt-get install dovecot-imapd "
                "dovecot-submissiond dovecot-lmtpd)"
            )
        for _attempt in range(3):  # somebody else may take a port before Dovecot does
            self._configure()
            if self._launch():
                return self
            self.stop()
        raise RuntimeError(f"Dovecot did not start:\n{self.log()[-2000:]}")

    def stop(self):
        if self.process:
            # At once, with all its processes: asked kindly, it takes a second.
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None
        if self.run_directory:
            shutil.rmtree(self.run_directory, ignore_errors=True)
            self.run_directory = None

    def log(self):
        path = self.root / "dovecot.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def deliver(self, sender, recipients, data):
        """Put a message into the inboxes of *recipients*, by LMTP.

        Dovecot knows no SMTPUTF8: who has other letters before the @ gets nothing.
        """
        with smtplib.LMTP("127.0.0.1", self.ports["lmtp"]) as lmtp:
            # One by one: LMTP answers for each recipient, smtplib reads one answer.
            for address in filter(str.isascii, recipients):
                lmtp.sendmail(sender if sender.isascii() else "", [address], data)

    def _configure(self):
        # Unix sockets' paths are short (108 bytes), a caller's directory may be long.
        self.run_directory = tempfile.mkdtemp(prefix="dovecot-")
        os.chmod(self.run_directory, 0o755)  # nosec B103 # Dovecot's own user reads it
        self.ports = dict(zip(PORTS, _free_ports(len(PORTS)), strict=True))
        user, group = _unprivileged()
        (self.root / "mail").mkdir(parents=True, exist_ok=True)
        (self.root / "server.pem").write_bytes(
            self.cert.private_key_and_cert_chain_pem.bytes()
        )
        lines = (
            f"{name}:{{PLAIN}}{word}::::::" for name, word in self.accounts.items()
        )
        (self.root / "users").write_text("\n".join([*lines, ""]))
        text = DOVECOT_CONF.format(
            listen="127.0.0.1, 127.0.0.2",
            root=self.root,
            run=self.run_directory,
            user=user,
            group=group,
            customer_password=CUSTOMER_PASSWORD,
            not_accounts=" ".join(f"!{name}" for name in self.accounts),
            relay_port=self.relay_port,
            max_size=self.max_size,
            sent_folder=self.sent_folder,
            special_use=r"special_use = \Sent" if self.special_use else "",
            **self.ports,
        )
        (self.root / "dovecot.conf").write_text(text + self.extra)
        for path in (self.root, self.run_directory):
            _give_away(path)

    def _launch(self):
        command = ["setpriv", "--pdeathsig", "TERM"]  # it goes when we are killed
        if os.geteuid() == 0:
            user, group = _unprivileged()
            command += [f"--reuid={user}", f"--regid={group}", "--clear-groups"]
        command += [_which("dovecot"), "-F", "-c", str(self.root / "dovecot.conf")]
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, cwd="/", start_new_session=True
        )
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline and self.process.poll() is None:
            if all(_answers(port) for port in self.ports.values()):
                return True
            time.sleep(0.05)
        return False


class MailServer:
    """Dovecot, the relay behind it, and a sink that misbehaves on command.

    :param accounts: ``{address: password}``, who may submit mail.
    :param directory: kept; without it a temporary one that is removed at the end.
    """

    def __init__(self, accounts, *, directory=None, **dovecot_options):
        self.accounts = dict(accounts)
        self.host = "localhost"
        self._temporary = directory is None
        self.directory = Path(directory or tempfile.mkdtemp(prefix="mailserver-"))
        self._options = dovecot_options
        self.dovecot = self.relay = self.sink = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *exc_info):
        self.stop()

    def start(self):
        self.directory.mkdir(parents=True, exist_ok=True)
        self.directory.chmod(0o755)
        authority = trustme.CA()
        cert = authority.issue_cert("localhost", "127.0.0.1", "::1")
        self.ca_file = str(self.directory / "ca.pem")
        authority.cert_pem.write_to_path(self.ca_file)
        try:
            self.relay = SinkServer(self.directory / "relay", deliver=self._deliver)
            self.relay.start()
            self.dovecot = Dovecot(
                self.directory / "dovecot",
                self.accounts,
                cert,
                self.relay.port,
                **self._options,
            ).start()
            self.sink = SinkServer(
                self.directory / "sink",
                tls=server_context(cert),
                users=self.accounts,
                deliver=self._deliver,
            ).start()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self):
        for part in (self.sink, self.dovecot, self.relay):
            if part:
                part.stop()
        if self._temporary:
            shutil.rmtree(self.directory, ignore_errors=True)

    def __getattr__(self, name):
        if name in PORTS and self.dovecot:
            return self.dovecot.ports[name]
        raise AttributeError(name)

    def _deliver(self, sender, recipients, data):
        self.dovecot.deliver(sender, recipients, data)

    def accepted(self):
        """What the sink and the relay have accepted, oldest first."""
        both = [*self.sink.accepted(), *self.relay.accepted()]
        return sorted(both, key=lambda accepted: accepted.at)

    def inbox(self, address):
        """The messages in anybody's inbox, oldest first."""
        return self._read_maildir(address, "Maildir")

    def sent(self, address):
        """The messages in an account's Sent folder, oldest first."""
        return self._read_maildir(
            address, f"Maildir/.{_modified_utf7(self.dovecot.sent_folder)}"
        )

    def _read_maildir(self, address, folder):
        home = self.directory / "dovecot" / "mail" / address.lower()
        paths = [
            path for part in ("new", "cur") for path in (home / folder / part).glob("*")
        ]
        return [
            email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            for path in sorted(paths, key=_delivery_time)
        ]

    def settings(self, account, **changes):
        """The fields of ``SmtpSettings`` to send through Dovecot as *account*."""
        values = {
            "host": self.host,
            "port": self.submissions,
            "encryption": "ssl",
            "user": account,
            "password": self.accounts[account],
            "imap_host": self.host,
            "imap_port": self.imaps,
            "imap_encryption": "ssl",
            "ca_file": self.ca_file,
        }
        return values | changes

    def describe(self):
        """All that another process needs to know, as plain data."""
        return {
            "host": self.host,
            "ca_file": self.ca_file,
            "directory": str(self.directory),
            "accounts": self.accounts,
            "customer_password": CUSTOMER_PASSWORD,
            **self.dovecot.ports,
            "sink": {
                "port": self.sink.port,
                "tls_port": self.sink.tls_port,
                "directory": str(self.sink.directory),
            },
            "relay": {
                "port": self.relay.port,
                "directory": str(self.relay.directory),
            },
        }


@contextlib.contextmanager
def filtered_port():
    """A loopback port where connecting gets no answer at all, like behind a firewall.

    Its queue of waiting connections is full, so Linux drops further ones.
    """
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        address = listener.getsockname()
        for _number in range(4):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(address)
        time.sleep(0.1)
        yield address[1]


def closed_port():
    """A loopback port where nobody listens, nor will before this process ends."""
    taken = socket.socket()
    _TAKEN.append(taken)
    taken.bind(("127.0.0.1", 0))
    return taken.getsockname()[1]


def _free_ports(count):
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _number in range(count)]
        for sock in sockets:
            sock.bind(("127.0.0.1", 0))
        return [sock.getsockname()[1] for sock in sockets]


def _delivery_time(path):
    """Seconds and microseconds, from a Maildir name such as "1712345678.M99P1.host"."""
    seconds, micros = re.match(r"(\d+)\.M(\d+)", path.name).groups()
    return int(seconds), int(micros)


def _answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


@functools.cache
def _unprivileged():
    """The user and group that own the mail: ourselves, or for root, ``nobody``."""
    if os.geteuid() == 0:
        return "nobody", "nogroup"
    return _name("-un"), _name("-gn")


def _name(option):
    return subprocess.check_output(["id", option], text=True).strip()


def _give_away(directory):
    """Let ``nobody`` own *directory*, if we are root."""
    if os.geteuid() != 0:
        return
    user, group = _unprivileged()
    for path in [Path(directory), *Path(directory).rglob("*")]:
        shutil.chown(path, user, group)
    for parent in Path(directory).parents:
        if not parent.stat().st_mode & 0o001:
            raise RuntimeError(f"as root, {parent} must be open to others (chmod o+x)")


def _which(name):
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")


def _modified_utf7(name):
    """A mailbox name as IMAP spells it (RFC 3501, 5.1.3)."""
    from imapclient.imap_utf7 import encode

    return encode(name).decode()


def main(argv=None):
    parser = argparse.ArgumentParser(prog="dev/mailserver.py")
    parser.add_argument("--directory", help="kept at the end (default: temporary)")
    parser.add_argument("--account", action="append", metavar="EMAIL:PASSWORD")
    parser.add_argument("--sent-folder", default="Sent Items")
    options = parser.parse_args(argv)
    accounts = options.account or ["accounting@acme.example:secret"]
    server = MailServer(
        dict(account.split(":", 1) for account in accounts),
        directory=options.directory,
        sent_folder=options.sent_folder,
    )
    # Handlers, not a blocked mask: Dovecot would inherit the mask and never end.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_args: sys.exit(0))
    with server:
        description = json.dumps(server.describe())
        Path(server.directory, "ready.json").write_text(description)
        with suppress(BrokenPipeError):
            print(description, flush=True)
        while True:
            signal.pause()


if __name__ == "__main__":
    main()
