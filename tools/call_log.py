"""Keep what is typed into a form out of Odoo's log of calls.

At level DEBUG, ``odoo.service.model`` writes down each call of a client with all that
it brings along: of a form that is being filled in, a password.
"""

import logging

#: The fields that take a secret in plain.
SECRETS = ("password", "client_secret", "own_certificate")


class HideSecrets(logging.Filter):
    """Puts stars in place of secrets. Lets every record pass."""

    def filter(self, record):
        if isinstance(record.args, tuple):
            record.args = tuple(map(_hidden, record.args))
        return True


class _Columns(Exception):
    """A list of fields has one of a secret in it."""


def _is_secret(name):
    return isinstance(name, str) and name.removeprefix("default_") in SECRETS


def _hidden(value):
    """*value* (arguments of a call, perhaps nested) without secrets."""
    if isinstance(value, dict):
        return {
            key: "***" if _is_secret(key) and each else _hidden(each)
            for key, each in value.items()
        }
    if isinstance(value, (list, tuple)):
        if any(map(_is_secret, value)):  # columns to be imported; their rows come next
            raise _Columns
        try:
            return type(value)(map(_hidden, value))
        except _Columns:
            return ["***"]
    if hasattr(value, "args") and hasattr(value, "kwargs"):  # service.model.Params
        return type(value)(_hidden(value.args), _hidden(value.kwargs))
    return value


def install():
    """Put the filter on the logger of clients' calls."""
    logging.getLogger("odoo.service.model").addFilter(HideSecrets())
