"""The sender's domain, as the mail servers of customers see it in the DNS.

Looked up after a mailbox was connected, by the scheduled action, and when somebody
presses *Check the domain*. What was found is kept with the day; shown is only what was
found for the address that follow-ups come from now.
"""

import logging
from dataclasses import asdict

from odoo import api, fields

from ...providers import registry
from ...providers.discovery import domain_of, listed, sender
from ...rules import IN_SERVICE
from ...texts import sender_domain

_logger = logging.getLogger(__name__)


def check(connector):
    """Look up the domain of *connector* (a superuser's), within seconds."""
    asked = _asked(connector)
    if not asked["domain"]:
        return
    found = []
    if not asked["owner"]:
        host = sender.HOSTS.get(asked["host"])
        found = [asdict(each) for each in sender.look(asked["domain"], host)]
    connector.write(
        {
            "domain_found": {**asked, "findings": found},
            "domain_checked_at": fields.Datetime.now(),
        }
    )


def check_new(connectors):
    """Look up the domains of which nothing is known, or the DNS did not answer.

    :param connectors: the model with all rights, in the scheduled action's transaction.
    """
    progress = connectors.env["ir.cron"]
    new = connectors.search([("state", "in", IN_SERVICE)]).filtered(_is_unknown)
    for connector in new:
        if connector.try_lock_for_update(allow_referencing=True):
            check(connector)
            _logger.info("%s: its domain was looked up.", connector.email)
        if not progress._commit_progress():
            break


def _is_unknown(connector):
    states = {each["state"] for each in _found(connector).get("findings", ())}
    return not _found(connector) or sender.State.NO_ANSWER.value in states


def _asked(connector):
    """What is looked up: the domain, by whom it is sent, and whether it is somebody
    else's, who looks after it: ``provider`` or ``private``."""
    address = connector.sender_address or ""
    domain = domain_of(address)
    owner = ""
    if domain and not sender.is_public(domain):
        owner = "private"
    elif domain and (listed(address) or registry.MICROSOFT_PERSONAL.search(address)):
        owner = "provider"
    return {"domain": domain, "host": _host(connector), "owner": owner}


def _host(connector):
    """Who sends for it, as :data:`~...providers.discovery.sender.HOSTS` calls it."""
    name = registry.host_of(connector.provider, connector.smtp_host or "")
    cloud = connector.oauth_app_id.cloud
    if name == registry.MICROSOFT.name and cloud not in (False, "global"):
        name = f"{name} {cloud}"
    return name


def _found(connector):
    """What was found for the address that it sends from now; empty if nothing was."""
    found = connector.domain_found or {}
    asked = _asked(connector)
    return found if all(found.get(name) == asked[name] for name in asked) else {}


# -- what the page shows ---------------------------------------------------------------


@api.depends("domain_found", "email", "send_as", "provider", "smtp_host", "state")
@api.depends_context("lang")
def page(connectors):
    """The ``compute`` of the connector's fields."""
    for connector in connectors:
        in_service = connector.state in IN_SERVICE
        found = in_service and _found(connector)
        connector.domain_text = (
            sender_domain.page(connector.env, found) if found else False
        )
        connector.sender_warning = in_service and _warning(connector)


def _warning(connector):
    """What is known of such an address without asking anybody."""
    if domain_of(connector.sender_address or "").endswith(".onmicrosoft.com"):
        return sender_domain.onmicrosoft(connector.env, registry.ONMICROSOFT_A_DAY)
    by_password = connector.provider not in registry.OAUTH
    if by_password and _host(connector) == registry.MICROSOFT.name:
        return connector.env._(sender_domain.PASSWORD_AT_MICROSOFT)
    return False
