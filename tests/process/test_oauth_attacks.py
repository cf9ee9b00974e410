"""Attacks on the callbacks, on a real server: nothing changes, nothing leaks.

The attacker has what an attacker can have: an account in Odoo, accounts at the
providers, the addresses that browsers were sent to, and time.
"""

import json
import random
import re
import string
import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote, urlencode

import oauth_user
import pytest
import requests
from oauth_user import ACCOUNT, ANNA, PAUL, User, good_callback, query
from oauth_world import CALLBACK, GOOGLE, MICROSOFT, PASSWORD, World
from standin.person import Person

# Also tells the server that its caches are old.
COMMIT = "env.cr.commit()\nenv.registry.signal_changes()"
CONSENT = "/account_email_connector/microsoft/admin_consent"
# What must not change, whatever arrives.
TABLES = {
    "account_email_connector": "TRUE",
    "account_email_connector_credential": "TRUE",
    "account_email_oauth_app": "TRUE",
    "mail_message": "TRUE",
    "mail_mail": "TRUE",
    "res_users": "TRUE",
}


@pytest.fixture(scope="module")
def world(box):
    options = ("--max-cron-threads=0", "--log-handler=:INFO")
    world = World(box, "oauth_attacks", *options)
    world.secrets = {MICROSOFT[1], GOOGLE[1], PASSWORD}  # every one there ever was
    yield world
    world.close()


@pytest.fixture(autouse=True)
def anew(world):
    world.start_anew()
    world.sql("DELETE FROM account_email_oauth_flow")
    yield
    store = world.standin.store
    with store.lock:
        for tokens in (store.access, store.refresh, store.codes):
            world.secrets.update(tokens)


@pytest.fixture(scope="module")
def user(world):
    return User(world, "both")


@pytest.fixture(scope="module")
def connectors(world):
    return oauth_user.connectors(world)


def picture(world):
    """All rows of the tables above: equal if nothing was changed."""
    return {
        table: world.sql(
            f"""SELECT md5(string_agg(t::text, '|' ORDER BY t.id)) FROM {table} t
                 WHERE {where}"""
        )
        for table, where in TABLES.items()
    }


def address(world, provider, params):
    return f"{world.url}{CALLBACK.format(provider)}?{urlencode(params)}"


def calm(world, answer):
    """The answer leads to the form, or the login page, of this very Odoo."""
    assert answer.status_code in (302, 303), (answer.status_code, answer.text[:500])
    there = answer.headers["Location"]
    assert there.startswith(("/odoo/email-connector", "/web/login")) or (
        there.startswith((f"{world.url}/odoo", f"{world.url}/web/login"))
    ), there
    assert "\n" not in there and "evil.example" not in there.split("?")[0]


def no_traceback(world):
    log = world.server.log.read_text()
    assert "Traceback" not in log, log[log.index("Traceback") - 500 :][:3000]
    assert " ERROR " not in log and " CRITICAL " not in log


def not_in_the_log(world, secrets):
    """No secret; but the login page's line is there, which could have one."""
    log = world.server.log.read_text()
    assert "/web/login?redirect=" in log
    for secret in secrets:
        assert secret not in log, f"{secret[:12]}… is in the log"


def state_of(world, name="Blue Lake"):
    return world.connector(name)


# -- one after the other ------------------------------------------------------------


@pytest.mark.parametrize("provider", ["microsoft", "google"])
def test_a_state_is_good_once(world, user, connectors, provider):
    url = user.begin(provider, connectors["Blue Lake"][0])
    back = good_callback(world, url, provider)
    calm(world, user.get(back))
    assert state_of(world) == f"connected {ACCOUNT[provider]}"
    before = picture(world)
    calm(world, user.get(back))
    assert picture(world) == before
    assert "cannot be finished" in notice(user, connectors["Blue Lake"][0])


def notice(user, connector):
    fields = ["notice_title", "notice_text", "notice_detail"]
    answer = user.call("read", [connector], fields=fields)
    return json.dumps(answer["result"])


def test_parallel_callbacks_count_once(world, user, connectors):
    back = good_callback(
        world, user.begin("microsoft", connectors["Blue Lake"][0]), "microsoft"
    )
    cookies = user.http.cookies
    redeemed = len(world.standin.control.calls(endpoint="microsoft.token"))

    def press(_number):
        return requests.get(back, cookies=cookies, allow_redirects=False, timeout=60)

    with ThreadPoolExecutor(12) as pool:
        for answer in pool.map(press, range(12)):
            calm(world, answer)
    assert state_of(world) == f"connected {ANNA}"
    tokens = world.standin.control.calls(endpoint="microsoft.token")
    assert len(tokens) == redeemed + 1
    no_traceback(world)


