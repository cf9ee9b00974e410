"""Recognize what comes back to follow-ups, show it there, and heed it.

An email belongs to a follow-up if it refers to its Message-ID, to the root of its
conversation, or lies in the same conversation at the provider. Of all others nothing is
stored, shown or logged.
"""

import logging
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

import psycopg2
from markupsafe import Markup, escape

from odoo import fields
from odoo.tools import formataddr
from odoo.tools.translate import LazyTranslate

from ..providers.incoming import (
    TRACE_HEADER,
    Automatic,
    Bounce,
    Reply,
    may_be_report,
    parse,
    references,
    sender,
)
from ..providers.mail.html_text import text_of
from .box import Box

_logger = logging.getLogger(__name__)
_lt = LazyTranslate(__name__)

TODO_ANSWERED = _lt("The customer has answered. Read it, then go on with follow-ups.")
ACTIVITY = "account_email_connector.activity_type_answered"
#: So many emails are looked at in one run: PAGES steps, each committed.
PAGE, PAGES = 50, 10
#: Of one email, so many lines are shown; the rest can be read in the mailbox.
MOST_LINES = 2000
#: A conversation that the provider has not told by then, it will not tell.
LEARN_WITHIN = timedelta(days=2)
KINDS = {Reply: "reply", Automatic: "automatic", Bounce: "bounce"}


def look(connector, mailbox, inbox):
    """Deal with what is new in the Inbox of *mailbox*. Commits after each page.

    :param inbox: the ``account.email.inbox`` that says where the last look ended.
    :raises Outcome: the Inbox cannot be read.
    """
    cr = connector.env.cr
    mailbox = Box(mailbox)  # what is called for each email does not lead to it
    learn_where_filed(connector, mailbox)
    for _page in range(PAGES):
        broken = []
        choosing = partial(choose, connector, broken=broken)
        fetched = mailbox().fetch_since(inbox.cursor, choosing, PAGE)
        cr.commit()  # pylint: disable=invalid-commit  # a snapshot of this moment
        for found in fetched.found:
            _take_safely(connector, found, broken)
        inbox._note_look(fetched.cursor, fetched.skipped + len(broken))
        cr.commit()  # pylint: disable=invalid-commit  # these are dealt with
        if not fetched.more:
            break


def learn_where_filed(connector, mailbox):
    """Ask the provider in which conversations follow-ups lie, and for links to them.

    Graph tells nothing when it takes an email.

    :param mailbox: in a box.
    """
    if not hasattr(mailbox(), "find_filed"):
        return
    followups = connector.env["account.email.followup"].search(
        [
            ("connector_id", "=", connector.id),
            ("sent_at", ">", fields.Datetime.now() - LEARN_WITHIN),
            ("delivery_id.thread_id", "=", False),
        ],
        order="sent_at desc",
        limit=PAGE,
    )
    for delivery in followups.delivery_id:
        filed = mailbox().find_filed(delivery.message_id)
        if filed and filed.thread_id:
            delivery._record(
                delivery.id,
                thread_id=filed.thread_id,
                web_link=filed.web_link or delivery.web_link or None,
            )
    connector.env.cr.commit()  # pylint: disable=invalid-commit  # see what was recorded
    connector.env.invalidate_all()


def choose(connector, heads, broken):
    """Of these :class:`~..providers.incoming.Head` return those worth reading.

    A mail server's report says only in its body which email it is about. What cannot be
    read is left out.

    :param broken: a list that gets the name of what each of those has raised.
    """
    referred, reports = {}, set()
    for head in heads:
        with _apart(connector, broken):
            if _is_ours(connector, head.headers):
                continue
            if may_be_report(head.headers):
                reports.add(head.key)
            referred[head.key] = references(head.headers)
    heads = [head for head in heads if head.key in referred]
    known = Known(
        connector,
        {id_ for ids in referred.values() for id_ in ids},
        {head.thread_id for head in heads if head.thread_id},
    )
    return [
        head
        for head in heads
        if head.key in reports or known.followup(referred[head.key], head.thread_id)
    ]


def _is_ours(connector, headers):
    """Whether it left from here: a copy of a follow-up to the mailbox itself."""
    own = {connector.email.lower(), connector.sender_address.lower()}
    return sender(headers)[1] in own or TRACE_HEADER in headers


