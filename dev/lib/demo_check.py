"""Verify the demo's result: what arrived in the mailboxes, what was filed, and that the
worklist and the figures have something to show."""

from collections import Counter
from html.parser import HTMLParser

from samples import people

from . import cache

#: The languages that the addon's templates come in, besides English.
TRANSLATED = {file.stem for file in (cache.CHECKOUT / "i18n").glob("*.po")}


def sent(mailboxes, standin):
    """What lies in the companies' Sent folders: {address: [email, …]}."""
    signed_in = [address for _provider, address in people.SIGN_INS.values()]
    return {
        address: mailboxes.sent(address) for address in people.MAILBOXES.values()
    } | {address: standin.sent(address) for address in signed_in}


def problems(mailboxes, standin, report):
    """Everything that is not as it has to be, one line each; empty if all is well.

    :param mailboxes: the mail server's (`Mailboxes`); *standin* has the others.
    """
    filed, accepted = sent(mailboxes, standin), standin.accepted()
    found = []
    for customer in people.CUSTOMERS:
        inbox = []
        if customer.recipient:
            inbox += mailboxes.read(customer.recipient)
            inbox += standin.read(customer.recipient)
        for line in (
            *_of_customer(customer, inbox, filed, report),
            *_of_provider(customer, accepted, report),
        ):
            found.append(f"{customer.name}: {line}")
    for address, messages in filed.items():
        expected = sum(
            1
            for each in people.CUSTOMERS
            if each.step is not None and mailbox_of(each) == address
        )
        if len(messages) != expected:
            found.append(f"{address}: {len(messages)} in Sent instead of {expected}")
    return [*found, *_of_worklist(report), *_of_figures(report)]


def _of_worklist(report):
    """Each state is there, and each customer in the one that the samples tell."""
    shown = report["worklist"]
    for kind in report["kinds"]:
        if kind not in shown.values():
            yield f"the worklist has nobody under {kind}"
    for customer in people.CUSTOMERS:
        if customer.todo and shown.get(customer.name) != customer.todo:
            told = shown.get(customer.name)
            yield f"{customer.name} is under {told}, not {customer.todo}"


def _of_figures(report):
    """Follow-ups of the past were sent, and brought money after some days."""
    for company in {each.company for each in people.CUSTOMERS if each.past}:
        figures = report["figures"].get(company, (0, 0, 0))
        if not all(figures):
            yield f"the figures of {company} are {figures}"
    if people.WITHDRAWN not in report["broken"]:
        yield f"the mailbox of {people.WITHDRAWN} is not broken"


def problems_of_second_run(before, after, first, second):
    """A second run of the action may send nothing, and change nothing in the ledger.

    :param before: what was in all mailboxes (`Demo.everything`); *after*: is now.
    :param first: the report of the first run; *second*: of the second.
    """
    found = [
        f"the second run changed {address}, {folder}"
        for (address, folder), messages in after.items()
        if messages != before.get((address, folder))
    ]
    if first["followups"] != second["followups"]:
        found.append("the second run changed the ledger")
    return found


def mailbox_of(customer):
    """The address from which a customer's follow-ups have to come."""
    return people.SENDERS[customer.company]


def _of_provider(customer, accepted, report):
    """The provider's log has it once, from where and as what the journal has it."""
    logged = [
        (each["sender"], each["recipients"], [each["message_id"]])
        for each in accepted
        if customer.recipient in each["recipients"]
    ]
    expected = [
        (mailbox_of(customer), [customer.recipient], followup["journal"])
        for followup in report["followups"]
        if followup["customer"] == customer.name
        and followup["state"] == "sent"
        and customer.company in people.SIGN_INS
    ]
    if logged != expected:
        yield f"the provider accepted {logged} instead of {expected}"


def _of_customer(customer, inbox, sent, report):
    expected = 0 if customer.step is None else 1
    if len(inbox) != expected:
        yield f"{len(inbox)} emails in the inbox instead of {expected}"
        return
    asked = any(each["customer"] == customer.name for each in report["to_dos"])
    if asked != customer.asks_person:
        yield "a to-do for the accountant" if asked else "no to-do for the accountant"
    for message in inbox:
        yield from _of_envelope(customer, message, sent)
        yield from _of_language(customer, message, report)
        yield from _of_page(customer, message)
        items = [e for e in report["open_items"] if e["customer"] == customer.name]
        yield from _of_amounts(items, message)
        yield from _of_files(items, message)


