"""A real Exim, as an ordinary user, in a directory of its own.

Debian's wants a user of its own to exist: libnss_wrapper shows it one.
"""

import os
import shutil
from contextlib import contextmanager

from daemon import GOES_WITH_US, directory, running
from lib import debs
from mail_helpers import ACCOUNT, PASSWORD

LIMIT = "You have exceeded the max emails per hour (200/200) allowed"
CONFIG = """\
exim_path = {root}/exim
keep_environment = LD_PRELOAD : NSS_WRAPPER_PASSWD : NSS_WRAPPER_GROUP
primary_hostname = mail.acme.example
spool_directory = {root}/spool
log_file_path = {root}/log/%s
pid_file_path = {root}/exim.pid
deliver_drop_privilege = true
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port}
tls_certificate = {root}/server.pem
tls_privatekey = {root}/server.pem
host_lookup =
smtputf8_advertise_hosts = *
message_size_limit = 20000
acl_smtp_rcpt = rcpt
acl_smtp_data = data

begin acl
rcpt:
  deny  recipients = nobody@acme.example
        message = No such person at this address
  deny  recipients = limit@acme.example
        message = {limit}
  defer recipients = later@acme.example
        message = Greylisted, please try again later
  require message = relay not permitted
          authenticated = *
  accept
data:
  deny  condition = ${{if match{{$h_subject:}}{{SPAM}}}}
        message = This message scored 12.3 spam points
  accept

begin routers
next:
  driver = manualroute
  domains = buyer.example
  route_list = * 127.0.0.1
  self = send
  transport = next
ours:
  driver = accept
  domains = acme.example
  transport = maildir

begin transports
next:
  driver = smtp
  port = {next_port}
  allow_localhost
maildir:
  driver = appendfile
  maildir_format
  directory = {root}/mail

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_condition = ${{if eq{{$auth2:$auth3}}{{{user}:{password}}}}}
  server_set_id = $auth2
  server_advertise_condition = ${{if def:tls_in_cipher}}
"""


class Exim:
    """One that runs.

    :param port: for STARTTLS and a sign-in.
    """

    def __init__(self, root, port):
        self.root = root
        self.port = port

    def inbox(self):
        """The emails in our mailbox, as bytes."""
        return [path.read_bytes() for path in self.root.glob("mail/new/*")]


@contextmanager
def exim(cert, next_port):
    """Run one.

    :param cert: a ``trustme`` certificate.
    :param next_port: of the next server, to which the customers' emails go.
    """
    files = debs.unpacked("exim4-daemon-light", "libnss-wrapper")
    with directory("exim") as root:
        (wrapper,) = files.rglob("libnss_wrapper.so")
        # the cache may lie where an ordinary user cannot look.
        shutil.copy(files / "usr/sbin/exim4", root / "exim")
        shutil.copy(wrapper, root)
        cert.private_key_and_cert_chain_pem.write_to_path(root / "server.pem")
        env, before = _somebody(root)

        def launch(port):
            text = CONFIG.format(
                root=root,
                port=port,
                next_port=next_port,
                limit=LIMIT,
                user=ACCOUNT,
                password=PASSWORD,
            )
            (root / "config").write_text(text)
            return [*before, root / "exim", "-C", root / "config", "-bdf"], env

        with running(launch) as (port,):
            yield Exim(root, port)


def _somebody(root):
    """The environment in which Debian's user is an ordinary one; and how to be it."""
    user, before = (os.geteuid(), os.getegid()), []
    if user[0] == 0:
        user = 65534, 65534
        # another user's process would no longer end with us
        before = [*GOES_WITH_US, "--reuid=65534", "--regid=65534", "--clear-groups"]
        for path in (root, *root.iterdir()):
            os.chown(path, *user)
    lines = [("root", 0, 0), ("Debian-exim", *user)]
    passwd = "".join(f"{n}:x:{u}:{g}::{root}:/bin/sh\n" for n, u, g in lines)
    (root / "passwd").write_text(passwd)
    (root / "group").write_text(f"root:x:0:\nDebian-exim:x:{user[1]}:\n")
    env = {
        "LD_PRELOAD": str(root / "libnss_wrapper.so"),
        "NSS_WRAPPER_PASSWD": str(root / "passwd"),
        "NSS_WRAPPER_GROUP": str(root / "group"),
    }
    return env, before
