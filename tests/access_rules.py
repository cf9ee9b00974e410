"""What may not be, whatever the table says; that only says what is.

A cell's here/elsewhere is judged by who it is that can do that.
"""

import re

from .access_walk import DENIED, ERROR

HERE, ELSEWHERE = "here", "elsewhere"
#: Of whose row a line is, if it is not simply one that the company has.
OWN, ANOTHERS, NO_ROW = " (own)", " (another's)", " (no row)"
#: Who has nothing to do with follow-ups, or only looks at them.
READERS = ("nobody", "portal", "internal", "sales", "auditor", "editor")
#: A form that only asks, and changes nothing but its question: for auditors, too.
QUESTION = "account.email.followup.then"
#: Who has nothing to do with accounting. Administrators are shown the mailboxes.
OUTSIDERS = ("nobody", "portal", "internal", "sales", "editor")
#: What is not a company's: administrators register apps, see all emails, and look after
#: the companies themselves.
OF_ALL = {"system": ("account.email.oauth.app", "mail.mail", "res.company")}


def objections(section, key, role, cell):
    """Yield a line for each thing that is wrong with a *cell* of the table."""
    for where, outcome in zip((HERE, ELSEWHERE), cell.split("/"), strict=True):
        said = list(_about_anybody(section, key, role, outcome))
        if where == ELSEWHERE and not key.startswith(OF_ALL.get(role, ())):
            said += _about_a_stranger(section, key, outcome)
        for objection in said:
            yield f"[{section}] {key}, {role} {where}, {outcome}: {objection}"


def _about_anybody(section, key, role, outcome):
    rights = section in ("rights", "fields")
    if ERROR in outcome:
        yield "an error, where a person has to be told something"
    asks = role == "auditor" and key.startswith(QUESTION)
    if role in READERS and not asks and _changes(outcome, rights):
        yield "changes something, and does not work with follow-ups"
    if role in OUTSIDERS and "!" in outcome:
        yield "is told something, and does not work in accounting"
    if ANOTHERS in key and re.search("[rwu]" if rights else "ok", outcome):
        yield "uses a wizard that somebody else has open"


def _changes(outcome, rights):
    return "*" in outcome or (rights and re.search("[wcu]", outcome))


def _about_a_stranger(section, key, outcome):
    if "!" in outcome:
        yield "is told something of another company"
    if section == "rights" and OWN not in key and outcome != DENIED:
        yield "has rights on what another company has"
    if "*" in outcome and NO_ROW not in key:
        yield "changes something of another company"
