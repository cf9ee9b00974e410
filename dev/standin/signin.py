"""Signing in, as far as both providers do it alike: account chooser and sign-in page.

A :class:`Flow` is one sign-in, from the authorization request to the callback. Who the
person is, is asked here; what happens then is the provider's business: it registers
``show(call, flow)`` (the next page) and ``act(call, flow, action)`` (a button).
"""

import secrets
import uuid
from dataclasses import dataclass, field

from .web import Routes, page, redirect

COOKIE = "standin_session"
PROVIDERS = {}
NAMES = {"microsoft": "Microsoft", "google": "Google"}
routes = Routes()


@dataclass
class Flow:
    """One sign-in.

    :param kind: ``authorize`` or ``adminconsent``.
    :param params: the query of the request.
    :param account: the address that was chosen, empty until then.
    :param step: the page to show: ``choose``, ``enter``, or the provider's own.
    """

    provider: str
    kind: str
    params: dict
    client_id: str
    session: str
    account: str = ""
    step: str = ""
    error: str = ""
    done: bool = False
    id: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    correlation_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def scopes(self):
        """The requested scopes, in order."""
        return self.params.get("scope", "").split()

    @property
    def prompts(self):
        """The requested prompts (OpenID Connect Core, 3.1.2.1)."""
        return self.params.get("prompt", "").split()


def register(provider, show, act):
    """Say who decides after the person is known."""
    PROVIDERS[provider] = (show, act)


def session_accounts(call, provider):
    """Return the addresses that are signed in to *provider* in this browser."""
    session = call.store.sessions.get(call.cookies.get(COOKIE), {})
    known = session.get(provider, ())
    return [address for address in known if address in call.store.accounts]


def begin(call, provider, kind, params, client_id):
    """Start a sign-in and send the browser to its first page.

    A single signed-in account is taken silently, unless the application asks for the
    chooser: that is what browsers do to people.
    """
    session = call.cookies.get(COOKIE) or secrets.token_urlsafe(16)
    flow = Flow(provider, kind, params, client_id, session)
    known = session_accounts(call, provider)
    hint = params.get("login_hint", "").lower()
    if "login" in flow.prompts:
        flow.step = "enter"
    elif "select_account" in flow.prompts:
        flow.step = "choose"
    elif hint in known or len(known) == 1:
        flow.account = hint if hint in known else known[0]
    else:
        flow.step = "choose"
    call.store.flows[flow.id] = flow
    response = redirect(f"/signin/{flow.id}")
    response.set_cookie(COOKIE, session, httponly=True, samesite="Lax")
    return response


def _flow(call, flow_id):
    """Return the running flow of this browser, or None."""
    flow = call.store.flows.get(flow_id)
    if flow and not flow.done and flow.session == call.cookies.get(COOKIE):
        return flow
    return None


@routes("/signin/<flow_id>", "signin.show")
def show(call, flow_id):
    """Show the page that a sign-in has come to."""
    flow = _flow(call, flow_id)
    if flow is None:
        return page("over.html", 410)
    if flow.step in ("choose", "enter") or not flow.account:
        return _who(call, flow)
    return PROVIDERS[flow.provider][0](call, flow)


def _who(call, flow):
    """Ask who is signing in."""
    known = [
        call.store.accounts[address]
        for address in session_accounts(call, flow.provider)
    ]
    context = {
        "flow": flow,
        "app": call.store.apps[flow.client_id],
        "provider": NAMES[flow.provider],
        "hint": flow.params.get("login_hint", ""),
    }
    if known and flow.step != "enter":
        return page("chooser.html", accounts=known, **context)
    people = [
        account
        for account in call.store.accounts.values()
        if account.provider == flow.provider and not account.shared
    ]
    return page("enter.html", people=people, **context)


@routes("/signin/<flow_id>", "signin.act", methods=["POST"])
def act(call, flow_id):
    """Carry out what the person clicked."""
    flow = _flow(call, flow_id)
    if flow is None:
        return page("over.html", 410)
    action = call.form.get("action", "")
    if action == "other":
        flow.step, flow.account = "enter", ""
    elif action == "choose":
        _choose(call, flow, call.form.get("account", "").strip().lower())
    else:
        answer = PROVIDERS[flow.provider][1](call, flow, action)
        if answer is not None:
            return answer
    return redirect(f"/signin/{flow.id}")


def _choose(call, flow, address):
    account = call.store.account(address)
    if account is None or account.shared or account.provider != flow.provider:
        flow.step = "enter"
        flow.error = "We couldn't find an account with that address."
        return
    flow.account, flow.step, flow.error = address, "", ""
    session = call.store.sessions.setdefault(flow.session, {})
    known = session.setdefault(flow.provider, [])
    if address not in known:
        known.append(address)
    call.store.save()


def sign_out(call, provider):
    """Forget who is signed in to *provider* in this browser."""
    call.store.sessions.get(call.cookies.get(COOKIE), {}).pop(provider, None)
