"""The Python environment: Odoo's, the addon's and the developer's packages, locked."""

import os
import shutil
import sys
from pathlib import Path

from . import cache
from .console import DevError, run, step

LOCK_FILE = cache.CHECKOUT / "dev/requirements.lock"
UV = "uv==0.13.9"


def python():
    """The interpreter of the environment; made from the lock file when missing."""
    # The same from the machine's interpreter and from the environment's own.
    key = cache.digest(LOCK_FILE.read_bytes(), sys.version, sys.base_prefix)
    return cache.part("python", key, _build) / "bin/python"


def _build(path):
    with step("Making the Python environment"):
        install(path, ["--require-hashes", "-r", LOCK_FILE])


def install(path, arguments, python=sys.executable):
    """Make a virtual environment, by uv or, where it cannot be had, by pip.

    :param arguments: what to install, in words that both understand
    :param python: the interpreter that it is for
    """
    uv = _uv()
    if uv:
        run([uv, "venv", "-q", "--python", python, path], "Making a venv")
        command = [uv, "pip", "install", "-q", "--python", path / "bin/python"]
        # The files decide everything: no settings of the user's projects.
        env = {"UV_CACHE_DIR": str(cache.root() / "uv"), "UV_NO_CONFIG": "1"}
        if Path("/etc/ssl/certs/ca-certificates.crt").exists():
            # Trust whom the machine trusts; the second is the older name.
            env |= {"UV_SYSTEM_CERTS": "1", "UV_NATIVE_TLS": "1"}
    else:
        _plain_venv(path, python)
        command = [path / "bin/python", "-m", "pip", "install", "-q"]
        env = _PIP
    run([*command, *arguments], "Installing the Python packages", env=env)


# Messages about pip itself help nobody here.
_PIP = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_CONSTRAINT": os.devnull}


def _uv():
    """uv from the path or from PyPI; None when it cannot be had (pip works too)."""
    found = shutil.which("uv")
    if found:
        return found

    try:
        return tool(UV) / "bin/uv"
    except DevError:
        return None


def tool(requirement):
    """The directory of a virtual environment of its own for a tool from PyPI."""

    def build(path):
        _plain_venv(path)
        command = [path / "bin/python", "-m", "pip", "install", "-q", requirement]
        run(command, f"Installing {requirement}", env=_PIP)

    name = requirement.partition("==")[0]
    return cache.part(name, cache.digest(requirement, sys.version), build)


def _plain_venv(path, python=sys.executable):
    shutil.rmtree(path)
    run([python, "-m", "venv", path], "Making a venv")


def site_packages(python_path):
    """Where the environment's packages lie."""
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    return Path(python_path).parents[1] / "lib" / version / "site-packages"
