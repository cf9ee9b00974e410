"""Whether the key that the mailboxes' secrets are sealed with is here."""

from ...providers.outcomes import AdminActionRequired, Outcome
from ...rules import IN_SERVICE
from ...texts import reason_text
from ...tools import vault
from ..secrets import mailboxes
from .finding import BAD, GOOD, Finding


def findings(connector):
    """Where the key is, and whether it opens what is kept of this mailbox.

    :param connector: as a superuser's.
    """
    env, title = connector.env, connector.env._("Key")
    try:
        where = vault.look()
    except AdminActionRequired as problem:
        why, todo = reason_text(env, problem.reason)
        yield Finding(title, BAD, f"{why} {problem.detail}", todo)
        return
    try:
        if connector.state in IN_SERVICE:
            mailboxes.ask(connector, lambda mailbox: None)  # asks nobody yet
    except Outcome as problem:
        why, todo = reason_text(env, problem.reason)
        yield Finding(title, BAD, f"{where}. {why}", todo)
        return
    keep = env._("Keep a copy of it, apart from the backups of the database.")
    yield Finding(title, GOOD, where, keep)