def _of_envelope(customer, message, sent):
    own = mailbox_of(customer)
    if [each.addr_spec for each in message["From"].addresses] != [own]:
        yield f"From is {message['From']}, not {own}"
    if [each.addr_spec for each in message["To"].addresses] != [customer.recipient]:
        yield f"To is {message['To']}, not {customer.recipient}"
    for address, messages in sent.items():
        filed = [m for m in messages if m["Message-ID"] == message["Message-ID"]]
        expected = 1 if address == own else 0
        if len(filed) != expected:
            yield f"{len(filed)} times in the Sent folder of {address}, not {expected}"


def _of_language(customer, message, report):
    told = [each for each in report["followups"] if each["customer"] == customer.name]
    if len(told) != 1 or told[0]["rank"] != customer.step:
        yield f"the ledger does not have its step {customer.step} once"
        return
    translated, english = told[0]["subject"]
    if message["Subject"].removeprefix("Re: ") != translated:
        yield f"the subject is {message['Subject']!r}, not {translated!r}"
    foreign = {customer.lang, customer.lang.partition("_")[0]} & TRANSLATED
    if foreign and translated == english:
        yield f"its language is {customer.lang}, but the email is in English"


def _of_page(customer, message):
    page = Page(_html(message))
    if page.lang != customer.lang.replace("_", "-"):
        yield f"the email says that its language is {page.lang}"
    if customer.lang != "en_US" and not all(
        "," in each[-3:] for each in page.amounts()
    ):
        yield f"amounts are not written as in {customer.lang}: {page.amounts()}"


def _of_amounts(items, message):
    """Numbers and amounts as in Odoo's books, and totals by currency."""
    rows = Page(_html(message)).rows
    shown = Counter((row[0], _cents(row[-1])) for row in rows if len(row) == 3)
    booked = Counter((each["number"], round(each["residual"] * 100)) for each in items)
    if shown != booked:
        yield f"the email lists {dict(shown)}, the books {dict(booked)}"
    totals = Counter()
    for each in items:
        totals[each["currency"]] += round(each["residual"] * 100)
    told = [_cents(row[-1]) for row in rows if len(row) == 2]
    if sorted(told) != sorted(totals.values()):
        yield f"the totals are not those of the books: {dict(totals)}"


def _of_files(items, message):
    """What is attached are the stored PDFs, and beside them e-invoice files."""
    stored = sorted(each["pdf"] for each in items if each["pdf"])
    attached = [
        part
        for part in message.iter_attachments()
        if not part.get_filename().endswith(".xml")
    ]
    if sorted(part.get_filename() for part in attached) != stored:
        yield f"attached is {[p.get_filename() for p in attached]} instead of {stored}"
    if not all(part.get_content().startswith(b"%PDF") for part in attached):
        yield "an attachment is no PDF"


def _html(message):
    return message.get_body(("html",)).get_content()


def _cents(text):
    """Cents of an amount as it is written in any of the languages."""
    digits = int("".join(filter(str.isdigit, text)))
    return -digits if any(sign in text for sign in "-−") else digits


class Page(HTMLParser):
    """The rows of an email's tables, and the language that it says to be in.

    :ivar rows: lists of the texts of ``td`` cells.
    """

    def __init__(self, html):
        super().__init__()
        self.lang = ""
        self.rows = []
        self._cell = None
        self.feed(html)
        self.rows = [row for row in self.rows if row]

    def amounts(self):
        """The last cells, with nothing around the digits."""
        return [
            "".join(c for c in row[-1] if c.isdigit() or c in ".,") for row in self.rows
        ]

    def handle_starttag(self, tag, attrs):
        if tag == "html":
            self.lang = dict(attrs).get("lang", "")
        elif tag == "tr":
            self.rows.append([])
        elif tag == "td" and self.rows:
            self._cell = ""

    def handle_data(self, data):
        if self._cell is not None:
            self._cell += data

    def handle_endtag(self, tag):
        if tag == "td" and self._cell is not None:
            self.rows[-1].append(" ".join(self._cell.split()))
            self._cell = None
