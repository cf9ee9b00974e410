"""Pages of the stand-in itself: overview, mailboxes, administrators, faults, log."""

from datetime import datetime, timezone
from pathlib import Path

from werkzeug.exceptions import NotFound
from werkzeug.utils import send_from_directory

from . import delivery, mime
from .fault_table import AADSTS, GMAIL, GOOGLE, GRAPH
from .microsoft_scopes import TEXTS
from .microsoft_signin import decide, grant_tenant
from .web import TEMPLATES, Response, Routes, page, redirect

routes = Routes()
STATIC = Path(__file__).with_name("static")
FAULTS = {
    "microsoft.token": sorted(AADSTS, key=int),
    "microsoft.authorize": sorted(AADSTS, key=int) + ["cancel", "server_error"],
    "graph.sendMail": sorted(GRAPH),
    "google.token": sorted(GOOGLE),
    "google.authorize": sorted(GOOGLE),
    "gmail.send": sorted(GMAIL),
}


def _time(at):
    return datetime.fromtimestamp(at, timezone.utc).strftime("%d %b %Y, %H:%M:%S")


TEMPLATES.filters["time"] = _time
TEMPLATES.filters["header"] = mime.decoded


@routes("/static/<path:name>", "static")
def static(call, name):
    """Style sheet and icons."""
    return send_from_directory(STATIC, name, call.environ)


@routes("/favicon.ico", "static")
def favicon(call):
    """No icon."""
    return Response(status=204)


@routes("/", "home")
def home(call):
    """What this is, and where to go."""
    return page("home.html", store=call.store, tls_url=call.standin.tls_url)


# Mailboxes


@routes("/mailboxes", "mailboxes")
def mailboxes(call):
    """List every mailbox: the accounts' and those of outside addresses."""
    store = call.store
    outside = sorted(set(store.mailboxes) - set(store.accounts))
    counts = {
        address: {
            folder: len(store.messages(address, folder)) for folder in ("inbox", "sent")
        }
        for address in [*store.accounts, *outside]
    }
    return page("mailboxes.html", store=store, outside=outside, counts=counts)


@routes("/mailboxes/<address>", "mailbox")
@routes("/mailboxes/<address>/<folder>", "mailbox")
def mailbox(call, address, folder="inbox"):
    """List one folder."""
    known = address in call.store.accounts or address in call.store.mailboxes
    if folder not in ("inbox", "sent") or not known:
        raise NotFound()
    return page(
        "mailbox.html",
        address=address,
        folder=folder,
        account=call.store.account(address),
        found=call.store.messages(address, folder)[:200],
        inbox=len(call.store.messages(address, "inbox")),
        sent=len(call.store.messages(address, "sent")),
    )


def _message(call, message_id):
    message = call.store.by_id.get(message_id)
    if message is None:
        raise NotFound()
    return message


@routes("/mailboxes/message/<message_id>", "message")
def message(call, message_id):
    """Show one message: headers, what it looks like, and its source."""
    found = _message(call, message_id)
    found.unread = False
    conversation = [
        other
        for other in reversed(call.store.messages(found.mailbox))
        if other.thread_id == found.thread_id
    ]
    return page(
        "message.html",
        message=found,
        address=found.mailbox,
        folder=found.folder,
        conversation=conversation,
        people=mime.recipients(found.raw),
        attachments=mime.attachments(found.raw),
        source=found.raw.decode("utf-8", "replace"),
    )


@routes("/mailboxes/message/<message_id>/body", "message.body")
def body(call, message_id):
    """The body for a sandboxed frame: no scripts, nothing from elsewhere."""
    text, html = mime.bodies(_message(call, message_id).raw)
    if html:
        response = Response(html, content_type="text/html; charset=utf-8")
    else:
        response = Response(text, content_type="text/plain; charset=utf-8")
    response.headers["Content-Security-Policy"] = (
        "sandbox allow-popups; default-src 'none'; style-src 'unsafe-inline';"
        " img-src data: 'self'"
    )
    return response


@routes("/mailboxes/message/<message_id>/source", "message.source")
def source(call, message_id):
    """The message as bytes."""
    raw = _message(call, message_id).raw
    return Response(raw, content_type="text/plain; charset=utf-8")


@routes("/mailboxes/message/<message_id>/attachment/<int:index>", "message.attachment")
def attachment(call, message_id, index):
    """Download one attachment."""
    found = mime.attachments(_message(call, message_id).raw)
    if index >= len(found):
        raise NotFound()
    name, kind, content = found[index]
    response = Response(content, content_type=kind)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


