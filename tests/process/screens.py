"""Every screen of ours, and how a page of Odoo's web client gets there.

Each is opened by the client's own action service: no page is loaded anew for it.
"""

import json
from typing import NamedTuple

OPEN = """(() => {
  window.opened = "";
  const {action, orm} = odoo.__WOWL_DEBUG__.root.env.services;
  const anew = {clearBreadcrumbs: true};
  const found = async (model, domain) => {
    const [id] = await orm.search(model, domain, {limit: 1, order: "id"});
    if (!id) throw new Error(`There is no ${model} of ${JSON.stringify(domain)}`);
    return id;
  };
  const show = (xmlid, viewType) =>
    action.doAction(`account_email_connector.${xmlid}`, {...anew, viewType});
  const form = async (model, domain) => action.doAction({
    type: "ir.actions.act_window", res_model: model, views: [[false, "form"]],
    res_id: domain ? await found(model, domain) : false}, anew);
  const press = async (model, method, domain) => action.doAction(
    await orm.call(model, method, domain ? [await orm.search(model, domain)] : []));
  const tab = (name) => document.querySelector(`.nav-link[name=${name}]`).click();
  (async () => {
    await action.doAction({type: "ir.actions.act_window_close"});
    %s
  })().then(() => { window.opened = "yes"; },
            (error) => { window.opened = `${error.message} ${error.data?.message}`; });
})()"""
MAILBOX = "account.email.connector"
FOLLOWUP = "account.email.followup"
CASE = "account.email.followup.case"
PLAN = "account.email.followup.plan"
REPLAY = "account.email.followup.replay"
STEP = "account.email.followup.step"
EMAIL_STEP = '[["plan_id.name", "=", "Monthly statement"]]'
CUSTOMERS = '[["name", "in", ["Dune Park Joinery", "Blue Lake Boats and Yachts"]]]'
ONE = '[["name", "=", "Dune Park Joinery"]]'
ITS = '[["partner_id.name", "=", "Dune Park Joinery"]]'
#: The first row of what a change would do is opened. Odoo shows a form from its cache,
#: and reads it then: what was entered meanwhile is gone, so something is entered again.
ASK = """
    let row = null;
    for (let tries = 0; !row && tries < 20; tries++) {
        change();
        await wait(500);
        [...document.querySelectorAll("button")].find(
            (e) => e.innerText.includes("What would this change?"))?.click();
        await wait(1000);
        row = document.querySelector(".modal summary");
    }
    row.click()"""
WAIT = "const wait = (ms) => new Promise((r) => setTimeout(r, ms));"
#: The button is pressed while another minimum amount is in the form, which Odoo saves
#: when the next screen is opened: the next browser finds it there, and takes another.
PLAN_CHANGED = f"""form('{PLAN}', [["step_ids.template_id", "!=", false]]);
    {WAIT}
    await wait(500);
    tab("whom");
    await wait(500);
    const change = () => {{
        const field = document.querySelector("[name=minimum_amount] input");
        field.value = field.value.startsWith("5") ? "0" : "5000";
        field.dispatchEvent(new Event("input", {{bubbles: true}}));
        field.dispatchEvent(new Event("change", {{bubbles: true}}));
    }};
    {ASK}"""
#: A rule that nobody has saved gives another plan to all who owe something.
RULE_NEW = f"""action.doAction({{
        type: "ir.actions.act_window", res_model: "{PLAN}.rule",
        views: [[false, "form"]],
        context: {{default_amount_overdue: 1, default_plan_id: await found(
            "{PLAN}", [["mode", "=", "by_invoice"]])}}}}, anew);
    {WAIT}
    const change = () => {{}};
    {ASK}"""
SET_MAILBOX = """UPDATE account_email_connector
    SET state = 'connected', provider = 'smtp', email = 'ar@acme.example',
        error_reason = NULL, error_since = NULL, wait_until = NULL, wait_reason = NULL,
        oauth_app_id = NULL, chasing = 'on';
    UPDATE account_email_connector SET {}"""
ASKED = """state = 'pending_approval', provider = 'microsoft', email = NULL,
    error_reason = 'approval_required',
    oauth_app_id = (SELECT id FROM account_email_oauth_app LIMIT 1)"""
BROKEN = "state = 'error', error_since = now() at time zone 'UTC', error_reason = "


class Screen(NamedTuple):
    """How to get to a screen.

    :ivar code: JavaScript, with the words of :data:`OPEN`.
    :ivar mailbox: what is set of the mailbox before, as SQL.
    :ivar phone: whether it is looked at on a phone, too.
    """

    name: str
    code: str
    mailbox: str = "state = 'connected'"
    phone: bool = False

    @property
    def script(self):
        """What opens it."""
        return OPEN % f"await {self.code};"


def _show(name, action, *kinds, phone=()):
    return [
        Screen(f"{name}: {kind}", f"show({action!r}, {kind!r})", phone=kind in phone)
        for kind in kinds
    ]


