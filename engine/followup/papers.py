"""The PDF that a follow-up carries: a statement of account, or a letter.

It is made before the follow-up goes (:mod:`..sending.papers`) and is true as long as
the same would be written now (:attr:`.statement.Statement.key`); else it is made anew.
"""

from ...rules import EMAIL, TODO
from . import statement
from .ledger_reasons import LedgerReason
from .looked import look_at

#: How often it is tried to make one.
TRIES = 3

REPORT = "account_email_connector.report_%s"


class NotMade(Exception):
    """What should make PDFs has given back something else."""


def kind(followup):
    """Which report goes with it: its name, or None."""
    step = followup.step_id
    if followup.channel == TODO:
        is_letter = step.channel == TODO and step.letter
        return REPORT % "letter" if is_letter else None
    return REPORT % "statement_followup" if step.attach_statement else None


def content(followup, looked=None):
    """What the paper of *followup* would say now (:class:`.statement.Statement`).

    :param followup: with the right to see everything.
    :param looked: its customer, as it was looked at (:class:`.looked.Looked`) just now.
    """
    looked = looked or look_at(followup.partner_id, followup.company_id)
    if followup.channel == EMAIL:
        return statement.of_followup(followup, looked)
    return statement.of_letter(followup, looked)


def is_true(followup, found):
    """Whether its paper says what was *found* (:func:`content`) to be true now."""
    return followup.paper_key == found.key


def is_given_up(followup):
    """Whether it goes without: a to-do by itself, an email if a person says so."""
    if followup.channel == EMAIL:
        return LedgerReason.STATEMENT_MISSING in (followup.known or "").split(",")
    return followup.paper_tries >= TRIES


def attached(followup):
    """What goes with its email (``ir.attachment``), perhaps none."""
    goes = followup.channel == EMAIL and kind(followup) and not is_given_up(followup)
    return followup.paper_id if goes else followup.paper_id.browse()


def make(followup, found=None):
    """Make it anew; the one before it goes, unless an email has taken it along.

    Nothing is made of a letter that asks for nothing any more.

    :param followup: with the right to see everything.
    :param found: what it is to say (:func:`content`), if that is known.
    """
    found = found or content(followup)
    if followup.channel == TODO and not found.blocks:
        return
    reports = followup.env["ir.actions.report"]
    data = {"statements": [found]}
    pdf, _type = reports._render_qweb_pdf(kind(followup), followup.ids, data)
    if not pdf:
        raise NotMade
    old = followup.paper_id
    followup.paper_id = followup.env["ir.attachment"].create(
        {
            "name": _file_name(followup, found),
            "raw": pdf,
            "mimetype": "application/pdf",
            "res_model": followup._name,
            "res_id": followup.id,
        }
    )
    followup.write({"paper_key": found.key, "paper_tries": 0})
    _forget(old)


def _file_name(followup, found):
    """In the language of whoever gets it."""
    here = followup.with_context(lang=found.lang).env
    name = here._("Statement of account")
    if followup.channel == TODO:
        name = found.title or here._("Payment reminder")
    return f"{name} {found.today}.pdf"


def _forget(paper):
    """Delete *paper*, unless a message shows it."""
    messages = paper.env["mail.message"]
    if paper and not messages.search_count([("attachment_ids", "in", paper.ids)]):
        paper.unlink()
