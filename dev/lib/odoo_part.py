"""The part of the tests that Odoo runs itself, on a throwaway database."""

import shutil
import subprocess
from pathlib import Path

import env

from . import cache, odoo_log
from .console import say, step, wait

EVERYTHING = f"*/{env.ADDON}"
# Seconds, far above what the tests take: a test that hangs must not hang the developer.
LONGEST = 45 * 60


def run(tags=EVERYTHING):
    """Install the addon with its tests enabled, and tell what they found.

    :param tags: as Odoo's `--test-tags`; a specification without a tag
        (`/account_email_connector:TestClass`) means all tests, not the standard ones
    """
    kept = cache.root() / "logs"
    kept.mkdir(exist_ok=True)
    with env.sandbox() as box, step(f"Odoo tests {tags}"):
        http_port, gevent_port = env.free_ports(2)
        arguments = [
            *("-d", env.ACCOUNT, "-i", env.ADDON, "--stop-after-init"),
            *("--test-tags", with_all_tags(tags)),
            *("--http-port", http_port, "--gevent-port", gevent_port),
            *("--max-cron-threads", 0, "--screenshots", kept / "screenshots"),
        ]
        log_file = box.directory / "odoo.log"
        code = _run(box, arguments, log_file)
        log = log_file.read_text(errors="replace")
        log_file = Path(shutil.copy(log_file, kept / "odoo-tests.log"))
    results, excerpts = odoo_log.read(log)
    if code and not results.failed:
        results.failed.append(f"Odoo ended with {code}")
        excerpts.append("\n".join(log.splitlines()[-60:]))
    for excerpt in excerpts:
        say(f"{'-' * 70}\n{excerpt}")
    for warning in odoo_log.warnings(log):
        say(f"Warning: {warning}")
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
