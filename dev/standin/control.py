"""What tests and pages command: faults, clock, revocations, answers; and the log.

Each verb of :class:`Control` is also ``/_control/VERB``: POST with a JSON object of its
arguments, or GET with a query. JSON only, so that no foreign web page can post here.
"""

import base64
from dataclasses import asdict, fields

from . import delivery, mime
from .fault_table import AADSTS, GMAIL, GOOGLE, GRAPH, MICROSOFT_NAMED
from .microsoft_signin import decide as decide_request
from .microsoft_signin import grant_tenant
from .web import Routes, json_answer

routes = Routes()
NOT_BY_COMMAND = {"id", "client_id", "address", "provider"}


def _known_fault(endpoint, fault):
    """Raise ValueError if *fault* is no name of the tables."""
    name = fault.removeprefix("AADSTS")
    tables = (AADSTS, MICROSOFT_NAMED, GRAPH, GMAIL, GOOGLE)
    if fault and not any(name in table for table in tables):
        raise ValueError(f"unknown fault {fault!r} for {endpoint}")


class Control:
    """The verbs. Times are seconds since the epoch (UTC) by the providers' clock."""

    def __init__(self, standin):
        self.standin = standin

    @property
    def store(self):
        """The state that is commanded."""
        return self.standin.store

    # Faults

    def add_fault(self, endpoint, fault=None, **how):
        """Let the next calls of *endpoint* go wrong: see :class:`.faults.Fault`.

        :return: the fault's id.
        :raises ValueError: on an unknown name.
        """
        _known_fault(endpoint, str(fault or ""))
        return self.store.faults.add(endpoint, fault, **how)

    def faults(self):
        """Return the faults that wait for their call."""
        return self.store.faults.list()

    def clear_faults(self, fault_id=None):
        """Drop all waiting faults, or one."""
        self.store.faults.clear(fault_id)

    # Time and tokens

    def clock(self, advance=0, skew=None):
        """Move the providers' clock by *advance*, or set it *skew* seconds off."""
        with self.store.lock:
            if skew is not None:
                self.store.clock.offset = skew
            self.store.clock.advance(advance)
            self.store.save()
            return {"now": self.store.clock.now(), "offset": self.store.clock.offset}

    def revoke(self, account, client_id=None):
        """Take the grant of *account* away, as the person or an administrator can."""
        with self.store.lock:
            # Microsoft's access tokens live on until they expire
            google = self._account(account).provider == "google"
            self.store.kill_tokens(account, client_id, access=google)
            for key in list(self.store.consents):
                app, _, address = key.partition(" ")
                if address == account and client_id in (None, app) and google:
                    del self.store.consents[key]
            self.store.save()

    def expire_tokens(self, account=None):
        """Let the access tokens of *account* (default: all) expire now."""
        with self.store.lock:
            now = self.store.clock.now()
            for token in self.store.access.values():
                if account in (None, token.account):
                    token.expires = min(token.expires, now - 1)
            self.store.save()

    # What there is

    def app(self, client_id, **values):
        """Change fields of an app (:class:`.model.App`); return it, secret aside."""
        row = self._change(self.store.apps[client_id], values)
        return {name: row[name] for name in row if name != "secret"}

    def account(self, address, **values):
        """Change fields of an account (:class:`.model.Account`); return it."""
        return self._change(self._account(address), values)

    def tenant(self, tenant, **values):
        """Change fields of a tenant (id or domain, :class:`.model.Tenant`)."""
        return self._change(self._tenant(tenant), values)

    def _account(self, address):
        account = self.store.account(address)
        if account is None:
            raise LookupError(f"no account {address}")
        return account

    def _tenant(self, name):
        for tenant in self.store.tenants.values():
            if name in (tenant.id, tenant.domain):
                return tenant
        raise LookupError(f"no tenant {name}")

    def _change(self, row, values):
        allowed = {field.name for field in fields(row)} - NOT_BY_COMMAND
        unknown = set(values) - allowed
        if unknown:
            raise ValueError(f"cannot set {sorted(unknown)}")
        with self.store.lock:
            for name, value in values.items():
                setattr(row, name, value)
            self.store.save()
            return asdict(row)

    def grant(self, tenant, client_id, scopes):
        """Consent for a whole Microsoft tenant, or trust the app in a Google one."""
        with self.store.lock:
            row = self._tenant(tenant)
            if row.provider == "google":
                row.trusted = sorted({*row.trusted, client_id})
                self.store.save()
            else:
                grant_tenant(self.store, row, client_id, scopes)

    def requests(self):
        """Return the requests for an administrator's approval."""
        with self.store.lock:
            return [asdict(request) for request in self.store.requests.values()]

    def decide(self, request_id, decision):
        """Close a request: ``approve`` or ``deny``."""
        state = {"approve": "approved", "deny": "denied"}[decision]
        with self.store.lock:
            decide_request(self.store, self.store.requests[request_id], state)

    # Mail

    def log(self, **wanted):
        """Return the accepted messages whose fields equal *wanted*, oldest first.

        One entry a message that a provider accepted (:class:`.model.Accepted`):
        its length says how often something was accepted.
        """
        with self.store.lock:
            rows = [asdict(entry) for entry in self.store.log]
        return [
            row
            for row in rows
            if all(str(row[name]) == str(value) for name, value in wanted.items())
        ]

    def calls(self, endpoint=None):
        """Return the calls of the APIs, oldest first."""
        with self.store.lock:
            rows = list(self.store.calls)
        return [row for row in rows if endpoint in (None, row["endpoint"])]

    def mailbox(self, address):
        """Return ``{"inbox": [...], "sent": [...]}`` of any address, newest first."""
        with self.store.lock:
            return {
                folder: [
                    _shown(message) for message in self.store.messages(address, folder)
                ]
                for folder in ("inbox", "sent")
            }

    def reply(self, address, id=None, text="Thank you.", sender=None):
        """Let a recipient answer what *address* sent (default: the newest)."""
        with self.store.lock:
            return _shown(delivery.reply(self.store, address, id, text, sender))

    def bounce(self, address, id=None, status="5.1.1", recipient=None):
        """Let what *address* sent come back as undeliverable."""
        with self.store.lock:
            filed = delivery.bounce(self.store, address, id, status, recipient)
            return _shown(filed)

    def reset(self):
        """Go back to the seed."""
        self.store.reset()


