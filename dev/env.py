"""Real Odoo servers and databases for tests, the demo and benchmarks.

    import env  # with dev/ on the Python path; tests/process has it

    with env.sandbox() as box:
        database = box.database()  # the addon is installed in it
        box.shell(database, "env.company.name = 'Acme'; env.cr.commit()")
        with box.serve(database, "--max-cron-threads=0") as server:
            print(server.url, server.pid)
            server.kill()  # as kill -9

Everything lies in a temporary directory and ends with the `with` block; what a killed
process left behind is cleared away by the next sandbox. Nothing listens but Odoo, on
127.0.0.1 and a free port; PostgreSQL has a socket only.
"""

import contextlib
import copy
import dataclasses
import fcntl
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from lib import cache, environment, odoo_source, postgres, warm
from lib.console import DevError, run, step, test_variables

ADDON = environment.ADDON
# The database of the template: `account` with the generic chart, no demo data.
ACCOUNT = "account"
# What Odoo's log says once it has its port.
LISTENS = "HTTP service (werkzeug) running on"
# What of Odoo's the addon has to do with, but does not need; `payment_demo` pays,
# `l10n_it_edi` is another e-invoicing network, and the first two sign in as we do.
NEIGHBOURS = (
    "google_gmail,microsoft_outlook,account_payment,account_peppol,"
    "account_qr_code_sepa,snailmail_account,"
    "sale_management,point_of_sale,payment_demo,payment_custom,l10n_it_edi"
)
# What a busy company has besides; it takes long to install.
MANY_NEIGHBOURS = (
    f"{NEIGHBOURS},purchase_stock,sale_stock,website_sale,"
    "hr_expense,survey,mass_mailing,calendar,crm,sms,account_edi_ubl_cii,"
    "l10n_be,l10n_de,l10n_fr_account"
)


@contextlib.contextmanager
def sandbox(template=None, addons=()):
    """A throwaway PostgreSQL with the database `account`; gives a `Sandbox`.

    :param template: the directory of another cluster to copy, stopped (`Sandbox.save`)
    :param addons: further directories that Odoo takes addons from
    """
    prepared = environment.prepare(addons)
    template = template or _template(prepared)
    with cache.lock("sandbox"):
        _clear_left_behind()
        directory = Path(tempfile.mkdtemp(prefix="aec-sandbox-"))
        directory.chmod(0o711)
        owner = open(directory / "owner", "w")  # noqa: SIM115 - held to the end
        fcntl.flock(owner, fcntl.LOCK_EX)
    box = Sandbox(directory, prepared)
    try:
        _copy_cluster(template, directory)
        box.cluster.start()
        yield box
    finally:
        box.close()
        owner.close()


