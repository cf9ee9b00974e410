"""The parts of the tests that Odoo runs itself, on throwaway databases."""

import shutil
import subprocess
from pathlib import Path

import env
from benches import oca

from . import cache, odoo_log
from .console import say, step, wait
from .oca import MANY, many

EVERYTHING = f"*/{env.ADDON}"
# Tests that need nothing but `account`, and those that need all of `env.NEIGHBOURS`.
COEXIST, NEIGHBOURS = f"coexist/{env.ADDON}", f"neighbours/{env.ADDON}"
# Those that need all of `env.MANY_NEIGHBOURS`.
LARGE = f"large/{env.ADDON}"
# Seconds, far above what the tests take: a test that hangs must not hang the developer.
LONGEST = 75 * 60


def run(tags=EVERYTHING):
    """Install the addon with its tests enabled, and tell what they found.

    :param tags: as Odoo's `--test-tags`; a specification without a tag
        (`/account_email_connector:TestClass`) means all tests, not the standard ones
    """
    with env.sandbox() as box:
        tags = f"{with_all_tags(tags)},-{NEIGHBOURS},-{LARGE}"
        found = _found(box, "odoo-tests", tags)
    return told(*found)


def without_neighbours():
    """The tests tagged `coexist`, with `account` and nothing that comes with it by
    itself; a warning is a failure."""
    with env.sandbox(env.account_alone()) as box:
        found = _found(box, "odoo-alone", COEXIST, "--skip-auto-install")
    return told(*found, strict=True)


def with_neighbours():
    """The same, and those tagged `neighbours`, with all of Odoo's and OCA's that the
    addon has to do with: installed before it; a warning is a failure."""
    tags = f"{COEXIST},{NEIGHBOURS}"
    with env.sandbox(addons=[oca.addons()]) as box:
        modules = f"{env.NEIGHBOURS},{oca.MODULE}"
        database = box.database("neighbours", modules=modules)
        found = _found(box, "odoo-neighbours", tags, database=database)
    return told(*found, strict=True)


def with_many_neighbours():
    """The same, and those tagged `large`, with many more of Odoo's and OCA's; a warning
    of ours is a failure."""
    tags = f"{COEXIST},{NEIGHBOURS},{LARGE}"
    with env.sandbox(addons=[oca.addons(), many()]) as box:
        modules = ",".join((env.MANY_NEIGHBOURS, oca.MODULE, *MANY))
        database = box.database("neighbours", modules=modules)
        found = _found(box, "odoo-many-neighbours", tags, database=database)
    return told(*found, strict=True, about=env.ADDON)


def _found(box, name, tags, *options, database=env.ACCOUNT):
    """Install the addon into a database with its tests enabled.

    :param name: of its log
    :return: Odoo's exit code, where its log is kept
    """
    # Of each checkout by itself: others may be tested at the same time.
    kept = cache.root() / "logs" / cache.digest(str(cache.CHECKOUT))
    kept.mkdir(parents=True, exist_ok=True)
    http_port, gevent_port = env.free_ports(2)
    arguments = [
        *("-d", database, "-i", env.ADDON, "--stop-after-init"),
        *("--test-tags", tags),
        *("--http-port", http_port, "--gevent-port", gevent_port),
        *("--max-cron-threads", 0, "--screenshots", kept / "screenshots"),
        *options,
    ]
    log_file = box.directory / "odoo.log"
    with step(f"Odoo tests {tags}"):
        code = _run(box, arguments, log_file)
    return code, Path(shutil.copy(log_file, kept / f"{name}.log"))


def told(code, log_file, strict=False, about=""):
    """Read the results from a log, and tell them.

    :param strict: whether a warning is a failure, if it names what it is *about*
    """
    log = log_file.read_text(errors="replace")
    results, excerpts = odoo_log.read(log)
    if code and not results.failed:
        results.failed.append(f"Odoo ended with {code}")
        excerpts.append("\n".join(log.splitlines()[-60:]))
    for excerpt in excerpts:
        say(f"{'-' * 70}\n{excerpt}")
    for warning in odoo_log.warnings(log):
        say(f"Warning: {warning}")
        if strict and about in warning:
            results.failed.append(f"WARNING logged by {warning.splitlines()[0]}")
    say(f"Odoo tests: {results}. Log: {log_file}")
    return results


def _run(box, arguments, log_file):
    with open(log_file, "w") as log, box.prepared.config(box.cluster) as config:
        process = subprocess.Popen(
            box.prepared.command(*arguments),
            env=box.variables(config),
            cwd=box.directory,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        return wait(process, LONGEST)


def with_all_tags(tags):
    """Put `*` before each specification that names no tag.

    Odoo would take only the tests tagged `standard` then.
    """
    specifications = [each.strip() for each in tags.split(",")]
    return ",".join("*" + s if s[:1] in ("/", ":", ".") else s for s in specifications)