def test_another_session_and_another_user(world, user, connectors):
    strangers = [User(world, name) for name in ("both", "blue", "green")]
    url = user.begin("microsoft", connectors["Blue Lake"][0])
    back = good_callback(world, url, "microsoft")
    before = picture(world)
    for stranger in strangers:
        calm(world, stranger.get(back))
    nobody = requests.get(back, timeout=60)  # as after the session has expired
    calm(world, nobody.history[0])
    assert "/web/login?" in nobody.url and query(back)["code"] in nobody.url
    again = {"redirect": nobody.url.removeprefix(world.url)}  # encoded once more
    requests.get(f"{world.url}/web/login?{urlencode(again)}", timeout=60)
    world.secrets.add(query(back)["code"])
    brought = {query(back)[name] for name in ("code", "state")}
    not_in_the_log(world, world.secrets | brought)
    assert picture(world) == before
    calm(world, user.get(back))  # is not spoilt by that
    assert state_of(world) == f"connected {ANNA}"


def test_a_code_of_somebody_else(world, user, connectors):
    """Injection: the attacker's code with the victim's state."""
    attacker = User(world, "blue")
    theirs = query(
        Person(world.standin.url).sign_in(
            attacker.begin("microsoft", connectors["Blue Lake"][0]), PAUL
        )
    )
    mine = query(
        good_callback(
            world, user.begin("microsoft", connectors["Blue Lake"][0]), "microsoft"
        )
    )
    before = picture(world)
    forged = mine | {"code": theirs["code"]}
    calm(world, user.get(address(world, "microsoft", forged)))
    assert picture(world) == before
    assert state_of(world).strip() == "disconnected"


def test_mixed_up_providers(world, user, connectors):
    before = picture(world)
    connector = connectors["Blue Lake"][0]
    for provider, other in (("microsoft", "google"), ("google", "microsoft")):
        back = good_callback(world, user.begin(provider, connector), provider)
        calm(world, user.get(address(world, other, query(back))))
        assert picture(world) == before


def test_too_late(world, user, connectors):
    url = user.begin("microsoft", connectors["Blue Lake"][0])
    back = good_callback(world, url, "microsoft")
    world.sql("UPDATE account_email_oauth_flow SET expires_at = now() - interval '1 s'")
    before = picture(world)
    calm(world, user.get(back))
    assert picture(world) == before
    assert "took too long" in notice(user, connectors["Blue Lake"][0])


@pytest.mark.parametrize("lost", ["group", "company"])
def test_a_user_who_has_lost_the_right(world, user, connectors, lost):
    green, company = connectors["Green Field"]
    url = user.begin("google", green, company)
    back = good_callback(world, url, "google")
    change = {
        "group": "u.group_ids = env.ref('account.group_account_invoice')"
        " + env.ref('base.group_user')",
        "company": f"u.company_ids -= env['res.company'].browse({company})",
    }[lost]
    find = "u = env['res.users'].search([('login', '=', 'both')])\n"
    groups, companies = "u.group_ids.ids", "u.company_ids.ids"
    kept = world.shell(f"{find}print([{groups}, {companies}])").strip().splitlines()[-1]
    world.shell(f"{find}{change}\n{COMMIT}")
    try:
        before = picture(world)
        calm(world, user.get(back))
        assert picture(world) == before
        assert state_of(world, "Green Field").strip() == "disconnected"
    finally:
        ids = json.loads(kept)
        world.shell(
            f"{find}u.group_ids = [(6, 0, {ids[0]})]\n"
            f"u.company_ids = [(6, 0, {ids[1]})]\n{COMMIT}"
        )


def test_the_app_was_withdrawn_in_between(world, user, connectors):
    back = good_callback(
        world, user.begin("google", connectors["Blue Lake"][0]), "google"
    )
    world.sql("UPDATE account_email_oauth_app SET active = FALSE")
    try:
        before = picture(world)
        calm(world, user.get(back))
        assert picture(world) == before
    finally:
        world.sql("UPDATE account_email_oauth_app SET active = TRUE")


# -- hundreds, generated ---------------------------------------------------------------

NASTY = [
    "",
    "x",
    "0",
    "-1",
    "null",
    "../../etc/passwd",
    "' OR 1=1 --",
    "<script>alert(1)</script>",
    "{{7*7}}${7*7}",
    "%s%n%(a)s",
    "line\r\nSet-Cookie: a=b",
    "line\nERROR forged CRITICAL log line",
    "\x00\x01\x1b[31m",
    "é🦊\u202e",
    "https://evil.example/",
    "//evil.example",
    "a" * 6000,
]
ERRORS = ["access_denied", "server_error", "invalid_client", "consent_required", "x"]


def bad_queries(random_, good, count):
    """Yield queries (str) that no provider would send for a sign-in of ours."""
    names = ["state", "code", "error", "error_description", "error_subcode"]
    names += ["session_state", "scope", "redirect", "next", "iss", "self", "provider"]
    for _number in range(count):
        params = {}
        for name in random_.sample(names, random_.randint(0, 6)):
            params[name] = random_.choice(NASTY)
        if random_.random() < 0.4:
            params["error"] = random_.choice(ERRORS + NASTY)
            params["error_description"] = random_.choice(NASTY) + "AADSTS65004"
        if random_.random() < 0.5:
            params["state"] = mutated(random_, good["state"])
        if random_.random() < 0.5:
            params.setdefault("code", good["code"])
        # One that would be true is not bad.
        if params.get("state") == good["state"]:
            del params["state"]
        text = urlencode(params, errors="surrogatepass")
        if random_.random() < 0.15:
            text += "&" + random_.choice(["state=%ff%fe", "state[]=1", "&&&", "%", "="])
        yield text


