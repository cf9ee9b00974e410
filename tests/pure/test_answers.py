"""A person's answer is never taken for a machine's, nor the other way round."""

import pytest
from account_email_connector.providers.incoming import Automatic, Reply, parse
from answer_samples import LANGUAGES, MACHINES, PEOPLE
from incoming_samples import OURS


def test_how_many_there_are():
    assert len(PEOPLE) >= 60
    assert len(MACHINES) >= 40
    assert len(LANGUAGES) == 6


@pytest.mark.parametrize("raw", PEOPLE.values(), ids=PEOPLE)
def test_a_person(raw):
    found = parse(raw)
    assert (type(found), found.refers_to[0]) == (Reply, OURS)


@pytest.mark.parametrize("raw", MACHINES.values(), ids=MACHINES)
def test_a_machine(raw):
    found = parse(raw)
    assert (type(found), found.refers_to[0]) == (Automatic, OURS)
