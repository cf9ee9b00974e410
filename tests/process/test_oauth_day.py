"""A day in the life of a mailbox at Microsoft: nothing lost, nothing doubled.

See ``simulated_day.py``. With ``AEC_WHOLE_DAY=1`` emails are asked for in every minute:
that is 41,400 of them, and takes its time.
"""

import json
import os
from collections import Counter
from pathlib import Path

import oauth_user
import pytest
from oauth_user import ANNA, User, good_callback
from oauth_world import World

A_MINUTE = 30
MINUTES_OF_AN_HOUR = 60 if os.environ.get("AEC_WHOLE_DAY") else 3
LIVE = """
import json, logging, sys
sys.path.append({here!r})
from simulated_day import Day
logging.getLogger().setLevel(logging.ERROR)
print(json.dumps(Day(env, {connector}, {standin!r}, {minutes}).live()))
"""


@pytest.fixture
def world(box):
    world = World(box, "oauth_day", "--max-cron-threads=0")
    yield world
    world.close()


def test_a_day_with_storms_and_a_revoked_grant(world, say):
    user = User(world, "both")
    connector = oauth_user.connectors(world)["Blue Lake"][0]
    user.get(good_callback(world, user.begin("microsoft", connector), "microsoft"))
    assert world.connector() == f"connected {ANNA}"
    code = LIVE.format(
        here=str(Path(__file__).parent),
        connector=connector,
        standin=world.standin.url,
        minutes=MINUTES_OF_AN_HOUR,
    )
    end = json.loads(world.shell(code, timeout=7200).strip().splitlines()[-1])
    assert (end["waiting"], end["state"]) == (0, "connected")
    assert end["minutes_lost"] == 30
    assert end["refused"] == {"Throttled": 6, "SignInRequired": 1}

    log = world.standin.control.log(account=ANNA)
    accepted = Counter(entry["message_id"] for entry in log)
    assert set(accepted.values()) == {1}, "nothing was doubled"
    assert len(accepted) == end["asked"], "nothing was lost"
    busiest = max(Counter(int(entry["at"]) // 60 for entry in log).values())
    assert busiest <= A_MINUTE

    tokens = world.standin.control.calls(endpoint="microsoft.token")
    assert incidents(world) == "1"
    say(
        f"a day: {end['asked']} emails asked for and accepted, each once, at most "
        f"{busiest} in a minute; {len(tokens)} tokens; 1 incident; "
        f"refused meanwhile: {end['refused']}"
    )


def incidents(world):
    """How often the mailbox was reported as lost."""
    return world.sql(
        """SELECT count(*) FROM mail_tracking_value v
             JOIN ir_model_fields f ON f.id = v.field_id
            WHERE f.name = 'state' AND f.model = 'account.email.connector'
              AND v.new_value_char = 'Connection lost'"""
    )
