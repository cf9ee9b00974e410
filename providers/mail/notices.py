"""Notices of mail servers that only people were meant to read.

Each form that is known has a row; `flufl.bounce`, which Mailman uses, knows dozens of
old ones, and is asked last: https://fluflbounce.readthedocs.io
"""

import logging
import re
from collections.abc import Callable, Iterable, Sequence
from email.message import Message
from typing import Any, NamedTuple

from ..outcomes import one_line
from .delivery_status import ADDRESS, STATUS
from .fields import value
from .guard import or_nothing

_all_failures: Callable[[Any], tuple[Any, Any]] | None
try:
    from flufl.bounce import all_failures as _all_failures
except ImportError:  # a Python that it does not know yet
    _all_failures = None
_flufl_log = logging.getLogger("flufl.bounce")

# Of a notice, so much is looked at: what follows is the email that came back. Short
# lines keep patterns that try each beginning cheap.
MOST_LINES, LONGEST_LINE, MOST_CHARACTERS = 200, 250, 16_000
MOST_RECIPIENTS = 100

# That something did not arrive, in the languages that servers write their notices in.
FAILED = re.compile(
    r"(?:could|can|was|were|be|has|have|did)(?:\s?not"
    r"|n['’]t)\s+(?:\w+\s+){0,2}(?:deliver|reach|receive|send|sent|accept|process)"
    r"|cannot be (?:delivered|reached)|\bnot delivered|undeliver|(?:deliver[yi]\w*"
    r"|message|mail|address)\s?(?:\(?e?s?\)?\s)(?:\S+\s){0,6}(?:failed|failure"
    r"|problem|reject|aborted|unable)|unable to (?:\w+\s)?(?:deliver|send)"
    r"|failed (?:recipient|address|permanent|mail)|was aborted|(?:delivery|permanent"
    r"|fatal)\s(?:\w+\s)?(?:fail|error|problem)|fatal error|(?:user|recipient|mailbox"
    r"|account|userid)\b.{0,60}\b(?:unknown|not found|full|exist|invalid|disabled"
    r"|exceed|over)|(?:unknown|no such|invalid) (?:\w+ )?(?:user|recipient|mailbox"
    r"|address|userid|account)|returned (?:mail|to sender)|over\s?quota"
    r"|wasn['’]t able to deliver|rejected|was not relayed"
    r"|of the e-?mail was stopped|nicht (?:\w+ ){0,2}(?:zugestellt"
    r"|zustellbar)|unzustellbar|fehler bei der (?:nachrichten)?zustellung"
    r"|non (?:remis|distribué|délivré)|pas (?:pu )?(?:été |être )?(?:remis|délivré"
    r"|distribué)|échec de (?:la )?remise|inconnu|no se (?:ha )?(?:pudo|puede"
    r"|podido) entregar|no (?:ha sido|fue) entregado"
    r"|non (?:è stato possibile )?(?:recapita|consegna)|impossibile recapitare"
    r"|mancat[ao] (?:consegna|recapito)|niet (?:worden )?(?:bezorgd|afgeleverd"
    r"|bestel)|onbestelbaar|não (?:pôde|foi) (?:possível |ser )?entreg"
    r"|falha na entrega|nie (?:można|mogła|została) (?:być )?dostarcz"
    r"|не (?:может быть |был[оа]? )?доставлен",
    re.I,
)
# It is not lost yet, whatever else these say.
DELAYED = re.compile(
    r"still being retried|has been postponed|continue to try|will be retried"
    r"|not yet been delivered|delivery attempts will|will (?:keep|continue"
    r"|be) (?:trying|to try|retr)|(?:is|has been|was) delayed"
    r"|you do not need to (?:resend|take)|no action is required|warning message only"
    r"|noch nicht (?:zugestellt|ausgeliefert)|wird weiter(?:hin)? versucht"
    r"|n['’]a pas encore (?:pu )?(?:été|être)|retardé|todavía no se ha"
    r"|se ha retrasado|non è ancora stato|nog niet (?:worden )?(?:bezorgd|afgeleverd)"
    r"|ainda não foi",
    re.I,
)


class Form(NamedTuple):
    """How one kind of server writes: between two lines stand the addresses.

    :param begin: what it begins with, which no other program says.
    :param address: a line with an address that failed; its first group.
    :param end: from here on there is the email that came back.
    """

    begin: re.Pattern[str]
    address: re.Pattern[str]
    end: re.Pattern[str]


