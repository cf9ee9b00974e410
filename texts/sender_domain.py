"""What is told of the sender's domain: what the DNS says, and what to add."""

from markupsafe import Markup

from odoo.tools.translate import LazyTranslate

from ..providers.discovery.sender import HOSTS, State

_lt = LazyTranslate(__name__)

GOOD = {State.NAMED, State.PRESENT, State.KEY, State.ENFORCED, State.WATCHING}
BAD = {State.MISSING, State.SEVERAL, State.NOT_NAMED}
NO_ANSWER = _lt("The DNS did not answer in time. Check again later.")
TEXTS = {
    "spf": {
        State.NAMED: _lt("%(host)s may send for this domain."),
        State.PRESENT: _lt(
            "There is a record. Whether it names all servers of your mail provider, "
            "only the provider can say."
        ),
        State.NOT_NAMED: _lt(
            "The record does not name %(host)s. Add include:%(include)s to it, before "
            "its last word. If it lists the addresses of %(host)s as numbers, it is "
            "right as it is."
        ),
        State.SEVERAL: _lt(
            "There is more than one record, and only one is allowed: mail servers heed "
            "none of them. Make one record of them."
        ),
    },
    "dkim": {
        State.KEY: _lt(
            "There is a key, at %(at)s. Whether emails are signed with it is set at "
            "%(host)s."
        ),
        State.UNKNOWN: _lt(
            "Under which name the key stands, only your mail provider knows, so it "
            "cannot be looked up. Ask there whether emails of this domain are signed."
        ),
    },
    "dmarc": {
        State.ENFORCED: _lt(
            "There is a policy, at %(at)s. Emails that neither SPF nor DKIM proves are "
            "refused, or put into spam."
        ),
        State.WATCHING: _lt(
            "There is a policy, at %(at)s. It refuses nothing, and that is enough for "
            "mail servers that ask for one."
        ),
        State.MISSING: _lt(
            "There is no policy. Add a TXT record at %(at)s; to begin with: v=DMARC1; "
            "p=none"
        ),
    },
}
NO_SPF = _lt(
    "There is no record. Add a TXT record at %(at)s: v=spf1 include:%(include)s ~all"
)
NO_SPF_OTHER = _lt(
    "There is no record. Your mail provider says which one to add: a TXT record at "
    "%(at)s that begins with v=spf1."
)
NO_DKIM = {
    "Microsoft": _lt(
        "There is no key at %(at)s. The Microsoft Defender portal shows the two CNAME "
        "records to add, under Email & collaboration, Policies & rules, Threat "
        "policies, Email authentication settings, DKIM. Switch it on there after that."
    ),
    "Google": _lt(
        "There is no key at %(at)s, where Google proposes it. The Admin console shows "
        "the record to add, under Apps, Google Workspace, Gmail, Authenticate email. "
        "If another prefix was chosen there, it cannot be seen from here."
    ),
}
OWNERS = {
    "provider": _lt(
        "%(domain)s belongs to your mail provider, which looks after SPF, DKIM and "
        "DMARC. There is nothing to do."
    ),
    "private": _lt("%(domain)s is not in the public DNS: nothing can be looked up."),
}
ONMICROSOFT = _lt(
    "An address that ends in onmicrosoft.com may write to %(most)s people outside of "
    "its organization in 24 hours. Send from an address of your own domain."
)
PASSWORD_AT_MICROSOFT = _lt(
    "Microsoft 365 ends sending with a password: by default it is off from the end of "
    "December 2026. Disconnect this mailbox, then choose “Sign in with Microsoft”."
)
NAMES = {"spf": "SPF", "dkim": "DKIM", "dmarc": "DMARC"}
ICONS = {
    "good": "fa-check-circle text-success",
    "bad": "fa-exclamation-triangle text-warning",
    "open": "fa-question-circle text-muted",
}
TITLES = {"good": _lt("Present"), "bad": _lt("Missing"), "open": _lt("Not known")}
ROW = Markup(
    '<div class="d-flex gap-2 mb-3">'
    '<i class="fa fa-fw %s mt-1" role="img" title="%s"></i>'
    '<div class="flex-grow-1"><strong>%s</strong><div>%s</div>%s</div></div>'
)
RECORD = Markup('<code class="d-block small text-break">%s</code>')


def onmicrosoft(env, most):
    """What to know of an address of a tenant without a domain of its own."""
    text = env._(ONMICROSOFT)
    return text % {"most": most}


def page(env, found):
    """What was found, a row for each of the three (HTML).

    :param found: ``{"domain": …, "host": …, "owner": …, "findings": […]}``
    """
    if found["owner"]:
        owner = OWNERS[found["owner"]]
        text = env._(owner)
        return Markup("<p>%s</p>") % (text % found)
    rows = (_row(env, found, each) for each in found["findings"])
    return Markup().join(rows)


def _row(env, found, finding):
    state = State(finding["state"])
    look = "good" if state in GOOD else "bad" if state in BAD else "open"
    title = TITLES[look]
    records = Markup().join(
        RECORD % line for line in finding["record"].split("\n") if line
    )
    text = _text(env, found, finding, state)
    name = NAMES[finding["subject"]]
    return ROW % (ICONS[look], env._(title), name, text, records)


def _text(env, found, finding, state):
    host = HOSTS.get(found["host"])
    values = {
        "at": finding["at"],
        "host": host.name if host else "",
        "include": host.includes[0] if host else "",
    }
    if state == State.NO_ANSWER:
        text = NO_ANSWER
    elif (finding["subject"], state) == ("spf", State.MISSING):
        text = NO_SPF if host else NO_SPF_OTHER
    elif (finding["subject"], state) == ("dkim", State.MISSING):
        text = NO_DKIM[host.name]
    else:
        text = TEXTS[finding["subject"]][state]
    told = env._(text)
    return told % values
