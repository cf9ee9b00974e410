"""Tokens in real transactions, used by workers at the same moment."""

import json
import threading

import oauth_user
import pytest
from browser import wait_for
from oauth_user import ANNA, CLARA, User, good_callback
from oauth_world import World

AT_ONCE = """
import json, threading
from odoo import api, SUPERUSER_ID
from odoo.addons.account_email_connector.engine.mailbox import test_email
from odoo.addons.account_email_connector.engine.sending.mail_session import open_session
registry, results = env.registry, []
connectors, rollback = {connectors!r}, {rollback!r}
barrier = threading.Barrier(len(connectors))
def work(id_):
    threading.current_thread().dbname = env.cr.dbname
    try:
        with registry.cursor() as cr:
            mine = api.Environment(cr, SUPERUSER_ID, {{}})
            connector = mine["account.email.connector"].browse(id_)
            connector.email  # its transaction has begun, as that of a busy worker
            barrier.wait()
            {call}
            results.append("done")
            if rollback:
                cr.rollback()
    except Exception as error:
        results.append(repr(error))
threads = [threading.Thread(target=work, args=(id_,)) for id_ in connectors]
[t.start() for t in threads]
[t.join() for t in threads]
print(json.dumps(results))
"""
DISCONNECT = "connector.action_disconnect()"
SEND_TEST = "test_email.send(connector)"
SEND_IN_SESSION = """with open_session(connector) as session:
                session.send_message(
                    test_email._message(connector), connector.email,
                    [connector.email])"""


@pytest.fixture(scope="module")
def world(box):
    world = World(box, "oauth_tokens", "--max-cron-threads=0")
    yield world
    world.close()


@pytest.fixture
def connector(world):
    """A mailbox at Microsoft, in a tenant that takes a refresh token only once."""
    world.start_anew()
    world.standin.control.tenant("bluelake.example", strict_rotation=True)
    user = User(world, "both")
    number = oauth_user.connectors(world)["Blue Lake"][0]
    url = user.begin("microsoft", number)
    user.get(good_callback(world, url, "microsoft"))
    assert world.connector() == f"connected {ANNA}"
    return number


def at_once(world, call, connectors, rollback=False):
    """Do *call* (Python code) with *connectors*, each in a transaction of its own."""
    code = AT_ONCE.format(call=call, connectors=connectors, rollback=rollback)
    return json.loads(world.shell(code).strip().splitlines()[-1])


def refreshes(world):
    return len(world.standin.control.calls(endpoint="microsoft.token"))


@pytest.mark.parametrize("call", [SEND_TEST, SEND_IN_SESSION], ids=["test", "session"])
def test_one_refresh_at_a_time(world, connector, call):
    before = refreshes(world)
    world.standin.control.expire_tokens(ANNA)
    assert at_once(world, call, [connector] * 8) == ["done"] * 8
    assert refreshes(world) == before + 1
    assert len(world.sent(ANNA)) == 8


@pytest.mark.parametrize("call", [SEND_TEST, SEND_IN_SESSION], ids=["test", "session"])
def test_a_rollback_does_not_lose_a_token(world, connector, call):
    for _twice in range(2):
        world.standin.control.expire_tokens(ANNA)
        assert at_once(world, call, [connector], rollback=True) == ["done"]
    assert len(world.sent(ANNA)) == 2


# -- one grant of two companies --------------------------------------------------------


def connect(world, user, name):
    """Connect the mailbox of the company *name* at Google; returns its id."""
    connector, company = oauth_user.connectors(world)[name]
    url = user.begin("google", connector, company)
    user.get(good_callback(world, url, "google"))
    return connector


def revocations(world):
    return len(world.standin.control.calls(endpoint="google.revoke"))


def grants(world):
    return len(world.standin.control.calls(endpoint="google.token"))


def test_two_companies_that_leave_at_once_revoke_their_grant(world):
    world.start_anew()
    user = User(world, "both")
    both = [connect(world, user, name) for name in ("Blue Lake", "Green Field")]
    before = revocations(world)
    assert at_once(world, DISCONNECT, both) == ["done"] * 2
    assert revocations(world) == before + 1


def test_a_company_that_leaves_spares_the_grant_that_another_gets(world):
    world.start_anew()
    user = User(world, "both")
    leaving = connect(world, user, "Blue Lake")
    before = revocations(world)
    coming, company = oauth_user.connectors(world)["Green Field"]
    back = good_callback(world, user.begin("google", coming, company), "google")
    blue = User(world, "blue")
    granted = grants(world)
    world.standin.control.add_fault("google.token", delay=3)
    finishing = threading.Thread(target=user.get, args=(back,))
    finishing.start()
    # Google has granted it, and its answer is on the way.
    wait_for(lambda: grants(world) > granted)
    blue.call("action_disconnect", [leaving])
    finishing.join()
    assert world.connector("Blue Lake") == f"disconnected {CLARA}"
    assert world.connector("Green Field") == f"connected {CLARA}"
    assert revocations(world) == before
    assert at_once(world, SEND_TEST, [coming]) == ["done"]
    assert len(world.sent(CLARA)) == 1
