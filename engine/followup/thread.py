"""A later step answers the earlier one: the customer sees one conversation."""

from email.utils import make_msgid

from ..mailbox.sender import domain_of

#: What the emails of one conversation have in common.
SAME = ("company_id", "partner_id", "addressee_id", "connector_id")


class Thread:
    """The conversation that a follow-up begins or goes on with.

    Mail programs join emails by ``References`` and ``In-Reply-To``
    (https://www.rfc-editor.org/rfc/rfc5322#section-3.6.4). Gmail replaces the
    Message-ID of what is sent through its API and does not tell the new one, so every
    email of a conversation also refers to one constant root that we made up.
    """

    RE = "Re: "

    def __init__(self, followup, previous):
        """:param previous: the last email of it (:func:`conversations`), or none."""
        connector = followup.connector_id
        self.previous = previous
        self.mailbox = f"{connector.provider} {connector.email}"
        # One that came back and goes again keeps its own: somebody may have got it.
        self.root = (
            self.previous.thread_root
            or followup.thread_root
            or make_msgid("followup", domain_of(connector))
        )

    def subject(self, subject):
        """The conversation's subject: Gmail joins only what has the same."""
        if not self.previous:
            return subject
        return self.RE + (self.previous.thread_subject or subject)

    def references(self):
        """The ``References`` header."""
        seen = self.previous.delivery_id.seen_message_id
        return " ".join(filter(None, [self.root, seen]))

    def headers(self):
        """What is to be added to the email's headers."""
        seen = self.previous.delivery_id.seen_message_id
        return {"In-Reply-To": seen} if seen else {}

    def provider_id(self):
        """The provider's own id of the conversation (Gmail's ``threadId``).

        The company may have another mailbox since, which knows no such conversation.
        """
        if self.previous.thread_mailbox != self.mailbox:
            return ""
        return self.previous.delivery_id.thread_id or ""


def conversations(followups):
    """{follow-up: its :class:`Thread`}: it goes on with the last email that asked its
    addressee for one of the same items."""
    sent = _sent_before(followups)
    return {
        followup: Thread(followup, _previous(followup, sent)) for followup in followups
    }


def _sent_before(followups):
    """What was sent to their customers and asked for the same items, the last first."""
    items = _items(followups)
    return followups.search(
        [
            ("company_id", "in", followups.company_id.ids),
            ("partner_id", "in", followups.partner_id.ids),
            ("connector_id", "in", followups.connector_id.ids),
            ("state", "=", "sent"),
            ("channel", "=", "email"),
            ("line_ids.move_line_ref", "in", list(items)),
        ],
        order="sent_at desc, id desc",
    )


def _previous(followup, sent):
    items = _items(followup)
    return next(
        (
            before
            for before in sent - followup._origin
            if all(before[name] == followup[name] for name in SAME)
            and items & set(before.line_ids.mapped("move_line_ref"))
        ),
        sent.browse(),
    )


def _items(followups):
    return set(followups._chased_lines().mapped("move_line_ref"))
