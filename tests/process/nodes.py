"""Several Odoo servers on one database, with OCA's queue_job, behind a balancer."""

import contextlib
import itertools
import os
import socket
import threading
from pathlib import Path

import office
import psycopg2
from lib import oca

REQUIREMENTS = Path(__file__).with_name("queue_job.txt")
CHANNELS = "root:4,root.account_email_connector.plan:2"


class Balancer:
    """Hands each connection to the next server that answers; ``port`` is its own."""

    def __init__(self):
        self.servers = []
        self._turns = itertools.count()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self._listener.close()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                client, _address = self._listener.accept()
                threading.Thread(
                    target=self._hand_on, args=[client], daemon=True
                ).start()

    def _hand_on(self, client):
        for _server in self.servers:
            turn = next(self._turns) % len(self.servers)
            address = "127.0.0.1", self.servers[turn].port
            with contextlib.suppress(OSError):
                server = socket.create_connection(address)
                back = threading.Thread(
                    target=_pass_on, args=[server, client], daemon=True
                )
                back.start()
                return _pass_on(client, server)
        client.close()


def _pass_on(source, target):
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    for end in (source, target):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


class Node:
    """One Odoo server, and what its log says.

    :ivar port: where it answers.
    """

    def __init__(self, server):
        self._server = server
        self.port = server.port
        self.kill = server.kill

    def is_alive(self):
        return self._server.process.poll() is None

    def log(self):
        return self._server.log.read_text(errors="replace")

    def jobs(self):
        """How many jobs it has come to the end of."""
        return self.log().count("GET /queue_job/runjob")

    def errors(self):
        """What it logged as an error; but not that a server which is busy, or gone,
        did not answer the runner: it asks for that job again by itself."""
        return [
            line
            for line in self.log().splitlines()
            if (" ERROR " in line or " CRITICAL " in line)
            and "jobrunner.runner: exception in GET" not in line
        ]


class Nodes:
    """Starts Odoo servers on one database, each with workers and a job runner.

    :ivar servers: the `Node` of each that was started, in order.
    """

    def __init__(self, box, database, mail, stack):
        self.box = box
        self.database = database
        self.mail = mail
        self._stack = stack
        self.balancer = stack.enter_context(Balancer())
        self.servers = self.balancer.servers

    def start(self, *options):
        """One more server, with two workers for requests, that is for jobs."""
        started = self.box.serve(
            self.database,
            *with_queue_job(self.box),
            *("--workers=2", "--max-cron-threads=1", "--load=base,web,queue_job"),
            *options,
            env={
                **python_path(self.box),
                **office.trust(self.mail),
                "ODOO_QUEUE_JOB_CHANNELS": CHANNELS,
                "ODOO_QUEUE_JOB_HOST": "127.0.0.1",
                "ODOO_QUEUE_JOB_PORT": str(self.balancer.port),
            },
        )
        # Its six processes would look for jobs until the last test of the session.
        server = Node(self._stack.enter_context(started))
        self.servers.append(server)
        return server

    def leader(self):
        """The server whose runner hands out the jobs; None while there is none.

        Of those that run: a killed one is leader no more.
        """
        for server in self.servers:
            if server.is_alive() and "queue job runner ready" in server.log():
                return server
        return None


def wake(box, database):
    """Tell the workers for scheduled actions that one is due."""
    with contextlib.closing(psycopg2.connect(box.dsn("postgres"))) as link:
        link.autocommit = True
        link.cursor().execute("SELECT pg_notify('cron_trigger', %s)", [database])


def _packages():
    return oca.site_packages(REQUIREMENTS, "queue_job")


def with_queue_job(box):
    """The options that put queue_job on Odoo's addons path."""
    paths = [*box.addons_path, _packages() / "odoo/addons"]
    return [f"--addons-path={','.join(map(str, paths))}"]


def python_path(box):
    """The variable with which what queue_job asks for is found."""
    return {"PYTHONPATH": f"{box.prepared.odoo}{os.pathsep}{_packages()}"}


def odoo(box, *arguments, **options):
    """:meth:`env.Sandbox.odoo`, with queue_job on the addons path."""
    variables = {**python_path(box), **options.pop("env", {})}
    return box.odoo(*arguments, *with_queue_job(box), env=variables, **options)


def shell(box, database, code, env=None):
    """Run code in a shell that knows queue_job, and return what it printed. Any error
    in Odoo's log is one here."""
    return odoo(box, "shell", "-d", database, stdin=code, env=env or {}).stdout
