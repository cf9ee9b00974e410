"""What a live check has found, in words."""

from ...providers.registry import OAUTH
from ...texts import reason_text
from ..mailbox import copies
from ..mailbox.status import without_customers
from . import live
from .finding import BAD, FACT, GOOD, LOOK, Finding


def findings(connector, parts):
    """Each part.

    :param connector: in the language of whoever reads it.
    :param parts: what :func:`.live.run` returned.
    """
    for part in parts:
        title = _titles(connector.env)[part.name]
        if part.outcome:
            yield _failed(connector, title, part)
        elif part.facts is None:
            yield Finding(title, LOOK, connector.env._("Not tried, for what is above."))
        else:
            for more, *rest in SAID[part.name](connector, part, **part.facts):
                yield Finding(_about(connector.env, title, more), *rest)


def _about(env, title, more):
    return more and env._("%(part)s: %(more)s", part=title, more=more) or title


def _titles(env):
    return {
        live.SIGN_IN: env._("Sign-in"),
        live.ACCOUNT: env._("Account"),
        live.SEND: env._("Email to itself, with a PDF"),
        live.SENT: env._("Copy in Sent"),
        live.ARRIVED: env._("Arrival"),
        live.REFUSAL: env._("Recipient who does not exist"),
    }


def _failed(connector, title, part):
    """The reason, the server's code and words, and what support asks for."""
    env, outcome = connector.env, part.outcome
    why, todo = reason_text(env, outcome.reason)
    words = without_customers(connector, outcome.detail)
    more = [f"{outcome.code} {words}".strip(), outcome.correlation_id]
    if outcome.retry_after:  # of what is said there, nothing waits here
        todo = env._("It asks to be left alone for %s s.", outcome.retry_after)
    said = " · ".join(filter(None, [why, *more, _seconds(env, part.seconds)]))
    return Finding(title, BAD, said, todo)


def _seconds(env, seconds):
    return env._("%s s", f"{seconds:.1f}")


def _sign_in(connector, part, rights):
    env = connector.env
    yield "", GOOD, env._("accepted, %s", _seconds(env, part.seconds))
    if rights:
        yield env._("permissions"), FACT, ", ".join(rights)


def _account(connector, part, address, reads):
    env = connector.env
    if connector.provider not in OAUTH:
        if reads:
            yield "", GOOD, env._("with IMAP")
        else:
            yield "", LOOK, env._("without IMAP: nobody can look into Sent from here")
        return
    if not address:
        yield "", FACT, env._("The provider does not tell it with these permissions.")
    elif address == (connector.email or "").lower():
        yield "", GOOD, env._("the one that is connected here")
    else:
        told = env._("another one than is connected here")
        yield (
            "",
            LOOK,
            told,
            env._("An address may have been renamed. Please report it."),
        )
    if not reads:
        yield (
            env._("reading"),
            LOOK,
            env._("not allowed: nobody can look into Sent and the Inbox from here"),
            env._(
                "Look there yourself: the test email must lie in each once. Or switch "
                "on “Recognize answers”, sign in again, and repeat this."
            ),
        )


def _send(connector, part, message_id, own_id, provider_id):
    env = connector.env
    yield "", GOOD, env._("accepted, %s", _seconds(env, part.seconds))
    yield env._("answer"), FACT, without_customers(connector, provider_id) or "–"
    if message_id != own_id:
        told = env._("The server names another one: %s", message_id)
        yield "Message-ID", FACT, told


def _sent(connector, part, count, after=0):
    env = connector.env
    where = copies.where(connector)
    if count is None:
        yield "", LOOK, env._("cannot be looked at from here"), where
    elif not count:
        yield "", BAD, env._("not there, %s", _seconds(env, part.seconds)), where
    elif count == 1:
        yield "", GOOD, env._("there, once, after %s", _seconds(env, after)), where
    else:
        yield "", BAD, env._("there %s times", count), where


def _arrived(connector, part, found, after=0, **read):
    env = connector.env
    if found is None:
        yield "", LOOK, env._("cannot be looked at from here")
        return
    if not found:
        told = env._("not in the Inbox, %s", _seconds(env, part.seconds))
        yield "", LOOK, told, env._("Look for it there, and in the spam folder.")
        return
    state = GOOD if found == 1 else BAD
    yield "", state, env._("in the Inbox after %s", _seconds(env, after))
    yield from _read(env, **read)


def _read(env, is_ours, kept_id, sent_from, verdicts, whole):
    if is_ours:
        yield "Message-ID", FACT, env._("as we wrote it")
    else:
        yield "Message-ID", FACT, env._("another one than ours: %s", kept_id)
    if whole:
        yield "PDF", GOOD, env._("arrived as it was sent")
    else:
        yield "PDF", BAD, env._("is not what was sent")
    if sent_from:
        yield env._("came from"), FACT, sent_from
    if verdicts:
        yield "SPF, DKIM, DMARC", FACT, verdicts


def _refusal(connector, part, asked, refusal=None):
    env = connector.env
    if not asked:
        told = env._("This provider says it by a bounce only, so nobody was tried.")
        yield "", FACT, told
    elif refusal:
        words = without_customers(connector, f"{refusal.code} {refusal.detail}")
        yield "", FACT, env._("refused: %s", words)
    else:
        yield "", FACT, env._("taken: the server says it by a bounce")


SAID = {
    live.SIGN_IN: _sign_in,
    live.ACCOUNT: _account,
    live.SEND: _send,
    live.SENT: _sent,
    live.ARRIVED: _arrived,
    live.REFUSAL: _refusal,
}
