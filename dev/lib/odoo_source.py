"""Odoo 19 itself: Debian's package, unpacked into the cache, or a tree of one's own."""

import os
import re
import shutil
from pathlib import Path

from . import cache
from .console import DevError, run, step

# Odoo 19, and the packages that its static files are symbolic links into. They are
# unpacked from Debian's development suite, never installed.
SUITE = "sid"
# Unpacked, with the Python packages and databases beside it: gigabytes.
SPACE = 3
PACKAGES = (
    "odoo-19",
    "fonts-font-awesome",
    "fonts-inconsolata",
    "fonts-montserrat",
    "fonts-ocr-b",
    "fonts-roboto-unhinted",
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
)


def key(odoo):
    """A short name for this Odoo's code; what is built from it carries the name."""
    head = ""
    if shutil.which("git") and (odoo / ".git").exists():
        head = run(["git", "-C", odoo, "rev-parse", "HEAD"], "Reading ODOO_SOURCE")
    return cache.digest(str(odoo), head)


def directory():
    """The directory that holds `odoo` and `addons`; fetched when it is not there.

    `ODOO_SOURCE` names an existing tree: a git checkout, or an unpacked package's
    `dist-packages`.
    """
    chosen = os.environ.get("ODOO_SOURCE")
    if chosen:
        return _own_tree(Path(chosen).expanduser().absolute())
    root = cache.part("odoo", "19.0-" + cache.digest(*PACKAGES), _fetch)
    return root / "usr/lib/python3/dist-packages"


def _own_tree(path):
    for candidate in (path, path / "usr/lib/python3/dist-packages"):
        release = candidate / "odoo/release.py"
        if release.exists() and (candidate / "addons").is_dir():
            if not re.search(r"version_info\s*=\s*\(19,", release.read_text()):
                raise DevError(f"ODOO_SOURCE={path} is not Odoo 19.")
            return candidate
    raise DevError(f"ODOO_SOURCE={path} holds no Odoo: expected odoo/ and addons/.")


def _fetch(path):
    for tool in ("apt-get", "dpkg-deb"):
        if not shutil.which(tool):
            raise DevError(f"{tool} is missing: set ODOO_SOURCE to an Odoo 19 tree.")
    cache.require_space(SPACE)
    with step("Fetching Odoo 19"):
        debs = path / "debs"
        debs.mkdir()
        apt = _private_apt(path / "apt")
        run([*apt, "update"], "Fetching Debian's package lists")
        run([*apt, "download", *PACKAGES], "Fetching Odoo 19", cwd=debs)
        for deb in sorted(debs.glob("*.deb")):
            run(["dpkg-deb", "-x", deb, path], f"Unpacking {deb.name}")
        shutil.rmtree(debs)
        shutil.rmtree(path / "apt")
    release = path / "usr/lib/python3/dist-packages/odoo/release.py"
    if not release.exists():
        raise DevError("Debian's package odoo-19 no longer holds odoo/release.py.")


def _private_apt(state):
    """An apt-get command with its own lists, so the machine's set-up is untouched.

    Signatures are checked as always. The mirror is the one that the machine uses.
    """
    for name in ("lists/partial", "cache/archives/partial", "parts"):
        (state / name).mkdir(parents=True)
    sources = state / "sources.list"
    sources.write_text(f"deb {_keyring()}{_mirror()} {SUITE} main\n")
    options = {
        "Dir::Etc::sourcelist": sources,
        "Dir::Etc::sourceparts": state / "parts",
        "Dir::Etc::preferencesparts": state / "parts",
        "Dir::State::Lists": state / "lists",
        "Dir::Cache": state / "cache",
        "APT::Sandbox::User": "root",
        # Only the package lists: no translations, no contents.
        "Acquire::Languages": "none",
        "Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled": "false",
        # Without this a mirror that does not answer is but a warning.
        "APT::Update::Error-Mode": "any",
        "Acquire::Retries": "3",
        "Acquire::http::Timeout": "30",
    }
    return ["apt-get", "-q"] + [f"-o{name}={value}" for name, value in options.items()]


def _keyring():
    path = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
    return f"[signed-by={path}] " if path.exists() else ""


def _mirror():
    targets = run(
        ["apt-get", "indextargets", "--format", "$(SITE)", "Created-By: Packages"],
        "Reading apt's set-up",
    )
    sites = [site.rstrip("/") for site in targets.split()]
    for site in sites:
        if site.endswith("/debian"):
            return site
    raise DevError(
        "No Debian mirror in this machine's apt sources: "
        "set ODOO_SOURCE to an Odoo 19 tree."
    )
