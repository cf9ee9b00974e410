"""Who files what a mailbox sends in its Sent folder: learnt once, then remembered.

Finding it out takes some seconds of waiting, see :mod:`...providers.imap.habit`. If
what is remembered is lost, that is all it costs. Connectors come here as a superuser's.
"""

#: What the habit was learnt of: where one of these changes, nothing is known.
LEARNT_OF = (
    *("email", "provider", "smtp_host", "smtp_user"),
    *("imap_host", "sent_copy", "sent_folder"),
)


def note(connector, mailbox):
    """Remember what *mailbox* (in a ``Box``) has learnt, if that is another thing.

    It has to be closed: only then the copy of its last email is settled.
    """
    if not mailbox():
        return
    habit = mailbox().sent_habit
    if (connector.sent_habit or "") != habit:
        connector.sent_habit = habit


def is_provider(connector):
    """Whether it is known that the provider files what is sent."""
    return (connector.sent_habit or "").startswith("provider")


def kept(connector, values):
    """What is still known of *connector* when *values* are written, if anything is."""
    same = all(
        (connector[name] or "") == (values.get(name, connector[name]) or "")
        for name in LEARNT_OF
    )
    return same and connector.sent_habit
