"""Which emails of an Inbox are worth reading, by their headers."""

from ...providers.incoming import TRACE_HEADER, may_be_report, references, sender
from .fault import contained
from .known import Known


def choose(connector, heads, broken):
    """Of these :class:`~...providers.incoming.Head` return those worth reading.

    A mail server's report says only in its body which email it is about. What cannot be
    read is left out.

    :param broken: a list that gets the name of what each of those has raised.
    """
    strangers = _strangers(connector, heads, broken)
    known = Known(
        connector,
        {id_ for _head, ids, _report in strangers for id_ in ids},
        {head.thread_id for head, _ids, _report in strangers if head.thread_id},
    )
    return [
        head
        for head, ids, report in strangers
        if report or known.followup(ids, head.thread_id)
    ]


def _strangers(connector, heads, broken):
    """Those that did not leave from here: each with the ids that it refers to, and
    whether it may be a report."""
    found = []
    for head in heads:
        with contained(connector, broken):
            if not _is_ours(connector, head.headers):
                ids = references(head.headers)
                found.append((head, ids, may_be_report(head.headers)))
    return found


def _is_ours(connector, headers):
    """Whether it left from here: a copy of a follow-up to the mailbox itself."""
    own = {connector.email.lower(), connector.sender_address.lower()}
    return sender(headers)[1] in own or TRACE_HEADER in headers
