"""Whoever uses the product opens each of its menus, and what they lead to."""

from types import SimpleNamespace

import env
import office
import pytest
import test_accessible
import test_screens
from browser import Browser, wait_for
from oauth_world import PASSWORD, log_in

USERS = """
for login, group in {roles!r}.items():
    groups = env.ref("base.group_user") | env.ref(group)
    env["res.users"].create({{
        "name": login.capitalize(), "login": login, "password": {password!r},
        "email": f"{{login}}@acme.example", "odoobot_state": "disabled",
        "lang": "en_US", "group_ids": [Command.set(groups.ids)]}})
env.cr.commit()
"""
ROLES = {
    "manager": "account.group_account_manager",
    "accountant": "account.group_account_invoice",
    "auditor": "account.group_account_readonly",
    "admin_of_odoo": "base.group_system",
}
#: The actions of the menus of ours that this user sees, each once.
MENUS = """(() => {
  const {menu} = odoo.__WOWL_DEBUG__.root.env.services;
  const all = menu.getAll().filter(
      (each) => each.xmlid?.startsWith("account_email_connector.") && each.actionID);
  return [...new Map(all.map((each) => [each.actionID, each.name])).entries()];
})()"""
OPEN = """(() => { window.opened = "";
  odoo.__WOWL_DEBUG__.root.env.services.action.doAction(%s, {clearBreadcrumbs: true})
    .then(() => { window.opened = "yes"; }, (e) => { window.opened = String(e); });
})()"""
FIRST = (
    ".o_data_row td:not(.o_list_record_selector), .o_kanban_record:not(.o_kanban_ghost)"
)
BESIDE = """(() => { const page = document.querySelector('.o_content');
    return page.scrollWidth > page.clientWidth + 1; })()"""
DRAWN = """!document.querySelector('.o_loading_indicator')
    && !!document.querySelector('.o_content')"""
EXPECTED = {
    "manager": {"Collections", "Follow-ups", "Email Connector", "Follow-up Plans"},
    "accountant": {"Collections", "Follow-ups", "Mailbox", "Aged Receivables"},
    "auditor": {"Collections", "Follow-ups", "Mailbox", "Aged Receivables"},
    "admin_of_odoo": {"OAuth Apps of Mailboxes"},
}


@pytest.fixture(scope="module")
def world(box):
    (port,) = env.free_ports()
    url = f"http://127.0.0.1:{port}"
    database = box.database("roles")
    setup = test_screens.SETUP + test_accessible.MORE + USERS
    code = setup.format(url=url, password=PASSWORD, roles=ROLES)
    box.shell(database, office.BEGIN + code)
    with box.serve(database, "--max-cron-threads=0", port=port):
        yield SimpleNamespace(url=url, box=box, database=database)


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)], ids=["desk", "phone"])
@pytest.mark.parametrize("role", ROLES)
def test_every_menu_opens(world, role, size):
    """No script fails, nobody is shown the door, and no page is wider than its screen
    on a phone."""
    with Browser(size) as browser:
        # Where apps are registered; and not by a page before: the handshake of its
        # websocket would save its session over this one's.
        log_in(browser, world, role, "/odoo?debug=1")
        menus = wait_for(lambda: browser.run(MENUS))
        assert EXPECTED[role] <= {name for _action, name in menus}
        for action, name in menus:
            browser.run(OPEN % action)
            opened = wait_for(lambda: browser.run("window.opened"), 30, fails=False)
            assert opened == "yes", f"{name}: {opened}\n{browser.text[:1000]}"
            _look(browser, name, size)
            if browser.run(f"!!document.querySelector({FIRST!r})"):
                browser.click("", selector=FIRST)
                _look(browser, f"the first of {name}", size)


def _look(browser, name, size):
    wait_for(lambda: browser.run(DRAWN), 10, fails=False)
    assert browser.errors == [], name
    if size[0] < 400:
        assert not browser.run(BESIDE), f"{name} is wider than a phone"
