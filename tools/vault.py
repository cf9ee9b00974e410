"""Encrypts the mailboxes' secrets with a key that is not in the database.

A stolen dump, or a copy of the database on another server, has no usable token. And a
secret is sealed together with what it is for: moved to another row, or to a server that
somebody has put in its place, it opens no more.
"""

import json
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
    return _fernet().encrypt(content.encode()).decode()


def unseal(sealed, purpose):
    """Decrypt what :func:`seal` returned for the same *purpose*.

    :raises SecretLost: if the key or the purpose is another one, or *sealed* (str) was
        damaged.
    :raises AdminActionRequired: if there is no key to do it with.
    """
    try:
        content = json.loads(_fernet().decrypt(sealed.encode()))
    except (InvalidToken, ValueError):
        raise SecretLost() from None
    # What the first versions sealed had no purpose: see migrations/19.0.1.2.0.
    if not isinstance(content, dict) or content.get("purpose", "") != purpose:
        raise SecretLost()
    return content["secret"]


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