def mutated(random_, state):
    ways = [
        lambda: state[:-1],
        lambda: state + "A",
        lambda: state.swapcase(),
        lambda: "".join(random_.sample(state, len(state))),
        lambda: " " + state,
        lambda: state + "\x00",
        lambda: quote(quote(state + "=")),
        lambda: "".join(random_.choices(string.ascii_letters, k=43)),
    ]
    return random_.choice(ways)()


def test_hundreds_of_bad_callbacks(world, user, connectors, say):
    random_ = random.Random(20261122)
    good = query(
        good_callback(
            world, user.begin("microsoft", connectors["Blue Lake"][0]), "microsoft"
        )
    )
    strangers = [user, User(world, "green")]
    before = picture(world)
    count = 0
    for provider in ("microsoft", "google"):
        for text in bad_queries(random_, good, 300):
            url = f"{world.url}{CALLBACK.format(provider)}?{text}"
            calm(world, random_.choice(strangers).get(url))
            count += 1
    public = requests.Session()
    for text in bad_queries(random_, good, 150):
        state = f"{random_.randint(-3, 99)}.{random_.choice(NASTY)}"
        text += "&" + urlencode({"admin_consent": "True", "state": state})
        answer = public.get(f"{world.url}{CONSENT}?{text}", timeout=60)
        world.seen.append(answer.text)
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text
        assert "not valid any more" in answer.text
        count += 1
    for method in ("POST", "PUT", "DELETE"):
        answer = user.http.request(
            method, f"{world.url}{CALLBACK.format('google')}", timeout=60
        )
        assert answer.status_code == 405
        count += 1
    assert picture(world) == before
    no_traceback(world)
    log = world.server.log.read_text()
    assert not re.search(r"^ERROR forged", log, re.MULTILINE)
    assert "\x1b[31m" not in log
    say(f"{count} bad callbacks: 0 changes, 0 tracebacks")


def test_what_the_provider_says_is_shown_as_text(world, user, connectors):
    url = user.begin("google", connectors["Blue Lake"][0])
    state = query(url)["state"]
    words = "<script>alert(1)</script>\r\nWARNING forged https://evil.example/"
    error = {"state": state, "error": "server_error", "error_description": words}
    calm(world, user.get(address(world, "google", error)))
    shown = json.loads(notice(user, connectors["Blue Lake"][0]))[0]["notice_detail"]
    assert "\n" not in shown and "\r" not in shown
    assert not re.search(r"^WARNING forged", world.server.log.read_text(), re.M)
    assert state_of(world).strip() == "disconnected"


# -- secrets ---------------------------------------------------------------------------


def test_no_secret_comes_out(world, user, connectors, box):
    """After a life with tokens: in no log line, answer, page or dump."""
    green, company = connectors["Green Field"]
    calm(
        world,
        user.get(
            good_callback(
                world, user.begin("microsoft", connectors["Blue Lake"][0]), "microsoft"
            )
        ),
    )
    back = good_callback(world, user.begin("google", green, company), "google")
    calm(world, user.get(back))
    world.shell(
        "from odoo.addons.account_email_connector.engine.mailbox import health\n"
        "from odoo.addons.account_email_connector.engine.mailbox import test_email\n"
        "for connector in env['account.email.connector'].search([]):\n"
        "    test_email.send(connector)\n"
        "    health.check(connector)\n"
        "env.cr.commit()"
    )
    for model in ("account.email.connector", "account.email.oauth.app"):
        user.call("search_read", [], model=model)
        User(world, "sysop").call("search_read", [], model=model)
    for model in ("account.email.connector.credential", "account.email.oauth.flow"):
        answer = User(world, "sysop").call("search_read", [], model=model)
        assert "error" in answer
    export = {"fields_to_export": ["sealed_secret", "client_secret"]}
    sysop = User(world, "sysop")
    sysop.call("export_data", [1, 2], model="account.email.oauth.app", **export)
    store = world.standin.store
    secrets = world.secrets | {query(back)["code"]}
    secrets.update(store.access, store.refresh, store.codes)
    assert len(secrets) > 20, "there was something to find"
    dump = box.dump(world.database)
    places = {"log": world.server.log.read_text(), "dump": dump}
    places["answers"] = "".join(world.seen)
    for secret in secrets:
        for place, text in places.items():
            assert secret not in text, f"{secret[:12]}… is in the {place}"


def test_the_server_is_still_well(world, user, connectors):
    """After all of the above, an honest sign-in works."""
    threads = threading.active_count()
    back = good_callback(
        world, user.begin("microsoft", connectors["Blue Lake"][0]), "microsoft"
    )
    calm(world, user.get(back))
    assert state_of(world) == f"connected {ANNA}"
    assert threading.active_count() <= threads + 2
