"""What becomes of a company's emails when it is archived or deleted.

What was sent is a record that others may ask for: it goes with its company only once
somebody has taken it out, whole (:mod:`.tables`), and nothing has changed since.
"""

import hashlib
import logging

from odoo.exceptions import UserError
from odoo.tools import format_datetime

from ...rules import IN_SERVICE
from .. import cron
from ..followup import ledger
from ..followup.ledger_reasons import LedgerReason
from ..handover.bundle import safe_name
from ..mailbox import connecting
from ..safely import safely
from . import tables

_logger = logging.getLogger(__name__)

#: What has not left yet, and may be called off.
WAITS = (ledger.TO_REVIEW, ledger.PLANNED)
#: What is deleted with a company, in this order. A plan or a rule without a company
#: would be every company's.
ITS_OWN = (
    *("promise", "followup", "delivery"),
    *("followup.case", "followup.plan.rule", "followup.plan"),
)


# -- archived --------------------------------------------------------------------------


def retire(companies):
    """Nothing leaves for them any more, and their mailboxes are let go soon.

    What somebody else is at just now is called off when its turn comes. The provider is
    told by the scheduled action: what a request asks of it, no rollback takes back.

    :param companies: ``res.company``, as a superuser's: they were archived.
    """
    followups = companies.env["account.email.followup"].search(
        [("company_id", "in", companies.ids), ("state", "in", WAITS)]
    )
    mine = followups.try_lock_for_update().filtered(lambda each: each.state in WAITS)
    ledger.skip(mine, LedgerReason.COMPANY_ARCHIVED)
    if _mailboxes(companies).filtered(lambda c: c.state != "disconnected"):
        cron.run_health(companies.env)


def let_go(connectors):
    """Disconnect the mailboxes of companies that are archived.

    :param connectors: the model with all rights, in the scheduled action's transaction.
    """
    env = connectors.env
    left = connectors.search(
        [("company_id.active", "=", False), ("state", "!=", "disconnected")]
    )
    for connector in left:
        if connector.try_lock_for_update(allow_referencing=True):
            safely(env, _let_go, connector)
            if not env["ir.cron"]._commit_progress():
                break


def _let_go(connector):
    """Disconnect the mailbox, and say why."""
    env = connector.env
    said = env._("Disconnected, because the company was archived.")
    if connecting.disconnect(connector):
        by_hand = env._(
            "Google could not be told: remove the access at "
            "https://myaccount.google.com/connections"
        )
        said = f"{said} {by_hand}"
    connector._message_log(body=said)


def _mailboxes(companies):
    connectors = companies.env["account.email.connector"]
    return connectors.search([("company_id", "in", companies.ids)])


# -- exported --------------------------------------------------------------------------


def export(company):
    """Pack all that is written down of *company*, and note who has it, and what it was.

    Of an export before, the note stays, and the file goes.

    :param company: a ``res.company``, as a superuser's; its environment has the user.
    :return: the ``account.email.journal.export``, whose file can be saved.
    """
    env = company.env
    content, extent = tables.pack(env, company)
    _files(company).unlink()
    exported = env["account.email.journal.export"].create(
        {
            "company_id": company.id,
            "company_name": company.name,
            "exported_by": env.user.name,
            "emails": extent.emails,
            "last_email": extent.last_email,
            "followups": extent.followups,
            "digest": extent.digest,
            "file_digest": hashlib.sha256(content).hexdigest(),
        }
    )
    name = safe_name(f"{company.name} delivery log {exported.create_date:%Y-%m-%d}.zip")
    file = env["ir.attachment"].create(
        {
            "name": name,
            "raw": content,
            "mimetype": "application/zip",
            "res_model": exported._name,
            "res_id": exported.id,
        }
    )
    exported.attachment_id = file
    return exported


def _files(company):
    exports = company.env["account.email.journal.export"]
    return exports.search([("company_id", "=", company.id)]).attachment_id


def last_export(company):
    """The last of them; perhaps none. As a superuser's."""
    exports = company.env["account.email.journal.export"]
    return exports.search([("company_id", "=", company.id)], limit=1)


def told_export(company):
    """When, and by whom, it was exported last, in words; False if it never was."""
    env, last = company.env, last_export(company)
    return bool(last) and env._(
        "Exported last on %(date)s by %(person)s (emails: %(emails)s, follow-ups: "
        "%(followups)s).",
        date=format_datetime(env, last.create_date),
        person=last.exported_by,
        emails=last.emails,
        followups=last.followups,
    )


# -- deleted ---------------------------------------------------------------------------


def check_exported(company):
    """
    :raises UserError: there is something that was not exported, or not as it is now; or
        the mailbox is connected: its provider would be told, whatever comes of the
        deletion.
    """
    extent, last = tables.extent(company.env, company), last_export(company)
    if extent.rows and last.digest != extent.digest:
        raise UserError(_not_yet(company, extent, last))
    if _mailboxes(company).filtered(lambda c: c.state in IN_SERVICE):
        raise UserError(_still_connected(company))


def _still_connected(company):
    env = company.env
    if not company.active:
        return env._(
            "%(company)s cannot be deleted yet: its mailbox is still connected. It is "
            "disconnected by itself, within a day after the company was archived: try "
            "again later.",
            company=company.name,
        )
    return env._(
        "%(company)s cannot be deleted yet: its mailbox is still connected. An "
        "accounting administrator opens the mailbox (in Invoicing, under Customers) "
        "and disconnects it. Then the company can be deleted.",
        company=company.name,
    )


def _not_yet(company, extent, last):
    env = company.env
    what = env._(
        "%(company)s cannot be deleted yet: what it has sent would be deleted with it "
        "(emails: %(emails)s, follow-ups: %(followups)s).",
        company=company.name,
        emails=extent.emails,
        followups=extent.followups,
    )
    when = env._("It was never exported.")
    if last:
        when = env._(
            "Since %(person)s exported it (%(date)s), something has changed.",
            person=last.exported_by,
            date=format_datetime(env, last.create_date),
        )
    how = env._(
        "An accounting administrator opens the company's mailbox (in Invoicing, under "
        "Customers), disconnects it, presses “Export the delivery log” and keeps the "
        "file. Then the company can be deleted. To keep everything here, archive it "
        "instead."
    )
    if not company.active:  # its mailbox is not shown
        how = env._(
            "Unarchive the company first: only then can its delivery log be exported. "
            "An accounting administrator opens its mailbox (in Invoicing, under "
            "Customers), presses “Export the delivery log” and keeps the file. Then "
            "the company can be deleted. To keep everything here, leave it archived."
        )
    return "\n\n".join((f"{what} {when}", how))


def remove(company):
    """Delete what goes with *company*, which is about to be deleted; nobody outside
    hears of it, since Odoo may still refuse.

    Who has exported it, and how much it was, stays. A plan or a rule of its own goes
    with it; an app for nobody else is switched off, since without a company it would
    be for all.

    :param company: as a superuser's, after :func:`check_exported`.
    """
    env, mine = company.env, [("company_id", "=", company.id)]
    company.email_followup_plan_id = False
    for model in ITS_OWN:
        records = env[f"account.email.{model}"].with_context(active_test=False)
        records.search(mine).unlink()
    _mailboxes(company).unlink()
    apps = env["account.email.oauth.app"].with_context(active_test=False)
    for app in apps.search([("company_ids", "in", company.ids)]):
        if app.company_ids == company:
            app.active = False
    last = last_export(company)
    _files(company).unlink()
    _logger.info(
        "Company %s (%s) is deleted by user %s; its journal was exported by export %s.",
        company.id,
        company.name,
        env.uid,
        last.id,
    )