def _shown(message):
    """Return a message of a mailbox as a dict."""
    raw = message.raw
    text, html = mime.bodies(raw)
    return {
        "id": message.id,
        "thread_id": message.thread_id,
        "at": message.visible,
        "from": mime.decoded(raw, "from"),
        "to": mime.decoded(raw, "to"),
        "subject": mime.decoded(raw, "subject"),
        "message_id": mime.header(raw, "message-id"),
        "references": mime.references(raw),
        "text": text,
        "html": html,
        "source": base64.b64encode(raw).decode(),
    }


def _run(call, verb, values):
    try:
        return json_answer({"result": getattr(call.standin.control, verb)(**values)})
    except (LookupError, TypeError, ValueError) as error:
        return json_answer({"error": str(error)}, 400)


VERBS = {
    "GET": {"log", "calls", "requests", "faults", "mailbox"},
    "POST": {
        "faults",
        "clock",
        "revoke",
        "expire_tokens",
        "app",
        "account",
        "tenant",
        "grant",
        "reply",
        "bounce",
        "reset",
        "decide",
    },
    "DELETE": {"faults"},
}
RENAMED = {("POST", "faults"): "add_fault", ("DELETE", "faults"): "clear_faults"}


@routes("/_control/<verb>", "control", methods=["GET", "POST", "DELETE"])
def command(call, verb):
    """Run one verb."""
    method = "GET" if call.method == "HEAD" else call.method
    if verb not in VERBS[method]:
        return json_answer({"error": f"no {method} {verb}"}, 404)
    values = call.args.to_dict()
    if method == "POST":
        values = call.get_json(silent=True)
        if not isinstance(values, dict):
            return json_answer({"error": "a JSON object is needed"}, 415)
    return _run(call, RENAMED.get((method, verb), verb), values)


@routes("/_control/requests/<request_id>", "control", methods=["POST"])
def decide(call, request_id):
    """Approve or deny one request."""
    values = call.get_json(silent=True) or {}
    return _run(call, "decide", {"request_id": request_id} | values)


@routes("/_control/mailbox/<address>", "control")
def mailbox(call, address):
    """Show one mailbox."""
    return _run(call, "mailbox", {"address": address})
