"""Walk over all models of the addon, and call what anybody can call.

Nothing is listed here: what there is to be called is found out. A call is made as a
client's is, in a transaction of its own; then it is undone.
"""

from contextlib import closing, contextmanager
from inspect import Parameter, signature
from socket import gaierror
from traceback import format_exception
from typing import NamedTuple
from unittest.mock import patch

import psycopg2
import requests

from odoo import api
from odoo.exceptions import AccessDenied, AccessError, UserError
from odoo.service.model import call_kw, get_public_method
from odoo.tools import SQL, mute_logger

from odoo.addons.base.models.ir_mail_server import IrMail_Server
from odoo.addons.http_routing.tests.common import MockRequest

ADDON = "account_email_connector"
#: Tables of others in which a call of ours may change something.
OTHERS = (
    "account_move",
    "ir_cron_trigger",
    "mail_activity",
    "mail_mail",
    "mail_message",
    "mail_notification",
    "res_company",
    "res_partner",
)
#: What is planted in plain by access_world.py, and what it may have become of it.
SECRETS = ("planted-password", "planted-client-secret", "own-password")
# Core says of each denied call that it was denied.
CORE = ("odoo.sql_db", "odoo.models", "odoo.addons.base.models", "odoo.addons.mail")


# -- what there is ------------------------------------------------------------------


def own_models(env):
    """The names of the models that the addon has made, and that can have rows."""
    return sorted(
        name
        for name, cls in env.registry.items()
        if cls._original_module == ADDON and not cls._abstract
    )


def touched_models(env):
    """The names of all models to which the addon has added anything."""
    return sorted(
        name
        for name, cls in env.registry.items()
        if any(_ours(cls)) and not (cls._abstract and cls._original_module == ADDON)
    )


def public_methods(env, model):
    """The names of the methods of *model* that a client may call, and that run code
    of the addon."""
    named = {name for part in _ours(type(env[model])) for name in vars(part)}
    return sorted(name for name in named if _is_public(env[model], name))


def added_fields(env, model):
    """The names of the fields that the addon has given to a model of others."""
    ours = (
        field for field in env[model]._fields.values() if field._modules == (ADDON,)
    )
    return sorted(field.name for field in ours)


def needed_arguments(env, model, method):
    """The names of the arguments without which *method* cannot be called."""
    parameters = signature(getattr(type(env[model]), method)).parameters.values()
    return [
        each.name
        for each in list(parameters)[1:]
        if each.default is Parameter.empty and each.kind is each.POSITIONAL_OR_KEYWORD
    ]


def is_of_model(env, model, method):
    """Whether *method* is called without records."""
    return getattr(getattr(type(env[model]), method), "_api_model", False)


#: Worked out anew for whoever looks: who only reads changes it, too.
WORKED_OUT = ("account.email.followup.case",)


def tables(env):
    """The names of the tables in which a change is seen."""
    found = set(OTHERS)
    for model in map(env.__getitem__, own_models(env)):
        if model._auto and not model._abstract and model._name not in WORKED_OUT:
            found.add(model._table)
            x2many = (f for f in model._fields.values() if f.type == "many2many")
            found.update(field.relation for field in x2many if field.store)
    return sorted(found)


def _ours(cls):
    """The classes of the addon that a model's class is made of."""
    here = f"odoo.addons.{ADDON}."
    return [part for part in cls.mro() if part.__module__.startswith(here)]


def _is_public(model, name):
    if name.startswith("_") or name in model._fields:
        return False
    if not callable(getattr(type(model), name, None)):
        return False
    try:
        return bool(get_public_method(model, name))
    except AccessError:
        return False


# -- what becomes of a call ---------------------------------------------------------


class Outcome(NamedTuple):
    """What a call came to.

    :param kind: :data:`DENIED`, :data:`REFUSED`, :data:`OK`, or an error's name.
    :param changed: a row was made, changed or deleted.
    :param tells: one of the words came back.
    """

    kind: str
    changed: bool = False
    tells: bool = False

    def __str__(self):
        return self.kind + "*" * self.changed + "!" * self.tells


DENIED, REFUSED, OK, ERROR = "-", "no", "ok", "ERR:"
NOTHING = Outcome(DENIED)


