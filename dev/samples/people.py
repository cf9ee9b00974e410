"""Who is in the sample data, and what the scheduled action has to do about them.

No Odoo in here: the demo's check reads it too.
"""

from dataclasses import dataclass

HARBOR = "Harbor Lights LLC"
LINDGREN = "Lindgren Timber"
LYON = "Lindgren Timber Lyon"  # a branch: its parent's mailbox serves it
BLUE_LAKE = "Blue Lake Trading"
GREEN_FIELD = "Green Field Ltd"
STONE_BRIDGE = "Stone Bridge Group"  # not connected: for whoever looks at the demo

#: The mailboxes at the mail server by company; a branch has none of its own.
MAILBOXES = {
    HARBOR: "billing@harborlights.example",
    LINDGREN: "accounting@lindgren-timber.example",
}
#: The mailboxes that are signed in at the stand-in: its ``seed.json`` has the accounts.
SIGN_INS = {
    BLUE_LAKE: ("microsoft", "anna@bluelake.example"),
    GREEN_FIELD: ("google", "clara@greenfield.example"),
}
#: Where each company's follow-ups have to come from.
SENDERS = (
    MAILBOXES
    | {LYON: MAILBOXES[LINDGREN]}
    | {company: address for company, (_provider, address) in SIGN_INS.items()}
)
#: Who may sign in for the company that is not connected, once the other approves.
NEWCOMER, APPROVER = "erik@stonebridge.example", "admin@stonebridge.example"
#: Logins, the same as their passwords, and what they may do.
USERS = {
    "accountant": ("Amelia Brooks", "account.group_account_invoice"),
    "manager": ("Matteo Rinaldi", "account.group_account_manager"),
}


@dataclass(frozen=True)
class Invoice:
    """One invoice.

    :param amount: without tax, in the invoice's currency; negative for a credit note.
    :param overdue: days since it was due; negative if that is to come.
    :param paid: what was paid of it.
    :param pdf: whether its PDF was made and stored.
    """

    amount: float
    overdue: int
    currency: str = ""  # the company's
    paid: float = 0
    pdf: bool = False
    blocked: bool = False
    no_followup: bool = False


@dataclass(frozen=True)
class Customer:
    """A customer with invoices of one company.

    :param address: empty for nobody to write to.
    :param contact: name and address of an invoice contact.
    :param steps_done: how many follow-ups went out before the sample's today.
    :param step: which step is due today: 0 friendly, 1 firm, 2 final; None: nothing.
    :param asks_person: whether an accountant gets a to-do instead.
    """

    name: str
    company: str
    address: str
    lang: str
    city: str
    country: str
    invoices: tuple
    contact: tuple = ()
    steps_done: int = 0
    step: int | None = None
    asks_person: bool = False

    @property
    def recipient(self):
        """Where a follow-up has to go."""
        return self.contact[1] if self.contact else self.address


CUSTOMERS = (
    Customer(
        "Bluebird Bakery",
        HARBOR,
        "orders@bluebird-bakery.example",
        "en_US",
        "Portland",
        "US",
        (Invoice(1240.00, overdue=5, pdf=True),),
        step=0,
    ),
    Customer(
        "Cedar Creek Outfitters",
        HARBOR,
        "accounts@cedarcreek.example",
        "en_US",
        "Boulder",
        "US",
        (
            Invoice(3875.50, overdue=40, paid=1500.00, pdf=True),
            Invoice(920.00, overdue=20, pdf=True),
        ),
        steps_done=1,
        step=1,
    ),
    Customer(
        "Maison Delacroix",
        HARBOR,
        "compta@maison-delacroix.example",
        "fr_FR",
        "Bordeaux",
        "FR",
        (
            Invoice(2310.00, overdue=20, currency="EUR", pdf=True),
            Invoice(640.80, overdue=5),
        ),
        step=0,
    ),
    Customer(
        "Granite State Plumbing",
        HARBOR,
        "office@granitestate.example",
        "en_US",
        "Concord",
        "US",
        (Invoice(780.00, overdue=-12),),
    ),
    Customer(
        "Old Mill Theatre",
        HARBOR,
        "",
        "en_US",
        "Savannah",
        "US",
        (Invoice(450.00, overdue=20),),
        asks_person=True,
    ),
    Customer(
        "Juniper Dental",
        HARBOR,
        "frontdesk@juniperdental.example",
        "en_US",
        "Tucson",
        "US",
        (Invoice(1610.00, overdue=40, no_followup=True),),
    ),
    Customer(
        "Tischlerei Baumann",
        LINDGREN,
        "buchhaltung@tischlerei-baumann.example",
        "de_DE",
        "Freiburg",
        "DE",
        (Invoice(4980.00, overdue=20, pdf=True),),
        step=0,
    ),
    Customer(
        "Atelier Rousseau",
        LINDGREN,
        "bonjour@atelier-rousseau.example",
        "fr_FR",
        "Nantes",
        "FR",
        (
            Invoice(2750.00, overdue=40, pdf=True),
            Invoice(-400.00, overdue=10),
        ),
        step=0,
    ),
    Customer(
        "Schreinerei Vogt",
        LINDGREN,
        "info@schreinerei-vogt.example",
        "de_DE",
        "Kassel",
        "DE",
        (Invoice(1890.00, overdue=20, blocked=True),),
    ),
    Customer(
        "Ébénisterie Moreau",
        LINDGREN,
        "atelier@ebenisterie-moreau.example",
        "fr_FR",
        "Dijon",
        "FR",
        (Invoice(1125.25, overdue=5),),
        contact=("Claire Moreau", "factures@ebenisterie-moreau.example"),
        step=0,
    ),
    Customer(
        "Café Kranich",
        LINDGREN,
        "verwaltung@cafe-kranich.example",
        "de_DE",
        "Leipzig",
        "DE",
        (Invoice(615.00, overdue=40, pdf=True),),
        steps_done=2,
        step=2,
    ),
    Customer(
        "Menuiserie Girard",
        LYON,
        "gestion@menuiserie-girard.example",
        "fr_FR",
        "Lyon",
        "FR",
        (Invoice(3360.00, overdue=5),),
        step=0,
    ),
    Customer(
        "Marlow Chandlery",
        BLUE_LAKE,
        "ledger@marlow-chandlery.example",
        "en_US",
        "Duluth",
        "US",
        (Invoice(2045.00, overdue=5, pdf=True),),
        step=0,
    ),
    Customer(
        "Conserverie du Port",
        BLUE_LAKE,
        "compta@conserverie-du-port.example",
        "fr_FR",
        "Lorient",
        "FR",
        (Invoice(1730.00, overdue=20), Invoice(365.50, overdue=5)),
        step=0,
    ),
    Customer(
        "Gärtnerei Hollunder",
        GREEN_FIELD,
        "buero@gaertnerei-hollunder.example",
        "de_DE",
        "Erfurt",
        "DE",
        (Invoice(890.00, overdue=20, pdf=True),),
        step=0,
    ),
    Customer(
        "Northgate Nurseries",
        GREEN_FIELD,
        "accounts@northgate-nurseries.example",
        "en_US",
        "Bangor",
        "US",
        (Invoice(1312.00, overdue=40, paid=500.00),),
        step=0,
    ),
    Customer(
        "Quarry Lane Builders",
        STONE_BRIDGE,
        "office@quarrylane.example",
        "en_US",
        "Barre",
        "US",
        (Invoice(5600.00, overdue=5, pdf=True),),
    ),
)
