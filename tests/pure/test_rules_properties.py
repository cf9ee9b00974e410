"""What holds for every ledger, whatever happens to it (see :mod:`rules_ledger`)."""

import datetime as dt
from collections import Counter
from decimal import Decimal
from itertools import pairwise
from random import Random

from account_email_connector.rules import (
    BY_CUSTOMER,
    BY_INVOICE,
    EMAIL,
    RECAP,
    SKIP_STEP,
    TODO,
    Case,
    Company,
    Reason,
    decide,
    offer,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rules_ledger import PAYABLE, Ledger, ledgers

lives = settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def gone_out(answers):
    """The answers after which something is sent (or was to be)."""
    return [answer for answer in answers if answer and answer.reason is Reason.DUE]


@lives
@given(ledgers())
def test_nobody_is_chased_for_what_is_settled_disputed_or_promised(ledger):
    def work(ledger):
        for answer in gone_out(ledger.run()):
            assert answer.items
            assert all(may_be_chased(ledger, item.line_id) for item in answer.items)
            assert not ledger.flags["answered"]
            paused_until = ledger.flags["paused_until"]
            assert paused_until is None or paused_until < ledger.day

    ledger.live(work)


def may_be_chased(ledger, line):
    """Said again, in other words than the rules': this item may be asked for."""
    entry = ledger.entries[line]
    return (
        ledger.counted()[line].residual > 0
        and not waits_for_bank(ledger, line)
        and entry.amount > 0
        and ledger.counted()[line].payment_state in PAYABLE
        and not entry.facts.get("is_payment")
        and not entry.facts.get("disputed")
        and not entry.facts.get("no_followup")
        and not is_promised(ledger, line)
        and not (ledger.plan.only_sent and is_unsent(entry))
        and (ledger.plan.start is None or entry.due >= ledger.plan.start)
    )


def is_unsent(entry):
    """The customer has not got it, neither from Odoo nor otherwise."""
    facts = entry.facts
    return not facts.get("sent", True) and not facts.get("sent_otherwise")


def waits_for_bank(ledger, line):
    """Money came a few days ago, and nobody has said what for."""
    came = ledger.counted()[line].came_on
    return came and (ledger.day - came).days < ledger.plan.bank_line_days


def is_unchased(ledger, line):
    """It is owed, and something but a dispute keeps it from being chased."""
    entry = ledger.entries.get(line)
    return (
        entry is not None
        and ledger.counted()[line].residual > 0
        and ledger.counted()[line].payment_state in PAYABLE
        and not entry.facts.get("is_payment")
        and not entry.facts.get("disputed")
        and not may_be_chased(ledger, line)
        and not (waits_for_bank(ledger, line) and not other_objection(ledger, line))
    )


def other_objection(ledger, line):
    entry = ledger.entries[line]
    start = ledger.plan.start
    early = start is not None and entry.due < start
    return entry.facts.get("no_followup") or early or is_promised(ledger, line)


def is_promised(ledger, line):
    """A promise of this item, or of all, is not over."""
    return any(
        line in promise.line_ids or not promise.line_ids
        for promise in ledger.promises
        if ledger.day <= promise.until + dt.timedelta(days=ledger.plan.grace)
    )


@lives
@given(ledgers())
def test_totals_are_the_residuals_of_each_currency(ledger):
    def work(ledger):
        for answer in gone_out(ledger.run()):
            check_totals(ledger, answer)

    ledger.live(work)


def check_totals(ledger, answer):
    expected = Counter()
    split = ledger.plan.mode == BY_INVOICE or answer.items[0].due >= ledger.day
    split = split or any(map(is_paid_out, ledger.entries.values()))
    split = split or any(is_unchased(ledger, line) for line in ledger.entries)
    counted = ledger.counted()
    for item in (*answer.items, *answer.credits):
        residual = Decimal(str(item.residual))
        amount = Decimal(str(counted[item.line_id].residual))
        assert residual == amount or (split and amount < residual < 0)
        expected[item.currency_id] += residual
    found = {key: Decimal(str(left)) for key, left in answer.totals.items()}
    assert found == expected
    assert all(left > 0 for left in found.values())


def paid_of_old_debts(ledger, credits):
    """What credits pay of debts that are not chased, currency by currency."""
    paid = Counter()
    for currency, credit in credits.items():
        left = max(-credit, Decimal(0))
        for item in sorted(ledger.counted().values(), key=lambda i: (i.due, i.line_id)):
            line = item.line_id
            if item.currency_id != currency or line < 0:
                continue
            unchased = is_unchased(ledger, line)
            if unchased or may_be_chased(ledger, line):
                part = min(left, Decimal(str(item.residual)))
                left -= part
                paid[currency] += part if unchased else 0
    return paid


def is_paid_out(entry):
    return entry.amount > 0 and entry.facts.get("is_payment", False)


@lives
@given(ledgers(modes=[BY_CUSTOMER, RECAP]))
def test_all_credits_less_what_was_paid_out_are_subtracted(ledger):
    def work(ledger):
        for answer in gone_out(ledger.run()):
            if answer.items[0].due >= ledger.day:
                continue  # a word before the due date; see check_totals
            expected = Counter()
            for item in ledger.counted().values():
                if item.residual < 0 or item.is_payment:
                    expected[item.currency_id] += Decimal(str(item.residual))
            for currency, amount in paid_of_old_debts(ledger, expected).items():
                expected[currency] += amount
            found = Counter()
            for item in answer.credits:
                found[item.currency_id] += Decimal(str(item.residual))
            for currency in answer.totals:
                assert found[currency] == min(expected[currency], 0)

    ledger.live(work)


@lives
@given(ledgers())
def test_never_two_emails_to_a_customer_on_a_day_nor_within_the_gap(ledger):
    ledger.live(Ledger.run)
    gap = 1 if ledger.plan.mode == RECAP else ledger.plan.min_gap
    emails = sorted((p for p in ledger.sent if p.channel == EMAIL), key=lambda p: p.on)
    for before, after in pairwise(emails):
        # What a person writes by hand does not ask the plan; the plan heeds it.
        assert after.by_hand or (after.on - before.on).days >= gap


@lives
@given(ledgers())
def test_a_second_email_on_a_day_takes_a_person_who_knows_of_the_first(ledger):
    """By hand it is possible, but it is said before, and never ticked by itself."""

    def work(ledger):
        ledger.run()
        emails = [p for p in ledger.history if p.state == "sent" and p.channel == EMAIL]
        company = Company(1, **ledger.company)
        found = offer(Case(ledger.facts(), ledger.plan, company, ledger.day))
        if any(past.on == ledger.day for past in emails):
            assert not found.selected
            assert not found.possible or Reason.EMAILED_TODAY in found.doubts

    ledger.live(work)


@lives
@given(ledgers(modes=[BY_INVOICE]))
def test_by_invoice_no_step_is_left_out_or_repeated(ledger):
    """Each item hears the steps in order, each once, never closer than in the plan.

    But for the last one, which comes again as often as the plan says.
    """
    ledger.live(Ledger.run)
    plan = ledger.plan
    heard, left_out = {}, {}
    for past in ledger.history:
        rank = plan.ranks.get(past.step_id)
        for line in past.line_ids if rank is not None else ():
            if past.state == "sent":
                heard.setdefault(line, []).append((rank, past.on))
            if past.skip == SKIP_STEP:
                left_out.setdefault(line, set()).add(rank)
    for line, steps in heard.items():
        for (before, then), (after, day) in pairwise(sorted(steps)):
            distance = plan.delays[after] - plan.delays[before]
            if after == before == len(plan.steps) - 1:
                distance = plan.last_every
                assert distance
            else:
                assert after > before
            assert day - then >= distance
        last = [day for rank, day in steps if rank == len(plan.steps) - 1]
        assert len(last) <= 1 + plan.last_times
        said = {rank for rank, _day in steps} | left_out.get(line, set())
        missing = set(range(max(said))) - said
        assert all(plan.steps[rank].days < 0 for rank in missing)


@lives
@given(ledgers(modes=[BY_CUSTOMER]))
def test_by_customer_each_email_takes_its_items_one_step_further(ledger):
    """What an item has heard grows by one step an email, by a model of its own.

    The email's step is the one after that of an item in it, so that for this item no
    step is left out or repeated; and every overdue item goes along.
    """
    levels, ends = {}, {}
    steps = ledger.plan.steps
    ledger.leave_out("skip_once", "skip_step", "look")

    def work(ledger):
        known = len(ledger.sent)
        due = {line: entry.due for line, entry in ledger.entries.items()}
        ledger.run()
        for past in ledger.sent[known:]:
            if not past.by_hand:
                hears(past, due)

    def hears(past, due):
        rank = ledger.plan.ranks[past.step_id]
        before = {
            line: max(
                levels.get(line, -1), too_late_for(steps, (ledger.day - due[line]).days)
            )
            for line in past.line_ids
        }
        assert rank - 1 in before.values() or any(
            may_come_again(ledger.plan, ends.get(line, ()), past.on) for line in before
        )
        for line, known_step in before.items():
            if known_step == rank == len(steps) - 1:
                ends[line].append(past.on)
            following = min(known_step + 1, rank)
            late = (past.on - due[line]).days
            assert late > 0 or steps[rank].days <= 0
            if late >= steps[following].days:
                levels[line] = max(known_step, following)
                if levels[line] > known_step and levels[line] == len(steps) - 1:
                    ends[line] = [past.on]

    ledger.live(work)


def may_come_again(plan, days, today):
    """Said again, in other words than the rules': the last step, heard on these days.

    :param days: those on which an item was listed in an email with the last step.
    """
    again = 0 < len(days) <= plan.last_times
    return again and today - days[-1] >= plan.last_every


@lives
@given(ledgers())
def test_who_was_handed_over_hears_nothing_but_what_a_person_writes(ledger):
    def work(ledger):
        known = len(ledger.sent)
        decision, again = ledger.run()
        company = Company(1, **ledger.company)
        found = offer(Case(ledger.facts(), ledger.plan, company, ledger.day))
        if ledger.flags["handed_over"]:
            assert decision.reason is Reason.HANDED_OVER
            assert again is None or again.action != "send"
            assert all(past.by_hand for past in ledger.sent[known:])
            assert not found.selected, "not without being told"

    ledger.live(work)


#: After these somebody else is busy with the customer: no end of the ladder is told.
BUSY = ("answer", "hand_over", "pause", "promise", "outage", "stale_bank", "dispute")


@lives
@given(ledgers(modes=[BY_CUSTOMER, BY_INVOICE]))
def test_a_person_is_told_of_each_end_of_the_ladder_once(ledger):
    """And only of what is overdue, is to be paid, and has heard the last step."""
    ledger.leave_out(*BUSY)
    ledger.ends = []

    def work(ledger):
        known = len(ledger.told)
        decision = ledger.decide()
        assert set(decision.untold) <= set(decision.ended)
        ledger.run()
        for _day, line in ledger.told[known:]:
            assert ledger.entries[line].due < ledger.day
            assert may_be_chased(ledger, line)
            assert any(
                line in past.line_ids
                for past in ledger.history
                if past.state == "sent" or past.skip == SKIP_STEP
            )

    ledger.live(work)
    lines = [line for _day, line in ledger.told]
    assert len(set(lines)) == len(lines)


def too_late_for(steps, late):
    """The last step that it is too late for, -1 without any.

    :param late: how many days an item is overdue.
    """
    days = [step.days for step in steps] + [1]
    over = [n for n, d in enumerate(days) if d < 0 and late > min(0, days[n + 1] - 1)]
    return max([-1, *over])


@lives
@given(ledgers(), st.integers())
def test_planning_twice_changes_nothing_and_no_order_matters(ledger, seed):
    def work(ledger):
        first = ledger.decide()
        assert ledger.decide() == first
        assert ledger.decide(shuffled=Random(seed)) == first
        ledger.run()
        if any(past.state == "planned" for past in ledger.history):
            assert ledger.decide().reason is not Reason.DUE

    ledger.live(work)


@lives
@given(ledgers())
def test_every_item_has_one_standing_that_agrees_with_the_decision(ledger):
    def work(ledger):
        decision, counted = ledger.decide(), ledger.counted()
        assert [v.line_id for v in decision.standings] == sorted(
            counted, key=lambda line: (counted[line].due, line)
        )
        due = {v.line_id for v in decision.standings if v.reason is Reason.DUE}
        listed = {item.line_id for item in decision.items}
        assert due == (listed if decision.reason is Reason.DUE else set())
        for standing in decision.standings:
            if standing.reason not in (Reason.MISSED, Reason.FOLLOWUP_OPEN):
                assert standing.date is None or standing.date >= ledger.day
        ledger.run()

    ledger.live(work)


@lives
@given(ledgers())
def test_in_brief_the_decision_is_the_same_and_says_what_is_set_aside(ledger):
    def work(ledger):
        facts = ledger.facts(), ledger.plan, Company(1, **ledger.company), ledger.day
        case = Case(*facts)
        whole, brief = decide(case), decide(Case(*facts, brief=True))
        assert brief._replace(standings=whole.standings) == whole
        assert list(brief.standings) == [
            each for each in whole.standings if each.line_id in case.sorted.aside
        ]
        ledger.run()

    ledger.live(work)


@lives
@given(ledgers())
def test_the_date_that_is_told_is_kept_if_nothing_happens(ledger):
    ledger.plan.min_amount = 0.0
    timely = (
        Reason.NOT_OVERDUE,
        Reason.NOT_YET,
        Reason.TOO_SOON,
        Reason.RETRY_LATER,
        Reason.HELD_BACK,
        Reason.NOT_A_SENDING_DAY,
        Reason.PAUSED,
    )

    def work(ledger):
        ledger.run()
        decision = ledger.decide()
        if will_happen(ledger, decision):
            return
        if decision.date and decision.reason in timely:
            company, ledger.company = ledger.company, {}
            days = (decision.date - ledger.day).days
            coming = [ledger.day + dt.timedelta(days=n) for n in range(days)]
            assert all(ledger.decide(d).reason is not Reason.DUE for d in coming)
            then = ledger.decide(decision.date).reason
            # By then there may be money in another currency than what is owed.
            assert then in (Reason.DUE, Reason.NOTHING_LEFT, Reason.OTHER_CURRENCY)
            ledger.company = company

    ledger.live(work)


def will_happen(ledger, decision):
    """Whether something will happen by itself: an item comes back, an email ends."""
    states = {past.state for past in ledger.history}
    comes_back = any(v.date and not v.step for v in decision.standings)
    return comes_back or ledger.flags["answered"] or states & {"planned", "unknown"}


@lives
@given(ledgers())
def test_an_unknown_outcome_holds_everything_until_a_person_has_looked(ledger):
    def work(ledger):
        unknown = any(past.state == "unknown" for past in ledger.history)
        decision, again = ledger.run()
        if unknown:
            assert decision.reason is not Reason.DUE
            assert again is None or again.action != "send"

    ledger.live(work)


@lives
@given(ledgers(modes=[BY_CUSTOMER, BY_INVOICE]))
def test_what_only_ever_failed_is_still_before_its_first_step(ledger):
    ledger.ends = ["failed"] * 100
    ledger.leave_out("skip_once", "skip_step", "look")
    emails = [step for step in ledger.plan.steps if step.channel != TODO]
    first = next((step for step in ledger.plan.steps if step.days >= 0), None)

    def work(ledger):
        decision, _again = ledger.run()
        late = decision.step and decision.step.days >= 0
        if decision.reason is Reason.DUE and late and first in emails:
            assert decision.step == first

    ledger.live(work)


def test_ladders_end_in_them():
    """Also with a last step that comes again."""
    told, again = [], []

    @settings(lives, database=None)
    @given(ledgers(modes=[BY_CUSTOMER, BY_INVOICE]))
    def live(ledger):
        ledger.leave_out(*BUSY)
        ledger.ends = []
        ledger.live(Ledger.run)
        told.extend(ledger.told)
        last = Counter(
            line
            for past in ledger.sent
            for line in past.line_ids
            if past.step_id and ledger.plan.is_last(ledger.plan.ranks[past.step_id])
        )
        again.extend(line for line, times in last.items() if times > 1)

    live()
    assert len(told) > 10
    assert len(again) > 10


def test_the_ledgers_are_worth_living():
    """Enough happens in them: nearly every reason is met, and emails leave."""
    met, sent = Counter(), []

    @settings(lives, database=None, max_examples=100)
    @given(ledgers())
    def live(ledger):
        def work(ledger):
            decision, again = ledger.run()
            met.update({decision.reason, *decision.remarks})
            met.update(standing.reason for standing in decision.standings)
            met.update([again.action, again.reason] if again else [])

        ledger.live(work)
        sent.extend(ledger.sent)

    live()
    assert {"send", "wait", "skip", Reason.DUE, Reason.NEXT_FOLLOWUP} <= set(met)
    assert Reason.HANDED_OVER in met
    assert len(met) >= 20
    assert len(sent) > 50
