"""Emails move to their follow-ups; secrets are sealed for their purpose."""

import json
import logging
import re
from contextlib import suppress

from cryptography.fernet import InvalidToken

from odoo import SUPERUSER_ID, api

from odoo.addons.account_email_connector.engine.secrets import sealed
from odoo.addons.account_email_connector.providers.outcomes import Outcome
from odoo.addons.account_email_connector.tools import vault

_logger = logging.getLogger(__name__)

# Names that are plainly this machine's; what others stand for is looked up when they
# are connected to.
THIS_MACHINE = r"\s*(localhost(\.localdomain)?\.?|127\.[0-9.]*|\[?::1\]?)\s*"


def migrate(cr, version):
    """Take what the customers' chatters told everybody to where it belongs, and carry
    over the secrets. What cannot be opened stays: its mailbox asks to be connected.
    """
    move_emails(cr)
    env = api.Environment(cr, SUPERUSER_ID, {})
    try:
        seal_mailboxes(env)
        seal_apps(env)
    except Outcome as outcome:  # there is no key
        _logger.warning("The secrets were not carried over: %s", outcome)
    cr.execute("DELETE FROM account_email_oauth_flow")  # they live ten minutes
    cr.execute("DELETE FROM account_email_connector_smtp")
    warn_of_this_machine(cr)


def warn_of_this_machine(cr):
    """Name the mailboxes whose servers are not asked any more without an option."""
    cr.execute(
        """SELECT email, smtp_host, imap_host FROM account_email_connector
            WHERE provider = 'smtp' AND state <> 'disconnected' ORDER BY id"""
    )
    for email, *hosts in cr.fetchall():
        if any(re.fullmatch(THIS_MACHINE, host or "", re.I) for host in hosts):
            _logger.warning(
                "The mail server of %s is on Odoo's own machine: from this version on "
                "it is not asked, and nothing is sent, unless odoo.conf has "
                "account_email_connector_allow_loopback = True.",
                email,
            )


def move_emails(cr):
    """The emails, what came back to them or was said of them, and the files that a
    person added."""
    cr.execute(
        """UPDATE mail_message message
              SET model = 'account.email.followup', res_id = followup.id
             FROM account_email_followup followup
            WHERE message.model = 'res.partner'
              AND followup.mail_message_id IN (message.id, message.parent_id)"""
    )
    cr.execute(
        """UPDATE mail_message message
              SET model = 'account.email.followup', res_id = incoming.followup_id
             FROM account_email_incoming incoming
            WHERE message.model = 'res.partner'
              AND message.message_id = incoming.message_id"""
    )
    cr.execute(
        """UPDATE ir_attachment file
              SET res_model = 'account.email.followup',
                  res_id = link.account_email_followup_id
             FROM account_email_followup_ir_attachment_rel link
            WHERE file.id = link.ir_attachment_id AND file.res_model = 'res.partner'"""
    )


def seal_mailboxes(env):
    """Seal each mailbox's secret for its database, company, servers and account."""
    for credential in env["account.email.connector.credential"].search([]):
        secret = _opened(credential.sealed)
        here = sealed.database(env)
        if secret and secret.pop("database", here) == here:
            sealed.keep(credential.connector_id, secret)


def seal_apps(env):
    """Seal each client secret for its database, provider and client."""
    apps = env["account.email.oauth.app"].with_context(active_test=False)
    for app in apps.search([("sealed_secret", "!=", False)]):
        secret = _opened(app.sealed_secret, plain=True)
        if secret:
            app.sealed_secret = vault.seal(secret, sealed.purpose_of_app(app))


def _opened(text, plain=False):
    """What the first versions sealed; None if no key opens it, or it has a purpose.

    :param plain: it is the secret itself, no JSON.
    """
    try:
        content = vault.decrypt(text).decode()
    except (InvalidToken, ValueError):
        return None
    with suppress(ValueError):
        known = json.loads(content)
        if isinstance(known, dict):
            return None if "purpose" in known else known
    return content if plain else None
