"""What makes a letter of a table: to whom, and in which words."""

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
