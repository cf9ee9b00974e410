"""Who may do what: everything the addon has, by everybody, compared with a table.

``AEC_WRITE_MATRIX=1 dev/test /account_email_connector:TestAccessMatrix`` writes the
table anew; what has changed is seen in git, and is to be read by a person.
"""

import os

from odoo import Command, fields
from odoo.tests import tagged

from ..tools import call_log
from . import access_walk as walk
from .access_rules import ANOTHERS, ELSEWHERE, HERE, NO_ROW, OWN, objections
from .access_table import AccessTable
from .access_world import ROLES, WORDS, AccessWorld

OPERATIONS = {"r": "read", "w": "write", "u": "unlink"}
#: How the names of secrets begin.
SECRETS = (
    "sealed",
    "password",
    "client_secret",
    "own_certificate",
    "tested_for",
    "cursor",
    "oauth_account_id",
)


@tagged("post_install", "-at_install")
class TestAccessMatrix(AccessWorld):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.table = AccessTable(ROLES)

    def setUp(self):
        super().setUp()
        # Calls are made in transactions of their own, some with a browser's request.
        self.http_request_allow_all = True
        self.enterContext(self.enter_registry_test_mode())
        self.enterContext(walk.without_network())

    # -- what is ---------------------------------------------------------------------

    def test_rights(self):
        """Read, write, create, unlink: a row of each of our models."""
        self.check("rights", walk.own_models(self.env), self.walk_rights)

    def test_methods(self):
        """Each public method of ours, with each of the rows."""
        models = walk.touched_models(self.env)
        self.check("methods", models, self.walk_methods, walk.Watcher)

    def test_added_fields(self):
        """What we have added to others' models: who reads it, and writes it."""
        others = set(walk.touched_models(self.env)) - set(walk.own_models(self.env))
        self.check("fields", sorted(others), self.walk_fields)

    def test_made_up_values(self):
        """A client may send any values to forms, as defaults or as changes: what they
        bring back says nothing of a company that the user has not got."""
        self.check("made-up values", walk.own_models(self.env), self.walk_forms)

    def check(self, section, models, walker, caller=walk.Caller):
        """Walk over *models*, and compare what is found with a section of the table."""
        variants = [(model, *each) for model in models for each in self.variants(model)]
        self.caller = caller(self, WORDS)
        found = dict(
            line
            for model, whose, rows in variants
            for line in walker(model, whose, rows)
        )
        if os.environ.get("AEC_WRITE_MATRIX"):
            self.table.replace(section, found)
        wrong = self.table.differences(section, found)
        if wrong:
            notes = (note for note in self.caller.notes if note.split("(")[0] in wrong)
            self.fail("\n".join(["The table says otherwise:", wrong, *notes]))

    def variants(self, model):
        """Yield (whose, {user: rows}): which rows of *model* the users try."""
        rows = self.rows.get(model, self.env[model])
        wizard = self.env[model]._transient and model in self.values
        if not wizard or model in walk.own_models(self.env):
            whose = ANOTHERS if wizard else ""
            yield whose, dict.fromkeys(self.users.values(), rows)
        if wizard:
            yield OWN, {user: self.own(model, user) for user in self.users.values()}

    # -- what may be -----------------------------------------------------------------

    def test_what_may_not_be(self):
        """A table that is written anew says what is; this says what may be."""
        said = [each for cell in self.table.cells() for each in objections(*cell)]
        if said:
            self.fail("\n".join(["This must not be:", *said]))

    def test_every_model_has_a_row(self):
        """Else nothing is known of it: it belongs into access_world.py."""
        for model in walk.own_models(self.env):
            with self.subTest(model=model):
                self.assertTrue(self.rows.get(model), f"Plant a row of {model}.")
                self.assertTrue(self.values.get(model), "And say with what values.")

    def test_nobody_reads_a_secret(self):
        """Neither by reading it nor by searching for it; not even an administrator."""
        users = {**self.users, "admin": self.env.ref("base.user_admin")}
        for model, field in self.secrets():
            # A field's own name comes back with what it has.
            words = [word for word in ("planted", "own") if word not in field]
            caller = walk.Caller(self, words)
            own = dict([*self.variants(model)][-1][1])
            for who, user in users.items():
                rows = own.get(user, self.rows[model])
                with self.subTest(model=model, field=field, user=who):
                    read = caller.call(user, model, "read", rows.ids, [field])
                    self.assertFalse(read.kind == walk.OK and read.tells)
                    # Whether a secret has some letters is a secret, too.
                    domain = [(field, "like", "n")]
                    found = caller.call(user, model, "search_count", domain)
                    self.assertNotEqual(found.kind, walk.OK)

    def test_what_is_taken_out_of_a_form_is_no_log_s_business(self):
        """An editable field that is neither stored nor written elsewhere is taken out
        of the values by create and write: Odoo's log of calls has it before."""
        typed = {
            name
            for model in walk.own_models(self.env)
            for name, field in self.env[model]._fields.items()
            if field.compute and not (field.store or field.readonly or field.inverse)
        }
        harmless = {"own_certificate_name", "within"}
        self.assertEqual(typed - harmless, set(call_log.SECRETS))

    def secrets(self):
        """Yield (model, field) of each secret."""
        for model in walk.own_models(self.env):
            for name, field in self.env[model]._fields.items():
                if field.groups == fields.NO_ACCESS or name.startswith(SECRETS):
                    yield model, name

    # -- rights ----------------------------------------------------------------------

    def walk_rights(self, model, whose, rows):
        yield model + whose, self.by_role(rows, self.rights)

    def by_role(self, rows, cell):
        """``here/elsewhere`` for each role: what *cell* says of a user and the rows."""
        return [
            "/".join(
                str(cell(user, rows[user]))
                for user in (self.users[role, HERE], self.users[role, ELSEWHERE])
            )
            for role in ROLES
        ]

    def rights(self, user, rows):
        """The letters of what *user* may do with the first of *rows*; a capital one for
        what access rights allow, and something else refuses."""
        row, model = rows[:1], rows._name
        calls = {
            "r": ("read", row.ids),
            "w": ("write", row.ids, self.change(model)),
            "c": ("create", [self.another(model)]),
            "u": ("unlink", row.ids),
        }
        letters, tells = "", False
        for letter, arguments in calls.items():
            outcome = self.caller.call(user, model, *arguments)
            tells |= outcome.tells
            if outcome.kind == walk.OK:
                letters += letter
            elif outcome.kind.startswith(walk.ERROR):
                letters += outcome.kind
            elif outcome.kind == walk.REFUSED or self.may(user, row, letter):
                letters += letter.upper()
        return (letters or walk.DENIED) + "!" * tells

    def may(self, user, row, letter):
        """Whether access rights and rules let *user* do that with *row*; of a new one
        only they can say, who see its values."""
        row = row.with_user(user).with_context(**walk.context_of(user))
        return letter in OPERATIONS and row.has_access(OPERATIONS[letter])

    # -- methods ---------------------------------------------------------------------

    def walk_methods(self, model, whose, rows):
        for method in walk.public_methods(self.env, model):
            arguments = self.arguments(model, method)
            of_model = walk.is_of_model(self.env, model, method)
            if of_model and whose == ANOTHERS:
                continue
            call = self.call_of_model if of_model else self.call_with_each
            yield (
                f"{model}.{method}{NO_ROW if of_model else whose}",
                self.by_role(
                    rows,
                    lambda user, mine, call=call, rest=(method, *arguments): call(
                        user, mine, *rest
                    ),
                ),
            )

    def call_of_model(self, user, rows, method, *arguments):
        return self.caller.call(user, rows._name, method, *arguments)

    def call_with_each(self, user, rows, method, *arguments):
        """What the worst is that comes of it."""
        return walk.worst(
            self.caller.call(user, rows._name, method, ids, *arguments)
            for ids in ([[id_] for id_ in rows.ids] or [[]])
        )

    def arguments(self, model, method):
        """What a client would give to a method of this name, besides ids."""
        planted = model in self.values
        given = {
            "create": [[self.another(model)] if planted else []],
            "default_get": [list(self.env[model]._fields)],
            "write": [self.change(model) if planted else {}],
            "onchange": [{}, [], {"display_name": {}}],
            "message_update": [{}],
            "web_read": [{"display_name": {}}],
            "what_would_change": [self.another_plan(model)],
            "what_use_would_change": [{}],
            "email_followup_what_would_change": [{}],
            "try_on_the_past": [{}],
        }.get(method, [])
        needed = walk.needed_arguments(self.env, model, method)
        if len(given) < len(needed):
            self.fail(f"Say in arguments() what {model}.{method} takes: {needed}")
        return given

    def another_plan(self, model):
        """What a form has changed, so that something is to be told of customers."""
        if model == "account.email.connector":
            return {"followup_plan_id": False}
        if model == "account.email.followup.plan.rule":
            return {"active": False}
        return {"minimum_amount": 1e9}

    # -- fields ----------------------------------------------------------------------

    def walk_fields(self, model, whose, rows):
        for name in walk.added_fields(self.env, model):
            yield (
                f"{model}.{name}{whose}",
                self.by_role(
                    rows,
                    lambda user, mine, n=name: self.field_rights(user, mine[:1], n),
                ),
            )

    def field_rights(self, user, row, name):
        """The letters of what *user* may do with one field of *row*."""
        field, model = row._fields[name], row._name
        read = self.caller.call(user, model, "read", row.ids, [name])
        letters = "r" if read.kind == walk.OK else ""
        if not field.compute or field.inverse:
            values = {name: field.convert_to_write(row.sudo()[name], row)}
            written = self.caller.call(user, model, "write", row.ids, values)
            letters += "w" if written.kind == walk.OK else ""
        return (letters or walk.DENIED) + "!" * read.tells

    # -- forms -----------------------------------------------------------------------

    def walk_forms(self, model, whose, rows):
        if whose == ANOTHERS:
            return
        yield f"{model}.default_get", self.by_role(rows, self.told_as_defaults)
        yield f"{model}.onchange", self.by_role(rows, self.told_as_changes)

    def told_as_defaults(self, user, rows):
        """What comes back of made-up values as defaults."""
        context = _as_defaults(self.made_up(user, rows._name))
        call = self.caller.call
        names = list(rows._fields)
        return self.told(
            [call(user, rows._name, "default_get", names, context=context)]
        )

    def told_as_changes(self, user, rows):
        """What comes back of made-up values of a new row, and of a wizard's own."""
        return self.told(
            self.caller.call(user, rows._name, "onchange", *arguments, context=context)
            for arguments, context in self.changes_of_a_form(user, rows)
        )

    def told(self, outcomes):
        worst = walk.worst(outcomes)
        told = "!" if worst.tells else walk.DENIED
        return worst.kind if worst.kind.startswith(walk.ERROR) else told

    def changes_of_a_form(self, user, rows):
        """Yield the arguments and the context of what a client may send: all values at
        once, as defaults and as changes; then one after the other."""
        model = rows._name
        first, last = self.made_up(user, model), self.made_up(user, model, -1)
        for depth in (1, 2):
            spec = self.spec(user, model, depth)
            yield ([], {}, [], spec), _as_defaults(first)
            for ids in self.started(user, rows):
                yield (ids, first, list(first), spec), {}
                for name in first:
                    for values in (first, last):
                        yield (ids, {name: values[name]}, [name], spec), {}

    def started(self, user, rows):
        """The ids of the forms that *user* can have open, none for a new row: to all
        others core refuses it, before it looks at anything."""
        rows = rows.with_user(user).with_context(**walk.context_of(user))
        new = [[]] if rows.browse().has_access("create") else []
        opened = rows[:1] if rows._transient else rows.browse()
        return new + ([opened.ids] if opened and opened.has_access("write") else [])

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
            if known.get("relation") in self.values:
                deeper = depth > 1 and self.spec(user, known["relation"], depth - 1)
                spec[name]["fields"] = deeper or {"display_name": {}}
        return spec


def _as_defaults(values):
    """The context that gives *values* as defaults."""
    return {f"default_{name}": value for name, value in values.items()}
