"""What is said of the documents of a follow-up: its PDFs, and if they were sent."""

from typing import NamedTuple

from odoo import api

from ..rights import for_reader
from .ledger import FAILED, PLANNED, TO_REVIEW

WAITING = (TO_REVIEW, PLANNED, FAILED)
#: Whose PDF may be attached. Payments and entries have none.
INVOICES = ("out_invoice", "out_receipt")


class Wanted(NamedTuple):
    """What is asked about: some invoices, and what goes with them."""

    moves: object  #: ``account.move``
    attached: bool  #: their PDFs are to go with it
    only_sent: bool  #: the plan asks whether they were sent


@api.depends("state", "channel", "body", "line_ids.state")
@api.depends_context("lang")
def tell(followups):
    """Say of those that wait what they lack."""
    wanted, known = [], for_reader(followups)
    known.line_ids.mapped("move_id")  # looked up for all at once
    for followup in known:
        waits = followup.state in WAITING and followup.channel == "email"
        moves = followup._chased_lines().move_id
        attached = followup.step_id.attach_invoices and not followup.body
        only_sent = followup.plan_id.only_sent
        wanted.append(Wanted(moves[:] if waits else moves[:0], attached, only_sent))
    for followup, text in zip(followups, say(followups.env, wanted), strict=True):
        followup.documents_text = text


def say(env, wanted):
    """A text for each of *wanted*, by one look at the files; empty: nothing is missing.

    :param env: of whoever reads it.
    :param wanted: list of :class:`Wanted`, with the right to see everything.
    """
    if not wanted:
        return []
    moves = wanted[0].moves.union(*(each.moves for each in wanted))
    have, ids = stored(moves), moves.ids
    return [_say(env, each, each.moves.with_prefetch(ids), have) for each in wanted]


def stored(moves):
    """The ids of those of *moves* that have a PDF.

    :param moves: with the right to see everything.
    """
    found = moves.env["ir.attachment"]._read_group(
        [
            ("res_model", "=", "account.move"),
            ("res_field", "=", "invoice_pdf_report_file"),
            ("res_id", "in", moves.ids),
        ],
        ["res_id"],
    )
    return {id_ for (id_,) in found}


def missing(moves):
    """Those of *moves* that should have a PDF, and have none."""
    have = stored(moves)
    return moves.filtered(
        lambda move: move.move_type in INVOICES and move.id not in have
    )


def files(moves):
    """The files of *moves* that Odoo attaches when it sends them: PDF and e-invoice.

    :param moves: with the right to see everything.
    """
    send, none = moves.env["account.move.send"], moves.env["ir.attachment"]
    return none.union(*map(send._get_invoice_extra_attachments, moves))


def _say(env, wanted, moves, have):
    """The text for one of *wanted*, about its *moves*, of which some *have* a PDF."""
    moves = moves.filtered(lambda move: move.move_type in INVOICES)
    counts = {"count": len(moves)}
    without = moves.filtered(lambda move: move.id not in have)
    failed = without.filtered("email_followup_pdf_tried_on")
    unsent = moves.filtered(
        lambda move: move.move_type == "out_invoice" and not move.is_move_sent
    )
    said = []
    if wanted.attached and without - failed:
        counts["number"] = len(without - failed)
        said.append(
            env._("%(number)s of %(count)s without PDF: made before it goes.", **counts)
        )
    if wanted.attached and failed:
        counts["number"] = len(failed)
        said.append(
            env._(
                "%(number)s of %(count)s without PDF: it could not be made, the "
                "invoice says why.",
                **counts,
            )
        )
    if wanted.only_sent and unsent:
        counts["number"] = len(unsent)
        said.append(env._("%(number)s of %(count)s never sent by Odoo.", **counts))
    return " ".join(said)
