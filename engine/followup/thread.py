"""A later step answers the earlier one: the customer sees one conversation."""

from email.utils import make_msgid

from ..mailbox.sender import domain_of


class Thread:
    """The conversation that a follow-up begins or goes on with.

    Mail programs join emails by ``References`` and ``In-Reply-To``
    (https://www.rfc-editor.org/rfc/rfc5322#section-3.6.4). Gmail replaces the
    Message-ID of what is sent through its API and does not tell the new one, so every
    email of a conversation also refers to one constant root that we made up.
    """

    RE = "Re: "

    def __init__(self, followup):
        connector = followup.connector_id
        self.previous = _previous(followup)
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


def _previous(followup):
    """The last email that asked this addressee for one of the same items."""
    items = followup._chased_lines().mapped("move_line_ref")
    return followup.search(
        [
            ("id", "!=", followup._origin.id),
            ("company_id", "=", followup.company_id.id),
            ("partner_id", "=", followup.partner_id.id),
            ("addressee_id", "=", followup.addressee_id.id),
            ("connector_id", "=", followup.connector_id.id),
            ("state", "=", "sent"),
            ("channel", "=", "email"),
            ("line_ids.move_line_ref", "in", items),
        ],
        order="sent_at desc, id desc",
        limit=1,
    )
