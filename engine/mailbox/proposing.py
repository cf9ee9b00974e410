"""The usual servers of an address, put into the form that connects a mailbox.

What a person has typed there is never overwritten. So the form remembers what was put
in for them (``proposed``, {field: value}): only what is still that may be replaced.
"""

import re

from odoo.tools import email_normalize

from ...providers import discovery

SERVERS = ("host", "port", "encryption", "imap_host", "imap_port", "imap_encryption")
FIELDS = ("user", *SERVERS)
NOTHING = dict(zip(SERVERS, (False, 465, "ssl", False, 993, "ssl"), strict=True))
#: How a server to send by is called, and the one to read from beside it.
SMTP_NAME = re.compile(r"smtp(?=[.-])", re.IGNORECASE)
BOTH_NAME = re.compile(r"(mail|mx|imap)\d*[.-]", re.IGNORECASE)


def begin(form):
    """What *form* begins with: none of it was typed."""
    return {name: form[name] or False for name in FIELDS}


def for_address(form):
    """The address was typed: propose what goes with it."""
    address = email_normalize(form.email or "")
    former, form.found = form.found, False
    if not address:
        return
    _put(form, {"user": form.email.strip()})
    if _is_typed(form, "host") or _is_known(form, address):
        return
    servers = discovery.discover(address)
    if servers:
        _put_found(form, servers)
    elif former:  # which are none of this address
        _put(form, NOTHING)


def _put_found(form, servers):
    """Put in the *servers* of the address, and remember where they were found."""
    values = {name: getattr(servers, name) or False for name in SERVERS}
    _put(form, {**values, "user": servers.user or form.email.strip()})
    form.found = {
        "source": servers.source.value,
        "advice": [advice.value for advice in servers.advice],
        "at": servers.at,
        "host": servers.host,
    }


def for_host(form):
    """The server was typed: IMAP follows SMTP, where its name tells."""
    host = (form.host or "").strip()
    if not _is_typed(form, "host"):
        return
    form.found = False
    if SMTP_NAME.match(host):
        _put(form, {"imap_host": SMTP_NAME.sub("imap", host, count=1)})
    elif BOTH_NAME.match(host):
        _put(form, {"imap_host": host})


def for_mailbox(form, connector):
    """Another mailbox was named: it has other folders than that of *connector*."""
    form.folders = False
    same = (form.email, form.imap_host) == (connector.email, connector.imap_host)
    form.sent_folder = same and connector.sent_folder


def _is_known(form, address):
    """Whether *address* is of the domain that the mailbox is connected to: then its
    servers are in the form already."""
    known = form.connector_id.smtp_host and form.connector_id.email or ""
    return known.rpartition("@")[2].lower() == address.rpartition("@")[2]


def _is_typed(form, name):
    return (form[name] or False) != (form.proposed or {}).get(name, False)


def _is_port(item):
    return item[0].endswith("port")


def _put(form, values):
    """Put in *values* where nobody has typed anything."""
    typed = {name: form[name] for name in FIELDS if _is_typed(form, name)}
    fresh = {name: value for name, value in values.items() if name not in typed}
    # The ports last: they follow an encryption that is put in, but shall not here.
    for name, value in sorted({**typed, **fresh}.items(), key=_is_port):
        form[name] = value
    form.proposed = {**(form.proposed or {}), **fresh}