_A = (
    r"([^\s<>;:,\"()\[\]@'][^\s<>;:,\"()\[\]@]{0,253}@"
    r"[\w-]{1,63}(?:\.[\w-]{1,63}){0,10})"
)
# Below this line, or from a header on, there is the email that came back.
COPY = re.compile(
    r"(?:\bcopy of (?:the|your)|returned message|unsent message|message (?:headers?"
    r"|text) follow|below this line|^\W*(?:the )?original message\b"
    r"|^\W*message d['’]origine|ursprüngliche nachricht|mensaje original"
    r"|messaggio originale)|diagnostic information for admin|^(?:Received"
    r"|Return-Path):",
    re.I,
)
FORMS = (
    # qmail (https://cr.yp.to/proto/qsbmf.txt) and what was made of it, Postfix
    # (https://www.postfix.org/bounce.5.html): "<address>: why", in any language.
    # GMX and IONOS put it in quotes.
    Form(
        re.compile(""),
        re.compile(rf"^ {{0,4}}[<\"'“„«]{_A}[>\"'“”»](?: \(expanded from [^)]*\))?:"),
        re.compile(rf"^-{{3}}|{COPY.pattern}", re.I),
    ),
    # Exim: https://github.com/Exim/exim/blob/master/src/src/moan.c, and deliver.c
    Form(
        re.compile("message was created automatically by mail delivery software"),
        re.compile(rf"^ {{1,8}}[<\"']?{_A}[>\"']?:?\s*$"),
        re.compile("^-{3}"),
    ),
    # amavisd, the filter of many servers: https://gitlab.com/amavis/amavis. It says
    # first what it has found, and names the Message-ID, which looks like an address.
    Form(
        re.compile(
            "^A message from <|content checker found|WAS NOT (?:relayed|delivered)"
        ),
        re.compile(rf"(?:WAS NOT \w{{7,9}} to:? ?|^ ?(?=[^:\s]+:))<{_A}>(?::|\s*$)"),
        re.compile("^-{3}"),
    ),
    # Exchange and Outlook, in the languages of their notices:
    # https://learn.microsoft.com/exchange/mail-flow/non-delivery-reports-and-bounce-messages
    Form(
        re.compile(
            r"delivery has failed to these recipients"
            r"|did not reach (?:some or all of the intended|the following) recipient"
            r"|could not be reached|cannot be reached"
            r"|fehler bei der nachrichtenzustellung|konnte nicht erreicht werden"
            r"|échec de (?:la )?remise|n['’]a pas pu être (?:remis|atteint|joint)"
            r"|error al entregar|no se (?:pudo|puede) (?:entregar|tener acceso)"
            r"|recapito non riuscito|impossibile recapitare|bezorging (?:is mislukt"
            r"|aan)|kon niet worden bezorgd|falha na entrega|não foi possível entregar",
            re.I,
        ),
        re.compile(rf"(?:^|[\s<(\['\"]|mailto:|SMTP[:=]){_A}", re.I),
        COPY,
    ),
)


class Notice(NamedTuple):
    """What the text of a notice says.

    :param failed: the email is lost; else it is only late.
    :param recipients: whom it did not reach, in lower case; perhaps it does not say so.
    :param status: why, an enhanced status code, if there is one in it.
    :param words: its lines, without the email that came back.
    """

    failed: bool
    recipients: tuple[str, ...] = ()
    status: str = ""
    words: str = ""


def read(
    head: Message, texts: Iterable[str], subject: str, surely: bool = True
) -> Notice | None:
    """What a notice says; None if it is none.

    :param head: From, To, X-Mailer and the bare Content-Type, each bounded: some
        servers are known by them.
    :param texts: the texts in it, the first is the notice.
    :param surely: a machine wrote it. Else only words that are a machine's are one's:
        a person may write about what failed, and quote "<address>:".
    """
    lines = _lines(texts)
    text = f"{subject}\n" + "\n".join(_until(lines, 1, COPY))
    if DELAYED.search(text):
        return Notice(failed=False) if surely else None
    found, words = _by_form(lines, FORMS if surely else FORMS[1:])
    named = _others(found, head)
    if not (named or (surely and FAILED.search(text))):
        return None
    named = named or _others(_by_flufl(head, "\n".join(lines)), head)
    status = STATUS.search(words)
    return Notice(True, named, status[0] if status else "", one_line(words))


def _others(found: Iterable[str], head: Message) -> tuple[str, ...]:
    """The addresses, but for whom the notice is: who wrote the email may be quoted."""
    own = value(head, "To").lower().split(", ")
    named = dict.fromkeys(address for address in found if address not in own)
    return tuple(named)[:MOST_RECIPIENTS]


def _lines(texts: Iterable[str]) -> list[str]:
    text = "\n".join(text[:MOST_CHARACTERS] for text in texts)[:MOST_CHARACTERS]
    return [line[:LONGEST_LINE] for line in text.split("\n")[:MOST_LINES]]


def _until(lines: list[str], first: int, end: re.Pattern[str]) -> list[str]:
    """The lines above the first one, from that number on, where *end* is."""
    stop = (n for n, line in enumerate(lines) if n >= first and end.search(line))
    return lines[: next(stop, len(lines))]


def _by_form(lines: list[str], forms: Sequence[Form]) -> tuple[list[str], str]:
    """The addresses of the first form that fits, and the lines above the copy."""
    for form in forms:
        begin = next((n for n, line in enumerate(lines) if form.begin.search(line)), -1)
        if begin < 0:
            continue
        said = _until(lines, begin + 1, form.end)[begin:]
        found = [each for line in said for each in form.address.findall(line)]
        if found:
            return [address.lower() for address in found], "\n".join(said)
    return [], "\n".join(_until(lines, 1, COPY))


@or_nothing(list[str])
def _by_flufl(head: Message, text: str) -> list[str]:
    """The addresses that `flufl.bounce` finds: it is shown one bounded text."""
    if _all_failures is None:
        return []
    _flufl_log.setLevel(logging.CRITICAL)  # a traceback for what it cannot read
    _delayed, failed = _all_failures(_as_email(head, text))
    found = [bytes(address).decode("ascii", "replace").lower() for address in failed]
    return sorted(address for address in found if ADDRESS.fullmatch(address))


def _as_email(head: Message, text: str) -> Message:
    """An email of that kind, which has nothing in it but *text*."""
    kind = value(head, "Content-Type")
    if not kind.startswith("multipart/"):
        head.set_payload(text)
        return head
    notice, returned = Message(), Message()
    notice["Content-Type"] = "text/plain"
    notice.set_payload(text)
    returned["Content-Type"] = "text/rfc822-headers"
    returned.set_payload("")
    head.set_payload([notice, returned])
    return head
