"""A form that a client makes up: of what others have, it tells nothing.

Asked for all of it, Odoo mostly refuses the one field that names what the user may not
see, and says nothing of the others. So here each is asked for by itself.
"""

from odoo import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from . import access_walk as walk
from .access_rules import ELSEWHERE, OF_ALL
from .access_world import WORDS, AccessWorld


@tagged("post_install", "-at_install")
class TestMadeUp(AccessWorld):
    def setUp(self):
        super().setUp()
        self.http_request_allow_all = True
        self.enterContext(self.enter_registry_test_mode())
        self.enterContext(walk.without_network())
        # It says that a record in memory is in a domain: here that is on purpose.
        self.enterContext(mute_logger("odoo.domains"))
        self.caller = walk.Caller(self, WORDS)

    def test_one_made_up_value_in_a_form_of_one_s_own(self):
        """Nobody of another company is told a word of Acme's."""
        for model in walk.own_models(self.env):
            for (role, where), user in self.users.items():
                if where == ELSEWHERE and model not in OF_ALL.get(role, ()):
                    with self.subTest(model=model, user=user.login):
                        self.assertFalse(self.told(user, model))

    def told(self, user, model):
        """What *user* hears of Acme by forms of *model*."""
        records = self.env[model].with_user(user)
        if not records.has_access("create"):
            return []
        known = records.fields_get()
        shown = [name for name in known if records._fields[name].compute]
        mine = self.own_values(known)
        before = len(self.caller.notes)
        for name, value in self.made_up(known):
            self.ask(user, model, name, shown, ({**mine, name: value}, [name]))
            default = {f"default_{name}": value}
            self.ask(user, model, name, shown, ({}, []), context=default)
        return self.caller.notes[before:]

    def ask(self, user, model, name, shown, changed, **more):
        """What comes back of a form, all at once; if that is refused, each alone."""

        def call(names):
            spec = dict.fromkeys([name, *names], {})
            return self.caller.call(user, model, "onchange", [], *changed, spec, **more)

        if call(shown).kind == walk.DENIED:
            for each in shown:
                call([each])

    def own_values(self, known):
        """Values of a form that point at what Beta has."""
        found = {}
        for name, field in known.items():
            ids = self.of_beta(field.get("relation"))
            if ids and field["type"] == "many2one":
                found[name] = ids[0]
        return found

    def of_beta(self, model):
        known = {
            "res.company": self.beta,
            "account.email.connector": self.beta.sudo().email_connector_id,
        }
        if model == "res.partner":
            domain = [("company_id", "=", self.beta.id)]
            return self.su[model].search(domain, limit=1).ids
        return known[model].ids if model in known else []

    def made_up(self, known):
        """Yield (field, value): what Acme has, by its number, and as a record in memory
        that is said to be of it."""
        for name, field in known.items():
            ids = self.targets(field["relation"]) if field.get("relation") else []
            for id_ in ids[:1]:
                if field["type"] == "many2one":
                    yield name, id_
                    yield name, {"id": id_}
                else:
                    yield name, [Command.link(id_)]
                    yield name, [Command.update(id_, {})]
