"""What a person sees at Google after saying who they are: consent with boxes, blocks.

developers.google.com/identity/protocols/oauth2/resources/granular-permissions
"""

from .google_errors import back, blocked_page
from .signin import Flow, session_accounts
from .tokens import issue_code
from .web import page

GMAIL = "https://www.googleapis.com/auth/gmail."
USERINFO = "https://www.googleapis.com/auth/userinfo."
SHORT = {"email": USERINFO + "email", "profile": USERINFO + "profile"}
IDENTITY = {"openid", *SHORT.values()}
TEXTS = {
    "openid": "Associate you with your personal info on Google",
    USERINFO + "email": "See your primary Google Account email address",
    USERINFO + "profile": "See your personal info",
    GMAIL + "send": "Send email on your behalf",
    GMAIL + "compose": "Manage drafts and send emails",
    GMAIL + "readonly": "View your email messages and settings",
    GMAIL + "metadata": "View your email message metadata such as labels and headers",
    GMAIL + "modify": "Read, compose, and send emails from your Gmail account",
    GMAIL + "settings.basic": "See, edit, create, or change your email settings",
    "https://mail.google.com/": "Read, compose, send, and permanently delete all email",
}


def requested(scopes):
    """Return the set of full scope names: short ones come back as their URLs.

    :raises LookupError: with the first unknown scope.
    """
    names = {SHORT.get(scope, scope) for scope in scopes}
    for name in names:
        if name not in TEXTS:
            raise LookupError(name)
    return names


def block(store, app, account):
    """Return the name of the block that stops *account*, or None."""
    tenant = store.tenant_of(account)
    if app.tenant and account.tenant != app.tenant:
        return "org_internal"
    if tenant and tenant.block_untrusted and app.client_id not in tenant.trusted:
        return "admin_policy_enforced"
    if app.publishing == "testing" and account.address not in app.test_users:
        return "access_denied"
    if not account.enabled:
        return "account_disabled"
    return None


def show(call, flow):
    """Show the consent page, or go back to the application."""
    store = call.store
    app, account = store.apps[flow.client_id], store.account(flow.account)
    stopped = block(store, app, account)
    if stopped:
        return blocked_page(call, stopped, flow)
    names = requested(flow.scopes)
    consented = store.consented(app.client_id, account.address)
    if "consent" not in flow.prompts and names <= consented:
        return _finish(call, flow, names, offline=False)
    return page(
        "google_consent.html",
        flow=flow,
        app=app,
        account=account,
        identity=[TEXTS[name] for name in sorted(names & IDENTITY)],
        permissions=[(name, TEXTS[name]) for name in sorted(names - IDENTITY)],
        granular=bool(names & IDENTITY) or len(names) > 1,
    )


def act(call, flow, action):
    """Carry out a button of the consent page; None: show the next page."""
    store = call.store
    if block(store, store.apps[flow.client_id], store.account(flow.account)):
        return None
    if action == "cancel":
        flow.done = True
        return back(flow.params, {"error": "access_denied"})
    if action != "accept":
        return None
    names = requested(flow.scopes)
    if names & IDENTITY or len(names) > 1:
        ticked = set(call.form.getlist("scope"))
        names = {name for name in names if name in IDENTITY or name in ticked}
    return _finish(call, flow, names, offline=True)


def _finish(call, flow, names, offline):
    """Go back with a code. A refresh token comes only with the consent page."""
    store = call.store
    flow.done = True
    store.consent(flow.client_id, flow.account, names)
    if flow.params.get("include_granted_scopes") == "true":
        names = store.consented(flow.client_id, flow.account)
    code = issue_code(store, flow, names, "4/0standin", 48)
    code.offline = offline and flow.params.get("access_type") == "offline"
    store.save()
    account = store.account(flow.account)
    answer = {
        "code": code.value,
        "scope": " ".join(sorted(names)),
        "authuser": "0",
        "hd": account.tenant or None,
        "prompt": "consent" if offline else "none",
    }
    return back(flow.params, answer)


def silent(call, params):
    """Answer ``prompt=none``: a code without any page, or an error."""
    known = session_accounts(call, "google")
    hint = params.get("login_hint", "").lower()
    chosen = hint if hint in known else known[0] if len(known) == 1 else ""
    if not chosen:
        return back(params, {"error": "interaction_required"})
    names = requested(params["scope"].split())
    if not names <= call.store.consented(params["client_id"], chosen):
        return back(params, {"error": "consent_required"})
    flow = Flow("google", "authorize", params, params["client_id"], "", chosen)
    return _finish(call, flow, names, offline=False)
