"""Make the PDFs that are missing, before the emails that attach them go.

Odoo's own *Send & Print* makes them, without sending: with the e-invoice file of the
customer, where there is one. Each is a transaction of its own, and is tried once a day:
that it is tried is committed before, so that one at which the server breaks is not
tried for ever. Emails wait until theirs were tried, and go without those that could not
be made.
"""

import logging
import time
from datetime import timedelta

from odoo import fields
from odoo.tools import SQL

from ...tools.waits import RETRY_AFTER
from .. import cron
from ..followup.ledger_reasons import LedgerReason
from ..planning.sent import ONLY_DOCUMENTS

_logger = logging.getLogger(__name__)

#: In one run: so many at most, for so many seconds; it goes on in the next one. Odoo
#: kills a scheduled action after two minutes (``limit_time_real_cron``).
MOST = 500
SECONDS = 30
#: While a person waits.
MOST_AT_ONCE = 20

#: The invoices whose PDF a waiting email is to attach, and that have none; first what a
#: person has sent or approved, then what goes by itself, at last what is to be read.
MISSING = """
    SELECT move.id, ARRAY_AGG(followup.id)
      FROM account_email_followup followup
      JOIN account_email_followup_step step ON step.id = followup.step_id
      JOIN account_email_followup_line line ON line.followup_id = followup.id
      JOIN account_move move ON move.id = line.move_ref
     WHERE followup.state IN ('planned', 'to_review')
       AND step.channel = 'email' AND step.attach_invoices
       AND COALESCE(followup.body, '') = ''
       AND line.state = 'chased'
       AND move.state = 'posted' AND move.move_type IN ('out_invoice', 'out_receipt')
       AND (move.email_followup_pdf_tried_on IS NULL
            OR move.email_followup_pdf_tried_on < %s)
       AND NOT EXISTS (SELECT 1 FROM ir_attachment
                        WHERE res_model = 'account.move' AND res_id = move.id
                          AND res_field = 'invoice_pdf_report_file')
       AND %s
  GROUP BY move.id
  ORDER BY BOOL_OR(
               (followup.at_once OR followup.by_hand OR followup.approved) IS TRUE
           ) DESC,
           BOOL_OR(followup.state = 'planned') DESC, MIN(followup.planned_date), move.id
     LIMIT %s
"""


def make(env, connectors=None, seconds=SECONDS):
    """Make what is missing, as long as there is time. Commits.

    :param env: a superuser's, whose transaction may be committed.
    :param connectors: the mailboxes from which it goes; all if None.
    """
    deadline = time.monotonic() + seconds
    progress = env["ir.cron"]
    theirs = connectors and SQL("followup.connector_id = ANY(%s)", connectors.ids)
    for number, move_id in enumerate(_missing(env, MOST + 1, theirs)):
        if number == MOST or time.monotonic() > deadline:
            _go_on(env)
            break
        move = env["account.move"].browse(move_id)
        move.email_followup_pdf_tried_on = fields.Date.today()
        progress._commit_progress()
        make_one(move)
        progress._commit_progress()
    _free(env)
    progress._commit_progress()


def _free(env):
    """Let those go at once that have waited for PDFs which are there by now, or were
    tried. Whoever holds one of them sees to it."""
    waiting = env["account.email.followup"].search(
        [("state", "=", "planned"), ("reason", "=", str(LedgerReason.FILE_COMING))]
    )
    ready = (waiting - coming(waiting)).try_lock_for_update()
    ready.write({"retry_at": False, "reason": False})


def _go_on(env):
    """Make the rest in the next run, and send then what has waited for it."""
    now = fields.Datetime.now()
    cron.run_followups(env, [now, now + timedelta(seconds=RETRY_AFTER + 60)])


def make_some(moves):
    """Make the PDFs of *moves* while a person waits, a few at most. Commits nothing.

    :param moves: with the right to see everything; without a PDF.
    """
    for move in moves[:MOST_AT_ONCE]:
        make_one(move)


def coming(followups):
    """Those of *followups* for which PDFs are still to be made that go with them."""
    if not followups:
        return followups
    found = _missing(followups.env, None, SQL("followup.id = ANY(%s)", followups.ids))
    ids = {id_ for followup_ids in found.values() for id_ in followup_ids}
    return followups.filtered(lambda followup: followup.id in ids)


def _missing(env, most, condition=None):
    """The ids of the invoices without a PDF that were not tried today, each with those
    of the follow-ups that wait for it."""
    env.flush_all()
    condition = condition or SQL("TRUE")
    return dict(env.execute_query(SQL(MISSING, fields.Date.today(), condition, most)))


def make_one(move):
    """Make the PDF of *move*, or note on it why it cannot be made.

    :param move: with the right to see everything.
    """
    move = move.with_context(**{ONLY_DOCUMENTS: True})
    try:
        with move.env.cr.savepoint():
            error = _generate(move)
    except Exception as fault:
        _logger.warning("No PDF of invoice %s.", move.id, exc_info=True)
        move.env.invalidate_all(flush=False)
        error = str(fault) or type(fault).__name__
    move.email_followup_pdf_tried_on = error and fields.Date.today()
    if error:
        words = move.env._("Its PDF could not be made for a follow-up: %s", error)
        move._message_log(body=words)


def _generate(move):
    """Let Odoo make it, as *Send & Print* would, and send nothing.

    Without the e-invoice file, if that cannot be made and the invoice was sent already.
    Of another it would be missing when it is sent: its PDF is not made then.

    :return: what is wrong with it; False if it was made.
    """
    send = move.env["account.move.send"]
    nothing_goes = {"sending_methods": set(), "extra_edis": set()}
    settings = send._get_default_sending_settings(move, **nothing_goes)
    error = _try(send, move, settings)
    if error and move.is_move_sent and settings.get("invoice_edi_format"):
        error = _try(send, move, {**settings, "invoice_edi_format": False})
    return error


def _try(send, move, settings):
    data = dict(settings)
    send._generate_invoice_documents({move: data})
    error = data.get("error")
    if isinstance(error, dict):
        error = send._format_error_text(error)
    return error or False
