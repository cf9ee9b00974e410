import inspect
import socket
import sys
from collections import deque
from datetime import timedelta
from types import FunctionType, GeneratorType, TracebackType
from unittest.mock import patch

import psycopg2

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.base.models.ir_mail_server import IrMail_Server

from ..engine.mailbox import condition, copied, test_email
from ..engine.secrets import mailboxes, sealed, signing_in
from ..engine.sending.mail_session import open_session
from ..providers.outcomes import AdminActionRequired, SignInRequired
from ..providers.reasons import Reason
from .common import ConnectorCommon

PASSWORD, CLIENT_SECRET = "planted-secret", "planted-client-secret"
SECRETS = (PASSWORD, CLIENT_SECRET)
GUID = "11111111-2222-4333-8444-555555555555"
#: How far what a method returns is looked into.
DEEPEST = 6


class SecretsCommon(ConnectorCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.app = (
            cls.env["account.email.oauth.app"]
            .sudo()
            .create(
                {
                    "name": "Microsoft",
                    "client_id": GUID,
                    "audience": "common",
                    "client_secret": CLIENT_SECRET,
                }
            )
        )
        cls.form = cls.env["account.email.connector.smtp"].create(cls.form_values())

    @classmethod
    def form_values(cls, **values):
        return {
            "connector_id": cls.connector.id,
            "email": cls.connector.email,
            "user": cls.connector.email,
            "host": "smtp.acme.example",
            "port": 465,
            "encryption": "ssl",
            "sent_copy": "auto",
            "password": PASSWORD,
            **values,
        }


@tagged("post_install", "-at_install")
class TestSealedForItsPurpose(SecretsCommon):
    """A secret is opened for what it was given for, and for nothing else."""

    def assertLost(self, connector=None):
        with self.assertRaises(SignInRequired) as caught:
            mailboxes.open_mailbox(connector or self.connector)
        self.assertEqual(caught.exception.reason, Reason.CREDENTIAL_LOST)

    def test_another_server_or_account_or_no_encryption(self):
        self.assertEqual(sealed.load(self.connector), {"password": PASSWORD})
        for name, value in (
            ("smtp_host", "smtp.evil.example"),
            ("smtp_encryption", "none"),
            ("smtp_user", "somebody else"),
            ("imap_host", "imap.evil.example"),
            ("email", "thief@evil.example"),
        ):
            before = self.connector[name]
            with self.subTest(name):
                self.connector[name] = value
                self.assertLost()
            self.connector[name] = before
        self.connector.smtp_port = 25  # which is the same server
        mailboxes.open_mailbox(self.connector)

    def test_imap_without_encryption(self):
        """What was sealed before one could choose opens: it was for TLS."""
        values = {"imap_host": "imap.acme.example"}
        before = sealed.purpose_of_mailbox(self.connector).keys()
        self.connector._connect(self.connector.email, {"password": PASSWORD}, values)
        self.assertEqual(sealed.purpose_of_mailbox(self.connector).keys(), before)
        self.connector.imap_encryption = "ssl"
        mailboxes.open_mailbox(self.connector)
        for other in ("none", "starttls"):
            self.connector.imap_encryption = other
            self.assertLost()
        values["imap_encryption"] = "none"
        self.connector._connect(self.connector.email, {"password": PASSWORD}, values)
        mailboxes.open_mailbox(self.connector)
        self.connector.imap_encryption = False
        self.assertLost()

    def test_another_company(self):
        other = self.connect(self._create_company(name="Other"), self.connector.email)
        self.env.cr.execute(
            """UPDATE account_email_connector_credential AS target
                  SET sealed = source.sealed
                 FROM account_email_connector_credential AS source
                WHERE target.connector_id = %s AND source.connector_id = %s""",
            [other.id, self.connector.id],
        )
        self.env.invalidate_all()
        self.assertLost(other)

    def test_an_apps_secret_for_another_client_cloud_or_database(self):
        self.assertEqual(mailboxes.oauth_app(self.app).client_secret, CLIENT_SECRET)
        other = "99999999-2222-4333-8444-555555555555"
        for name, value in (("client_id", other), ("cloud", "china")):
            with self.subTest(name), self.env.cr.savepoint() as savepoint:
                self.env.cr.execute(
                    f"UPDATE account_email_oauth_app SET {name} = %s WHERE id = %s",
                    [value, self.app.id],
                )
                self.env.invalidate_all()
                with self.assertRaises(AdminActionRequired):
                    mailboxes.oauth_app(self.app)
                savepoint.rollback()
        self.env["ir.config_parameter"].sudo().set_param("database.uuid", "a copy")
        with self.assertRaises(AdminActionRequired):
            mailboxes.oauth_app(self.app)

    def test_another_client_needs_its_own_secret(self):
        """It is asked for, instead of failing at the next sign-in."""
        self.app.name = "Renamed"
        self.assertTrue(self.app.has_secret)
        self.app.client_id = GUID.upper()  # the same one
        self.assertTrue(self.app.has_secret)
        self.app.client_id = GUID.replace("1", "9")
        self.assertFalse(self.app.has_secret)
        self.app.client_secret = "another"
        self.assertEqual(mailboxes.oauth_app(self.app).client_secret, "another")

    def test_a_password_goes_to_no_other_server_than_it_was_entered_for(self):
        self.assertTrue(self.form.has_password)
        self.form.host = "smtp.evil.example"
        self.assertFalse(self.form.has_password)
        with self.assertRaisesRegex(UserError, "once more"):
            self.form.action_log_in()
        self.form.sudo().password_for = self.form._servers()  # whoever can write that
        with self.assertRaises(SignInRequired):
            mailboxes.sign_in(self.form, None)
        self.form.write({"host": "smtp.acme.example", "port": 587})
        self.form.sudo().password_for = self.form._servers()
        self.assertTrue(self.form.has_password, "another port is the same server")
        with patch.object(mailboxes, "SmtpMailbox") as mailbox:
            mailboxes.sign_in(self.form, lambda secret: None)
        self.assertEqual(mailbox.call_args.args[0].password, PASSWORD)

    def test_a_password_does_not_go_in_the_clear_by_a_change(self):
        self.form.write({"encryption": "starttls", "port": 587})
        self.assertTrue(self.form.has_password)
        self.form.encryption = "none"
        self.assertFalse(self.form.has_password)
        self.form.sudo().password_for = self.form._servers()
        with self.assertRaises(SignInRequired):
            mailboxes.sign_in(self.form, None)

    def test_nor_does_it_by_a_change_of_imap(self):
        self.form.write({"imap_host": "imap.acme.example", "password": PASSWORD})
        self.assertTrue(self.form.has_password)
        self.form.imap_encryption = "none"
        self.assertFalse(self.form.has_password)
        self.form.sudo().password_for = self.form._servers()
        with self.assertRaises(SignInRequired):
            mailboxes.sign_in(self.form, None)

    def test_a_key_that_is_lost_connects_nothing(self):
        self.connector.action_disconnect()
        unusable = AdminActionRequired(Reason.KEY_UNUSABLE)
        with (
            patch.object(sealed, "keep", side_effect=unusable),
            self.assertRaises(AdminActionRequired),
        ):
            self.connector._connect("new@acme.example", {"password": "x"}, {})
        self.assertEqual(self.connector.state, "disconnected")


@tagged("post_install", "-at_install")
class TestNoRecordGivesASecret(SecretsCommon):
    """Not to a template, a server action, a default or a debugger."""

    def test_what_is_entered_never_stands_on_a_record(self):
        for record, name, secret in (
            (self.form, "password", PASSWORD),
            (self.app, "client_secret", CLIENT_SECRET),
        ):
            self.assertFalse(record[name])
            record[name] = secret  # as a form does, and what reads in the same moment
            self.assertFalse(record[name])
            self.assertNotIn(secret, str(record.read()))

    def test_what_is_being_typed_is_not_taken_into_memory(self):
        seen = []
        Smtp = self.registry["account.email.connector.smtp"]
        compute = Smtp._compute_user

        def look(records):
            seen.extend(records.mapped("password"))
            return compute(records)

        self.patch(Smtp, "_compute_user", look)
        with Form(
            self.env["account.email.connector.smtp"].with_context(
                default_connector_id=self.connector.id
            )
        ) as form:
            form.email = "new@acme.example"
            form.host, form.password = "smtp.acme.example", PASSWORD
            form.email = "newer@acme.example"
        self.assertTrue(seen)
        self.assertNotIn(PASSWORD, seen)

    def test_no_method_gives_one(self):
        """Each method of each model of ours that can be called with nothing."""
        tried = 0
        with mute_logger("odoo.addons.account_email_connector", "odoo.sql_db"):
            for record in self.records():
                for name, method in callables(record):
                    tried += 1
                    with self.subTest(model=record._name, method=name):
                        found = self.call(method)
                        self.assertFalse(secrets_in(found))
        self.assertGreater(tried, 100)

    def records(self):
        yield from (self.connector, self.app, self.form)
        yield self.env["account.email.connector.credential"].sudo().search([], limit=1)
        for name in (
            *("connector.approval", "connector.send.as", "oauth.flow", "inbox"),
            *("delivery", "followup", "followup.plan", "followup.step"),
            *("approval", "followup.line", "incoming", "promise"),
        ):
            yield self.env[f"account.email.{name}"].sudo().search([], limit=1)
        for name in ("mail.mail", "account.move", "res.company", "res.partner"):
            yield self.env[name].sudo().search([], limit=1)

    def call(self, method):
        """What it returns or raises, undone."""
        savepoint = self.env.cr.savepoint()
        try:
            return method()
        except Exception as error:  # noqa: BLE001  # that is for other tests
            return error.args
        finally:
            savepoint.close(rollback=True)

    def test_templates_that_ask_for_it(self):
        groups = "base.group_user,mail.group_mail_template_editor"
        editor = new_test_user(self.env, "secrets_editor", groups)
        connector = "object.env['account.email.connector'].sudo().search([], limit=1)"
        app = "object.env['account.email.oauth.app'].sudo().search([], limit=1)"
        form = "object.env['account.email.connector.smtp'].sudo().search([], limit=1)"
        for expression in (
            "object.env['account.email.connector.credential'].sudo()"
            f"._load({connector})",
            f"{connector}._open_mailbox()._settings.password",
            f"[s.mailbox for s in {connector}._open_session().gen]",
            f"{connector}._smtp_settings('x')",
            f"{app}._oauth_app().client_secret",
            f"{app}.client_secret",
            f"{form}._settings().password",
            f"{form}.password",
            "object.env.context",
            "object.env['account.email.connector.credential'].sudo().search([]).read()",
        ):
            with self.subTest(expression):
                self.assertFalse(secrets_in(self.rendered(editor, expression)))

    @mute_logger("odoo.addons.mail.models.mail_template")
    def rendered(self, editor, expression):
        """What *editor* sees of a template of their own; why not, if it fails."""
        values = {
            "name": "t",
            "model_id": self.env["ir.model"]._get_id("res.partner"),
            "body_html": f'<div><t t-out="{expression}"/></div>',
        }
        try:
            template = self.env["mail.template"].with_user(editor).create(values)
            return template._render_field("body_html", editor.partner_id.ids)
        except Exception as error:  # noqa: BLE001  # there is no such method
            return str(error)

    def test_nothing_that_is_sent_leads_to_one(self):
        """A view that is rendered while an email is on its way sees its context."""
        self.connector.sends_accounting_emails = True
        with open_session(self.connector) as session:
            self.assertTrue(secrets_in(session.mailbox()), "there is something to find")
            self.assertFalse(secrets_in(session))
            self.assertFalse(secrets_in(session.attempt))

    def test_no_error_leads_to_one(self):
        """``str.format`` follows a traceback to its frames, and what stands in them."""
        app = self.app
        self.connector.sudo().wait_until = False
        for work in (
            lambda: test_email.send(self.connector.sudo()),
            lambda: mailboxes.sign_in(self.form, lambda secret: 1 / 0),
            lambda: signing_in.begin(app, "https://x/y"),
            lambda: mailboxes.ask(self.connector, lambda mailbox: 1 / 0),
        ):
            with (
                patch("socket.getaddrinfo", side_effect=socket.gaierror("no network")),
                mute_logger("odoo.addons.account_email_connector"),
                self.enter_registry_test_mode(),
            ):
                try:
                    work()
                except Exception as error:  # noqa: BLE001
                    self.assertFalse(secrets_in(error))
                else:
                    self.fail("It should have failed.")

    def test_nothing_that_runs_while_it_is_sent_leads_to_one(self):
        """An automation on emails sees all the frames below which it runs."""
        self.invoice(5)
        followup = self.plan()
        found = []
        MailMail = self.registry["mail.mail"]
        write = MailMail.write

        def automation(mails, values):
            frame = sys._getframe()
            while frame:
                if frame.f_code.co_filename.count("/addons/"):
                    found.append(secrets_in(dict(frame.f_locals)))
                frame = frame.f_back
            return write(mails, values)

        cron = self.env.ref("account_email_connector.ir_cron_followups")
        with (
            patch.object(MailMail, "write", automation),
            patch.object(IrMail_Server, "_disable_send", lambda *a: False),
            patch("socket.getaddrinfo", side_effect=socket.gaierror("no network")),
            mute_logger("odoo.addons.account_email_connector"),
            self.enter_registry_test_mode(),
        ):
            cron.method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(followup.reason, "host_not_found", "it was tried")
        self.assertGreater(len(found), 20)
        self.assertFalse(set().union(*found))

    def test_nothing_that_runs_while_it_signs_in_leads_to_one(self):
        """Nor does an automation on what is shown meanwhile."""
        found = []

        def automation(user, kind, payload):
            found.append(secrets_in(payload))
            frame = sys._getframe()
            while frame:
                name = frame.f_code.co_filename
                if "account_email_connector" in name and name != __file__:
                    found.append(secrets_in(dict(frame.f_locals)))
                frame = frame.f_back

        with (
            patch.object(self.registry["res.users"], "_bus_send", automation),
            patch("socket.getaddrinfo", side_effect=socket.gaierror("no network")),
            mute_logger("odoo.addons.account_email_connector"),
            self.enter_registry_test_mode(),
        ):
            self.form.action_log_in()
        self.assertIn("not known", self.form.failure_title, "it was tried")
        self.assertGreater(len(found), 10)
        self.assertFalse(set().union(*found))

    def test_nobody_reads_the_sealed_ones(self):
        system = new_test_user(self.env, "secrets_system", "base.group_system")
        for record, name in (
            (self.app, "sealed_secret"),
            (self.form, "sealed_password"),
            (self.form, "password_for"),
        ):
            with self.assertRaises(AccessError):
                record.with_user(system).read([name])


def callables(record):
    """(name, bound method) of each method of this addon that needs no argument."""
    for name, function in inspect.getmembers(type(record), inspect.isfunction):
        ours = function.__module__.startswith("odoo.addons.account_email_connector.")
        needed = [
            parameter
            for parameter in list(inspect.signature(function).parameters.values())[1:]
            if parameter.default is parameter.empty
            and parameter.kind not in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD)
        ]
        if ours and not needed and not name.startswith("_cron"):
            yield name, getattr(record, name)


