"""Every screen of ours, looked at by axe: what a screen reader, a keyboard, or weak
eyes would stumble over. https://github.com/dequelabs/axe-core
"""

import json
from types import SimpleNamespace

import env
import office
import pytest
import test_screens
from browser import Browser, wait_for
from lib import cache, node
from oauth_world import PASSWORD, log_in
from screens import SCREENS, SET_MAILBOX

MORE = """
groups = env.ref("base.group_user") | env.ref("account.group_account_manager")
env["res.users"].create({{
    "name": "Max", "login": "max", "password": {password!r},
    "email": "max@acme.example", "odoobot_state": "disabled",
    "group_ids": [Command.set((groups | env.ref("base.group_system")).ids)],
}})
went = owe("Elm Street Sent", 5) | owe("Elm Street Failed", 5)
env["account.email.followup"]._plan(env.company)
for followup in env["account.email.followup"].search([("partner_id", "in", went.ids)]):
    state = "sent" if "Sent" in followup.partner_id.name else "failed"
    followup.write({{"state": state, "subject": "Pay", "body": "<p>Please.</p>"}})
app = env["account.email.oauth.app"].create({{
    "name": "Odoo", "provider": "microsoft", "audience": "common",
    "client_secret": "no-secret",
    "client_id": "5a7d1000-0000-4000-8000-000000000001"}})
env["account.email.approval"].create({{
    "connector_id": mailbox.id, "asked_at": fields.Datetime.now(),
    "asked_by_id": env.uid}})
person = env["res.users"].search([("login", "=", "max")])
plan = env["account.email.followup.plan"].with_user(person).search([], limit=1)
for state in ("done", "waiting"):
    asked = plan.try_on_the_past({{}})
    plan.env[asked["res_model"]].browse(asked["res_id"]).action_start()
    if state == "done":
        env["account.email.followup.replay"]._cron_run()
env["account.email.followup.case"]._cron_look()
env.cr.commit()
"""
#: What is ours of a page: not Odoo's bars around it. In front: the last one.
OURS = [".o_action_manager .o_content", ".modal-content"]
#: What Odoo's own widgets draw inside of it, on its own screens likewise: axe's rule,
#: where, of Odoo 19's addons/web (or mail) /static/src. No view can change these.
ODOOS = [
    # views/list/list_renderer.xml: its menu of columns, its boxes to tick rows; views/
    # view_button/view_button.xml: a button of an icon has its title as a tooltip only.
    (
        "button-name",
        ".o_optional_columns_dropdown button, .o_list_button [data-tooltip]",
    ),
    ("label", ".o_list_record_selector input, .o_data_cell .o-checkbox input"),
    # core/notebook/notebook.xml: its tabs have no role="tablist" above.
    ("aria-required-parent", ".o_notebook_headers .nav-link"),
    # core/autocomplete, core/tags_list, core/select_menu: "selected", but no option.
    ("aria-allowed-attr", ".o-autocomplete--input, .o_tag, .o-dropdown"),
    ("autocomplete-valid", ".o_select_menu_input"),
    # core/copy_button: an icon; mail's avatars: without alt.
    ("button-name", ".o_clipboard_button"),
    ("image-alt", ".o-mail-Avatar img, .o_m2o_avatar img"),
    # Its palette: links in texts, code on its public pages, badges, labels of a
    # narrow form, greyed buttons.
    ("color-contrast", ".badge, .badge *, .o_form_label, [disabled] *, code"),
    ("color-contrast", ".o_field_html a"),
    # html_editor's fields/html_viewer: what was written, in a frame without a title.
    ("frame-title", ".o_field_html iframe, iframe.o_readonly"),
    # views/pivot/pivot_renderer.xml: the names of its measures.
    ("color-contrast", ".o_pivot_measure_row"),
    # mail's core/web/activity_button.xml: an icon whose title may be empty.
    ("role-img-alt", ".o-mail-ActivityButton i, .o-mail-ActivityButton i.fa"),
    # core/dialog/dialog.xml: the title of any dialog is an <h4>.
    ("heading-order", ".modal-title"),
]
SERIOUS = ("serious", "critical")
#: Less, but heard by whoever finds their way by headings.
TOO = ("heading-order",)
PAGES = [
    "/account_email_connector/guide/microsoft",
    "/account_email_connector/guide/google",
    "/account_email_connector/microsoft/admin_consent?state=1.0",
]
#: A dialog that gives its focus to something far below opens there.
SCROLLED = """[...document.querySelectorAll(".modal, .modal *")]
    .filter((each) => each.scrollTop > 0).map((each) => each.className).join(", ")"""
