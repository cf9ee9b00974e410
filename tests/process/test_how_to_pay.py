"""How an email says to pay, with Odoo's own modules for it: its QR codes read by a
library, its button pressed by a person without an account."""

import json
import re
from base64 import b64decode
from html import escape
from io import BytesIO

import env
import office
import pytest
import requests
import zxingcpp
from browser import Browser, wait_for
from lxml import html
from PIL import Image

MODULES = "account_qr_code_sepa,account_payment,payment_demo,l10n_ch,l10n_sg"
IBAN, SWISS = "BE71096123456769", "CH4431999123000889012"
QRR = "210000000003139471430009017"
BELGIAN = "+++000/2026/00159+++"
SUBMIT = "button[name=o_payment_submit_button]"
STATUS = "#simulated_payment_state"
READY = f"!!document.querySelector('{SUBMIT}:not([disabled])')"
# Of the email in a frame as wide as a phone.
INSIDE = "document.querySelector('iframe').contentDocument"
DRAWN = f"{INSIDE}?.readyState === 'complete' && !!{INSIDE}.querySelector('table')"
WIDTH = f"{INSIDE}.documentElement.scrollWidth"
PREPARE = """
from datetime import timedelta
from odoo import Command, fields
company, today = env.company, fields.Date.today()
company.name = "Acme"
company.partner_id.write({"street": "Main street 1", "zip": "3000", "city": "Bern",
                          "country_id": env.ref("base.ch").id})
mailbox = env["account.email.connector"].create({"company_id": company.id})
mailbox._connect("ar@acme.example", {"password": "x"}, {"provider": "smtp",
    "smtp_host": "smtp.acme.example", "smtp_port": 465, "smtp_encryption": "ssl",
    "smtp_user": "ar@acme.example"})
begin(mailbox)
currencies = env["res.currency"].with_context(active_test=False)
for name in ("EUR", "CHF", "SGD"):
    currencies.search([("name", "=", name)]).active = True
demo = env.ref("payment.payment_provider_demo")
demo.write({"state": "test", "is_published": True})

def account(number, **values):
    return env["res.partner.bank"].create(
        {"acc_number": number, "partner_id": company.partner_id.id, **values})

def customer(name, **values):
    return env["res.partner"].create(
        {"name": name, "email": "pay@customer.example", "lang": "en_US",
         "street": "Side street 2", "zip": "8000", "city": "Zurich",
         "country_id": env.ref("base.ch").id, **values})

def owe(partner, amount, bank, currency="EUR", days=5, kind="out_invoice", **values):
    due = today - timedelta(days=days)
    line = {"name": "Work", "price_unit": amount, "tax_ids": [Command.clear()]}
    move = env["account.move"].create({"move_type": kind, "partner_id": partner.id,
        "currency_id": env.ref(f"base.{currency}").id, "partner_bank_id": bank.id,
        "invoice_date": due - timedelta(days=30), "invoice_date_due": due,
        "invoice_line_ids": [Command.create(line)], **values})
    move.action_post()
    move.is_move_sent = True
    return move
"""
LEDGER = """
belgian = account("{iban}", bank_id=env["res.bank"].create(
    {{"name": "Belgian Bank", "bic": "GKCCBEBB"}}).id)
swiss = account("{swiss}")
factor = env["res.partner"].create({{"name": "Factor", "city": "Singapore",
                                    "country_id": env.ref("base.sg").id}})
singapore = account("123-456-789", partner_id=factor.id, include_reference=True,
                    proxy_type="mobile", proxy_value="+6591234567")
one, several, swissman, two_qrr, credited, asian, dollars = map(customer, (
    "One", "Several", "Swissman", "TwoQrr", "Credited", "Asian", "Dollars"))
owe(one, 1234.56, belgian, payment_reference="{belgian}")
for days in range(30):
    owe(several, 0.1, belgian, days=days + 1)
owe(swissman, 99.95, swiss, "CHF", payment_reference="{qrr}")
for days in (5, 6):
    owe(two_qrr, 50, swiss, "CHF", days=days, payment_reference="{qrr}")
owe(credited, 1000, belgian)
owe(credited, 300.4, belgian, days=9)
owe(credited, 200.15, belgian.browse(), kind="out_refund")
owe(asian, 80.5, singapore, "SGD", payment_reference="INV123")
owe(dollars, 10, belgian, "USD")
found = env["account.email.followup"]._plan(company)
import json
def told(followup):
    return [followup.email_html, followup.line_ids.move_id.mapped("name")]

emails = {{followup.partner_id.name: told(followup) for followup in found}}
print("TOLD" + json.dumps(emails) + "TOLD")
env.cr.commit()
"""
STATE = """
import json
followup = env["account.email.followup"].search([("partner_id.name", "=", {name!r})])
moves = followup.line_ids.move_id
lines = moves.line_ids.filtered(lambda line: line.account_type == "asset_receivable")
print("TOLD" + json.dumps({{
    "states": moves.transaction_ids.mapped("state"),
    "paid": sum(moves.transaction_ids.mapped("amount")),
    "balance": round(sum(lines.mapped("amount_residual_currency")), 2),
    "html": followup.email_html,
}}) + "TOLD")
"""
PART = """
move = env["account.move"].search([("partner_id.name", "=", {name!r})])
env["account.payment.register"].with_context(
    active_model="account.move", active_ids=move.ids
).create({{"amount": {amount}}})._create_payments()
env.cr.commit()
"""


