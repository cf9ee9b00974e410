"""Switch on reading at Microsoft and Google; an answer stops the follow-ups."""

import json
import time

import pytest
import requests
from oauth_world import GOOGLE, MICROSOFT, PASSWORD, World
from standin.person import Person, Stopped

ANNA, CLARA = "anna@bluelake.example", "clara@greenfield.example"
READING = {"microsoft": "Mail.Read", "google": "gmail.readonly"}
LOOK = """
env.ref("account_email_connector.ir_cron_incoming").method_direct_trigger()
env.cr.commit()
"""
SEND = """
env["account.email.connector"].search([]).sudo().chasing = "on"
planned = env["account.email.followup"]._plan(env.company)
planned.write({"at_once": True})
env.cr.commit()
env.ref("account_email_connector.ir_cron_followups").method_direct_trigger()
env.cr.commit()
"""
TOLD = """
import json
customer = env["res.partner"].search([("name", "=", "Zora")])
messages = env["account.email.followup"].search([]).message_ids
print("TOLD" + json.dumps({
    "answers": [m.preview for m in messages if m.message_type == "email"],
    "answered": customer.email_followup_answered,
    "bounced": customer.email_followup_bounced,
    "todos": customer.activity_ids.mapped("summary"),
}))
"""


@pytest.fixture(scope="module")
def world(box):
    world = World(box, "incoming", "--max-cron-threads=0")
    yield world
    world.close()


@pytest.fixture(autouse=True)
def anew(world):
    world.start_anew()
    world.shell(
        """
env["account.email.inbox"].search([]).unlink()
env["account.email.incoming"].search([]).unlink()
env["account.email.connector"].search([]).reads_replies = False
env["account.email.followup"].search([]).unlink()
customer = env["res.partner"].search([("name", "=", "Zora")])
customer.email_followup_answered = customer.email_followup_bounced = False
customer.activity_ids.unlink()
customer.message_ids.unlink()
env.cr.commit()
"""
    )


class Blue:
    """An accounting administrator of Blue Lake, over HTTP as the web client does."""

    def __init__(self, world):
        self.world = world
        self.http = requests.Session()
        login = {"db": world.database, "login": "blue", "password": PASSWORD}
        self._post("/web/session/authenticate", login)
        found = self.call("action_open")
        self.connector = found["res_id"]
        world.sql("UPDATE account_email_connector SET chasing = 'on'")

    def _post(self, path, parameters):
        body = {"jsonrpc": "2.0", "method": "call", "params": parameters}
        answer = self.http.post(self.world.url + path, json=body, timeout=60).json()
        assert "error" not in answer, answer["error"]["data"]["message"]
        return answer["result"]

    def call(self, method, *arguments, **options):
        model = "account.email.connector"
        call = {"model": model, "method": method, "args": arguments, "kwargs": options}
        return self._post(f"/web/dataset/call_kw/{model}/{method}", call)

    def sign_in(self, action, address):
        """Click through the provider's pages, and come back."""
        url = self.call(action, [self.connector])["url"]
        callback = Person(self.world.standin.url).sign_in(url, address)
        answer = self.http.get(callback, timeout=60)
        assert answer.status_code == 200
        assert self.reading()["state"] == "connected"

    def reading(self):
        """What the form of the mailbox shows."""
        names = ["state", "reading_wants_sign_in", "reading_hint"]
        [row] = self.call("read", [self.connector], names)
        return row

    def switch_reading(self, on):
        self.call("write", [self.connector], {"reads_replies": on})


def look(world):
    """Let Odoo look into the Inboxes; return what is then told on the customer."""
    printed = world.shell(LOOK + TOLD)
    return json.loads(printed.partition("TOLD")[2].splitlines()[0])


def consented(world, provider, address):
    client_id = {"microsoft": MICROSOFT, "google": GOOGLE}[provider][0]
    return " ".join(world.standin.store.consented(client_id, address))


@pytest.mark.parametrize("provider, address", [("microsoft", ANNA), ("google", CLARA)])
def test_from_off_to_an_answer(world, provider, address):
    control = world.standin.control
    blue = Blue(world)
    blue.sign_in(f"action_sign_in_{provider}", address)
    assert READING[provider] not in consented(world, provider, address)
    world.shell(SEND)
    assert len(world.sent(address)) == 1
    control.reply(address, text="Nobody shall see this.")
    assert look(world)["answers"] == [], "off means off"

    blue.switch_reading(True)
    asks = blue.reading()
    assert asks["reading_wants_sign_in"]
    assert "Sign in once more" in asks["reading_hint"]
    if provider == "microsoft":  # its default policy wants an administrator
        with pytest.raises(Stopped):
            blue.sign_in("action_reconnect", address)
        assert blue.reading()["state"] == "connected", "sending goes on"
        control.tenant("bluelake.example", consent="user")
    blue.sign_in("action_reconnect", address)
    assert READING[provider] in consented(world, provider, address)
    assert not blue.reading()["reading_hint"]

    time.sleep(1.1)  # reading begins with the next whole second
    control.reply(address, text="We have paid.")
    control.bounce(address)
    found = look(world)
    assert any("We have paid." in answer for answer in found["answers"])
    assert len(found["answers"]) == 2
    assert found["answered"] is True
    assert found["bounced"] == "zora@customer.example"
    assert any("answered" in todo for todo in found["todos"])
    assert look(world) == found


def test_a_permission_that_was_taken_back_stops_reading_only(world):
    control = world.standin.control
    blue = Blue(world)
    control.tenant("bluelake.example", consent="user")
    blue.sign_in("action_sign_in_microsoft", ANNA)
    blue.switch_reading(True)
    blue.sign_in("action_reconnect", ANNA)
    control.add_fault("graph.messages", "ErrorAccessDenied", times=-1)
    world.shell(LOOK + SEND)
    found = blue.reading()
    assert found["state"] == "connected"
    assert found["reading_wants_sign_in"] is True
    assert len(world.sent(ANNA)) == 1


def test_what_graph_has_taken_and_refused_afterwards_goes_again(world):
    """202 was answered: that the tenant is over its limit comes as a bounce only."""
    control = world.standin.control
    blue = Blue(world)
    control.tenant("bluelake.example", consent="user")
    blue.sign_in("action_sign_in_microsoft", ANNA)
    blue.switch_reading(True)
    blue.sign_in("action_reconnect", ANNA)
    world.shell(SEND)
    time.sleep(1.1)  # reading begins with the next whole second
    control.bounce(ANNA, status="5.7.232")
    found = look(world)
    assert (found["bounced"], found["todos"]) == (False, [])
    states = "SELECT state, reason FROM account_email_followup"
    assert world.sql(states).split() == ["planned|daily_limit"]
    waits = "SELECT count(*) FROM account_email_connector WHERE wait_until > now()"
    assert world.sql(waits).strip() == "1"
    assert blue.reading()["state"] == "connected"
