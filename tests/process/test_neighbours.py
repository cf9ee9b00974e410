"""Others of Odoo's modules come after the addon, and one of them goes again, while the
addon is at work. The other order: ``dev/test neighbours``."""

import env
import office
import requests
from scheduler import ACTIONS, Scheduler

# A customer pays online, and the money is on its way.
PAYS = """
move = env["account.move"].search(
    [("partner_id.email", "=", {email!r}), ("move_type", "=", "out_invoice")])
provider = env.ref("payment.payment_provider_demo")
provider.state = "test"
transaction = env["payment.transaction"].create({{
    "provider_id": provider.id,
    "payment_method_id": provider.payment_method_ids[:1].id,
    "amount": sum(move.mapped("amount_residual")),
    "currency_id": move.currency_id.id,
    "partner_id": move.partner_id.id,
    "invoice_ids": move.ids,
}})
transaction._process("demo", {{"reference": transaction.reference,
                               "simulated_state": "pending"}})
env.cr.commit()
"""
UNINSTALL = """
modules = env["ir.module.module"].search([("name", "=", "account_payment")])
modules.button_immediate_uninstall()
"""
LINK = """
from odoo.addons.account_email_connector.engine.paying import asked_of, online
env.ref("payment.payment_provider_demo").is_published = True
(followup,) = env["account.email.followup"].search(
    [("partner_id.email", "=", {email!r})])
(asked,) = asked_of(followup)
env.cr.commit()
print(online.link(asked))
"""
# What people open, as the web client asks for it.
VIEWS = """
ours = [model for model in env if model.startswith("account.email.")
        and not env[model]._abstract]
for model in ["account.move", "res.partner", "res.config.settings", *ours]:
    found = env[model].get_views([(False, "list"), (False, "form"), (False, "search")])
    assert "arch" in found["views"]["form"]
    for name, field in env[model]._fields.items():
        assert env["ir.model.fields"]._get(model, name), (model, name)
followups = env["account.email.followup"].search([])
followups.read()
for followup in followups:
    assert followup.items_html
print(len(followups))
"""


# Theirs are not what this is about, and some wait for what is not here.
OTHER_ACTIONS = """
UPDATE ir_cron SET active = FALSE
 WHERE id NOT IN (SELECT res_id FROM ir_model_data
                   WHERE model = 'ir.cron' AND module || '.' || name = ANY(%s));
DELETE FROM ir_cron_trigger
"""


def installed(box, database):
    with office.connection(box, database) as cr:
        cr.execute("SELECT name FROM ir_module_module WHERE state = 'installed'")
        return {name for (name,) in cr.fetchall()}


def answer(box, database, link):
    """The status of the page that a customer opens."""
    with box.serve(database, "--max-cron-threads=0") as server:
        return requests.get(server.url + link, timeout=60).status_code


def test_others_come_and_go(box, database, mail):
    def sent():
        with Scheduler(box, database, mail) as odoo:
            odoo.run_once()
            assert not odoo.errors()
        found = office.followups(box, database)
        return {email for email, state in found.items() if state == "sent"}

    before = office.release(box, database, office.ACME, 0, 2)
    assert sent() == {*before}

    # An error in the log fails the test.
    box.odoo("-d", database, "-i", env.NEIGHBOURS, "--stop-after-init")
    assert {*env.NEIGHBOURS.split(",")} < installed(box, database)
    with office.connection(box, database) as cr:
        cr.execute(OTHER_ACTIONS, [list(ACTIONS)])
    assert box.shell(database, VIEWS).split()[-1] == "2"
    with_them = office.release(box, database, office.ACME, 2, 3)
    box.shell(database, PAYS.format(email=with_them[0]))
    assert sent() == {*before, *with_them[1:]}

    code = LINK.format(email=with_them[1])
    address = box.shell(database, code).split()[-1].partition("/account_email")[2]
    link = "/account_email" + address
    assert "access_token" in link
    assert answer(box, database, link) == 200

    box.odoo("shell", "-d", database, stdin=UNINSTALL)
    assert not {"account_payment", "sale"} & installed(box, database)
    assert box.shell(database, VIEWS).split()[-1] == "4"
    assert answer(box, database, link) == 404, "nothing could be paid there"
    after = office.release(box, database, office.ACME, 5, 2)
    # Nothing tells of the money that was on its way any more.
    assert sent() == {*before, *with_them, *after}
