"""Who has signed in with Microsoft, and which mailbox is theirs."""

import base64
import json
import re

from ..oauth.answer import Json
from ..outcomes import AdminActionRequired
from ..reasons import Reason

#: The tenant of all personal accounts:
#: https://learn.microsoft.com/entra/identity-platform/accounts-overview
PERSONAL = "9188040d-6c67-4c5b-b112-36a304b66dad"
#: In the name of everybody whose account is in another tenant, be their type Guest or
#: Member: https://learn.microsoft.com/entra/external-id/user-properties
FROM_OUTSIDE = "#EXT#"
GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def mailbox_address(person: Json, tokens: Json) -> str:
    """Return the mailbox's address; ``mail`` is empty for some personal accounts.

    :param person: Graph's words about who is signed in.
    :param tokens: the identity platform's answer, as msal gives it.
    :raises AdminActionRequired: there is no mailbox. A guest's is in another tenant,
        which Graph does not ask; ``mail`` is its address all the same.
        https://github.com/microsoftgraph/microsoft-graph-docs-contrib/issues/405
    """
    name = str(person.get("userPrincipalName") or "")
    if FROM_OUTSIDE in name.upper() or _homes(tokens) - {_tenant(tokens)}:
        raise AdminActionRequired(Reason.NO_MAILBOX, code="guest", detail=name)
    address = str(person.get("mail") or name)
    if "@" not in address:
        raise AdminActionRequired(Reason.NO_MAILBOX, code="mail", detail=name)
    return address


def is_mailbox_known(person: Json, tokens: Json) -> bool:
    """Whether there is a mailbox as far as can be told without asking it: Exchange
    writes ``mail`` of an organization's account as soon as that has a mailbox.

    https://learn.microsoft.com/graph/api/resources/user
    """
    return bool(person.get("mail")) or _tenant(tokens) == PERSONAL


def _tenant(tokens: Json) -> str:
    """The tenant that was signed in to."""
    claims = tokens.get("id_token_claims") or {}
    return str(claims.get("tid") or "").lower()


def _homes(tokens: Json) -> set[str]:
    """The tenant that the account is from, by what each tells who knows it; it may be
    told by nobody.

    msal compares ``utid`` with it likewise:
    https://app.unpkg.com/@azure/msal-common@15.7.1/files/src/account/AccountInfo.ts
    ``idp`` is there if the account is not of the tenant:
    https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference
    """
    claims = tokens.get("id_token_claims") or {}
    idp = str(claims.get("idp") or "").lower()
    homes = set(GUID.findall(idp)) | ({PERSONAL} if idp == "live.com" else set())
    return homes | set(GUID.findall(str(_client_info(tokens).get("utid")).lower()))


def _client_info(tokens: Json) -> Json:
    """What msal made its account of; empty if there is none."""
    encoded = str(tokens.get("client_info") or "")
    try:
        found = json.loads(
            base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
        )
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
