"""What makes a letter of a table: to whom, in which language and words, how to pay."""

from markupsafe import Markup

#: Where a template shows the table of invoices, a letter has its own.
TABLE = Markup('<div data-letter="items"></div>')


def address_of(customer):
    """Whom a letter to *customer* (``res.partner``) goes to by post.

    The contact for follow-ups that has a street, else the invoice address.
    """
    contacts = customer.child_ids.filtered(
        lambda contact: contact.type == "email_followup" and contact.street
    )
    if contacts:
        return contacts.sorted("id")[0]
    return customer.browse(customer.address_get(["invoice"])["invoice"])


def language(partner, company):
    """The first language that a document can be written in."""
    installed = partner.env["res.lang"]
    wanted = (partner.lang, partner.commercial_partner_id.lang, company.partner_id.lang)
    return next((lang for lang in wanted if installed._get_code(lang)), "en_US")


def bank_of(moves, company):
    """The account to pay to: that of the oldest of *moves* which names one, else the
    company's first."""
    named = [move.partner_bank_id for move in moves if move.is_sale_document()]
    banks = company.partner_id.bank_ids.filtered(
        lambda bank: not bank.company_id or bank.company_id == company
    )
    return next(filter(None, named), banks[:1])


def words(followup):
    """The words of the letter of *followup*: its step's template, if it has one.

    :return: subject, and what stands before and after the table; all empty without a
        template, then the letter has words of its own.
    """
    template = followup.step_id.template_id
    if not template:
        return "", Markup(""), Markup("")
    template._check_renders(followup)
    written = followup.new(origin=followup)  # in memory only, as a preview
    written.items_html = TABLE
    title = template._render_field("subject", written._ids, compute_lang=True)
    body = template._render_field("body_html", written._ids, compute_lang=True)
    before, _table, after = body[written.id].partition(TABLE)
    title = " ".join(title[written.id].split())
    return title, Markup(before), Markup(after)  # nosec B704 # QWeb has escaped it