def told(printed):
    """What a script has printed between its marks."""
    return json.loads(printed.split("TOLD")[1])


@pytest.fixture(scope="module")
def database(box):
    return box.database(modules=f"{env.ADDON},{MODULES}")


@pytest.fixture(scope="module")
def emails(box, database):
    """{customer: its email}"""
    names = {"iban": IBAN, "swiss": SWISS, "belgian": BELGIAN, "qrr": QRR}
    found = told(box.shell(database, office.BEGIN + PREPARE + LEDGER.format(**names)))
    return {name: Email(*each) for name, each in found.items()}


class Email:
    def __init__(self, text, numbers):
        self.page, self.numbers = html.fromstring(text), numbers

    @property
    def codes(self):
        """What its QR codes say, each as its lines."""
        sources = self.page.xpath("//img/@src")
        pictures = [b64decode(source.split(",")[1]) for source in sources]
        return [self._read(picture) for picture in pictures]

    def _read(self, picture):
        (code,) = zxingcpp.read_barcodes(Image.open(BytesIO(picture)))
        return code.text.splitlines()

    @property
    def text(self):
        return " ".join(self.page.text_content().replace("\xa0", " ").split())

    def button(self, server):
        """The button's address, at this server."""
        (address,) = self.page.xpath("//a[contains(., 'online now')]/@href")
        return re.sub(r"^https?://[^/]+", server.url, address)


def test_the_code_of_one_invoice_pays_it_to_the_cent(emails):
    (code,) = emails["One"].codes
    assert code[:4] == ["BCD", "002", "1", "SCT"]
    assert code[4:8] == ["GKCCBEBB", "Acme", IBAN, "EUR1234.56"]
    assert code[9] == "000202600159"
    (words,) = emails["One"].page.xpath("//img/@alt")
    for part in ("1,234.56", "BE71 0961 2345 6769", BELGIAN):
        assert part in words.replace("\xa0", " ")


def test_the_code_of_several_names_as_many_as_it_takes(emails):
    (code,) = emails["Several"].codes
    assert code[7] == "EUR3.0"  # thirty times ten cents, without a float's noise
    words = code[10]
    assert len(words) <= 140
    names, _plus, more = words.partition(" +")
    assert len(names.split(", ")) + int(more) == 30
    assert set(names.split(", ")) < set(emails["Several"].numbers)


def test_the_code_is_of_the_total_less_the_credit(emails):
    (code,) = emails["Credited"].codes
    assert code[7] == "EUR1100.25"
    assert "Total1,100.25" in emails["Credited"].text


def test_the_swiss_code_has_the_qr_iban_and_its_reference(emails):
    (code,) = emails["Swissman"].codes
    assert code[0] == "SPC"
    assert code[3] == SWISS
    assert code[18:20] == ["99.95", "CHF"]
    assert code[27:29] == ["QRR", QRR]
    assert "CH44 3199 9123 0008 8901 2" in emails["Swissman"].text


def test_swiss_references_are_paid_one_by_one(emails):
    """A QR-IBAN takes one reference: no code, and no reference, of two invoices."""
    assert emails["TwoQrr"].codes == []
    assert "each invoice with its own payment reference" in emails["TwoQrr"].text
    assert "CH44 3199 9123 0008 8901 2" in emails["TwoQrr"].text


def test_the_emv_code(emails):
    ((code,),) = emails["Asian"].codes
    assert "540480.5" in code
    assert "INV123" in code


