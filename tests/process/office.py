"""Two companies with connected mailboxes and customers who owe them money.

Every invoice is marked "no follow-up" at first: a test releases as many as it needs.
"""

import contextlib

import psycopg2
from lib.cache import CHECKOUT
from mailserver import MailServer

ACME = "Acme"  # its mailbox sends through the sink, which fails on command
BETA = "Beta"  # its mailbox sends through Dovecot
PASSWORD = "planted-Pa55word-kept-nowhere"
ACCOUNTS = {
    "accounting@acme.example": PASSWORD,
    "billing@beta.example": f"{PASSWORD}-2",
}
ADDRESSES = dict(zip((ACME, BETA), ACCOUNTS, strict=True))
COUNTS = {ACME: 70, BETA: 20}
DOMAINS = {ACME: "acme-buyers.example", BETA: "beta-buyers.example"}
# A small file that begins as a PDF does, larger than any point where a test cuts.
PDF = b"%PDF-1.4\n" + b"% padding\n" * 600 + b"%%EOF\n"

CREATE = """
import sys
sys.path.append({dev!r})
from odoo import Command
from samples import bulk, mailboxes
acme = env.company
acme.name = {ACME!r}
beta = env["res.company"].create({{"name": {BETA!r}, "iap_enrich_auto_done": True}})
env["account.chart.template"].try_loading("generic_coa", beta, install_demo=False)
groups = env.ref("base.group_user") | env.ref("account.group_account_manager")
env["res.users"].create({{
    "name": "Manager",
    "login": "manager",
    "email": "manager@acme.example",
    "company_id": acme.id,
    "company_ids": [Command.set((acme | beta).ids)],
    "group_ids": [Command.set(groups.ids)],
}})
for company in acme | beta:
    bulk.create_bulk(
        env(context=dict(env.context, allowed_company_ids=company.ids)),
        {COUNTS!r}[company.name],
        company=company,
        domain={DOMAINS!r}[company.name],
        pdf={PDF!r},
    )
env["account.move.line"].search([]).no_followup = True
# Only what has to do with email, and only when a test asks for it.
followups = env.ref("account_email_connector.ir_cron_followups")
queue = env.ref("mail.ir_cron_mail_scheduler_action")
env["ir.cron"].search([]).nextcall = "2100-01-01"
(env["ir.cron"].search([]) - followups - queue).active = False
for entered in {entered!r}:
    mailboxes.connect(env, **entered)
env["ir.cron.trigger"].search([]).unlink()
# Style sheets and scripts, which the first page of each copy would make anew.
env["ir.qweb"]._pregenerate_assets_bundles()
env.cr.commit()
"""


#: So that a script may say ``begin(mailbox)``, or ``at_any_hour(env)``.
BEGIN = f"""
import sys
sys.path.append({str(CHECKOUT / "dev")!r})
from samples.begin import at_any_hour, begin
"""


def create(box):
    """Create the database, its mailboxes connected by a real sign-in; return its name.

    The mail server is gone afterwards: :func:`copy` points a copy to another one.
    """
    name = box.database()
    with MailServer(ACCOUNTS) as mail:
        furnish(box, name, mail, COUNTS)
    return name


def furnish(box, name, mail, counts):
    """Make the companies in a database that has the addon and nothing else, with so
    many customers; their mailboxes are on *mail*."""
    code = CREATE.format(
        dev=str(CHECKOUT / "dev"),
        entered=[sign_in(mail, company) for company in (ACME, BETA)],
        COUNTS=counts,
        **{key: globals()[key] for key in ("ACME", "BETA", "DOMAINS", "PDF")},
    )
    box.shell(name, code, env=trust(mail))


def sign_in(mail, company, **changes):
    """What a person types to connect the company's mailbox."""
    address = ADDRESSES[company]
    return {
        "company_name": company,
        "email": address,
        "password": mail.accounts[address],
        "host": mail.host,
        "encryption": "ssl",
        "port": mail.sink.tls_port if company == ACME else mail.submissions,
        "imap_host": mail.host,
        "imap_port": mail.imaps,
        **changes,
    }


