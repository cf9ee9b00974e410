"""Write the state to a directory, so that accepted mail survives a kill."""

import base64
import json
import os
from dataclasses import asdict
from pathlib import Path

from . import model

TABLES = {
    "tenants": (model.Tenant, "id"),
    "apps": (model.App, "client_id"),
    "accounts": (model.Account, "address"),
    "codes": (model.Code, "value"),
    "access": (model.Token, "value"),
    "refresh": (model.Token, "value"),
    "requests": (model.ConsentRequest, "id"),
}
PLAIN = ("consents", "sessions")


class Snapshot:
    """``state.json`` is replaced at each change; ``mail.jsonl`` is only appended to."""

    def __init__(self, directory):
        self.directory = Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.state_file = self.directory / "state.json"
        self.mail_file = self.directory / "mail.jsonl"

    def save(self, store):
        """Replace the saved state, mail aside, in one step."""
        data = {
            table: [asdict(row) for row in getattr(store, table).values()]
            for table in TABLES
        }
        data |= {name: getattr(store, name) for name in PLAIN}
        data["offset"] = store.clock.offset
        new = self.state_file.with_suffix(".new")
        new.touch(mode=0o600)
        new.write_text(json.dumps(data))
        os.replace(new, self.state_file)

    def append(self, messages, accepted=None):
        """Write what one submission filed, as one line: all of it or nothing."""
        rows = [
            asdict(message) | {"raw": base64.b64encode(message.raw).decode()}
            for message in messages
        ]
        line = {"messages": rows, "accepted": accepted and asdict(accepted)}
        with self.mail_file.open("a") as journal:
            journal.write(json.dumps(line) + "\n")

    def forget_mail(self):
        """Drop all saved mail."""
        self.mail_file.unlink(missing_ok=True)

    def load(self, store):
        """Fill *store* with what was saved; return whether there was anything."""
        if not self.state_file.exists():
            return False
        data = json.loads(self.state_file.read_text())
        for table, (record, key) in TABLES.items():
            rows = {row[key]: record(**row) for row in data[table]}
            setattr(store, table, rows)
        for name in PLAIN:
            setattr(store, name, data[name])
        store.clock.offset = data["offset"]
        self._load_mail(store)
        return True

    def _load_mail(self, store):
        if not self.mail_file.exists():
            return
        for line in self.mail_file.read_text().splitlines():
            try:
                entry = json.loads(line)
            except ValueError:
                continue  # killed while writing: it had not been accepted
            for row in entry["messages"]:
                raw = base64.b64decode(row.pop("raw"))
                store.file(model.Message(raw=raw, **row))
            if entry["accepted"]:
                store.log.append(model.Accepted(**entry["accepted"]))
