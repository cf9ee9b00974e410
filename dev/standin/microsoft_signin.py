"""What a person sees at Microsoft after naming themselves: consent, approval, refusal.

learn.microsoft.com/entra/identity-platform/application-consent-experience
"""

import uuid
from functools import partial

from . import microsoft_scopes as scopes
from .delivery import notify
from .microsoft_errors import error_callback, error_page
from .model import ConsentRequest
from .signin import Flow, session_accounts
from .tokens import issue_code
from .web import callback, page


def consented(store, app, account):
    """Return the permissions that *app* has for *account*: its own and tenant-wide."""
    own = store.consented(app.client_id, account.address)
    return own | set(store.tenant_of(account).granted.get(app.client_id, ()))


def grant_tenant(store, tenant, client_id, names):
    """Consent for everybody in *tenant*; pending requests for it are approved."""
    granted = set(tenant.granted.get(client_id, ())) | set(names)
    tenant.granted[client_id] = sorted(granted)
    for request in store.requests.values():
        same = (request.tenant, request.client_id) == (tenant.id, client_id)
        if same and request.state == "pending" and set(request.scopes) <= granted:
            decide(store, request, "approved")
    store.save()


def decide(store, request, state):
    """Close a request for approval and mail the person who made it."""
    request.state = state
    app = store.apps[request.client_id]
    if state == "approved":
        tenant = store.tenants[request.tenant]
        granted = set(tenant.granted.get(app.client_id, ())) | set(request.scopes)
        tenant.granted[app.client_id] = sorted(granted)
    text = f"Your request for {app.name} was {state} by an administrator."
    if state == "approved":
        text += "\n\nYou can now sign in to the application again."
    notify(store, request.account, f"Request for {app.name}: {state}", text)
    store.save()


class _SignIn:
    """The facts that the next page depends on."""

    def __init__(self, call, flow):
        store = call.store
        self.store, self.flow = store, flow
        self.app = store.apps[flow.client_id]
        self.account = store.account(flow.account)
        self.tenant = store.tenant_of(self.account)
        self.names = scopes.requested(flow.scopes, self.app)
        self.wanted = scopes.permissions(self.names)
        self.consented = consented(store, self.app, self.account)
        self.missing = self.wanted - self.consented

    @property
    def refusal(self):
        """The AADSTS number that stops this account, or None."""
        home = self.store.tenant(self.flow.params["tenant"])
        if home and home.id != self.account.tenant:
            return "50020"
        if not self.account.enabled:
            return "50057"
        if self.account.block:
            return self.account.block
        assigned = self.app.assigned
        if assigned is not None and self.account.address not in assigned:
            return "50105"
        return None

    @property
    def page(self):
        """The page to show, or None: the person is done."""
        if self.flow.kind == "adminconsent":
            return "adminconsent" if self.account.admin else "need_admin"
        if self.flow.step == "requested":
            return "requested"
        asked_again = "consent" in self.flow.prompts
        if not self.missing and not asked_again:
            return None
        if self.account.admin or self._may_consent(asked_again):
            return "consent"
        return "approval" if self.tenant.workflow else "need_admin"

    def _may_consent(self, asked_again):
        # prompt=consent takes tenant-wide consent for nothing: AADSTS90094 for people
        # who may not consent by themselves (learn.microsoft.com/answers/5847660).
        if asked_again and self.tenant.granted.get(self.app.client_id):
            return False
        return scopes.may_consent(self.tenant, self.wanted)


def show(call, flow):
    """Show the next page, or go back to the application."""
    now = _SignIn(call, flow)
    names = flow.params | {"account": flow.account, "app": now.app.name}
    if now.refusal:
        return error_page(call, now.refusal, flow, **names)
    template = now.page
    if template is None:
        return _finish(call, now)
    asked = now.wanted if flow.kind == "adminconsent" else now.names
    return page(
        f"microsoft_{template}.html",
        flow=flow,
        app=now.app,
        account=now.account,
        tenant=now.tenant,
        permissions=[(name, scopes.TEXTS[name]) for name in sorted(asked)],
        correlation_id=flow.correlation_id,
        request_id=call.request_id,
    )


