"""Look into the Inbox, page by page."""

from datetime import timedelta
from functools import partial

from odoo import fields

from ..secrets.box import Box
from .choose import choose
from .fault import contained
from .take import take

#: So many emails are looked at in one run: PAGES steps, each committed.
PAGE, PAGES = 50, 10
#: A conversation that the provider has not told by then, it will not tell.
LEARN_WITHIN = timedelta(days=2)


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
        again = [take_safely(connector, found, broken) for found in fetched.found]
        if any(again):  # the next look begins where this one did
            cr.commit()  # pylint: disable=invalid-commit  # the others are dealt with
            break
        inbox._note_look(fetched.cursor, fetched.skipped + len(broken))
        cr.commit()  # pylint: disable=invalid-commit  # these are dealt with
        if not fetched.more:
            break


def learn_where_filed(connector, mailbox):
    """Ask the provider in which conversations follow-ups lie, and for links to them.

    Graph tells nothing when it takes an email.

    :param mailbox: in a box.
    """
    if not mailbox().finds_filed:
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


def take_safely(connector, found, broken):
    """Deal with one email; one that cannot be dealt with does not stop the others.

    :return: whether it is to be looked at again.
    """
    with contained(connector, broken), connector.env.cr.savepoint():
        return take(connector, found)
    return False
