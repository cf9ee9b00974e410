"""`dev/demo [--check]`: see the connector at work, on sample companies.

    dev/demo            start everything, run the scheduled action once, and stay
    dev/demo --check    the same unattended: verify what arrived, run the action once
                        more, verify that nothing came twice, stop; exit with 0 or 1

Odoo, PostgreSQL, the mail server, the stand-in for Microsoft and Google, and the pages
with the mailboxes listen on this machine only. Ctrl-C stops all of them; nothing is
kept but the cache.
"""

import contextlib
import json
import signal
import socket
import threading

import env
from samples import people

from . import (
    cache,
    demo_check,
    demo_report,
    demo_standin,
    demo_template,
    demo_webmail,
    system,
)
from .console import DevError, run, say, serving, step
from .demo_mailboxes import Mailboxes

PORT = 8069


def main(arguments):
    """Run the demo; return the exit code."""
    if "-h" in arguments or "--help" in arguments:
        print(__doc__)
        return 0
    if arguments and arguments != ["--check"]:
        wrong = " ".join(arguments)
        raise DevError(f"{wrong} is not understood: see dev/demo --help.")
    # Stopped by a service manager or a closed terminal, it cleans up as with Ctrl-C;
    # and by that, too, when a script has started it in the background, ignoring it.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    system.require(system.MAIL_SERVER, system.PDF, system.FONTS)
    if arguments:
        with Demo(env.free_ports()[0]) as demo:
            return demo.check()
    with _odoo_port() as port, Demo(port) as demo:
        return demo.show()


def _interrupt(_number, _frame):
    raise KeyboardInterrupt


class Demo:
    """Everything that the demo starts, and stops at the end of the `with` block.

    :param port: Odoo's, which the providers have to know before anybody signs in
    :ivar box: the `env.Sandbox`
    :ivar mail: what the mail server says of itself
    :ivar standin: the `demo_standin.StandIn`
    """

    def __init__(self, port):
        self.port = port
        self.url = f"http://localhost:{port}"

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            self.box = stack.enter_context(demo_template.sandbox())
            with step("Starting the mail server, and the stand-in for the providers"):
                self.mail = stack.enter_context(mail_server(self.box))
                self.standin = stack.enter_context(
                    demo_standin.start(self.box, self.url)
                )
            self.mailboxes = Mailboxes(self.mail)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *error):
        with step("Stopping everything"):
            self._stack.close()

    def prepare(self):
        """Sign in, and run the action; return its report."""
        with self.serve_unscheduled():
            self.sign_in()
        return self.run_action()

    def show(self):
        """Prepare it, say where to look, and wait for Ctrl-C."""
        report = self.prepare()
        with step("Starting Odoo"):
            server = self.serve()
        pages = demo_webmail.serve(self.mailboxes)
        print(demo_report.sent(report, self.sent(), self.standin.accepted()))
        where = demo_report.Where(self.url, pages.url, self.standin.url, self.mail)
        print(where.text(), flush=True)  # in a file, too, it is there before Ctrl-C
        _wait_for(server)
        return 0

    def check(self):
        """Verify in the mailboxes what the action has sent, and that once is once."""
        self.serve_unscheduled()
        self.sign_in()
        report = self.run_action()
        print(demo_report.sent(report, self.sent(), self.standin.accepted()))
        with step("Verifying the mailboxes"):
            problems = demo_check.problems(self.mailboxes, self.standin, report)
        before = self.everything()
        second = self.run_action("Running the action again")
        problems += demo_check.problems_of_second_run(
            before, self.everything(), report, second
        )
        for problem in problems:
            say(f"dev/demo --check: {problem}")
        if problems:
            return 1
        print(demo_report.verdict(report))
        return 0

    def sign_in(self):
        """Sign in with Microsoft and Google, by HTTP, at the Odoo that is running."""
        with step("Signing in with Microsoft and Google"):
            request = {
                "url": self.url,
                "database": demo_template.DATABASE,
                "standin": self.standin.url,
            }
            script = cache.CHECKOUT / "dev/lib/demo_sign_in.py"
            run(
                [self.box.python, script, json.dumps(request)],
                "Signing in with Microsoft and Google",
                env={"PYTHONPATH": str(cache.CHECKOUT / "dev")},
            )
            _provider, address = people.SIGN_INS[people.WITHDRAWN]
            self.standin.revoke(address)

    def run_action(self, title="Connecting the mailboxes, running the action"):
        """Sign in to the mailboxes, run the scheduled action, and tell what it did."""
        with step(title):
            request = {"dev": str(cache.CHECKOUT / "dev"), "mail": self.mail}
            code = (cache.CHECKOUT / "dev/lib/demo_action.py").read_text()
            # Unlike `shell` it takes an error in Odoo's log for a failure.
            done = self.box.odoo(
                *("shell", "-d", demo_template.DATABASE),
                stdin=f"request = {request!r}\n{code}",
                env=self.variables(),
            )
        return json.loads(done.stdout.strip().splitlines()[-1])

    def serve_unscheduled(self):
        """Start Odoo; its scheduler would run the action at a time of its own."""
        with step("Starting Odoo"):
            return self.serve("--max-cron-threads=0")

    def serve(self, *options):
        """Start Odoo and wait until it answers."""
        return self.box.serve(
            demo_template.DATABASE, *options, env=self.variables(), port=self.port
        )

    def variables(self):
        """Where Odoo finds the providers, and whose certificates it trusts."""
        return self.standin.variables | {"SSL_CERT_FILE": self.mail["ca_file"]}

    def sent(self):
        """What lies in the companies' Sent folders: {address: [email, …]}."""
        return demo_check.sent(self.mailboxes, self.standin)

    def everything(self):
        """All that is in the mailboxes, to compare with what is there later."""
        log = [entry["message_id"] for entry in self.standin.accepted()]
        return self.mailboxes.everything() | {("the stand-in", "accepted"): log}


@contextlib.contextmanager
def mail_server(box):
    """The mail server with the companies' mailboxes; gives what it says of itself."""
    directory = box.directory / "mail"
    command = [
        box.python,
        cache.CHECKOUT / "dev/mailserver.py",
        "--directory",
        directory,
    ]
    for address in people.MAILBOXES.values():
        command += ["--account", f"{address}:secret-{address.partition('@')[0]}"]
    command += ["--account", f"{people.SPARE}:{people.SPARE_PASSWORD}"]
    with serving(command, "The mail server", box.directory / "mail.log") as line:
        yield json.loads(line)


@contextlib.contextmanager
def _odoo_port():
    """The usual port, or a free one if somebody has that; says so.

    It is minutes before Odoo takes it: meanwhile a lock keeps it from other demos.
    """
    with cache.lock_if_free(f"port-{PORT}") as is_ours:
        port = PORT
        if not (is_ours and _is_free(PORT)):
            port = env.free_ports()[0]
            say(f"Port {PORT} is in use, so Odoo takes {port}.")
        yield port


def _is_free(port):
    with socket.socket() as probe:
        # As Odoo does: without it, connections that have just ended are in the way.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _wait_for(server):
    """Until Ctrl-C, or until Odoo ends by itself."""
    ended = threading.Event()
    threading.Thread(
        target=lambda: (server.process.wait(), ended.set()), daemon=True
    ).start()
    try:
        while not ended.wait(0.5):
            pass
    except KeyboardInterrupt:
        say("")
        return
    raise DevError("Odoo ended by itself.", server.log.read_text()[-3000:])