def connect_code(*entered):
    """The code, for a shell, with which a manager connects mailboxes."""
    return f"""
import sys
sys.path.append({str(CHECKOUT / "dev")!r})
from samples import mailboxes
for entered in {entered!r}:
    mailboxes.connect(env, **entered)
env.cr.commit()
"""


# As engine.secrets.sealed.place
HERE = """
UPDATE account_email_connector
   SET place = (SELECT system_identifier FROM pg_control_system()) || '.'
               || (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def copy(box, template, mail, imap_port=None):
    """Copy the database, its mailboxes now on the ports of *mail*; return its name.

    What a copy waits for, that a person says "Send from here", is said.
    """
    box.template_copies = getattr(box, "template_copies", 0) + 1
    name = f"office_{box.template_copies}"
    box.cluster.copy_database(template, name)
    with connection(box, name) as cr:
        for company in (ACME, BETA):
            port = sign_in(mail, company)["port"]
            cr.execute(
                "UPDATE account_email_connector SET smtp_port = %s, imap_port = %s"
                " WHERE email = %s",
                [port, imap_port or mail.imaps, ADDRESSES[company]],
            )
        cr.execute(HERE)
    return name


def trust(mail):
    """The variable with which an Odoo process trusts the mail server's certificate."""
    return {"SSL_CERT_FILE": mail.ca_file}


@contextlib.contextmanager
def connection(box, database):
    """A cursor of a transaction of its own, committed at the end."""
    link = psycopg2.connect(box.dsn(database))
    try:
        with link, link.cursor() as cr:
            yield cr
    finally:
        link.close()


def release(box, database, company, first, count):
    """Let the invoices of *count* customers be chased, from number *first* on.

    :return: the customers' addresses.
    """
    addresses = [f"buyer-{n}@{DOMAINS[company]}" for n in range(first, first + count)]
    with connection(box, database) as cr:
        cr.execute(
            """UPDATE account_move_line SET no_followup = FALSE
                WHERE partner_id IN (SELECT id FROM res_partner
                                      WHERE email = ANY(%s))""",
            [addresses],
        )
    return addresses


#: What was put off, not what is on its way.
HURRIED = (
    """UPDATE account_email_connector SET wait_until = NULL
        WHERE wait_until IS NOT NULL""",
    """UPDATE account_email_followup SET retry_at = NULL
        WHERE state = 'planned' AND retry_at IS NOT NULL""",
)


def hurry(box, database):
    """Let a mailbox that waits wait no longer: to a busy machine its server may have
    seemed silent.

    :return: whether something waited; False while somebody else has locked it.
    """
    waited = 0
    with (
        contextlib.suppress(psycopg2.errors.LockNotAvailable),
        connection(box, database) as cr,
    ):
        cr.execute("SET LOCAL lock_timeout = '200ms'")
        for query in HURRIED:
            cr.execute(query)
            waited += cr.rowcount
    return waited > 0


def followups(box, database):
    """The ledger: {customer's address: state}; each has one follow-up at most."""
    with connection(box, database) as cr:
        cr.execute(
            """SELECT partner.email, followup.state
                 FROM account_email_followup followup
                 JOIN res_partner partner ON partner.id = followup.partner_id"""
        )
        rows = cr.fetchall()
    assert len(rows) == len(dict(rows)), "a customer has two follow-ups"
    return dict(rows)


def connector_state(box, database, company):
    with connection(box, database) as cr:
        cr.execute(
            "SELECT state FROM account_email_connector WHERE email = %s",
            [ADDRESSES[company]],
        )
        return cr.fetchone()[0]


def change_password(mail, address, password):
    """The mail server's administrator sets another password."""
    mail.accounts[address] = password
    users = mail.dovecot.root / "users"
    lines = (f"{name}:{{PLAIN}}{word}::::::" for name, word in mail.accounts.items())
    users.write_text("\n".join([*lines, ""]))
