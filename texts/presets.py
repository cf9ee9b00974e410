"""What is told of the servers that were found for an address."""

from odoo.tools.mail import plaintext2html
from odoo.tools.translate import LazyTranslate

from ..providers.discovery import Advice, Source

_lt = LazyTranslate(__name__)

SOURCES = {
    Source.LISTED: _lt(
        "These are the usual settings of %(at)s. Change them if your provider says "
        "otherwise."
    ),
    Source.HOSTED: _lt(
        "These are the usual settings of the provider that receives your emails "
        "(%(at)s). Change them if your provider says otherwise."
    ),
    Source.PUBLISHED: _lt(
        "These settings are published by %(at)s. Change them if your provider says "
        "otherwise."
    ),
}
ADVICE = {
    Advice.MICROSOFT: _lt(
        "This mailbox is at Microsoft, which switches passwords off for other programs."
        " Close this form and choose “Sign in with Microsoft”."
    ),
    Advice.GOOGLE: _lt(
        "This mailbox is at Google. Close this form and choose “Sign in with Google”; "
        "or go on here with an app password: "
        "https://support.google.com/accounts/answer/185833"
    ),
    Advice.NO_PASSWORD: _lt(
        "A password is not possible here: this provider lets other programs in with "
        "its own sign-in only. Close this form and use it, or take another mailbox."
    ),
    Advice.APP_PASSWORD: _lt(
        "Your usual password does not work here. Make a password for apps in your "
        "account at the provider, under security, and enter that one."
    ),
    Advice.APP_PASSWORD_WITH_2FA: _lt(
        "If you sign in to this mailbox with a code as well (two-factor), your usual "
        "password does not work here. Make a password for apps in your account at the "
        "provider, and enter that one."
    ),
    Advice.SWITCH_ON: _lt(
        "Switch on access by other programs (IMAP and SMTP) in the settings of your "
        "mailbox at the provider first."
    ),
    Advice.CERTIFIED: _lt(
        "This is certified mail (PEC). Do not send reminders from it: many customers "
        "cannot answer, and each email costs or counts. Take an ordinary mailbox."
    ),
}


#: Where it is told how to make a password for apps, by server.
LINKS = {
    "smtp.mail.yahoo.com": "https://help.yahoo.com/kb/SLN15241.html",
    "smtp.aol.com": "https://help.aol.com/articles/Create-and-manage-app-password",
    "smtp.mail.me.com": "https://support.apple.com/en-us/102654",
    "smtp.fastmail.com": "https://www.fastmail.help/hc/en-us/articles/360058752854",
    "mail.gmx.net": "https://hilfe.gmx.net/sicherheit/2fa/"
    "anwendungsspezifisches-passwort.html",
}


def source_text(env, found):
    """Where the servers in the form come from: a muted line.

    :param found: ``{"source": …, "advice": […], "at": …, "host": …}``; may be empty.
    """
    if not found or found.get("source") not in list(Source):
        return ""
    text = env._(SOURCES[Source(found["source"])])
    return text % {"at": found.get("at", "")}


def advice_text(env, found):
    """What to know of such a mailbox, with links (HTML); a line for each advice."""
    found = found or {}
    known = [Advice(each) for each in found.get("advice", ()) if each in list(Advice)]
    lines = [env._(ADVICE[each]) for each in known]
    link = LINKS.get(found.get("host"))
    text = "\n".join([*lines, link] if link and lines else lines)
    return plaintext2html(text) if text else ""