def test_where_there_is_no_code_for_a_currency(emails):
    assert emails["Dollars"].codes == []
    assert "Pay by bank transfer" in emails["Dollars"].text


def test_a_phone_shows_it_whole(emails, tmp_path):
    """Nothing beside a narrow screen; and the code is read from the screen itself."""
    frame = tmp_path / "phone.html"
    with Browser() as browser:
        for name, email in emails.items():
            page = html.tostring(email.page, encoding="unicode")
            frame.write_text(
                "<!DOCTYPE html><meta charset='utf-8'><body style='margin:0'>"
                "<iframe style='width:360px;height:2600px;border:0' "
                f"srcdoc='{escape(page)}'>"
            )
            browser.open(frame.as_uri())
            wait_for(lambda: browser.run(DRAWN))
            assert browser.run(WIDTH) <= 360, name
            picture = tmp_path / f"{name}.png"
            browser.screenshot(picture)
            seen = zxingcpp.read_barcodes(Image.open(picture))
            assert [code.text.splitlines() for code in seen] == email.codes, name


def state_of(box, database, name):
    """What became of this customer's invoices, and what a new email would say."""
    return told(box.shell(database, STATE.format(name=name)))


@pytest.fixture(scope="module")
def server(box, database, emails):
    with box.serve(database, "--max-cron-threads=0") as server:
        yield server


def press(browser, status="done"):
    """Pay with Odoo's demonstration provider."""
    wait_for(lambda: browser.run(READY))
    browser.run(f"document.querySelector('{STATUS}').value = '{status}'")
    browser.click("Pay", selector=SUBMIT)


def test_the_page_asks_for_what_the_email_asks_and_pays_all(
    box, database, emails, server
):
    email = emails["Credited"]
    assert "Pay 1,100.25 € online now" in email.text
    with Browser() as browser:
        browser.open(email.button(server))
        browser.see("1,100.25")
        for number in email.numbers:
            browser.see(number)
        press(browser)
        browser.see("Nothing of this is open any more")
        browser.open(email.button(server))  # pressed twice
        browser.see("Nothing of this is open any more")
    found = state_of(box, database, "Credited")
    assert found["states"] == ["done"]
    assert found["paid"] == 1100.25
    assert found["balance"] == 0


def test_what_is_under_way_is_not_asked_for_again(box, database, emails, server):
    address = emails["One"].button(server)
    with Browser() as browser:
        browser.open(address)
        press(browser, "pending")
        browser.see("waiting for approval")
        browser.open(address)
        browser.see("Your payment is under way")
    found = state_of(box, database, "One")
    assert found["states"] == ["pending"]
    assert "online now" not in found["html"]


def test_it_asks_for_less_once_a_part_was_paid(box, database, emails, server):
    box.shell(database, PART.format(name="Dollars", amount=4))
    page = requests.get(emails["Dollars"].button(server), timeout=60).text
    assert 'data-amount="6.0"' in page


def test_a_link_leads_to_no_more_than_it_says(emails, server):
    address = emails["Swissman"].button(server)
    page = requests.get(address, timeout=60)
    assert page.status_code == 200
    method = re.search(r'data-payment-option-id="(\d+)"', page.text)[1]
    provider = re.search(r'data-provider-id="(\d+)"', page.text)[1]
    token = address.partition("access_token=")[2]
    for wrong in (token.replace("99.95", "1.00"), token[:-1], "1", "", "a_b_c"):
        url = f"{server.url}/account_email_connector/pay?access_token={wrong}"
        assert requests.get(url, timeout=60).status_code == 404, wrong

    def begin(**changed):
        params = {
            "provider_id": int(provider),
            "payment_method_id": int(method),
            "token_id": None,
            "amount": 99.95,
            "flow": "direct",
            "tokenization_requested": True,
            "landing_route": "https://evil.example",
            "is_validation": False,
            "access_token": token,
            "csrf_token": "x",
        }
        url = f"{server.url}/account_email_connector/pay/transaction"
        call = {"jsonrpc": "2.0", "params": params | changed}
        return requests.post(url, json=call, timeout=60).json()

    assert "paid meanwhile" in str(begin(amount=1.0)["error"])
    assert "another way" in str(begin(flow="token", token_id=1)["error"])
    assert "error" in begin(access_token=token[:-1])
    assert "error" in begin(callback_method="unlink")
    assert begin()["result"]["amount"] == 99.95