def _form(name, model, domain="[]", **more):
    return Screen(name, f"form({model!r}, {domain})", **more)


def _press(name, model, method, domain="", **more):
    return Screen(name, f"press({model!r}, {method!r}, {domain or 'null'})", **more)


def _mailbox(name, values):
    return _form(f"mailbox: {name}", MAILBOX, mailbox=values, phone=True)


def _state(name):
    return json.dumps([["state", "=", name]])


SCREENS = [
    *_show("collections", "action_case", "kanban", "list", phone=("kanban",)),
    _form("a customer's account", CASE, "[]", phone=True),
    *_show("follow-ups", "action_followup", "list", "kanban", phone=("kanban",)),
    _form("a follow-up to review", FOLLOWUP, _state("to_review"), phone=True),
    _form("a follow-up that was sent", FOLLOWUP, _state("sent")),
    _form("a follow-up that failed", FOLLOWUP, _state("failed")),
    *_show("to review", "action_followup_to_review", "list"),
    *_show("what goes next", "action_case_coming", "list", "kanban", phone=("kanban",)),
    *_show("ageing", "action_case_ageing", "list", "pivot", "kanban"),
    _press("write to one", "res.partner", "action_email_followup_compose", ONE),
    _press(
        "write to many",
        "res.partner",
        "action_email_followup_compose",
        CUSTOMERS,
        phone=True,
    ),
    _press("pause", "res.partner", "action_email_followup_pause", ONE),
    _press("a promise", "res.partner", "action_email_followup_promise", ONE),
    _press("hand over", "res.partner", "action_email_followup_hand_over", ONE),
    _press("another plan", "res.partner", "action_email_followup_plan", ONE),
    Screen(
        "the customer's tab",
        f"form('res.partner', {ONE}); await new Promise((r) => setTimeout(r, 300));"
        " tab('email_followup')",
    ),
    _form("an invoice", "account.move", '[["state", "=", "posted"]]'),
    _press(
        "a dispute", "account.move", "action_email_followup_dispute", _state("posted")
    ),
    *_show("promises", "action_promise", "list", "kanban"),
    *_show("plans", "action_followup_plan", "list", "kanban"),
    _form("a plan", PLAN, phone=True),
    Screen("what a plan would change", PLAN_CHANGED, phone=True),
    *_show("plans tried", "action_followup_replay", "list", "kanban"),
    _form("a plan tried", REPLAY, _state("done"), phone=True),
    _form("a plan being tried", REPLAY, _state("waiting")),
    _press("the rows of a plan tried", REPLAY, "action_rows", _state("done")),
    Screen(
        "on which days to try a plan",
        f"action.doAction(await orm.call('{PLAN}', 'try_on_the_past', "
        f"[[await found('{PLAN}', [])], {{}}]))",
        phone=True,
    ),
    _form("a step", STEP),
    *_show("plans by rule", "action_followup_plan_rule", "list"),
    _form("a rule", f"{PLAN}.rule", "null"),
    Screen("what a rule would change", RULE_NEW, phone=True),
    _press("why then, of a customer", CASE, "action_then", ITS, phone=True),
    _press(
        "why then, of an invoice",
        "account.move",
        "action_email_followup_then",
        ITS,
        phone=True,
    ),
    *_show("report", "action_followup_report", "pivot", "graph", "list"),
    *_show("journal", "action_delivery", "list"),
    *_show("journal exports", "action_journal_export", "list", "kanban"),
    *_show("apps", "action_oauth_app", "list"),
    _form("an app", "account.email.oauth.app", "null"),
    _mailbox("connected", "state = 'connected'"),
    _mailbox("not started", "chasing = 'new'"),
    _press("start", MAILBOX, "action_start", "[]", phone=True),
    _press("the server's check", MAILBOX, "action_check", "[]", phone=True),
    _mailbox("not connected", "state = 'disconnected', email = NULL"),
    _mailbox("wrong password", f"{BROKEN} 'wrong_password'"),
    _mailbox(
        "waits", "wait_until = now() + interval '1 day', wait_reason = 'daily_limit'"
    ),
    _mailbox("waits for approval", ASKED),
    Screen(
        "ask for approval",
        "action.doAction('account_email_connector.action_connector_approval', "
        f"{{additionalContext: {{default_connector_id: await found('{MAILBOX}', [])}}}}"
        ")",
        mailbox=ASKED,
    ),
    Screen(
        "send as another address",
        "action.doAction('account_email_connector.action_connector_send_as', "
        f"{{additionalContext: {{default_connector_id: await found('{MAILBOX}', [])}}}}"
        ")",
        mailbox="provider = 'google', email = 'ar@acme.example'",
    ),
    _press("an email before it is written", STEP, "action_preview", EMAIL_STEP),
    _mailbox("signed in at Microsoft", "provider = 'microsoft'"),
    _press("sign in with a password", MAILBOX, "action_connect_smtp", "[]", phone=True),
]
