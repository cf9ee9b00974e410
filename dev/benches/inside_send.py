"""What `dev/bench send` does inside Odoo: both sides' emails, in turns."""

import cProfile
import io
import os
import pstats
import re
from collections import Counter
from datetime import timedelta
from functools import partial
from unittest.mock import patch

from odoo import Command
from odoo.sql_db import Cursor
from odoo.tools import SQL, config

from . import ledger
from .inside_plan import measured

SUM = ("seconds", "cpu_seconds", "statements", "emails")


def fill(env, emails, pdf, port, password):
    """Connect a mailbox, make Odoo's own server the same, and the invoices. Commits."""
    ledger.fill(env, emails, emails)
    connector = env.company.email_connector_id
    ledger.connect(connector, ledger.MAILBOX, port, password)
    account = {"smtp_user": ledger.MAILBOX, "smtp_pass": password}
    env["ir.mail_server"].create({"name": "Odoo's", **account, **ledger.server(port)})
    moves = env["account.move"].search([("move_type", "=", "out_invoice")])
    _attach(env, moves, pdf)
    moves.is_move_sent = True
    env["account.email.followup"]._plan().retry_at = "2100-01-01"
    # pylint: disable-next=invalid-commit
    env.cr.commit()  # the data is for the process to come


def _attach(env, moves, size):
    """A PDF of its own for each invoice, of *size* bytes."""
    for move in moves:
        env["ir.attachment"].create(
            {
                "name": f"{move.name}.pdf".replace("/", "_"),
                "raw": b"%PDF-1.4\n" + os.urandom(size),
                "mimetype": "application/pdf",
                "res_model": "account.move",
                "res_id": move.id,
                "res_field": "invoice_pdf_report_file",
            }
        )


def both(env, rounds, profile=False, statements=False):
    """Let both send all their emails, a part in each round, in turns.

    :return: the sums of either side, and what else there is to tell.
    """
    config["account_email_connector_allow_loopback"] = True
    moves = env["account.move"].search([("move_type", "=", "out_invoice")])
    template = env.ref("account.email_template_edi_invoice")
    template.report_template_ids = [Command.clear()]  # its PDF is there
    env.cr.commit()  # pylint: disable=invalid-commit
    size = -(-len(moves) // rounds)
    watch = Watch(profile, statements)
    sides = {"ours": Side(), "core": Side()}
    for number in range(rounds):
        part = moves[number * size : (number + 1) * size]
        _release(env, len(part))
        with watch:
            sides["ours"].add(measured(env, partial(_ours, env)))
        sides["core"].add(measured(env, partial(_core, env, part, template)))
    told = watch.told(sides["ours"].emails)
    return {name: vars(side) for name, side in sides.items()} | {"told": told}


def _release(env, number):
    """Let so many follow-ups be due: those that may be tried again now."""
    env.cr.execute(
        """UPDATE account_email_followup SET retry_at = NULL
            WHERE id IN (SELECT id FROM account_email_followup
                          WHERE retry_at IS NOT NULL ORDER BY id LIMIT %s)""",
        [number],
    )
    env.cr.commit()  # pylint: disable=invalid-commit


def _ours(env):
    """Send what is due, as the scheduled action does for a mailbox."""
    from odoo.addons.account_email_connector.engine.mailbox import pace
    from odoo.addons.account_email_connector.engine.sending.drain import drain
    from odoo.addons.account_email_connector.tools.apart import apart

    found = env["account.email.connector"].search([("state", "=", "connected")])
    with (
        patch.object(pace, "A_MINUTE", timedelta(0)),  # no waiting for its provider
        apart(env, *(f"connector {id_}" for id_ in found.ids)) as own,
    ):
        connectors = own["account.email.connector"].browse(found.ids)
        return drain(connectors, lambda: True)


def _core(env, moves, template):
    """Render the template into the queue, and send the queue."""
    mails = template.send_mail_batch(moves.ids)
    for mail, move in zip(mails, moves, strict=True):
        mail.attachment_ids = move.invoice_pdf_report_id
    env.cr.commit()  # pylint: disable=invalid-commit
    mails.send(auto_commit=True)
    return len(mails)


class Side:
    """The sums of one side."""

    def __init__(self):
        self.seconds = self.cpu_seconds = self.statements = self.emails = 0
        self.rounds = []

    def add(self, found):
        found["emails"] = found.pop("result")
        for name in SUM:
            setattr(self, name, getattr(self, name) + found[name])
        self.rounds.append(found["seconds"])


class Watch:
    """Looks at where the time goes, and at which statements there are, if asked to."""

    def __init__(self, profile, statements):
        self.profile = profile and cProfile.Profile()
        self.statements = Counter()
        self.counts = statements

    def __enter__(self):
        if self.counts:
            execute, seen = Cursor.execute, self.statements

            def counted(cursor, query, params=None, log_exceptions=True):
                text = query.code if isinstance(query, SQL) else query
                seen[_shape(str(text))] += 1
                return execute(cursor, query, params, log_exceptions)

            self.patch = patch.object(Cursor, "execute", counted)
            self.patch.start()
        if self.profile:
            self.profile.enable()

    def __exit__(self, *exc_info):
        if self.profile:
            self.profile.disable()
        if self.counts:
            self.patch.stop()

    def told(self, emails):
        lines = [
            f"{count / emails:7.2f}  {text}"
            for text, count in self.statements.most_common(150)
        ]
        if self.profile:
            out = io.StringIO()
            stats = pstats.Stats(self.profile, stream=out).sort_stats("cumulative")
            stats.print_stats(90)
            lines += out.getvalue().splitlines()
        return lines


def _shape(text):
    return re.sub(r"(%s|\s)+", " ", text)[:170]