STILL = """(() => { const style = document.createElement("style");
    style.textContent = "* {transition: none !important; animation: none !important}";
    document.head.append(style); })()"""
LOOK = """(() => { window.axeSays = null;
  const all = %s.filter((each) => document.querySelector(each));
  const here = all.slice(-1);  // a dialog lies in front
  const odoos = %s;
  const of = (node) => document.querySelector(node.target[0]);
  const ours = (rule, node) => !odoos.some(
    ([name, where]) => name === rule && of(node)?.matches(where));
  axe.run({include: here, exclude: [".o-mail-ChatterContainer"]},
          {resultTypes: ["violations"]}).then(
    ({violations}) => { window.axeSays = {found: violations.flatMap(
      ({id, impact, nodes}) => nodes.filter((node) => ours(id, node)).map((node) =>
        [id, impact, node.target.join(" "), node.html.slice(0, 200),
         (node.failureSummary || "").split("\\n")[1]]))}; },
    (error) => { window.axeSays = {found: [["axe", "critical", String(error)]]}; });
})()"""


@pytest.fixture(scope="module")
def axe():
    modules = node.modules(cache.CHECKOUT / "dev/axe")
    return (modules / "axe-core/axe.min.js").read_text()


@pytest.fixture(scope="module")
def world(box):
    (port,) = env.free_ports()
    url = f"http://127.0.0.1:{port}"
    database = box.database("accessible")
    setup = (test_screens.SETUP + MORE).format(url=url, password=PASSWORD)
    box.shell(database, office.BEGIN + setup)
    with box.serve(database, "--max-cron-threads=0", port=port):
        yield SimpleNamespace(url=url, box=box, database=database)


def _browser(world, axe, size):
    with Browser(size) as browser:
        log_in(browser, world, "max")
        browser.run(axe)
        browser.run(STILL)
        yield browser


@pytest.fixture(scope="module")
def desk(world, axe):
    yield from _browser(world, axe, (1440, 900))


@pytest.fixture(scope="module")
def phone(world, axe):
    yield from _browser(world, axe, (390, 844))


def names(screens):
    return {"argvalues": screens, "ids": [each.name for each in screens]}


@pytest.mark.parametrize("screen", **names(SCREENS))
def test_at_a_desk(world, desk, screen):
    assert findings(world, desk, screen) == ""


@pytest.mark.parametrize("screen", **names([s for s in SCREENS if s.phone]))
def test_on_a_phone(world, phone, screen):
    assert findings(world, phone, screen) == ""


@pytest.mark.parametrize("path", PAGES)
def test_pages_of_our_own(world, axe, path):
    """Pages outside of the web client: all that is on them is ours."""
    with Browser((1440, 900)) as browser:
        log_in(browser, world, "max")
        browser.open(f"{world.url}{path}")
        card = "location.href.includes('connector/') && document.querySelector('.card')"
        wait_for(lambda: browser.run(f"!!({card})"))
        browser.run(axe)
        assert look(browser, [".card"]) == ""


def findings(world, browser, screen):
    """What axe finds serious in *screen*, a line each."""
    with office.connection(world.box, world.database) as cr:
        cr.execute(SET_MAILBOX.format(screen.mailbox))
    browser.run(screen.script)
    opened = wait_for(lambda: browser.run("window.opened"), 30, fails=False)
    assert opened == "yes", f"{opened}\n{browser.text[:2000]}"
    found = look(browser)
    assert browser.run(SCROLLED) == "", "it does not open at its beginning"
    return found


def look(browser, where=OURS):
    """What axe finds serious in *where*."""
    still = "!document.querySelector('.o_loading_indicator, .o_view_sample_data')"
    wait_for(lambda: browser.run(still), 5, fails=False)
    browser.run(LOOK % (json.dumps(where), json.dumps(ODOOS)))
    found = wait_for(lambda: browser.run("window.axeSays"))["found"]
    serious = [each for each in found if each[1] in SERIOUS or each[0] in TOO]
    return "\n".join(" | ".join(each) for each in serious)
