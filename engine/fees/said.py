"""What a text that a person wrote says of interest and fees."""

from odoo.tools import html2plaintext

from ..paying.asked import asked_of


def keep_what_is_said(followup):
    """Let *followup* mention no interest if its own words do not say the amounts.

    :param followup: just written, with the right to see everything.
    """
    kept = followup.interest_terms
    if not followup.body or not kept or _says_them(followup):
        return
    followup.interest_terms = {**kept, "rate": 0, "fee": 0}


def _says_them(followup):
    told = _plain(html2plaintext(followup.body))
    amounts = (
        each.currency.with_context(lang=followup.lang).format(each.interest)
        for each in asked_of(followup)
        if each.interest
    )
    return all(_plain(amount) in told for amount in amounts)


def _plain(text):
    """*text* with ordinary blanks: amounts have others."""
    return " ".join(text.split())
