"""What an administrator is told who registers this Odoo at a provider."""

from odoo.tools.translate import LazyTranslate

_lt = LazyTranslate(__name__)

#: What to say to a client ID that is none.
WRONG_CLIENT_ID = {
    "google": _lt(
        "A client ID of Google ends with .apps.googleusercontent.com. You find it in "
        "the Google Cloud console, under APIs & Services, Credentials."
    ),
    "microsoft": _lt(
        "A client ID of Microsoft looks like 00000000-0000-0000-0000-000000000000. You "
        "find it on the app's overview page in Entra, as Application (client) ID. The "
        "ID of a secret is another one."
    ),
}