class Sandbox:
    """Databases in one throwaway PostgreSQL, and the Odoo processes that use them.

    :ivar python: the interpreter that has Odoo's and the addon's packages
    :ivar addons_path: the directories that Odoo takes addons from
    :ivar directory: the temporary directory; put what you need into it
    :ivar cluster: the PostgreSQL cluster, `cluster.sql(statement, database)`
    """

    def __init__(self, directory, prepared):
        self.directory = directory
        self.prepared = prepared
        self.python = prepared.python
        self.addons_path = prepared.addons_path
        self.cluster = postgres.Cluster(directory, self.python, throwaway=True)
        self._servers = []
        self._count = 0
        self._warm = None

    def warm_up(self, database):
        """From now on an Odoo process is a fork of one that has imported what this
        database has installed, which spares it 5 s (`lib.warm`)."""
        with self.prepared.config(self.cluster, http_enable=False) as config:
            self._warm = warm.Warm([self.python], database, self.variables(config))

    def installed(self, *addons, packages=()):
        """The same PostgreSQL, with other addons than the checkout's.

        :param addons: directories in which Odoo looks for addons, beside its own
        :param packages: directories in which Python looks for packages, before others
        """
        box = copy.copy(self)
        odoo = self.prepared.odoo
        box.addons_path = (odoo / "addons", *addons)
        box._warm = None
        box.prepared = dataclasses.replace(
            self.prepared,
            addons_path=box.addons_path,
            python_path=(odoo, *packages),
        )
        return box

    def variables(self, config):
        """The variables of an Odoo process with a configuration file."""
        return self.prepared.variables(self.cluster, config, test_variables())

    def database(self, name=None, modules=ADDON):
        """Create a database with modules installed, and return its name.

        The first one of a kind takes as long as installing the modules on top of
        `account`, each further one under a second.

        :param modules: comma-separated; without any, only `account` is installed
        """
        template = ACCOUNT
        if modules:
            template = f"template_{cache.digest(modules)}"
            if template not in self.cluster.databases():
                self.cluster.copy_database(ACCOUNT, template)
                with step(f"Installing {modules}"):
                    self.odoo("-d", template, "-i", modules, "--stop-after-init")
        self._count += 1
        name = name or f"test_{self._count}"
        self.cluster.copy_database(template, name)
        return name

    def dsn(self, database):
        """How psycopg2 connects to a database: `psycopg2.connect(box.dsn(name))`."""
        return f"host={self.cluster.socket} user={postgres.ROLE} dbname={database}"

    def odoo(self, *arguments, stdin="", env=None, timeout=900, check=True):
        """Run Odoo to its end and return the `CompletedProcess`, outputs as text.

        :param env: variables set in addition
        :param timeout: seconds until it is killed
        :raise DevError: with `check`, when it ends with another code than 0 or logs an
            error
        """
        with (
            self.prepared.config(self.cluster, http_enable=False) as config,
            tempfile.TemporaryFile("w+") as given,
            tempfile.TemporaryFile("w+") as out,
            tempfile.TemporaryFile("w+") as log,
        ):
            given.write(stdin)
            given.seek(0)
            variables = {**self.variables(config), **(env or {})}
            process = self.popen(arguments, variables, given, out, log)
            try:
                process.wait(timeout)
            except BaseException:
                os.killpg(process.pid, signal.SIGKILL)
                raise
            out.seek(0)
            log.seek(0)
            done = subprocess.CompletedProcess(
                arguments, process.returncode, out.read(), log.read()
            )
        failed = done.returncode or " ERROR " in done.stderr
        if check and (failed or " CRITICAL " in done.stderr):
            tail = "\n".join(done.stderr.splitlines()[-60:])
            raise DevError(f"Odoo failed with {done.returncode}.", tail)
        return done

    def popen(self, arguments, variables, stdin, stdout, stderr):
        """Start Odoo in a session of its own.

        :param variables: all that it has
        :param stdin: a file, as are *stdout* and *stderr*
        :return: a `subprocess.Popen`, or what has its methods
        """
        files = {"stdin": stdin, "stdout": stdout, "stderr": stderr}
        if self._warm and self._warm.can(arguments, variables):
            return self._warm.popen(arguments, variables, self.directory, **files)
        return subprocess.Popen(
            self.prepared.command(*arguments),
            env=variables,
            cwd=self.directory,
            start_new_session=True,
            **files,
        )

    def shell(self, database, code, env=None, timeout=300):
        """Run Python code in `odoo shell` and return what it printed.

        `env` (Odoo's) is there as in any shell. Nothing is committed unless the code
        does so; an exception in it raises `DevError`.
        """
        arguments = ("shell", "-d", database)
        done = self.odoo(*arguments, stdin=code, env=env, timeout=timeout, check=False)
        if done.returncode:
            tail = "\n".join(done.stderr.splitlines()[-60:])
            raise DevError(f"The shell ended with {done.returncode}.", tail)
        return done.stdout

    def dump(self, database):
        """Return a whole database as text, as `pg_dump --inserts` writes it."""
        return subprocess.run(
            [self.cluster.bin / "pg_dump", "-d", database, "--inserts"],
            env=self.cluster.environment,
            capture_output=True,
            check=True,
            text=True,
        ).stdout

    def save(self, directory):
        """Stop PostgreSQL and keep its files in a directory, for `sandbox(…)`."""
        for server in self._servers:
            server.close()
        self.cluster.stop()
        _copy_cluster(self.directory, directory)

    def serve(self, database, *options, env=None, timeout=60, port=None):
        """Start an Odoo server and wait until it answers.

        :param options: of Odoo's command line, for example `--max-cron-threads=0`
        :param env: variables set in addition
        :param timeout: seconds it may take to answer
        :param port: its HTTP port; a free one if None
        :return: a `Server`, also a context manager that stops it
        """
        server = Server(self, database, options, env or {}, port)
        self._servers.append(server)
        server.wait_until_ready(timeout)
        return server

    def close(self):
        """Stop everything and remove the directory."""
        for server in self._servers:
            server.close()
        if self._warm:
            self._warm.close()
        self.cluster.stop("immediate")
        shutil.rmtree(self.directory, ignore_errors=True)


