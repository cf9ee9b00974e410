"""Microsoft's permissions: names, texts and who may consent to them."""

GRAPH = "https://graph.microsoft.com/"
OPENID = {"openid", "profile", "email", "offline_access"}
TEXTS = {
    "openid": "Sign you in",
    "profile": "View your basic profile",
    "email": "View your email address",
    "offline_access": "Maintain access to data you have given it access to",
    "User.Read": "Sign you in and read your profile",
    "Mail.Send": "Send mail as you",
    "Mail.Send.Shared": "Send mail on behalf of others or yourself",
    "Mail.Read": "Read your mail",
    "Mail.Read.Shared": "Read mail you can access",
    "Mail.ReadBasic": "Read your basic mail",
    "Mail.ReadWrite": "Read and write access to your mail",
    "Mail.ReadWrite.Shared": "Read and write mail you can access",
}
# What the Microsoft-managed policy keeps for administrators:
# learn.microsoft.com/entra/identity/enterprise-apps/manage-app-consent-policies
ADMIN_ONLY = {name for name in TEXTS if name.startswith("Mail.Read")}
_BY_LOWER = {name.lower(): name for name in TEXTS}


def canonical(scope):
    """Return the short name of *scope*, or None if there is no such permission."""
    short = scope[len(GRAPH) :] if scope.lower().startswith(GRAPH) else scope
    return _BY_LOWER.get(short.lower())


def requested(scopes, app):
    """Return the set of short names, ``.default`` being what *app* has registered.

    :raises LookupError: with the first unknown scope.
    """
    names = set()
    for scope in scopes:
        if scope.removeprefix(GRAPH).lower() == ".default":
            names |= set(app.permissions)
            continue
        name = canonical(scope)
        if name is None:
            raise LookupError(scope)
        names.add(name)
    return names


def permissions(names):
    """Return the names without those of OpenID: what needs consent."""
    return set(names) - OPENID


def may_consent(tenant, names):
    """Return whether a person of *tenant*, no administrator, may consent to *names*."""
    if tenant.consent == "admin":
        return False
    return tenant.consent == "user" or not set(names) & ADMIN_ONLY