class Known:
    """The follow-ups of a connector which some emails may be about.

    :param ids: Message-IDs that the emails refer to.
    :param threads: the provider's ids of their conversations.
    """

    def __init__(self, connector, ids, threads):
        self._by_key = {}
        if not (ids or threads):
            return
        mine = ("connector_id", "=", connector.id)
        deliveries = connector.env["account.email.delivery"].search(
            [
                mine,
                "|",
                ("seen_message_id", "in", list(ids)),
                ("thread_id", "in", list(threads)),
            ]
        )
        followups = connector.env["account.email.followup"].search(
            [
                mine,
                ("state", "in", ("sent", "unknown")),
                "|",
                "|",
                ("message_id_header", "in", list(ids)),
                ("thread_root", "in", list(ids)),
                ("delivery_id", "in", deliveries.ids),
            ],
            order="sent_at NULLS FIRST, id",
        )
        for followup in followups:  # of a conversation, its last follow-up counts
            self._by_key[followup.thread_root] = followup
            self._by_key["thread", followup.delivery_id.thread_id] = followup
        for followup in followups:
            self._by_key[followup.message_id_header] = followup
            self._by_key[followup.delivery_id.seen_message_id] = followup

    def followup(self, ids, thread_id):
        """The follow-up that an email is about; None if it is about none.

        :param ids: what the email refers to, the closest first.
        """
        keys = [id_ for id_ in ids if id_]
        if thread_id:
            keys.append(("thread", thread_id))
        return next(filter(None, map(self._by_key.get, keys)), None)


def _take_safely(connector, found, broken):
    """Deal with one email; one that cannot be dealt with does not stop the others."""
    with _apart(connector, broken), connector.env.cr.savepoint():
        take(connector, found)


@contextmanager
def _apart(connector, broken):
    """What one email raises is its own trouble: it is logged, and the others go on."""
    try:
        yield
    except MemoryError:
        raise  # the machine's trouble, not the email's
    except Exception as error:
        # Somebody changed the same rows: all again, in the next run. But what is too
        # large for PostgreSQL is always so ("54", "program limit exceeded"):
        # https://www.postgresql.org/docs/current/errcodes-appendix.html
        passing = isinstance(error, psycopg2.OperationalError)
        if passing and not (error.pgcode or "").startswith("54"):
            raise
        broken.append(type(error).__name__)
        # Not its text: there may be somebody's email in it.
        _logger.error(
            "An email that came back to %s could not be dealt with: %s",
            connector.email,
            type(error).__name__,
        )


def take(connector, found):
    """Show an email on the follow-up that it belongs to, if to one, and heed it."""
    message = parse(found.raw, found.thread_id)
    if not message:
        return
    known = Known(connector, set(message.refers_to), {message.thread_id})
    followup = known.followup(message.refers_to, message.thread_id)
    if not followup or not _first_time(followup, message):
        return
    _show(followup, message)
    if isinstance(message, Bounce):
        _bounced(followup, message)
    elif isinstance(message, Reply):
        _answered(followup)


def _first_time(followup, message):
    """Write down that this email was dealt with; False if it was before."""
    Incoming = followup.env["account.email.incoming"]
    connector = followup.connector_id
    once = [
        ("connector_id", "=", connector.id),
        ("message_id", "=", message.message_id),
    ]
    if Incoming.search_count(once, limit=1):
        return False
    Incoming.create(
        {
            "connector_id": connector.id,
            "followup_id": followup.id,
            "message_id": message.message_id,
            "kind": KINDS[type(message)],
        }
    )
    return True


# -- on the follow-up ------------------------------------------------------------------


def _show(followup, message):
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
    contacts = _contacts(partner, {message.sender})
    return partner if partner in contacts else contacts[:1]


def _contacts(partner, addresses):
    """Of the customer and its contacts, those with one of these addresses."""
    return partner.search(
        [
            ("commercial_partner_id", "=", partner.commercial_partner_id.id),
            ("email_normalized", "in", [address for address in addresses if address]),
        ],
        order="id",
    )


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
        here = followup.with_context(lang=followup._responsible().lang)
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


# -- what follows from it --------------------------------------------------------------


def _answered(followup):
    """Leave the customer alone until a person goes on."""
    followup.partner_id._email_followup_note(
        {"email_followup_answered": True}, followup.company_id
    )
    ask_to_read(followup)


def ask_to_read(followup):
    """Give the responsible a to-do: the customer has answered."""
    kind = followup.env.ref(ACTIVITY, raise_if_not_found=False)  # somebody deleted it
    followup._ask_person(TODO_ANSWERED, kind)


def _bounced(followup, message):
    """Write no more to the address that we wrote to, and ask for a better one.

    Whoever has our email can make up a bounce; so no other address is believed.
    """
    written_to = followup.delivery_id.recipients or ""
    failed = set(message.recipients) & {a.lower() for a in written_to.split(", ")}
    for contact in _contacts(followup.partner_id, failed):
        contact.email_followup_bounced = contact.email_normalized
    user = followup._responsible()
    here = followup.with_context(lang=user.lang)
    text = here.env._(
        "A follow-up to %s came back: correct the address.",
        ", ".join(sorted(failed or message.recipients)),
    )
    followup._ask_person(text)
