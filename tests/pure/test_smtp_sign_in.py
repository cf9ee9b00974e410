"""A mechanism that is switched off is passed over; a password is tried once."""

import pytest
from account_email_connector.providers.outcomes import AdminActionRequired, Outcome
from account_email_connector.providers.reasons import Reason
from mail_helpers import ACCOUNT


@pytest.mark.parametrize(
    "refusal",
    [
        "535 AUTH PLAIN disabled, use LOGIN",
        "535 5.7.8 PLAIN not allowed",
        "535 No such mechanism",
        "503 5.5.1 mechanism unavailable",
        "535 5.7.8 Error: authentication failed: Invalid authentication mechanism",
    ],
)
def test_a_mechanism_that_is_switched_off_is_passed_over(sink, mailbox_of, refusal):
    sink.faults.set("auth", refusal, match="PLAIN")
    mailbox_of(sink).check()
    assert sink.sign_ins == [(ACCOUNT, True)]


@pytest.mark.parametrize(
    "refusal",
    [
        "535 5.7.8 PLAIN authentication failed",
        "535 5.7.8 Username not recognized",
        "535 5.7.8 Account not recognized",
        "535 PLAIN: invalid credentials",
        "535 5.7.0 Authentication temporarily unavailable",
        "535 Login not allowed",
        "503 5.5.1 Already authenticated",
    ],
)
def test_what_may_be_about_the_password_is_not_tried_again(sink, mailbox_of, refusal):
    sink.faults.set("auth", refusal, match="PLAIN")
    with pytest.raises(Outcome):
        mailbox_of(sink).check()
    assert len(sink.faults.reached("auth")) == 1


@pytest.mark.parametrize(
    "refusal",
    [
        "535 SMTP access is not enabled for this account",
        "535 5.7.3 basic authentication is disabled",
    ],
)
def test_who_may_not_sign_in_is_told_so(sink, mailbox_of, refusal):
    sink.faults.set("auth", refusal)
    with pytest.raises(AdminActionRequired) as caught:
        mailbox_of(sink).check()
    assert caught.value.reason == Reason.SIGN_IN_DISABLED
    assert len(sink.faults.reached("auth")) == 1