def secrets_in(thing):
    """The planted secrets that *thing* leads to: by attributes, items, iteration."""
    waiting, seen, found = deque([(thing, 0)]), set(), set()
    while waiting:
        each, depth = waiting.popleft()
        if id(each) in seen or depth > DEEPEST:
            continue
        seen.add(id(each))
        if isinstance(each, (str, bytes)):
            text = each if isinstance(each, str) else each.decode("latin-1")
            found.update(secret for secret in SECRETS if secret in text)
        else:
            waiting.extend((inner, depth + 1) for inner in _within(each))
    return found


def _within(thing):
    """What attributes and items of *thing* lead to, as far as it is ours."""
    for kinds, inner in WITHIN:
        if isinstance(thing, kinds):
            return inner(thing)
    if hasattr(thing, "gen"):  # a context manager made of a generator
        return [thing.gen]
    if hasattr(thing, "_ids") or not type(thing).__module__.count("connector"):
        return []
    properties = [
        getattr(thing, name)
        for name, value in inspect.getmembers(type(thing))
        if isinstance(value, property)
    ]
    return [*getattr(thing, "__dict__", {}).values(), *properties]


def _within_error(error):
    return [error.args, error.__traceback__, error.__context__, error.__cause__]


def _within_traceback(traceback):
    # The test's own frames hold what it looks for.
    mine = traceback.tb_frame.f_code.co_filename == __file__
    return [None if mine else dict(traceback.tb_frame.f_locals), traceback.tb_next]


