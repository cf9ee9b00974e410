"""Which invoices the customer was never sent: columns of the planner's statement.

Odoo marks an invoice as sent (``is_move_sent``) when it is emailed, posted, put on an
e-invoicing network or printed by *Send & Print*; it says it for good, also when the
invoice is reset to draft, and when a network refuses it later.
"""

from odoo import fields
from odoo.tools import SQL

from ...texts.standings import Unsent

#: Networks that bring an invoice to the customer: the field of ``account.move`` that a
#: module of Odoo's has for it → the values that mean that it did not get there. Those
#: that only report to a tax office (Hungary, Spain, …) are none. The source of each is
#: the field's selection in Odoo 19, ``addons/<module>/models/account_move.py``.
REFUSED = {
    "peppol_move_state": ("error",),  # account_peppol
    "nemhandel_move_state": ("error",),  # l10n_dk_nemhandel
    # l10n_it_edi. Not "forward_failed": it is issued, and lies in the customer's tax
    # drawer: https://www.agenziaentrate.gov.it/portale/web/guest/fatturazione-elettronica
    "l10n_it_edi_state": ("rejected", "rejected_by_pa_partner"),
    "l10n_ro_edi_state": ("invoice_refused",),  # l10n_ro_edi
    "l10n_rs_edi_state": ("sending_failed",),  # l10n_rs_edi
    "l10n_pl_edi_status": ("rejected",),  # l10n_pl_edi
    "l10n_my_edi_state": ("rejected", "invalid"),  # l10n_my_edi
    "l10n_tr_nilvera_send_status": ("error",),  # l10n_tr_nilvera_einvoice
}

#: Since when each company sends by Odoo: the date of the first invoice that it sent.
#: Older ones, brought along from another program, were sent by that; a company that has
#: never sent any sends them otherwise. An index of ours makes it a look-up.
SENDERS = """
    SELECT id, (SELECT MIN(first.invoice_date)
                  FROM account_move first
                 WHERE first.company_id = company.id
                   AND first.is_move_sent AND first.move_type = 'out_invoice'
                   AND first.state = 'posted') AS since
      FROM unnest(%s::int[]) AS company(id)
"""


def senders(company_ids):
    """A subquery (``id``, ``since``) of these companies; see :data:`SENDERS`."""
    return SQL(SENDERS, list(company_ids))


def sent(env):
    """An SQL condition: the customer has ``move`` from Odoo, or it is no invoice.

    A receipt is handed over.
    """
    return SQL(
        """(move.move_type <> 'out_invoice'
            OR (move.is_move_sent IS TRUE
                AND move.email_followup_reopened IS NOT TRUE AND NOT %s))""",
        _refused(env),
    )


def sent_otherwise(env):
    """An SQL condition on ``move`` and its ``sender``: if it is not sent, it was not
    for Odoo to send it."""
    return SQL(
        """(move.is_move_sent IS NOT TRUE AND NOT %s
            AND (sender.since IS NULL OR move.invoice_date < sender.since))""",
        _refused(env),
    )


def _refused(env):
    """An SQL condition: a network that brings ``move`` to the customer refused it."""
    conditions = [
        SQL("%s = ANY(%s)", SQL.identifier("move", name), list(values))
        for name, values in _refusals(env)
    ]
    if not conditions:
        return SQL("FALSE")
    return SQL("COALESCE(%s, FALSE)", SQL(" OR ").join(conditions))


def _refusals(env):
    """Those of :data:`REFUSED` whose modules are installed: known without asking the
    database."""
    known = env["account.move"]._fields
    return [
        (name, values)
        for name, values in REFUSED.items()
        if name in known and known[name].store
    ]


def why_unsent(move):
    """Which of the three it is that the customer has not got *move*: a :class:`Unsent`.

    :param move: with the right to see everything.
    """
    if any(move[name] in values for name, values in _refusals(move.env)):
        return Unsent.REFUSED
    return Unsent.REOPENED if move.is_move_sent else Unsent.NEVER


def never_sent(env):
    """A subquery: the ids of the open invoices that a plan would not chase, because the
    customer was never sent them. Those that Odoo is about to send are not among them.

    :param env: with the right to see all companies.
    """
    env.flush_all()
    return SQL(
        """
        (WITH sender AS MATERIALIZED (%s)
        SELECT move.id
          FROM account_move move
     LEFT JOIN sender ON sender.id = move.company_id
         WHERE move.state = 'posted' AND move.move_type = 'out_invoice'
           AND move.payment_state IN ('not_paid', 'partial')
           AND move.sending_data IS NULL
           AND NOT %s AND NOT %s)
        """,
        senders(env["res.company"].search([]).ids),
        sent(env),
        sent_otherwise(env),
    )


#: In the context of whoever makes an invoice's documents without sending them.
ONLY_DOCUMENTS = "email_followup_only_documents"
#: In the context of Odoo's own sending.
SENDING = "email_followup_sending"


def note(moves, vals):
    """Note what *vals*, which are about to be written, mean for *moves*.

    :param moves: with the right to see everything; the user may not change them.
    :return: the values to be written; Odoo marks as sent what it has only printed.
    """
    if vals.get("is_move_sent"):
        if moves.env.context.get(ONLY_DOCUMENTS):
            return {key: value for key, value in vals.items() if key != "is_move_sent"}
        if fresh := moves.filtered(is_fresh):
            values = {"email_followup_reopened": False}
            if moves.env.context.get(SENDING):
                values["email_followup_sent_on"] = fields.Date.context_today(moves)
            fresh.write(values)
        return vals
    reset = vals.get("state") == "draft" and moves.filtered("is_move_sent")
    if reset:
        reset.email_followup_reopened = True
    return vals


def is_fresh(move):
    """Whether the customer has not got *move* yet, as it is now."""
    return not move.is_move_sent or move.email_followup_reopened


def say_sent(moves):
    """A person says that the customer has these invoices, sent in another way.

    :param moves: with the right to see everything; the user may change them.
    """
    ours = moves.filtered(
        lambda move: move.state == "posted" and move.move_type == "out_invoice"
    )
    ours.is_move_sent = True
    words = moves.env._("Marked as sent to the customer.")
    ours._message_log_batch(bodies=dict.fromkeys(ours.ids, words))
