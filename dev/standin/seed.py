"""Fill an empty store with tenants, accounts and apps."""

import json
from pathlib import Path

from .snapshot import TABLES

DEFAULT = Path(__file__).with_name("seed.json")
CALLBACKS = (
    "/account_email_connector/microsoft/callback",
    "/account_email_connector/microsoft/admin_consent",
    "/account_email_connector/google/callback",
)


def load_seed(store, path=None):
    """Read the seed file at *path* (default: ``seed.json`` beside this module)."""
    data = json.loads(Path(path or DEFAULT).read_text())
    for table in ("tenants", "accounts", "apps"):
        record, key = TABLES[table]
        rows = getattr(store, table)
        rows.update({row[key]: record(**row) for row in data[table]})


def callbacks(bases):
    """Return the addon's redirect URIs under each base URL of *bases*."""
    return [base.rstrip("/") + path for base in bases for path in CALLBACKS]