def act(call, flow, action):
    """Carry out a button of the page that is shown; None: show the next page."""
    now = _SignIn(call, flow)
    carry_out = None if now.refusal else _BUTTONS.get((now.page, action))
    return carry_out(call, now) if carry_out else None


def _accept(call, now):
    if now.account.admin and call.form.get("organisation"):
        grant_tenant(now.store, now.tenant, now.app.client_id, now.wanted)
    now.store.consent(now.app.client_id, now.flow.account, now.wanted)
    return _finish(call, now)


def _decline(call, now):
    now.flow.done = True
    return error_callback(call, now.flow.params, "65004", now.tenant.decline_error)


def _return_without_granting(call, now):
    now.flow.done = True
    return error_callback(call, now.flow.params, "cancel")


def _request(call, now):
    _ask_approval(call, now)
    now.flow.step = "requested"


def _ask_approval(call, now):
    """File the person's request, once for each person, app and tenant."""
    for request in now.store.requests.values():
        same = (request.account, request.client_id, request.state)
        if same == (now.account.address, now.app.client_id, "pending"):
            request.justification = call.form.get("justification", "")
            return
    request = ConsentRequest(
        str(uuid.uuid4()),
        now.app.client_id,
        now.tenant.id,
        now.account.address,
        sorted(now.wanted),
        call.form.get("justification", ""),
        now.store.clock.now(),
    )
    now.store.requests[request.id] = request
    for admin in now.store.accounts.values():
        if admin.tenant == now.tenant.id and admin.admin:
            text = f"{now.account.name} asks to use {now.app.name}:\n\n"
            subject = f"Request to review: {now.app.name}"
            notify(now.store, admin.address, subject, text + request.justification)
    now.store.save()


def _finish(call, now):
    """Go back to the application with a code."""
    now.flow.done = True
    names = now.names | (now.consented & scopes.permissions(now.names))
    code = issue_code(now.store, now.flow, names, "standin-ms-code-", 400)
    now.store.save()
    answer = {
        "code": code.value,
        "state": now.flow.params.get("state"),
        "session_state": str(uuid.uuid4()),
    }
    mode = now.flow.params.get("response_mode", "query")
    return callback(now.flow.params["redirect_uri"], answer, mode)


def _finish_admin(call, now, accepted):
    """Go back after an administrator's decision. Errors say admin_consent=True too."""
    now.flow.done = True
    params = now.flow.params
    answer = {"admin_consent": "True", "state": params.get("state")}
    if accepted:
        grant_tenant(now.store, now.tenant, now.app.client_id, now.wanted)
        scope = " ".join(scopes.GRAPH + name for name in sorted(now.wanted))
        answer |= {"tenant": now.tenant.id, "scope": scope}
    else:
        answer |= {
            "error": "access_denied",
            "error_subcode": "cancel",
            "error_description": "AADSTS65004: User declined to consent to access the"
            f" app. Trace ID: {call.request_id}"
            f" Correlation ID: {now.flow.correlation_id}",
            "tenant": now.tenant.id,
        }
    return callback(params["redirect_uri"], answer)


#: What the buttons of each page do, by their names.
_BUTTONS = {
    ("consent", "accept"): _accept,
    ("consent", "cancel"): _decline,
    ("approval", "request"): _request,
    ("approval", "return"): _return_without_granting,
    ("need_admin", "return"): _return_without_granting,
    ("requested", "return"): _return_without_granting,
    ("adminconsent", "accept"): partial(_finish_admin, accepted=True),
    ("adminconsent", "cancel"): partial(_finish_admin, accepted=False),
}


def silent(call, params):
    """Answer ``prompt=none``: a code without any page, or an error."""
    known = session_accounts(call, "microsoft")
    hint = params.get("login_hint", "").lower()
    chosen = hint if hint in known else known[0] if len(known) == 1 else ""
    if not chosen:
        return error_callback(call, params, "50058")
    flow = Flow("microsoft", "authorize", params, params["client_id"], "")
    flow.account = chosen
    now = _SignIn(call, flow)
    if now.refusal:
        return error_callback(call, params, now.refusal, "interaction_required")
    if now.missing:
        names = {"client_id": now.app.client_id, "app": now.app.name}
        return error_callback(call, params, "65001", "consent_required", **names)
    return _finish(call, now)
