"""What an unsaved change would do: today's customers, decided about twice.

From one gathering of facts: with what is stored, and with what somebody supposes.
Nothing is written.
"""

from typing import NamedTuple

from ...rules.credits import company_total
from ...rules.difference import Change, change
from ...tools.uncollected import uncollected
from ..followup.byhand import foreign_lines
from ..rights import check_company
from . import applies, twice
from .alike import other_texts
from .supposed import Supposed
from .units import Units


class Row(NamedTuple):
    """One customer, or one addressee, for whom something changes."""

    change: Change
    before: object  #: :class:`.twice.Said`; None: that company asks for nothing of it
    after: object  #: the same, of what is supposed
    #: What each asks for, in its company's currency; None: nothing goes, or nothing of
    #: it is the user's to see.
    amounts: tuple

    @property
    def told(self):
        """Whose amount it is: what is asked for by now, else what was."""
        return self.before if self.amounts[1] is None else self.after

    @property
    def amount(self):
        """What that asks for."""
        before, after = self.amounts
        return before if after is None else after


class Difference(NamedTuple):
    """What a change would do."""

    rows: dict  #: {:class:`...rules.difference.Change`: its rows, highest first}
    customers: int  #: how many it is about, who owe something
    same: int  #: of them those for whom nothing changes


def difference(reader, env, supposed):
    """Decide about all who have a plan that is changed, or would have another.

    :param reader: the user's environment: told are customers of its companies.
    :param env: the same, with the right to see everything.
    :param supposed: :class:`.supposed.Supposed`, with that right.
    """
    rows = {what: [] for what in Change}
    with uncollected():
        found, ids = _changed(env, reader.companies, supposed)
        visible = applies.visible(reader, ids)
        for row in _rows(reader, found, visible):
            rows[row.change].append(row)
    for its in rows.values():
        its.sort(key=lambda row: -row.amount)
    changed = {row.told.customer.id for its in rows.values() for row in its}
    return Difference(
        {what: its for what, its in rows.items() if its},
        len(visible),
        len(visible - changed),
    )


def tried(reader, env, draft):
    """What is supposed of an unsaved plan. A new one is tried as if whoever chases for
    its company, or the reader's of a shared one, took it.

    :param reader: the user's environment.
    :param env: the same, with the right to see everything.
    :param draft: as :func:`.draft.draft_of` has it.
    :raises AccessError: if the company of a new plan is not one of the reader's.
    """
    plan = draft.with_env(env)
    if draft._origin:
        return Supposed.by_plan(plan, None)
    company = draft.company_id.with_env(reader)
    if company:
        company.check_access("read")
        check_company(reader, company)
    company = (company or reader.company).with_env(env)
    chaser = Units(env, company).unit_for(company.id).company_id
    return Supposed.by_plan(plan, chaser)


def _changed(env, companies, supposed):
    """(change, before, after) of each for whom something changes; the ids of all."""
    others = other_texts(supposed.plan) if supposed.plan else ()
    found, ids = [], set()
    for before, after in twice.said(env, companies, supposed):
        ids.add((before or after).customer.id)
        if what := _change(before, after, others):
            found.append((what, before, after))
    return found, ids


def _change(before, after, others):
    """What is different for one customer; None if nothing is.

    :param others: the ids of the steps that say something else.
    """
    first, then = (said and said.comes for said in (before, after))
    is_one_sender = before and after and before.unit.company_id == after.unit.company_id
    same_text = is_one_sender and not (first and first.step_id in others)
    return change(first, then, same_text)


def _rows(reader, found, visible):
    """The :class:`Row` of each that the reader may see; none of what is about other
    companies' items only."""
    found = [row for row in found if (row[1] or row[2]).customer.id in visible]
    every = [said for _what, *both in found for said in both if said]
    foreign = foreign_lines(reader, every)
    for what, *both in found:
        amounts = tuple(_amount(said and said.comes, foreign) for said in both)
        if amounts != (None, None):
            yield Row(what, *both, amounts)


def _amount(comes, foreign):
    items = (
        [item for item in comes.items if item.line_id not in foreign] if comes else []
    )
    if not items:
        return None
    credits = [each for each in comes.credits if each.line_id not in foreign]
    return company_total(items, credits)
