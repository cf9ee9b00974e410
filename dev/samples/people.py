"""Who is in the sample data, and what the scheduled action has to do about them.

No Odoo in here: the demo's check reads it too.
"""

from dataclasses import dataclass

HARBOR = "Harbor Lights LLC"
LINDGREN = "Lindgren Timber"
LYON = "Lindgren Timber Lyon"  # a branch: its parent's mailbox serves it
BLUE_LAKE = "Blue Lake Trading"
GREEN_FIELD = "Green Field Ltd"
PAPER_BIRCH = "Paper Birch Books"  # its mailbox breaks: for whoever reconnects it
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
    PAPER_BIRCH: ("google", "example.bookkeeper@gmail.com"),
}
#: Whose grant is withdrawn once it is signed in, before anything is sent.
WITHDRAWN = PAPER_BIRCH
#: At the mail server, for whoever connects one by hand: nothing is sent from it yet.
SPARE, SPARE_PASSWORD = "invoices@stonebridge.example", "spare-mailbox"
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
    "auditor": ("Ada Whitfield", "account.group_account_readonly"),
}


@dataclass(frozen=True)
class Invoice:
    """One invoice.

    :param amount: without tax, in the invoice's currency; negative for a credit note.
    :param overdue: days since it was due; negative if that is to come.
    :param paid: what was paid of it.
    :param pdf: whether its PDF was made and stored.
    :param sent: whether the customer was sent it.
    """

    amount: float
    overdue: int
    currency: str = ""  # the company's
    paid: float = 0
    pdf: bool = False
    blocked: bool = False
    no_followup: bool = False
    sent: bool = True


@dataclass(frozen=True)
class Past:
    """An invoice that is paid by now; its follow-ups went until it was.

    :param due: days since it was due.
    :param late: days from then until it was paid.
    :param part: a share of it that was paid before, so many days late.
    """

    amount: float
    due: int
    late: int
    part: tuple = ()


