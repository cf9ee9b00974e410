"""Tokens in real transactions, used by workers at the same moment."""

import json

import oauth_user
import pytest
from oauth_user import ANNA, User, good_callback
from oauth_world import World

SEND_AT_ONCE = """
import json, threading
from odoo import api, SUPERUSER_ID
from odoo.modules.registry import Registry
registry, results = env.registry, []
barrier = threading.Barrier({workers})
def work():
    threading.current_thread().dbname = env.cr.dbname
    try:
        with registry.cursor() as cr:
            mine = api.Environment(cr, SUPERUSER_ID, {{}})
            connector = mine["account.email.connector"].browse({connector})
            connector.email  # its transaction has begun, as that of a busy worker
            barrier.wait()
            connector._send_test()
            results.append("sent")
            if {rollback}:
                cr.rollback()
    except Exception as error:
        results.append(repr(error))
threads = [threading.Thread(target=work) for _ in range({workers})]
[t.start() for t in threads]
[t.join() for t in threads]
print(json.dumps(results))
"""


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


def send_at_once(world, connector, workers=8, rollback=False):
    code = SEND_AT_ONCE.format(workers=workers, connector=connector, rollback=rollback)
    return json.loads(world.shell(code).strip().splitlines()[-1])


def refreshes(world):
    return len(world.standin.control.calls(endpoint="microsoft.token"))


def test_one_refresh_at_a_time(world, connector):
    before = refreshes(world)
    world.standin.control.expire_tokens(ANNA)
    assert send_at_once(world, connector) == ["sent"] * 8
    assert refreshes(world) == before + 1
    assert len(world.sent(ANNA)) == 8


def test_a_rollback_does_not_lose_a_token(world, connector):
    for _twice in range(2):
        world.standin.control.expire_tokens(ANNA)
        assert send_at_once(world, connector, 1, rollback=True) == ["sent"]
    assert len(world.sent(ANNA)) == 2
