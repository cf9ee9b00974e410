"""Encrypts the mailboxes' secrets with a key that is not in the database.

A stolen dump, or a copy of the database on another server, has no usable token. And a
secret is sealed together with what it is for: moved to another row, or to a server that
somebody has put in its place, it opens no more.
"""

import json
import logging
import os
import tempfile
from contextlib import suppress
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from odoo.tools import config

from ..providers.outcomes import AdminActionRequired
from ..providers.reasons import Reason

#: In ``odoo.conf``; several keys, separated by commas, rotate: the first encrypts.
CONFIG_OPTION = "account_email_connector_keys"
ENVIRONMENT_VARIABLE = "ACCOUNT_EMAIL_CONNECTOR_KEYS"
KEY_FILE = "account_email_connector.key"
#: Permissions of anybody but the owner.
OF_OTHERS = 0o077

_logger = logging.getLogger(__name__)
_warned = set()  # paths of which this process has told that others may read them


class SecretLost(Exception):
    """No key we have opens this secret, or it is for something else: a person must
    sign in again."""


def seal(secret, purpose):
    """Encrypt *secret*, for *purpose* only.

    :param secret: whatever JSON can hold.
    :param purpose: a dict of str, int, bool and None: what it is for.
    :return: str, safe to store in the database.
    :raises AdminActionRequired: if there is no key to do it with.
    """
    content = json.dumps({"secret": secret, "purpose": purpose})
    return MultiFernet(_keys(make=True)).encrypt(content.encode()).decode()


def unseal(sealed, purpose):
    """Decrypt what :func:`seal` returned for the same *purpose*.

    :raises SecretLost: if the key or the purpose is another one, or *sealed* (str) was
        damaged.
    :raises AdminActionRequired: if there is no key to do it with. None is made: a new
        one would open nothing, and hide that the old one is missing.
    """
    if not sealed:
        raise SecretLost()
    try:
        content = json.loads(decrypt(sealed))
    except (InvalidToken, ValueError):
        raise SecretLost() from None
    # What the first versions sealed had no purpose: see migrations/19.0.1.2.0.
    if not isinstance(content, dict) or content.get("purpose", "") != purpose:
        raise SecretLost()
    return content["secret"]


def decrypt(sealed):
    """What *sealed* holds (bytes), whatever it is for.

    :raises InvalidToken: if none of our keys opens it.
    :raises AdminActionRequired: if there is no key to do it with.
    """
    return MultiFernet(_keys()).decrypt(sealed.encode())


def seal_anew(sealed):
    """Seal with the first key what another one of ours has sealed.

    https://cryptography.io/en/latest/fernet/#cryptography.fernet.MultiFernet.rotate

    :return: str; None if the first key opens it already, or none does.
    :raises AdminActionRequired: if there is no key to do it with.
    """
    keys = _keys()
    try:
        keys[0].decrypt(sealed.encode())
    except InvalidToken:
        with suppress(InvalidToken):
            return MultiFernet(keys).rotate(sealed.encode()).decode()
    return None


def look():
    """Where the keys are given: the option, the variable or the file (str). None is
    made.

    :raises AdminActionRequired: a key cannot be read, or is none.
    """
    _keys()
    return str(_given()[0])


def _keys(make=False):
    """Our keys, the one that seals first; at least one.

    :param make: whether to make a key file where nothing else is given.
    :raises AdminActionRequired: a key cannot be read, or is none. What is said of it
        names where it was looked for, and never the key.
    """
    where, given = _given()
    try:
        keys = given.split(",") if given else [_key_in_file(where, make)]
        found = [Fernet(key.strip()) for key in keys if key.strip()]
        if not found:
            raise ValueError("no key in it")
    except (OSError, ValueError) as error:
        words = getattr(error, "strerror", None) or error
        detail = f"{where}: {words}"
        raise AdminActionRequired(Reason.KEY_UNUSABLE, detail=detail) from None
    return found


def _given():
    """Where the keys are looked for, and what is there; None of what is in the file."""
    if config.get(CONFIG_OPTION):
        return f"{CONFIG_OPTION} in odoo.conf", config[CONFIG_OPTION]
    if os.environ.get(ENVIRONMENT_VARIABLE):
        return ENVIRONMENT_VARIABLE, os.environ[ENVIRONMENT_VARIABLE]
    return _key_path(), None


def _key_path():
    return Path(config["data_dir"]) / KEY_FILE


def _key_in_file(path, make):
    """Read the key; if it is not there, *make* it."""
    if make and not path.exists():
        _make_key(path)
    with path.open() as file:
        mode = os.fstat(file.fileno()).st_mode
        # On Windows these bits say nothing: https://docs.python.org/3/library/os.html#os.chmod
        if os.name == "posix" and mode & OF_OTHERS and path not in _warned:
            _warned.add(path)
            _logger.warning("Others may read or write the key %s: chmod 600.", path)
        return file.read()


def _make_key(path):
    """Write a new key aside and link it into place, so that two workers starting at
    once agree on one, and nobody ever reads half a key."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # For its owner only, as mkstemp makes it.
    handle, draft = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(Fernet.generate_key())
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):
        os.link(draft, path)
    os.unlink(draft)