@dataclass(frozen=True)
class Customer:
    """A customer with invoices of one company.

    :param address: empty for nobody to write to.
    :param contact: name and address of an invoice contact.
    :param steps_done: how many follow-ups went out before the sample's today.
    :param step: which step is due today: 0 friendly, 1 firm, 2 final; None: nothing.
    :param sent_ago: how many days ago they went, if not just in time.
    :param asks_person: whether an accountant gets a to-do instead.
    :param past: the invoices of the last three months that are paid.
    :param happened: a function of :mod:`.happened`, by its name.
    :param todo: under what the worklist has to show it, after the action has run.
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
    sent_ago: tuple = ()
    step: int | None = None
    asks_person: bool = False
    past: tuple = ()
    happened: str = ""
    todo: str = ""

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
        past=(Past(980, 88, 5), Past(1130, 58, 9), Past(1065, 30, 6)),
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
        past=(Past(2900, 99, 18), Past(3100, 71, 24, (0.4, 8))),
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
        past=(Past(640, 80, 1), Past(720, 49, 2), Past(760, 19, 0)),
        todo="waiting",
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
        todo="no_address",
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
        past=(Past(5200, 94, 12), Past(4700, 63, 15)),
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
        past=(Past(2200, 97, 39), Past(1900, 85, 17)),
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
        past=(Past(1800, 83, 6), Past(1950, 52, 13), Past(2010, 31, 5)),
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
        past=(Past(760, 90, 16), Past(810, 60, 18)),
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
        todo="held",
    ),
    Customer(
        "Heron Point Marina",
        HARBOR,
        "office@heronpoint.example",
        "en_US",
        "Newport",
        "US",
        (Invoice(8450.00, overdue=5, pdf=True),),
        past=(Past(7900, 86, 13), Past(8100, 47, 8)),
        happened="read_before_sent",
        todo="to_review",
    ),
    Customer(
        "Sandpiper Sailmakers",
        HARBOR,
        "accounts@sandpiper.example",
        "en_US",
        "Bristol",
        "US",
        (Invoice(2380.00, overdue=2),),
        happened="read_before_sent",
        todo="yours",
    ),
    Customer(
        "Copper Kettle Diner",
        HARBOR,
        "manager@copperkettle.example",
        "en_US",
        "Albany",
        "US",
        (Invoice(690.00, overdue=12),),
        happened="perhaps_sent",
        todo="uncertain",
    ),
    Customer(
        "Saltmarsh Kayaks",
        HARBOR,
        "hello@saltmarsh-kayaks.example",
        "en_US",
        "Savannah",
        "US",
        (Invoice(1475.00, overdue=5, pdf=True),),
        step=0,
        asks_person=True,
        past=(Past(1320, 67, 10),),
        happened="answers",
        todo="answered",
    ),
    Customer(
        "Driftwood Hotel",
        HARBOR,
        "accounts@driftwood-hotel.example",
        "en_US",
        "Astoria",
        "US",
        (Invoice(4120.00, overdue=12),),
        steps_done=1,
        sent_ago=(9,),
        past=(Past(3900, 76, 26),),
        happened="promise_broken",
        todo="promise_broken",
    ),
    Customer(
        "Tamarack Tools",
        HARBOR,
        "ap@tamarack-tools.example",
        "en_US",
        "Duluth",
        "US",
        (Invoice(2260.00, overdue=5),),
        asks_person=True,
        past=(Past(2050, 64, 4), Past(1980, 33, 7)),
        happened="money_came",
        todo="money",
    ),
    Customer(
        "Redwood Yoga Studio",
        HARBOR,
        "hello@redwood-yoga.example",
        "en_US",
        "Eureka",
        "US",
        (Invoice(540.00, overdue=8, sent=False),),
        todo="never_sent",
    ),
    Customer(
        "Ironwood Gym",
        HARBOR,
        "billing@ironwood-gym.example",
        "en_US",
        "Mesa",
        "US",
        (Invoice(3015.00, overdue=47),),
        steps_done=3,
        sent_ago=(44, 33, 17),
        asks_person=True,
        todo="ended",
    ),
    Customer(
        "Lantern Film Studio",
        HARBOR,
        "production@lantern-film.example",
        "en_US",
        "Burbank",
        "US",
        (Invoice(6200.00, overdue=20),),
        steps_done=1,
        sent_ago=(17,),
        happened="disputed",
        todo="disputed",
    ),
    Customer(
        "Meadowlark Florist",
        HARBOR,
        "shop@meadowlark-florist.example",
        "en_US",
        "Salem",
        "US",
        (Invoice(310.00, overdue=2),),
        past=(Past(290, 62, 5), Past(305, 32, 11)),
        todo="goes",
    ),
    Customer(
        "Harvest Moon Catering",
        HARBOR,
        "kitchen@harvestmoon.example",
        "en_US",
        "Ithaca",
        "US",
        (Invoice(1890.00, overdue=10),),
        steps_done=1,
        sent_ago=(7,),
        happened="promised",
        todo="waiting",
    ),
    Customer(
        "Whitecap Sailing School",
        HARBOR,
        "school@whitecap.example",
        "en_US",
        "Annapolis",
        "US",
        (),
        past=(Past(2600, 92, 28), Past(2450, 61, 17), Past(2500, 40, 24)),
    ),
    Customer(
        "Pinecone Nursery School",
        HARBOR,
        "office@pinecone-school.example",
        "en_US",
        "Keene",
        "US",
        (),
        past=(Past(860, 84, 6), Past(840, 54, 5), Past(870, 24, 6)),
    ),
    Customer(
        "Bay Street Books",
        HARBOR,
        "orders@baystreet-books.example",
        "en_US",
        "Bath",
        "US",
        (),
        past=(Past(430, 79, 0), Past(515, 50, 41), Past(390, 21, 13)),
    ),
    Customer(
        "Kornmühle Petersen",
        LINDGREN,
        "kontor@kornmuehle-petersen.example",
        "de_DE",
        "Husum",
        "DE",
        (),
        past=(Past(3300, 96, 6), Past(3150, 66, 13), Past(3420, 36, 5)),
    ),
    Customer(
        "Galerie Vauban",
        LINDGREN,
        "galerie@vauban.example",
        "fr_FR",
        "Lille",
        "FR",
        (),
        past=(Past(1480, 89, 21, (0.5, 10)), Past(1610, 45, 17)),
    ),
    Customer(
        "Willow Street School",
        PAPER_BIRCH,
        "office@willowstreet-school.example",
        "en_US",
        "Bangor",
        "US",
        (Invoice(1155.00, overdue=5),),
    ),
)
