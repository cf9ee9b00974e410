"""What an administrator gets, the wheel and the zip of ``dev/package``: what is in
them, and that an Odoo which has nothing else of ours sends from them."""

import ast
import subprocess
import zipfile
from email.parser import HeaderParser
from fnmatch import fnmatch
from pathlib import Path

import env
import office
import pytest
from lib import odoo_log, package_command
from lib.cache import CHECKOUT
from scheduler import Scheduler

MANIFEST = ast.literal_eval((CHECKOUT / "__manifest__.py").read_text())
NAME = f"{env.ADDON}-{MANIFEST['version']}"
KINDS = ["wheel", "zip"]
#: All that is in a package, at its top: who adds a room adds it here.
TOP = {
    *("ARCHITECTURE.md", "CHANGELOG.md", "LICENSE", "README.md", "requirements.txt"),
    *("__init__.py", "__manifest__.py", "hooks.py"),
    *("controllers", "data", "demo", "engine", "i18n", "migrations", "models"),
    *(
        "providers",
        "readme",
        "report",
        "rules",
        "security",
        "static",
        "texts",
        "tools",
        "views",
    ),
    "wizard",
}


@pytest.fixture(scope="session")
def packages(tmp_path_factory):
    """The packages, by their kind."""
    made = package_command.make(tmp_path_factory.mktemp("packages"))
    return dict(zip(KINDS, made, strict=True))


def listed(package, prefix):
    """The files of the addon in a package."""
    with zipfile.ZipFile(package) as archive:
        names = archive.namelist()
    return [name.removeprefix(prefix) for name in names if name.startswith(prefix)]


@pytest.fixture(params=KINDS)
def files(request, packages):
    prefix = "odoo/addons/" if request.param == "wheel" else ""
    return listed(packages[request.param], f"{prefix}{env.ADDON}/")


def test_what_runs_and_nothing_else(files):
    assert {name.split("/")[0] for name in files} == TOP
    parts = {part for name in files for part in Path(name).parts}
    assert not {"dev", "tests", ".ci", "__pycache__", "pyproject.toml"} & parts
    assert {"i18n/fr.po", "static/description/icon.png", "data/neutralize.sql"} <= set(
        files
    )


def test_each_file_that_the_manifest_names(files):
    named = {*MANIFEST["data"], *MANIFEST["demo"], *MANIFEST["images"]}
    assert named <= set(files)
    ours = [f"{env.ADDON}/{name}" for name in files]
    for pattern in MANIFEST["assets"]["web.assets_backend"]:
        assert any(fnmatch(name, pattern.replace("**/*", "*")) for name in ours)


def test_each_page_and_picture_that_the_readme_names(files):
    text = (CHECKOUT / "README.md").read_text()
    links = {part.partition(")")[0] for part in text.split("](")[1:]}
    assert {link for link in links if "://" not in link} <= set(files)


def test_nothing_else_lies_beside_the_addon(packages):
    with zipfile.ZipFile(packages["zip"]) as archive:
        assert {name.split("/")[0] for name in archive.namelist()} == {env.ADDON}
    with zipfile.ZipFile(packages["wheel"]) as archive:
        beside = {name.split("/")[0] for name in archive.namelist()} - {"odoo"}
        assert beside == {f"odoo_addon_{NAME}.dist-info"}
        (beside,) = beside
        told = HeaderParser().parsestr(archive.read(f"{beside}/METADATA").decode())
    needs = {"odoo==19.0.*", *MANIFEST["external_dependencies"]["python"]}
    assert set(told.get_all("Requires-Dist")) == needs
    assert (told["Name"], told["Version"]) == (
        f"odoo-addon-{env.ADDON}",
        MANIFEST["version"],
    )


def test_the_same_commit_gives_the_same_bytes(packages, tmp_path):
    for again in package_command.make(tmp_path):
        (first,) = (path for path in packages.values() if path.name == again.name)
        assert again.read_bytes() == first.read_bytes()


@pytest.fixture(params=KINDS)
def clean(request, box, packages, tmp_path):
    """An Odoo that has the addon from a package, and nothing of the checkout."""
    package = packages[request.param]
    if request.param == "zip":
        with zipfile.ZipFile(package) as archive:
            archive.extractall(tmp_path)
        return box.installed(tmp_path)
    # What it needs is there, and Odoo itself is none of pip's packages here.
    python = package_command.builder().parents[2] / "bin/python"
    pip = [python, "-m", "pip", "install", "-q", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--target", tmp_path, package], check=True)
    return box.installed(packages=[tmp_path])


WHERE = """
import odoo.addons.account_email_connector as addon
print(addon.__path__[0])
"""


def test_installed_connected_and_sent(clean, mail, tmp_path):
    database = f"from_{tmp_path.name}"
    clean.cluster.copy_database(env.ACCOUNT, database)
    done = clean.odoo("-d", database, "-i", env.ADDON, "--stop-after-init")
    assert odoo_log.warnings(done.stderr) == []
    (where,) = clean.shell(database, WHERE).split()
    assert Path(where).is_relative_to(tmp_path)

    office.furnish(clean, database, mail, dict.fromkeys(office.COUNTS, 1))
    (customer,) = office.release(clean, database, office.ACME, 0, 1)
    with Scheduler(clean, database, mail) as odoo:
        odoo.run_once()
        assert odoo_log.warnings(odoo.log.read_text()) == []
    assert [each.recipients for each in mail.accepted()] == [(customer,)]
    assert office.followups(clean, database) == {customer: "sent"}
