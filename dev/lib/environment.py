"""The prepared environment: everything that is needed to start Odoo with the addon."""

import contextlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from . import cache, odoo_source, python_env
from .console import DevError

ADDON = "account_email_connector"
LAUNCHER = Path(__file__).parent / "odoo_bin.py"


@dataclass(frozen=True)
class Environment:
    """What `prepare` made.

    :param python: the interpreter that has all packages
    :param odoo: the directory that holds `odoo` and `addons`
    :param addons_path: directories in which Odoo looks for addons, in order
    :param python_path: where Python looks for packages first; if empty, in `odoo`
    """

    python: Path
    odoo: Path
    addons_path: tuple
    python_path: tuple = ()

    def command(self, *arguments):
        """The command line that runs Odoo with these arguments."""
        return [str(self.python), str(LAUNCHER), *map(str, arguments)]

    def variables(self, cluster, config, base=os.environ):
        """The variables of a process that runs Odoo on a cluster with a config file."""
        return {
            **base,
            **cluster.environment,
            "PYTHONPATH": os.pathsep.join(map(str, self.python_path or (self.odoo,))),
            "ODOO_RC": str(config),
            # A developer's mail servers listen on this machine; see tools/reach.py.
            "ACCOUNT_EMAIL_CONNECTOR_ALLOW_LOOPBACK": "1",
            # PostgreSQL's tools, for Odoo's backup, and the environment's own.
            "PATH": f"{cluster.bin}:{self.python.parent}:{os.environ['PATH']}",
        }

    @contextlib.contextmanager
    def config(self, cluster, **options):
        """A configuration file for Odoo, gone at the end; command lines override it."""
        options = {
            "addons_path": ",".join(map(str, self.addons_path)),
            "data_dir": cluster.odoo_data,
            "db_host": cluster.socket,
            "db_user": cluster.environment["PGUSER"],
            "http_interface": "127.0.0.1",
            "pg_path": cluster.bin,
            **options,
        }
        with tempfile.NamedTemporaryFile(
            "w", dir=cluster.directory, prefix="odoo-", suffix=".conf"
        ) as file:
            lines = [f"{name} = {value}\n" for name, value in options.items()]
            file.write("[options]\n" + "".join(lines))
            file.flush()
            yield Path(file.name)


def prepare(addons=()):
    """Fetch and make what is missing, and return the environment.

    :param addons: further directories that Odoo takes addons from
    """
    odoo = odoo_source.directory()
    paths = [odoo / "addons", mount(), *addons, *_extra_addons()]
    return Environment(python_env.python(), odoo, tuple(paths))


def mount():
    """A directory in which the checkout has the addon's name, whatever its own is."""
    directory = cache.root() / "mounts" / cache.digest(str(cache.CHECKOUT))
    directory.mkdir(parents=True, exist_ok=True)
    link = directory / ADDON
    if not link.is_symlink():
        with contextlib.suppress(FileExistsError):
            link.symlink_to(cache.CHECKOUT)
    return directory


def _extra_addons():
    for name in filter(None, os.environ.get("EXTRA_ADDONS", "").split(",")):
        path = Path(name).expanduser().absolute()
        if not path.is_dir():
            raise DevError(f"EXTRA_ADDONS: {path} is not a directory.")
        yield path
