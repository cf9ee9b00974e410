"""A database of an older release is updated to this one, and goes on as it was."""

import office
import pytest
from lib import releases

LIFE = """
import sys
sys.path.append({dev!r})
from odoo import Command
env.company.name = "Acme"
connector = env["account.email.connector"].create({{"company_id": env.company.id}})
connector._connect("billing@acme.example", {{"password": "planted"}}, {{
    "provider": "smtp", "smtp_host": "smtp.acme.example", "smtp_port": 465,
    "smtp_encryption": "ssl", "smtp_user": "billing@acme.example"}})
from samples import bulk
bulk.create_bulk(env, 3, company=env.company, domain="buyers.example")
env["account.email.followup"]._plan(env.company)
env["account.email.followup.case"]._cron_look()
env.cr.commit()
"""
STATE = """
connector = env["account.email.connector"].search([])
print(connector.state, connector.chasing)
print(sorted(env["account.email.followup"].search([]).mapped("state")))
print(len(env["account.email.followup.case"].search([])))
for model in ("account.email.connector", "account.email.followup",
              "account.email.followup.case", "account.email.followup.plan",
              "account.move", "res.partner", "res.config.settings"):
    env[model].get_view(view_type="form")
"""


@pytest.mark.parametrize("release", releases.RELEASES, ids=releases.version)
def test_an_older_release_is_updated(box, tmp_path, release):
    name = box.database("updated", modules="")
    then = releases.install(box, name, release, tmp_path)
    assert _version(box, name) == releases.version(release)
    life = LIFE.format(dev=str(office.CHECKOUT / "dev"))
    box.odoo("shell", "-d", name, *then, stdin=life)

    done = box.odoo("-d", name, "-u", "account_email_connector", "--stop-after-init")
    assert "WARNING" not in done.stderr
    state, followups, cases = box.shell(name, STATE).splitlines()
    assert state == "connected on"
    assert followups.count("planned") == 3
    assert cases == "3"


def _version(box, database):
    """What was installed last: nothing else tells whether it was the old release."""
    with office.connection(box, database) as cr:
        cr.execute(
            "SELECT latest_version FROM ir_module_module"
            " WHERE name = 'account_email_connector'"
        )
        return cr.fetchone()[0]
