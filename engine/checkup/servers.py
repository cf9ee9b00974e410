"""Whether the servers that a mailbox needs can be reached from here."""

from concurrent.futures import ThreadPoolExecutor, wait
from ipaddress import ip_address
from typing import NamedTuple

from odoo.tools import config

from ...providers import probe
from ...providers.deadline import Deadline
from ...providers.oauth.app import OAuthApp
from ...providers.registry import OAUTH, provider
from ...providers.settings import SmtpSettings
from ...texts import reason_text, said_by
from ...tools.endpoints import endpoints
from ...tools.reach import reach
from .finding import BAD, FACT, GOOD, LOOK, Finding

#: In ``odoo.conf``: the address that emails leave from, as the world sees it.
PUBLIC_ADDRESS = "account_email_connector_public_address"
#: Seconds for all of them, side by side: somebody waits for the page.
PATIENCE = 12


class Asked(NamedTuple):
    """One server, and what it has answered."""

    name: str
    answered: probe.Answered


def ask(connector):
    """Ask the servers of this mailbox, or of the apps that it could be connected with.

    :param connector: as a superuser's.
    :return: list of :class:`Asked`.
    """
    end = Deadline(PATIENCE)
    todo = dict(_of_password(connector, end) or _of_sign_in(connector, end))
    pool = ThreadPoolExecutor(max(len(todo), 1))
    tasks = {name: pool.submit(act) for name, act in todo.items()}
    wait(tasks.values(), timeout=end.left())
    pool.shutdown(wait=False)  # who has not answered is not waited for
    return [
        Asked(name, task.result() if task.done() else probe.not_in_time(name))
        for name, task in tasks.items()
    ]


def findings(env, asked):
    """Each server; then the address that IT should allow.

    :param asked: what :func:`ask` returned.
    """
    for name, answered in asked:
        obstacle = answered.obstacle
        if not obstacle:
            yield Finding(name, GOOD, env._("reached"))
            continue
        why, todo = reason_text(env, obstacle.reason)
        yield Finding(name, BAD, f"{why} {said_by(obstacle)}".strip(), todo)
    yield _public_address(env, [each.answered.seen_as for each in asked])


def _public_address(env, seen):
    """From where the mail server sees us: what IT asks for, before it allows us."""
    title = env._("Public address")
    if given := config.get(PUBLIC_ADDRESS):
        return Finding(title, FACT, given, env._("As it stands in odoo.conf."))
    for address in filter(None, seen):
        if ip_address(address).is_global:
            told = env._("As the mail server sees it: this is what IT should allow.")
            return Finding(title, FACT, address, told)
    said = env._("The mail server does not say from which address it sees Odoo.")
    if any(seen):
        said = env._("The mail server is in your own network, and sees %s.", *seen[:1])
    return Finding(
        title,
        LOOK,
        said,
        env._(
            "If IT has to allow one, ask who runs this server, and write it down: "
            "%s in odoo.conf.",
            PUBLIC_ADDRESS,
        ),
    )


def _of_password(connector, end):
    """{name: what to call} for the servers of a mailbox with a password."""
    if connector.provider in OAUTH or not connector.smtp_host:
        return {}
    known = SmtpSettings(
        host=connector.smtp_host,
        port=connector.smtp_port,
        encryption=connector.smtp_encryption,
        imap_host=connector.imap_host or "",
        imap_port=connector.imap_port or 993,
        imap_encryption=connector.imap_encryption or "ssl",
        timeout=PATIENCE / 2,
        reach=reach(),
    )
    asked = {f"SMTP {known.host}:{known.port}": lambda: probe.ask_smtp(known, end)}
    if known.imap_host:
        name = f"IMAP {known.imap_host}:{known.imap_port}"
        asked[name] = lambda: probe.ask_imap(known, end)
    return asked


def _of_sign_in(connector, end):
    """The same for the pages of the mailbox's provider; else of those with an app."""
    app = connector.oauth_app_id
    apps = app or connector.env["account.email.oauth.app"].search([])
    places, ca_file = endpoints()
    asked = {}
    for app in apps:
        known = OAuthApp(app.provider, "", "", cloud=app.cloud, endpoints=places)
        for url in provider(app.provider).places(known):
            asked[url] = lambda url=url: probe.ask_web(url, ca_file, end)
    return asked
