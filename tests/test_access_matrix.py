"""Who may do what: everything the addon has, by everybody, compared with a table.

``AEC_WRITE_MATRIX=1 dev/test /account_email_connector:TestAccessMatrix`` writes the
table anew; what has changed is seen in git, and is to be read by a person.
"""

import os
import re

from odoo import Command
from odoo.orm.models import NO_ACCESS
from odoo.tests import tagged

from . import access_walk as walk
from .access_table import AccessTable
from .access_world import ROLES, WORDS, AccessWorld

HERE, ELSEWHERE = "here", "elsewhere"
OPERATIONS = {"r": "read", "w": "write", "c": "create", "u": "unlink"}
#: Of a wizard that the user has made, about what Acme has.
OWN = " (own)"
#: Who works with follow-ups in no way, or only looks at them.
READERS = ("nobody", "portal", "internal", "sales", "auditor", "editor")
#: Who is no accountant: to an administrator, mailboxes are shown.
OUTSIDERS = ("nobody", "portal", "internal", "sales", "editor")
#: What is not a company's: administrators register apps, and see all emails.
OF_ALL = {"system": ("account.email.oauth.app", "mail.mail")}
SECRET = ("sealed", "password", "client_secret", "tested_for", "cursor")


@tagged("post_install", "-at_install")
class TestAccessMatrix(AccessWorld):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.table = AccessTable(ROLES)

    def setUp(self):
        super().setUp()
        # Requests may open transactions beside the test's own.
        self.http_request_allow_all = True
        self.enterContext(self.enter_registry_test_mode())
        self.enterContext(walk.without_network())

    # -- the table -------------------------------------------------------------------

    def test_rights(self):
        """Read, write, create, unlink: of a row that Acme has, and one's own wizard."""
        found = {}
        own = {model: self.own_rows(model) for model in walk.own_models(self.env)}
        caller = self.caller()
        for model, own_rows in own.items():
            row = self.rows[model][:1]
            found[model] = self.by_role(lambda user, r=row: self.rights(caller, user, r))
            if own_rows:
                found[model + OWN] = self.by_role(
                    lambda user, rows=own_rows: self.rights(caller, user, rows[user])
                )
        self.compare("rights", found, caller)

    def test_methods(self):
        """Every public method of ours, of every row that Acme has."""
        found = {}
        models = walk.touched_models(self.env)
        own = {model: self.own_rows(model) for model in models}
        caller = self.caller()
        for model in models:
            for method in walk.public_methods(self.env, model):
                self.check_arguments(model, method)
                name = f"{model}.{method}"
                found[name] = self.by_role(
                    lambda user, m=model, name=method: self.called(
                        caller, user, m, name, self.rows.get(m)
                    )
                )
                if own[model] and not walk.is_of_model(self.env, model, method):
                    found[name + OWN] = self.by_role(
                        lambda user, m=model, name=method, rows=own[model]: self.called(
                            caller, user, m, name, rows[user]
                        )
                    )
        self.compare("methods", found, caller)

    def test_added_fields(self):
        """What we have added to others' models: who reads it, and writes it."""
        found = {}
        models = set(walk.touched_models(self.env)) - set(walk.own_models(self.env))
        own = {model: self.own_rows(model) for model in sorted(models)}
        caller = self.caller()
        for model, own_rows in own.items():
            for field in walk.added_fields(self.env, model):
                found[f"{model}.{field}"] = self.by_role(
                    lambda user, m=model, name=field, rows=own_rows: self.field_rights(
                        caller, user, rows.get(user) or self.rows[m][:1], name
                    )
                )
        self.compare("fields", found, caller)

    def test_made_up_values(self):
        """A client may send any values to forms, as defaults or as changes: what they
        bring back says nothing of a company that the user has not got."""
        found = {}
        own = {model: self.own_rows(model) for model in walk.own_models(self.env)}
        caller = self.caller()
        for model, own_rows in own.items():
            for probe in ("default_get", "onchange"):
                found[f"{model}.{probe}"] = self.by_role(
                    lambda user, m=model, how=probe, rows=own_rows: self.probed(
                        caller, user, m, how, rows.get(user)
                    )
                )
        self.compare("made-up values", found, caller)

    # -- what is right whatever the table says ---------------------------------------

    def test_every_model_has_a_row(self):
        """Else nothing is known of it: it belongs into access_world.py."""
        for model in walk.own_models(self.env):
            if not self.env[model]._abstract:
                with self.subTest(model=model):
                    self.assertTrue(self.rows.get(model), f"Plant a row of {model}.")
                    self.assertTrue(self.values.get(model), "And say with what values.")

    def test_what_no_table_may_say(self):
        """A table that is written anew says what is; this says what may be."""
        said = [
            f"[{section}] {key}: {role} {where}: {outcome}: {objection}"
            for section, key, role, cell in self.table.cells()
            for where, outcome in zip((HERE, ELSEWHERE), cell.split("/"), strict=True)
            for objection in self.objections(section, key, role, where, outcome)
        ]
        if said:
            self.fail("\n".join(["This must not be:", *said]))

    def objections(self, section, key, role, where, outcome):
        """What is wrong with what somebody can do, whoever it is."""
        changes = "*" in outcome or (section in ("rights", "fields") and re.search("[wcu]", outcome))
        if walk.ERROR in outcome:
            yield "an error, where a user is told nothing"
        if role in READERS and changes:
            yield "changes something, and is nobody who works with follow-ups"
        if role in OUTSIDERS and "!" in outcome:
            yield "is told something, and is nobody who works in accounting"
        if where == HERE or any(key.startswith(m) for m in OF_ALL.get(role, ())):
            return
        if "!" in outcome:
            yield "is told something of another company"
        if section == "rights" and OWN not in key and outcome != walk.DENIED:
            yield "has rights on a row of another company"
        if "*" in outcome and not self.is_of_model(key):
            yield "changes something of another company"

    def is_of_model(self, key):
        """Whether the method of *key* is called without records: of nobody's row."""
        model, _dot, method = key.removesuffix(OWN).rpartition(".")
        return walk.is_of_model(self.env, model, method)

    def test_nobody_reads_a_secret(self):
        """Neither by reading it nor by searching for it; not even an administrator."""
        users = {**self.users, "admin": self.env.ref("base.user_admin")}
        secrets = list(self.secrets())
        self.assertGreater(len(secrets), 5)
        caller = walk.Caller(self, ("planted",))
        for model, field in secrets:
            rows = self.rows[model]
            for who, user in users.items():
                with self.subTest(model=model, field=field, user=who):
                    read = caller.call(user, model, "read", rows.ids, [field])
                    self.assertFalse(read.tells, f"{read}")
                    domain = [(field, "like", "planted")]
                    found = caller.call(user, model, "search_count", domain)
                    if found.kind == walk.OK:
                        self.assertFalse(
                            self.env[model].with_user(user).search(domain),
                            "Whether a secret has some letters is a secret, too.",
                        )

    # -- the cells -------------------------------------------------------------------

    def caller(self):
        return walk.Caller(self, WORDS)

    def own_rows(self, model):
        """A wizard's own row of each user; of a model that is no wizard, none."""
        if not self.env[model]._transient or model not in self.values:
            return {}
        return {user: self.own(model, user) for user in self.users.values()}

    def by_role(self, cell):
        """``here/elsewhere`` for each role, as *cell* says of a user."""
        return [
            "/".join(str(cell(self.users[role, where])) for where in (HERE, ELSEWHERE))
            for role in ROLES
        ]

    def rights(self, caller, user, row):
        """The letters of what *user* may do with *row*; a capital one for what access
        rights allow, and something else refuses."""
        calls = {
            "r": ("read", row.ids),
            "w": ("write", row.ids, self.change(row._name)),
            "c": ("create", [self.another(row._name)]),
            "u": ("unlink", row.ids),
        }
        letters, tells = "", False
        for letter, arguments in calls.items():
            outcome = caller.call(user, row._name, *arguments)
            tells |= outcome.tells
            if outcome.kind == walk.OK:
                letters += letter
            elif outcome.kind.startswith(walk.ERROR):
                letters += outcome.kind
            elif outcome.kind == walk.REFUSED or (
                letter != "c" and caller.has_access(user, row, OPERATIONS[letter])
            ):
                letters += letter.upper()
        return (letters or walk.DENIED) + "!" * tells

    def called(self, caller, user, model, method, rows):
        """What the worst is that a *method* does for *user* to one of *rows*."""
        arguments = self.arguments(model, method)
        if walk.is_of_model(self.env, model, method):
            return caller.call(user, model, method, *arguments)
        ids = rows.ids if rows else []
        return walk.worst(
            caller.call(user, model, method, each, *arguments)
            for each in ([[id_] for id_ in ids] or [[]])
        )

    def field_rights(self, caller, user, row, name):
        field = row._fields[name]
        read = caller.call(user, row._name, "read", row.ids, [name])
        letters = "r" if read.kind == walk.OK else ""
        if not field.compute or field.inverse:
            value = field.convert_to_write(row.sudo()[name], row)
            values = {name: value}
            written = caller.call(user, row._name, "write", row.ids, values)
            letters += "w" if written.kind == walk.OK else ""
        return (letters or walk.DENIED) + "!" * read.tells

    def probed(self, caller, user, model, probe, own):
        calls = getattr(self, f"calls_of_{probe}")(user, model, own)
        outcomes = [
            caller.call(user, model, probe, *arguments, context=context)
            for arguments, context in calls
        ]
        told = walk.worst(outcomes)
        if told.kind.startswith(walk.ERROR):
            return told.kind
        return "!" if told.tells else walk.DENIED

    def calls_of_default_get(self, user, model, own):
        made_up = self.made_up(user, model)
        names = list(self.env[model]._fields)
        yield (names,), {f"default_{n}": value for n, value in made_up.items()}

    def calls_of_onchange(self, user, model, own):
        """Of a new row and of one's own: all at once, and one after the other."""
        made_up, last = self.made_up(user, model), self.made_up(user, model, -1)
        as_default = {f"default_{name}": value for name, value in made_up.items()}
        # Core refuses it to all others, before it looks at anything.
        new, old = self.env[model].with_user(user), (own or self.env[model])
        starts = [[]] if new.has_access("create") else []
        starts += [old.ids] if old and old.with_user(user).has_access("write") else []
        for depth in (1, 2):
            spec = self.spec(user, model, depth)
            yield ([], {}, [], spec), as_default
            for ids in starts:
                yield (ids, made_up, list(made_up), spec), {}
                for name in made_up:
                    for values in (made_up, last):
                        yield (ids, {name: values[name]}, [name], spec), {}

    def made_up(self, user, model, place=0):
        """Values that point at what Acme has, for all fields that can.

        :param place: of a row among those that Acme has of a model.
        """
        made_up = {}
        for name, known in self.env[model].with_user(user).fields_get().items():
            ids = known.get("relation") and self.targets(known["relation"])
            if ids and known["type"] == "many2one":
                made_up[name] = ids[place]
            elif ids:
                made_up[name] = [Command.link(id_) for id_ in ids]
        return made_up

    def spec(self, user, model, depth):
        """The fields that *user* knows of, and those of what they point at."""
        spec = {}
        for name, known in self.env[model].with_user(user).fields_get().items():
            spec[name] = {}
            if known.get("relation") in self.values and depth > 1:
                spec[name]["fields"] = self.spec(user, known["relation"], depth - 1)
            elif known.get("relation") in self.values:
                spec[name]["fields"] = {"display_name": {}}
        return spec

    def secrets(self):
        """Yield (model, field) of each secret."""
        for model in walk.own_models(self.env):
            for name, field in self.env[model]._fields.items():
                named = name.startswith(SECRET) or name == "oauth_account_id"
                if field.groups == NO_ACCESS or named:
                    yield model, name

    # -- calls -----------------------------------------------------------------------

    def arguments(self, model, method):
        """What a client would give to a method of this name, besides ids."""
        planted = model in self.values
        return {
            "create": [[self.another(model)] if planted else []],
            "default_get": [list(self.env[model]._fields)],
            "write": [self.change(model) if planted else {}],
        }.get(method, [])

    def check_arguments(self, model, method):
        needed = walk.needed_arguments(self.env, model, method)
        self.assertGreaterEqual(
            len(self.arguments(model, method)),
            len(needed),
            f"Say in arguments() what {model}.{method} takes: {needed}",
        )

    def compare(self, section, found, caller):
        """Compare what was *found* with the table, or write it."""
        if os.environ.get("AEC_WRITE_MATRIX"):
            self.table.write(section, found)
        wrong = self.table.differences(section, found)
        if wrong:
            notes = {note[:1000] for note in caller.notes if note.split("(")[0] in wrong}
            self.fail("\n".join(["The table says otherwise:", wrong, *sorted(notes)]))
