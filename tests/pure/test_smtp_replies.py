"""What servers say about us stops or slows the mailbox; what proves nothing, waits."""

import re
from pathlib import Path

import pytest
from account_email_connector.providers.outcomes import Rejected, Throttled, Unavailable
from account_email_connector.providers.reasons import Reason
from account_email_connector.providers.smtp.codes import classify
from account_email_connector.providers.smtp.rule import DAY, HOUR
from hypothesis import example, given, settings
from hypothesis import strategies as st
from whose import FULL, PROOFS, THEIRS, TROUBLE, said_of_us

REPLIES = Path(__file__).with_name("smtp_replies.txt")


def _words(text):
    return text.split()


def _rows():
    """(stage, code, words, outcome, reason, source) of each."""
    source = ""
    for line in REPLIES.read_text().split("\n"):
        if line.startswith("https://"):
            source = line
        elif line and not line.startswith("#"):
            said, _is, meant = line.rpartition(" = ")
            stage, code, words = said.split(maxsplit=2)
            kind, reason = meant.split()
            yield stage, int(code), words, kind, reason, source


ROWS = list(_rows())
OF_US = [row for row in ROWS if row[0] in ("rcpt", "dot") and row[3] != "Rejected"]
OF_ONE = ("rcpt", "data", "dot")
# Everything that refusals are made of, but for what would prove something about the
# recipient or the message: nobody is "unknown", nothing "full", no email "spam".
NEUTRAL = _words(
    """
    a the your you our this that is was has been for from to of by at in on and not
    no user users recipient account mailbox address domain message mail email sender
    server host client system service policy access request action command
    transaction delivery rejected denied refused blocked failed prohibited
    restricted error sorry unavailable exceeded reached limit quota rate hour day
    relay relaying permitted allowed taken connection administrative temporary
    permanent local remote please try later again contact administrator postmaster
    reason code unable cannot accept accepted requested <pay@buyer.example>
    unknown@buyer.example 203.0.113.9 550 (#5.7.1) 5.7.1
    https://help.example/user-unknown
    """
)
FOREIGN = _words(
    """
    Limite d'envoi atteinte réessayez dans une heure Versandlimit erreicht bitte später
    Ha superado el límite de envíos por hora giornaliero di invio raggiunto Maximum
    aantal e-mails per uur overschreden numéro pour ce compte Kontingent erschöpft
    """
)
# No enhanced code, or one that says nothing of the recipient
ENHANCED = ["", "5.0.0", "5.1.0", "5.1.7", "5.1.8", "5.3.0", "5.4.0", "5.5.0", "5.7.0"]
ENHANCED += ["5.7.1", "5.7.26", "5.7.515", "5.7.705", "5.4.5", "4.7.1"]
codes = st.sampled_from([500, 501, 503, 504, 521, 530, 541, *range(550, 560), 571])
places = st.tuples(st.sampled_from(OF_ONE), codes, st.sampled_from(ENHANCED))


@pytest.mark.parametrize(
    ("stage", "code", "words", "kind", "reason", "source"), ROWS, ids=str
)
def test_row(stage, code, words, kind, reason, source):
    outcome = classify(code, words.encode(), stage)
    assert (type(outcome).__name__, outcome.reason) == (kind, Reason[reason])
    assert source.startswith("https://")


def test_the_table_is_as_long_as_the_world_is_wide():
    assert len({row[:3] for row in ROWS}) == len(ROWS) >= 120
    assert len({row[5] for row in ROWS}) >= 20


@settings(max_examples=500, deadline=None, derandomize=True)
@given(places, st.lists(st.sampled_from(NEUTRAL), max_size=14))
@example(("rcpt", 550, ""), ["recipient address rejected: access denied"])
@example(("rcpt", 550, ""), ["requested action not taken: mailbox unavailable"])
@example(("dot", 552, ""), ["quota exceeded"])
def test_no_reply_without_proof_rejects_anybody(place, words):
    stage, code, enhanced = place
    outcome = classify(code, " ".join([enhanced, *words]), stage)
    assert not isinstance(outcome, Rejected), outcome


@given(places, st.text(max_size=200))
def test_words_that_nobody_knows_reject_no_recipient(place, words):
    stage, code, enhanced = place
    outcome = classify(code, f"{enhanced} {words}", stage)
    assert outcome.reason != Reason.RECIPIENT_REFUSED


@given(
    st.sampled_from([row for row in OF_US if row[4].endswith("LIMIT")]),
    st.lists(st.sampled_from(NEUTRAL[:21]), max_size=5),
)
def test_a_limit_is_one_whatever_else_is_said(row, words):
    said = " ".join([row[2], *words])
    assert not isinstance(classify(row[1], said, row[0]), Rejected)


@given(
    st.sampled_from([row for row in ROWS if row[0] in OF_ONE]),
    st.sampled_from(
        ["relay", "spam", "user-unknown", "sender.address.rejected", "quota"]
    ),
    st.sampled_from(["spf.example", "no-such-user.example", "blocklist.example"]),
)
def test_the_name_of_a_customer_changes_nothing(row, name, domain):
    said = re.sub(r"<[^<>]*@[^<>]*>", f"<{name}@{domain}>", row[2])
    outcome = classify(row[1], said, row[0])
    assert (type(outcome).__name__, outcome.reason) == (row[3], Reason[row[4]])


@settings(max_examples=400, deadline=None, derandomize=True)
@given(
    st.sampled_from(OF_ONE),
    st.sampled_from(["", "5.0.0", "5.1.0", "5.1.1", "5.2.1", "5.2.2", "5.7.1"]),
    said_of_us(),
)
def test_a_proof_about_our_own_address_strikes_nobody_out(stage, enhanced, words):
    outcome = classify(550, f"{enhanced} {words}", stage)
    assert not isinstance(outcome, Rejected), outcome


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    st.sampled_from(OF_ONE),
    st.sampled_from(PROOFS),
    st.sampled_from(TROUBLE),
    st.sampled_from(["{} {}", "{0}: {1}", "{1}, {0}", "{1} or {0}"]),
)
def test_a_server_that_is_ill_proves_nothing(stage, proof, trouble, order):
    outcome = classify(550, order.format(trouble, proof), stage)
    assert not isinstance(outcome, Rejected), outcome


@given(st.sampled_from(PROOFS + FULL), st.sampled_from(THEIRS))
def test_a_proof_about_the_recipient_is_one(proof, theirs):
    assert isinstance(classify(550, theirs.format(proof), "rcpt"), Rejected)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(FOREIGN), min_size=1, max_size=8))
def test_words_that_nobody_knows_break_no_mailbox_at_mail(words):
    outcome = classify(550, " ".join(words), "mail")
    assert isinstance(outcome, Unavailable | Throttled), outcome
    assert outcome.retry_after >= HOUR


def test_how_long_a_limit_is_waited_for():
    hourly = classify(550, "exceeded the max emails per hour", "rcpt")
    assert hourly.retry_after == HOUR
    daily = classify(550, "sending limit of 500 messages per day reached", "rcpt")
    assert daily.retry_after == DAY


@pytest.mark.parametrize(
    "words", ["x " * 5000, "not " * 2000, "a" * 50_000, "@" * 9999]
)
def test_long_words_take_no_time(words):
    classify(550, words, "dot")
