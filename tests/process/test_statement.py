"""Statements and letters as they leave a real Odoo: PDFs that wkhtmltopdf has made."""

import base64
import io
import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import office
import pytest
from pypdf import PdfReader
from scheduler import Scheduler

SET = """
step = env["account.email.followup.plan"].search([], limit=1).step_ids
step.write({"attach_statement": True, "attach_invoices": False})
env.cr.commit()
"""
LETTER = """
from datetime import timedelta
from odoo import Command, fields
from odoo.exceptions import UserError
company = env.company
company.name = "Acme"
customer = env["res.partner"].create({"name": "Blue Lake", "street": "Shore 1"})
due = fields.Date.today() - timedelta(days=20)
invoice = env["account.move"].create({
    "move_type": "out_invoice",
    "partner_id": customer.id,
    "invoice_date": due,
    "invoice_date_due": due,
    "invoice_line_ids": [Command.create(
        {"name": "Work", "price_unit": 120, "tax_ids": [Command.clear()]})],
})
invoice.action_post()
invoice.is_move_sent = True
line = invoice.line_ids.filtered(lambda each: each.display_type == "payment_term")
step = env["account.email.followup.plan"].search([], limit=1).step_ids[-1:]
step.write({"channel": "todo", "letter": True})
followup = env["account.email.followup"].create({
    "company_id": company.id,
    "connector_id": env["account.email.connector"].create(
        {"company_id": company.id}).id,
    "partner_id": customer.id,
    "plan_id": step.plan_id.id,
    "step_id": step.id,
    "channel": "todo",
    "state": "sent",
    "planned_date": due,
    "step_days": step.days,
    "step_position": 0,
    "line_ids": [Command.create({
        "move_line_ref": line.id,
        "move_ref": invoice.id,
        "currency_ref": line.currency_id.id,
        "due_date": due,
        "amount": 120,
    })],
})
groups = env.ref("base.group_user") | env.ref("account.group_account_invoice")
user = env["res.users"].create({
    "name": "Clerk", "login": "clerk", "group_ids": [Command.set(groups.ids)]})
mine = followup.with_user(user)
letters = env["snailmail.letter"]

def refused():
    try:
        mine.action_send_by_post()
    except UserError as error:
        return str(error)

assert mine.can_post
assert "no complete address" in refused()
assert not letters.search([])
customer.write({"zip": "1000", "city": "Brussels", "country_id": env.ref("base.be").id})
mine.action_send_by_post()
assert "already" in refused()
letter = letters.search([])
assert (letter.model, letter.res_id) == (followup._name, followup.id)
assert letter.partner_id == customer and letter.company_id == company
assert letter.user_id == user and letter.state == "pending"
env["ir.config_parameter"].set_param("snailmail.endpoint", SERVICE)
env.cr.commit()
env.ref("snailmail.snailmail_print").method_direct_trigger()  # by a cursor of its own
env.cr.rollback()
env.invalidate_all()
assert letter.state == "sent", letter.info_msg
assert letter.attachment_id.name.endswith(".pdf")
told = followup.message_ids.notification_ids.filtered("letter_id")
assert told.notification_status == "sent"
print("LETTER", followup.id, invoice.name)
"""


def text_of(pdf):
    pages = PdfReader(io.BytesIO(pdf)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_it_leaves_with_the_email(box, database, mail):
    customers = office.release(box, database, office.ACME, 0, 2)
    box.shell(database, SET)
    with Scheduler(box, database, mail) as odoo:
        odoo.run(lambda: office.followups(box, database).get(customers[1]) == "sent")
        assert not odoo.errors()
    emails = mail.accepted()
    assert len(emails) == 2
    for accepted in emails:
        (part,) = accepted.message.iter_attachments()
        assert part.get_content_type() == "application/pdf"
        assert part.get_filename().startswith("Statement of account ")
        text = text_of(part.get_content())
        assert "Total open" in text


def test_without_wkhtmltopdf_the_emails_wait_for_a_person(
    box, database, mail, tmp_path, monkeypatch
):
    customers = office.release(box, database, office.ACME, 0, 1)
    box.shell(database, SET)
    program = tmp_path / "wkhtmltopdf"
    program.write_text("#!/bin/sh\necho 0.12.6\n[ $# = 1 ] || exit 3\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    again = "UPDATE account_email_followup SET retry_at = NULL"
    with Scheduler(box, database, mail) as odoo:
        for state in ("planned", "planned", "to_review"):
            odoo.run_once()
            assert office.followups(box, database) == {customers[0]: state}
            with office.connection(box, database) as cr:
                cr.execute("SELECT reason FROM account_email_followup")
                assert cr.fetchone() == ("statement_missing",)
                cr.execute(again)
    assert mail.accepted() == []


class Service(BaseHTTPRequestHandler):
    """Odoo's service that prints and posts letters: it takes whatever comes."""

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        documents = request["params"]["documents"]
        self.server.posted += documents
        sent = [{**each, "sent": True, "send_id": 7} for each in documents]
        result = {"request_code": 200, "request": {"documents": sent}}
        answer = json.dumps({"jsonrpc": "2.0", "result": result}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_args):
        pass


@pytest.fixture
def service():
    with ThreadingHTTPServer(("127.0.0.1", 0), Service) as server:
        server.posted = []
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_a_letter_by_post(box, service):
    database = box.database(modules="account_email_connector,snailmail_account")
    code = f"SERVICE = 'http://127.0.0.1:{service.server_port}'\n{LETTER}"
    _label, followup, number = box.shell(database, code).split()[-3:]
    (document,) = service.posted
    assert document["res_id"] == int(followup)
    assert document["address"] == {
        "name": "Blue Lake",
        "street": "Shore 1",
        "street2": False,
        "zip": "1000",
        "state": False,
        "city": "Brussels",
        "country_code": "BE",
    }
    assert number in text_of(base64.b64decode(document["pdf_bin"]))
