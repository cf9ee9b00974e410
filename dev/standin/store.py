"""The state of both providers, in memory, behind one lock."""

import itertools
import secrets
import threading
from collections import deque

from .clock import Clock
from .faults import Faults
from .mime import thread_references
from .seed import load_seed
from .snapshot import Snapshot

CALLS_KEPT = 100_000


class Store:
    """Everything that the stand-in knows. Hold :attr:`lock` while using it.

    :param seed: path of a seed file, or None for the one beside this module.
    :param redirect_uris: registered for every app, besides those of the seed.
    :param directory: where to keep a snapshot, or None: memory only.
    :param clock: a :class:`.clock.Clock`.
    """

    def __init__(self, seed=None, redirect_uris=(), directory=None, clock=None):
        self.lock = threading.RLock()
        self.clock = clock or Clock()
        self.seed, self.redirect_uris = seed, list(redirect_uris)
        self.snapshot = Snapshot(directory) if directory else None
        self.faults = Faults()
        self._clear()
        if not (self.snapshot and self.snapshot.load(self)):
            load_seed(self, seed)
        self._register_redirect_uris()
        self.save()

    def _clear(self):
        self.tenants, self.apps, self.accounts = {}, {}, {}
        self.codes, self.access, self.refresh = {}, {}, {}
        self.consents, self.sessions, self.requests, self.flows = {}, {}, {}, {}
        self.mailboxes, self.by_id, self.log = {}, {}, []
        self.threads, self.releases, self.uploads = {}, {}, {}
        self.calls = deque(maxlen=CALLS_KEPT)
        self._numbers = itertools.count(1)

    def _register_redirect_uris(self):
        for app in self.apps.values():
            missing = [u for u in self.redirect_uris if u not in app.redirect_uris]
            app.redirect_uris += missing

    def reset(self):
        """Go back to the seed: no mail, tokens, consents or faults."""
        with self.lock:
            self._clear()
            self.faults.clear()
            self.clock.offset = 0.0
            load_seed(self, self.seed)
            self._register_redirect_uris()
            if self.snapshot:
                self.snapshot.forget_mail()
            self.save()

    def save(self):
        """Write the snapshot, if there is one to write."""
        with self.lock:
            self._forget_expired()
            if self.snapshot:
                self.snapshot.save(self)

    def _forget_expired(self):
        """Keep the tables small; a day later nobody asks why a token is refused."""
        horizon = self.clock.now() - 86400
        for table in (self.codes, self.access):
            for value in [v for v, row in table.items() if row.expires < horizon]:
                del table[value]

    # Looking up

    def account(self, address):
        """Return the :class:`.model.Account` of *address*, or None."""
        return self.accounts.get((address or "").strip().lower())

    def tenant(self, name, provider="microsoft"):
        """Return the tenant with this id or domain, or None."""
        for tenant in self.tenants.values():
            if tenant.provider == provider and name in (tenant.id, tenant.domain):
                return tenant
        return None

    def tenant_of(self, account):
        """Return the tenant of *account*, or None (consumer accounts)."""
        return self.tenants.get(account.tenant)

    def consented(self, client_id, address):
        """Return the set of scopes that the person has consented to."""
        return set(self.consents.get(f"{client_id} {address}", ()))

    def consent(self, client_id, address, scopes):
        """Add *scopes* to what the person has consented to."""
        key = f"{client_id} {address}"
        self.consents[key] = sorted(self.consented(client_id, address) | set(scopes))

    # Mail

    def new_id(self):
        """Return a new message id: 16 hexadecimal digits, as Gmail's."""
        number = 0x1900000000000000 + len(self.by_id) * 0x1000 + next(self._numbers)
        return f"{number:016x}"

    def file(self, message):
        """Put *message* into its mailbox."""
        self.mailboxes.setdefault(message.mailbox, []).append(message)
        self.by_id[message.id] = message
        threads = self.threads.setdefault(message.mailbox, {})
        for reference in thread_references(message.raw):
            threads.setdefault(reference, message.thread_id)

    def messages(self, address, folder=None):
        """Return the visible messages of a mailbox, newest first."""
        now = self.clock.now()
        found = [
            message
            for message in self.mailboxes.get(address.lower(), ())
            if message.visible <= now and folder in (None, message.folder)
        ]
        return found[::-1]

    def submitted_since(self, address, since):
        """Return how many messages the account submitted after *since*."""
        count = 0
        for entry in reversed(self.log):
            if entry.at <= since:
                break
            count += entry.account == address
        return count

    # Tokens

    def kill_tokens(self, account, client_id=None, why="revoked", access=True):
        """Refuse the refresh (and access) tokens of an account, from now on."""
        tables = [self.refresh] + ([self.access] if access else [])
        for table in tables:
            for token in table.values():
                if token.account == account and client_id in (None, token.client_id):
                    token.dead = token.dead or why


def new_secret(prefix, size):
    """Return an unguessable token that starts with *prefix*."""
    return prefix + secrets.token_urlsafe(size)
