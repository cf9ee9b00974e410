"""An email that came back, in the chatter of its follow-up."""

from markupsafe import Markup, escape

from odoo.tools import formataddr

from ...providers.mail.html_text import text_of
from ..followup import todo
from .contacts import contacts

#: Of one email, so many lines are shown; the rest can be read in the mailbox.
MOST_LINES = 2000


def show(followup, message):
    """Put it into the follow-up's chatter, unless Odoo's mail gateway has done so.

    It quotes our email: who may not read that does not read the answer. Followers get
    no copy: the email lies in the mailbox.
    """
    there = [
        ("message_id", "=", message.message_id),
        ("model", "=", followup._name),
        ("res_id", "=", followup.id),
    ]
    if followup.env["mail.message"].search_count(there, limit=1):
        return
    followup.with_company(followup.company_id).message_post(
        subject=message.subject,
        body=_body(followup, message),
        message_type="email",
        subtype_xmlid="mail.mt_comment",
        author_id=_author(followup.partner_id, message).id,
        email_from=_from(message),
        message_id=message.message_id,
        parent_id=followup.mail_message_id.id,
        notify_skip_followers=True,
    )


def _author(partner, message):
    """The customer's contact with the sender's address; perhaps none."""
    found = contacts(partner, {message.sender})
    return partner if partner in found else found[:1]


def _from(message):
    try:
        return formataddr((message.sender_name, message.sender))
    except (UnicodeError, ValueError):
        return message.sender


def _body(followup, message):
    """Its words as harmless HTML: no markup, pictures or links of its author.

    Attachments stay in the mailbox; their names are told.
    """
    text = message.text or _as_text(message.html)
    said, quoted = _split_quote(text.strip())
    body = _as_html(said)
    if quoted:
        body += Markup("<blockquote data-o-mail-quote='1'>%s</blockquote>") % _as_html(
            quoted
        )
    if message.attachments:
        here = followup.with_context(lang=todo.responsible(followup).lang)
        names = ", ".join(message.attachments)
        note = here.env._("Attachments, in the mailbox: %s", names)
        body += Markup("<p><em>%s</em></p>") % note
    return body


def _as_text(html):
    """The words in *html*: no scripts, styles, or addresses of pictures."""
    return text_of(html)


def _split_quote(text):
    """What somebody wrote, and the earlier email that is quoted below it."""
    lines = text.split("\n")
    end = len(lines)
    while end and (not lines[end - 1].strip() or lines[end - 1].startswith(">")):
        end -= 1
    if not end:
        return text, ""
    return "\n".join(lines[:end]), "\n".join(lines[end:]).strip()


def _as_html(text):
    """*text* as a paragraph; not so long that Odoo takes long to look through it."""
    lines = text.split("\n")
    if len(lines) > MOST_LINES:
        lines = [*lines[:MOST_LINES], "…"]
    return Markup("<p>%s</p>") % Markup("<br/>").join(escape(line) for line in lines)
