"""Keep what is typed into a form out of Odoo's log of calls.

At level DEBUG, ``odoo.service.model`` writes down each call of a client with all that it
brings along: of a form that is being filled in, a password.
"""

import logging

#: The fields that take a secret in plain.
SECRETS = ("password", "client_secret")


class HideSecrets(logging.Filter):
    """Puts stars in place of secrets. Lets every record pass."""

    def filter(self, record):
        if isinstance(record.args, tuple):
            record.args = tuple(map(_hidden, record.args))
        return True


def _hidden(value):
    """*value* (arguments of a call, perhaps nested) without secrets."""
    if isinstance(value, dict):
        return {
            key: "***" if key in SECRETS and each else _hidden(each)
            for key, each in value.items()
        }
    if isinstance(value, (list, tuple)):
        return type(value)(map(_hidden, value))
    if hasattr(value, "args") and hasattr(value, "kwargs"):  # service.model.Params
        return type(value)(_hidden(value.args), _hidden(value.kwargs))
    return value


def install():
    """Put the filter on the logger of clients' calls."""
    logging.getLogger("odoo.service.model").addFilter(HideSecrets())