def _within_function(function):
    return [cell.cell_contents for cell in function.__closure__ or ()]


WITHIN = (
    (dict, lambda thing: [*thing.keys(), *thing.values()]),
    ((list, tuple, set, frozenset, GeneratorType), list),
    (BaseException, _within_error),
    (TracebackType, _within_traceback),
    (FunctionType, _within_function),
)


@tagged("post_install", "-at_install")
class TestCopies(SecretsCommon):
    """A copy of the database, whatever tool has made it, sends nothing by itself."""

    def copied(self):
        """Let this database be another one than that of the mailbox."""
        self.connector.place = "1234567890.16384"

    def test_it_is_held_and_writes_to_nobody(self):
        self.invoice(5)
        followup = self.plan()
        self.copied()
        mails = self.env["mail.mail"].search_count([])
        with open_session(self.connector) as session:
            self.assertFalse(session.usable())
        self.assertEqual(self.connector.error_reason, "database_copied")
        self.assertIn("copied", self.connector.error_title)
        self.assertFalse(self.connector.activity_ids, "nobody is called to a copy")
        self.assertEqual(self.env["mail.mail"].search_count([]), mails)
        self.assertEqual(followup.state, "planned", "nothing is lost")

    def opened(self):
        """Let a process open the database."""
        self.env["account.email.connector"].sudo()._register_hook()

    def test_it_says_what_it_is_when_it_is_opened(self):
        """Before anything is sent, and without anybody's doing."""
        self.opened()
        self.assertEqual(self.connector.state, "connected", "it is the one")
        self.copied()
        self.connector.connected_in = "acme-prod"
        self.opened()
        self.opened()
        self.assertEqual(self.connector.state, "error")
        said = "This database is a copy of acme-prod"
        self.assertEqual(self.connector.error_title, said)
        (line,) = self.env["account.email.connector"].get_trouble()
        self.assertEqual(line["title"], said)
        self.assertFalse(self.connector.activity_ids, "nobody is called to a copy")
        self.connector.action_send_from_here()
        self.opened()
        self.assertEqual(self.connector.state, "connected")
        self.assertEqual(self.connector.sudo().connected_in, self.env.cr.dbname)

    def test_one_of_the_same_name_was_moved_or_restored(self):
        self.copied()
        self.opened()
        self.assertEqual(self.connector.error_reason, "database_copied")
        self.assertIn("copied, moved or restored", self.connector.error_title)

    def test_no_trouble_keeps_a_database_from_being_opened(self):
        self.copied()
        busy = psycopg2.errors.SerializationFailure("another process does it")
        with patch.object(condition, "break_off", side_effect=busy):
            self.opened()
        self.assertEqual(self.connector.state, "connected")
        with (
            patch.object(condition, "break_off", side_effect=ValueError("a defect")),
            self.assertLogs(copied.__name__, "ERROR"),
        ):
            self.opened()
        self.assertEqual(self.connector.state, "connected")

    def test_nor_that_it_is_still_to_be_updated(self):
        self.copied()
        self.env.flush_all()
        self.cr.execute("ALTER TABLE account_email_connector DROP COLUMN place")
        self.env.invalidate_all()
        with self.assertNoLogs("odoo.sql_db"), self.assertNoLogs(copied.__name__):
            self.opened()

    def test_a_person_says_that_it_is_the_one(self):
        self.copied()
        with open_session(self.connector):
            self.assertFalse(self.connector._usable())
        billing = new_test_user(self.env, "copy_b", "account.group_account_invoice")
        with self.assertRaises(AccessError):
            self.connector.with_user(billing).action_send_from_here()
        cron = self.env.ref("account_email_connector.ir_cron_followups")
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        self.connector.action_send_from_here()
        self.assertEqual(self.connector.state, "connected")
        mailboxes.open_mailbox(self.connector)
        later = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        self.assertEqual(len(later), len(triggers) + 1, "what waited may go")

    def test_only_a_copy_is_told_to_send(self):
        """It is no way around a sign-in, nor around what a provider asks for."""
        later = self.today + timedelta(days=1)
        self.connector.wait_until = later
        for values in (
            {"state": "connected"},
            {"state": "error", "error_reason": "wrong_password"},
            {"state": "disconnected", "error_reason": False},
        ):
            self.connector.write(values)
            self.connector.action_send_from_here()
            self.assertEqual(self.connector.state, values["state"])
        self.connector.write({"state": "error", "error_reason": "database_copied"})
        self.connector.action_send_from_here()
        self.assertEqual(self.connector.state, "connected")
        self.assertTrue(self.connector.wait_until)

    def test_odoos_own_copy_asks_for_the_password_all_the_same(self):
        self.copied()
        self.env["ir.config_parameter"].sudo().set_param("database.uuid", "a copy")
        with open_session(self.connector):
            pass
        self.assertEqual(self.connector.error_reason, "database_copied")
        self.connector.action_send_from_here()
        self.assertEqual(self.connector.error_reason, "credential_lost")
        self.connector._connect(self.connector.email, {"password": "x"}, {})
        self.assertEqual(self.connector.state, "connected")

    def test_a_copy_revokes_no_grant_of_the_original(self):
        self.connector.write({"provider": "google", "oauth_account_id": "1"})
        self.copied()
        with patch.object(signing_in, "revoke", side_effect=AssertionError):
            self.connector.action_disconnect()
        self.assertEqual(self.connector.state, "disconnected")
        self.assertFalse(self.connector.place)