def worst(outcomes):
    """The one that goes farthest of several *outcomes*."""
    outcomes = [NOTHING, *outcomes]
    return Outcome(
        max((outcome.kind for outcome in outcomes), key=_severity),
        any(outcome.changed for outcome in outcomes),
        any(outcome.tells for outcome in outcomes),
    )


def _severity(kind):
    return (DENIED, REFUSED, OK).index(kind) if not kind.startswith(ERROR) else 3


class Caller:
    """Calls methods as a client does, says what came of it, and undoes it.

    :param test: a test case whose registry is in test mode.
    :param words: what must not be told, in small letters.
    :ivar notes: lines that say what went wrong, or what was told.
    """

    def __init__(self, test, words):
        self.test = test
        self.words = words
        self.notes = []
        test.env.flush_all()

    def call(self, user, model, method, *args, context=None, **kwargs):
        """Let *user* call *method*; the first of *args* are the ids, if it takes any.

        :return: an :class:`Outcome`.
        """
        kwargs["context"] = {**context_of(user), **(context or {})}
        with closing(self.test.cr.savepoint(flush=False)):
            kind, said = self._try(
                user, lambda env: call_kw(env[model], method, args, kwargs)
            )
            changed = self._has_changed()
        self._look_for_secrets(model, method, said)
        told = self._told(str(said))
        if told or kind.startswith(ERROR):
            what = told or repr(said)
            self.notes.append(f"{model}.{method}{args} by {user.login}: {what}")
        return Outcome(kind, changed, bool(told))

    def _look_for_secrets(self, model, method, said):
        """No answer has one in it, and no traceback of a refusal."""
        if isinstance(said, Exception):
            said = "".join(format_exception(said))
        for secret in SECRETS:
            self.test.assertNotIn(secret, str(said), f"{model}.{method}")

    def _try(self, user, work):
        """The kind of what becomes of *work*, and what was said."""
        try:
            with mute_logger(*CORE), self._transaction(user) as env:
                result = work(env)
                env.cr.flush()
        except (AccessError, AccessDenied) as error:
            return DENIED, error
        except (UserError, psycopg2.IntegrityError) as error:
            return REFUSED, error
        except Exception as error:  # noqa: BLE001 - whatever it is, it is seen
            return f"{ERROR}{type(error).__name__}", error
        return OK, result

    @contextmanager
    def _transaction(self, user):
        """An environment of *user*, with nothing in its cache."""
        with self.test.registry.cursor() as cr:
            yield api.Environment(cr, user.id, context_of(user))

    def _has_changed(self):
        return False

    def _told(self, text):
        """What stands around one of the words in *text*; empty if there is none."""
        small = text.lower()
        for word in self.words:
            if word in small:
                at = small.index(word)
                return text[max(at - 100, 0) : at + 100]
        return ""


class Watcher(Caller):
    """Sees what a call changes, too; there is a browser's request meanwhile."""

    def __init__(self, test, words):
        super().__init__(test, words)
        self._look = SQL(" UNION ALL ").join(
            SQL(
                "SELECT %s, count(*), sum(hashtext(t::text)::bigint) FROM %s t",
                table,
                SQL.identifier(table),
            )
            for table in tables(test.env)
        )
        self._before = self._seen()

    def _seen(self):
        self.test.cr.execute(self._look)
        return self.test.cr.fetchall()

    def _has_changed(self):
        return self._seen() != self._before

    @contextmanager
    def _transaction(self, user):
        with super()._transaction(user) as env, MockRequest(env) as request:
            request.httprequest.headers = {}
            yield env


def context_of(user):
    """The context of a client of *user*, who has switched on all companies."""
    return {"allowed_company_ids": user.company_ids.ids}


@contextmanager
def without_network():
    """No server can be reached; emails go as far as they would otherwise."""
    nowhere = "There is no network in this test."
    with (
        patch("socket.getaddrinfo", side_effect=gaierror(nowhere)),
        patch("requests.Session.send", side_effect=requests.ConnectionError(nowhere)),
        patch.object(IrMail_Server, "_disable_send", lambda *args: False),
    ):
        yield