class Server:
    """A running Odoo server.

    :ivar url: for example `http://127.0.0.1:40123`
    :ivar port: its HTTP port
    :ivar pid: of the main process
    :ivar process: the `subprocess.Popen`
    :ivar log: the path of its log file
    """

    def __init__(self, box, database, options, env, port=None):
        self.port, gevent_port = free_ports(2)
        self.port = port or self.port
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = box.directory / f"odoo-{self.port}.log"
        self._config = contextlib.ExitStack()
        config = self._config.enter_context(
            box.prepared.config(
                box.cluster,
                http_port=self.port,
                gevent_port=gevent_port,
                db_name=database,
                list_db=False,
            )
        )
        with open(self.log, "wb") as log, open(os.devnull) as nothing:
            variables = {**box.variables(config), **env}
            self.process = box.popen(options, variables, nothing, log, log)
        self.pid = self.process.pid

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self.close()

    def wait_until_ready(self, timeout=60):
        """Wait until it answers.

        :raise DevError: when it ended or did not answer in `timeout` seconds
        """
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise DevError(
                    f"Odoo ended with {self.process.returncode}.", self._tail()
                )
            # Another server may have the port, and answer there: then this one ends.
            with contextlib.suppress(OSError):
                page = f"{self.url}/web/health"
                urllib.request.urlopen(page, timeout=5).close()  # nosec B310 # http
                if LISTENS in self.log.read_text(errors="replace"):
                    return
            time.sleep(0.05)
        raise DevError(f"Odoo did not answer in {timeout} s.", self._tail())

    def _tail(self):
        return self.log.read_text(errors="replace")[-5000:]

    def stop(self, grace=5, tries=6):
        """Ask it to stop, as a service manager does, and wait for its end.

        Odoo gives its requests a second, but a connection that a browser keeps open
        without asking for anything holds it much longer: the second signal, as Odoo
        says in its log, does not wait for that.

        :param grace: seconds from one signal to the next
        :param tries: so many signals, then it is killed
        """
        for _try in range(tries):
            if self.process.poll() is not None:
                return
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(grace)
        self.kill()

    def kill(self):
        """Kill it with its workers, as kill -9 or the kernel out of memory does."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.process.wait()

    def close(self):
        """Stop it and remove its configuration file; its log stays."""
        self.stop()
        self._config.close()


def free_ports(count=1):
    """Return numbers of different TCP ports of 127.0.0.1 that nobody listens on.

    It may be long before Odoo does. So they are none of those that the system gives to
    whoever connects, or asks for any port: on Linux, from 32768 on.
    """
    ports = set()
    while len(ports) < count:
        port = random.SystemRandom().randrange(20_000, 32_000)
        with contextlib.suppress(OSError), socket.socket() as taken:
            taken.bind(("127.0.0.1", port))
            ports.add(port)
    return list(ports)


def _copy_cluster(source, target):
    for name in ("data", "run", "odoo"):
        # Keeps the owner, which shutil does not.
        copy = ["cp", "-a", "--reflink=auto", source / name, target / name]
        run(copy, "Copying the template database")


def account_alone():
    """For `sandbox(…)`: `account` without what Odoo installs with it by itself, as
    `account_payment` and `snailmail_account`."""
    return _template(environment.prepare(), "alone", "--skip-auto-install")


def _template(prepared, name="template", *options):
    """A cluster's directory, not running, with the database `account`; never used."""

    def build(path):
        cluster = postgres.Cluster(path, prepared.python, throwaway=True)
        with step("Installing Odoo's accounting into the template database"):
            cluster.create()
            cluster.start()
            try:
                with prepared.config(cluster, http_enable=False) as config:
                    arguments = ["-d", ACCOUNT, "-i", "account", "--stop-after-init"]
                    run(
                        prepared.command(*arguments, *options),
                        "Installing Odoo's accounting",
                        env=prepared.variables(cluster, config),
                        cwd=path,
                    )
                cluster.sql("VACUUM ANALYZE", ACCOUNT)
                cluster.sql("CHECKPOINT", user="postgres")
            finally:
                cluster.stop()

    version = postgres.version(prepared.python)
    lock = (cache.CHECKOUT / "dev/requirements.lock").read_bytes()
    key = cache.digest(odoo_source.key(prepared.odoo), version, lock)
    return cache.part(name, key, build)


def _clear_left_behind():
    """Stop and remove the sandboxes of processes that were killed."""
    for directory in Path(tempfile.gettempdir()).glob("aec-sandbox-*"):
        with contextlib.suppress(OSError):
            if directory.stat().st_uid != os.geteuid():
                continue
            with open(directory / "owner", "a") as owner:
                fcntl.flock(owner, fcntl.LOCK_EX | fcntl.LOCK_NB)
                for pid in _processes_of(directory):
                    os.kill(pid, signal.SIGKILL)
                shutil.rmtree(directory, ignore_errors=True)


def _processes_of(directory):
    """The Odoo processes that use a sandbox's PostgreSQL, and that server itself."""
    mark = f"PGHOST={directory}/run\0".encode()
    server = f"{directory}/data\0".encode()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            environ = (process / "environ").read_bytes()
            if mark in environ or server in (process / "cmdline").read_bytes():
                yield int(process.name)
