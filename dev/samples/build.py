"""Create the sample data: companies, users, customers, invoices and what was paid."""

from datetime import timedelta

from odoo import Command, fields

from . import happened, history, people
from .begin import at_any_hour

LANGUAGES = ("fr_FR", "de_DE")
ADDRESSES = {
    people.HARBOR: ("14 Wharf Street", "04101", "Portland", "base.us"),
    people.LINDGREN: ("Holzmarkt 9", "20457", "Hamburg", "base.de"),
    people.LYON: ("22 quai Perrache", "69002", "Lyon", "base.fr"),
    people.BLUE_LAKE: ("3 Shore Road", "55802", "Duluth", "base.us"),
    people.GREEN_FIELD: ("81 Orchard Lane", "04401", "Bangor", "base.us"),
    people.PAPER_BIRCH: ("5 Mill Street", "04401", "Bangor", "base.us"),
    people.STONE_BRIDGE: ("7 Quarry Street", "05641", "Barre", "base.us"),
}


def create(env):
    """Create everything in :mod:`.people`. Does not commit.

    :return: the invoices whose PDFs are to be stored (``account.move``).
    """
    _install_languages(env)
    companies = _companies(env)
    _users(env, companies)
    env = env(context=dict(env.context, allowed_company_ids=_ids(companies)))
    _rates(env, companies)
    at_any_hour(env)  # what is due goes whenever somebody looks at the demo
    with_pdf = env["account.move"]
    for customer in people.CUSTOMERS:
        company = companies[customer.company]
        partner = _partner(env, customer)
        moves = env["account.move"]
        for invoice in customer.invoices:
            move = _invoice(env, company, partner, invoice)
            moves |= move
            if invoice.pdf:
                with_pdf |= move
        history.plant(env, company, customer, partner, moves)
        if customer.happened:
            getattr(happened, customer.happened)(partner, moves)
    return with_pdf


def _ids(companies):
    return [company.id for company in companies.values()]


def _install_languages(env):
    langs = env["res.lang"].with_context(active_test=False)
    langs = langs.search([("code", "in", LANGUAGES)])
    wizard = env["base.language.install"].create({"lang_ids": [Command.set(langs.ids)]})
    wizard.lang_install()


def _companies(env):
    """The first company keeps its chart of accounts; the others get their own."""
    companies = {}
    harbor = companies[people.HARBOR] = env.ref("base.main_company")
    harbor.name = people.HARBOR
    lindgren = companies[people.LINDGREN] = _company(env, people.LINDGREN)
    # The chart comes with its own currency.
    lindgren.currency_id = env.ref("base.EUR")
    companies[people.LYON] = env["res.company"].create(
        {
            "name": people.LYON,
            "parent_id": lindgren.id,
            "iap_enrich_auto_done": True,
        }
    )
    env.cr.flush()  # gives the branch its parent's chart, which waits for the commit
    for name in (
        people.BLUE_LAKE,
        people.GREEN_FIELD,
        people.PAPER_BIRCH,
        people.STONE_BRIDGE,
    ):
        companies[name] = _company(env, name)
    for name, company in companies.items():
        street, zip_code, city, country = ADDRESSES[name]
        # On the partner: the company itself would fetch its country's modules.
        company.partner_id.write(
            {
                "street": street,
                "zip": zip_code,
                "city": city,
                "country_id": env.ref(country).id,
                "email": people.SENDERS.get(name, False),
            }
        )
    return companies


def _company(env, name):
    """A new company with a chart of accounts."""
    company = env["res.company"].create(
        {"name": name, "iap_enrich_auto_done": True}  # asks nobody on the internet
    )
    chart = env["account.chart.template"]
    chart.try_loading("generic_coa", company, install_demo=False)
    return company


def _users(env, companies):
    users = env["res.users"].with_context(no_reset_password=True)
    for login, (name, group) in people.USERS.items():
        groups = env.ref("base.group_user") | env.ref(group)
        users.create(
            {
                "name": name,
                "login": login,
                "odoobot_state": "disabled",  # his welcome covers a phone
                "password": login,
                "email": f"{login}@harborlights.example",
                "company_id": companies[people.HARBOR].id,
                "company_ids": [Command.set(_ids(companies))],
                "group_ids": [Command.set(groups.ids)],
            }
        )
    admin = env.ref("base.user_admin")
    admin.company_ids = [Command.link(id_) for id_ in _ids(companies)]


def _rates(env, companies):
    """So that amounts in a foreign currency are worth something."""
    for name, currency, rate in (
        (people.HARBOR, "base.EUR", 0.92),
        (people.LINDGREN, "base.USD", 1.087),
    ):
        env.ref(currency).active = True
        env["res.currency.rate"].create(
            {
                "name": fields.Date.today() - timedelta(days=365),
                "company_rate": rate,
                "currency_id": env.ref(currency).id,
                "company_id": companies[name].id,
            }
        )


def _partner(env, customer):
    country = env["res.country"].search([("code", "=", customer.country)])
    partner = env["res.partner"].create(
        {
            "name": customer.name,
            "is_company": True,
            "email": customer.address or False,
            "lang": customer.lang,
            "city": customer.city,
            "country_id": country.id,
        }
    )
    if customer.contact:
        name, address = customer.contact
        values = {"name": name, "email": address, "type": "invoice"}
        env["res.partner"].create(
            {**values, "parent_id": partner.id, "lang": customer.lang}
        )
    return partner


def _invoice(env, company, partner, invoice):
    """A posted invoice or credit note, in the state that *invoice* tells."""
    due = fields.Date.today() - timedelta(days=invoice.overdue)
    currency = company.currency_id
    if invoice.currency:
        currency = env.ref(f"base.{invoice.currency}")
    line = {"name": "Goods as delivered", "price_unit": abs(invoice.amount)}
    move = (
        env["account.move"]
        .with_company(company)
        .create(
            {
                "move_type": "out_refund" if invoice.amount < 0 else "out_invoice",
                "partner_id": partner.id,
                "currency_id": currency.id,
                "invoice_date": due - timedelta(days=history.TERM),
                "invoice_date_due": due,
                "invoice_payment_term_id": False,
                "invoice_line_ids": [Command.create(line)],
            }
        )
    )
    move.action_post()
    move.is_move_sent = invoice.sent
    if invoice.paid:
        history.receive([(move, invoice.paid, fields.Date.today() - timedelta(days=3))])
    if invoice.no_followup:
        move.no_followup = True
    if invoice.blocked:
        move.action_toggle_block_payment()
    return move


def store_pdfs(moves, report_url):
    """Render and store the PDFs of *moves*, as *Send & Print* does. Commits.

    :param report_url: of a running Odoo, from which wkhtmltopdf takes the styles.
    """
    parameters = moves.env["ir.config_parameter"].sudo()
    parameters.set_param("report.url", report_url)
    moves.env.cr.commit()  # pylint: disable=invalid-commit - the running Odoo reads it
    for move in moves:
        sender = moves.env["account.move.send"].with_company(move.company_id)
        sender._generate_and_send_invoices(move, sending_methods=["manual"])
    parameters.set_param("report.url", False)
    moves.env.cr.commit()  # pylint: disable=invalid-commit - a shell commits nothing
