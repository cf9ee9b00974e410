"""Encrypts the mailboxes' secrets with a key that is not in the database.

A stolen dump, or a copy of the database on another server, has no usable token.
"""

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


class SecretLost(Exception):
    """No key we have opens this secret: a person must sign in again."""


def seal(secret):
    """Encrypt *secret* (str).

    :return: str, safe to store in the database.
    :raises AdminActionRequired: if there is no key to do it with.
    """
    return _fernet().encrypt(secret.encode()).decode()


def unseal(sealed):
    """Decrypt what :func:`seal` returned.

    :raises SecretLost: if the key is another one, or *sealed* was damaged.
    :raises AdminActionRequired: if there is no key to do it with.
    """
    try:
        return _fernet().decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise SecretLost() from None


def _fernet():
    """Key rotation as in https://cryptography.io/en/latest/fernet/#MultiFernet.

    :raises AdminActionRequired: the key cannot be read, or is none. What Python says
        of that names the file or the rule, never the key.
    """
    given = config.get(CONFIG_OPTION) or os.environ.get(ENVIRONMENT_VARIABLE)
    try:
        keys = given.split(",") if given else [_key_in_file(_key_path())]
        return MultiFernet([Fernet(key.strip()) for key in keys if key.strip()])
    except (OSError, ValueError) as error:
        raise AdminActionRequired(Reason.KEY_UNUSABLE, detail=str(error)) from None


def _key_path():
    return Path(config["data_dir"]) / KEY_FILE


def _key_in_file(path):
    """Read the key, making one the first time.

    The key is written aside and linked into place, so that two workers starting at
    once agree on one, and nobody ever reads half a key.
    """
    if not path.exists():
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
    return path.read_text()