@routes("/mailboxes/message/<message_id>/answer", "message.answer", methods=["POST"])
def answer(call, message_id):
    """Let a recipient reply, or the message bounce."""
    sent = _message(call, message_id)
    sender = call.form.get("recipient") or None
    if call.form.get("kind") == "bounce":
        status = call.form.get("status") or "5.1.1"
        delivery.bounce(call.store, sent.mailbox, sent.id, status, sender)
    else:
        text = call.form.get("text") or "Thank you."
        delivery.reply(call.store, sent.mailbox, sent.id, text, sender)
    return redirect(f"/mailboxes/{sent.mailbox}/inbox")


@routes("/mail/u", "gmail.link")
@routes("/mail/u/<int:number>", "gmail.link")
def gmail_link(call, number=0):
    """Where Gmail's links to a message (``#all/ID``) lead to."""
    return page("gmail_link.html")


# Administrators


@routes("/admin", "admin")
def admin(call):
    """Requests, consents and policies of every tenant."""
    store = call.store
    return page(
        "admin.html",
        store=store,
        texts=TEXTS,
        requests=sorted(store.requests.values(), key=lambda r: -r.at),
    )


@routes("/admin/request/<request_id>", "admin.request", methods=["POST"])
def admin_request(call, request_id):
    """Approve or deny a request."""
    request = call.store.requests.get(request_id)
    if request is None:
        raise NotFound()
    decide(call.store, request, call.form["state"])
    return redirect("/admin")


@routes("/admin/tenant/<tenant_id>", "admin.tenant", methods=["POST"])
def admin_tenant(call, tenant_id):
    """Change a tenant's consents or policy."""
    tenant = call.store.tenants.get(tenant_id)
    if tenant is None:
        raise NotFound()
    client_id, action = call.form.get("client_id", ""), call.form["action"]
    if action == "grant":
        _grant_all(call.store, tenant, client_id)
    elif action == "withdraw":
        tenant.granted.pop(client_id, None)
    elif action == "trust":
        tenant.trusted = sorted({*tenant.trusted, client_id})
    elif action == "distrust":
        tenant.trusted = [known for known in tenant.trusted if known != client_id]
    elif action == "policy":
        tenant.consent = call.form["consent"]
        tenant.workflow = bool(call.form.get("workflow"))
    call.store.save()
    return redirect("/admin")


def _grant_all(store, tenant, client_id):
    names = [name for name in store.apps[client_id].permissions if name in TEXTS]
    grant_tenant(store, tenant, client_id, set(names) - {"offline_access"})


# Faults and log


@routes("/faults", "faults")
def faults(call):
    """What shall go wrong next."""
    return page(
        "faults.html",
        known=FAULTS,
        waiting=call.store.faults.list(),
        store=call.store,
        now=call.store.clock.now(),
    )


def _number(call, name, kind=int):
    text = call.form.get(name, "").strip()
    return kind(text) if text else None


@routes("/faults", "faults.add", methods=["POST"])
def add_fault(call):
    """Carry out a button of the faults page."""
    action, control = call.form["action"], call.standin.control
    if action == "add":
        _add_fault(call)
    elif action == "clear":
        control.clear_faults()
    elif action == "revoke":
        control.revoke(call.form["account"])
    elif action == "advance":
        control.clock(advance=_number(call, "seconds") or 0)
    elif action == "expire":
        control.expire_tokens()
    elif action == "secret":
        expired = call.form["expired"] == "yes"
        date = "2020-01-01T00:00:00Z" if expired else ""
        control.app(call.form["client_id"], secret_expires=date)
    return redirect("/faults")


def _add_fault(call):
    endpoint, _, name = call.form["fault"].partition(" ")
    call.standin.control.add_fault(
        call.form.get("endpoint") or endpoint,
        name,
        times=_number(call, "times") or 1,
        account=call.form.get("account") or None,
        when=call.form.get("when") or "before",
        retry_after=_number(call, "retry_after"),
        delay=_number(call, "delay", float),
        cut=_number(call, "cut"),
    )


@routes("/log", "log")
def log(call):
    """What was accepted, and the latest calls."""
    calls = list(call.store.calls)[-100:][::-1]
    return page("log.html", log=call.store.log[-200:][::-1], calls=calls)
