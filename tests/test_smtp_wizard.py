import threading
from unittest.mock import Mock, patch

from lxml import etree

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools.safe_eval import safe_eval

from ..engine.mailbox import habit, progress, proposing
from ..engine.secrets import mailboxes, sealed
from ..engine.secrets.box import Box
from ..engine.sending.mail_session import open_session
from ..providers.deadline import Deadline
from ..providers.discovery import Advice, Servers, Source
from ..providers.outcomes import AdminActionRequired, SignInRequired, Unavailable
from ..providers.progress import Progress, Step
from ..providers.reasons import Reason
from ..providers.settings import SmtpSettings
from ..providers.smtp.ports import PortAnswer
from ..texts.progress import TEXTS, progress_text
from ..tools import vault
from ..wizard import account_email_connector_smtp as wizard_module
from .common import ConnectorCommon, MemoryMailbox


@tagged("post_install", "-at_install")
class TestSmtpWizard(ConnectorCommon):
    """What the user is told when the sign-in fails, and what stays as it was."""

    steps = ()

    def log_in(self, outcome=None, ports=(), **entered):
        """Press "Log in" at a mailbox that answers with *outcome*."""
        wizard = self.env["account.email.connector.smtp"].create(
            {
                "connector_id": self.connector.id,
                "email": self.connector.email,
                "user": self.connector.email,
                "encryption": "ssl",
                "sent_copy": "auto",
                "host": "smtp.acme.example",
                "port": 2525,
                "password": "planted-secret",
                **entered,
            }
        )
        mailbox = MemoryMailbox()
        mailbox.check = Mock(side_effect=outcome)
        mailbox.sent_folders = lambda: ["Archives", "Verstuurd werk"]

        def open_mailbox(settings):
            self.settings = settings
            for step in self.steps:
                settings.tell(step)
            return mailbox

        with (
            patch.object(mailboxes, "SmtpMailbox", open_mailbox),
            patch.object(
                wizard_module, "diagnose_ports", lambda host, port, **how: ports
            ),
        ):
            action = wizard.action_log_in()
        return wizard, action

    def test_the_companys_name_is_nobodys_own(self):
        """So that a company that is renamed is renamed for customers, too."""
        form = Form.from_action(self.env, self.connector.action_connect_smtp())
        self.assertFalse(form.sender_name)
        for entered, kept in ((" Acme ", ""), ("Acme Accounts", "Acme Accounts")):
            self.log_in(sender_name=entered)
            self.assertEqual(self.connector.sender_name or "", kept)

    def test_a_wrong_password(self):
        self.connector.state = "error"
        refused = SignInRequired(
            Reason.WRONG_PASSWORD, code="535 5.7.8", detail="Authentication failed"
        )
        wizard, action = self.log_in(refused)
        self.assertEqual((action["res_id"], action["target"]), (wizard.id, "new"))
        self.assertEqual(wizard.failure_title, "User name or password is wrong")
        self.assertIn("app password", wizard.failure_text)
        self.assertEqual(wizard.failure_detail, "535 5.7.8 Authentication failed")
        self.assertNotIn("planted-secret", str(wizard.read()))
        self.assertEqual(self.connector.state, "error", "nothing was connected")

    def test_a_blocked_port_and_which_others_answer(self):
        ports = [PortAnswer(465, "open"), PortAnswer(587, "open")]
        ports.append(PortAnswer(25, "filtered"))
        wizard, _action = self.log_in(Unavailable(Reason.PORT_FILTERED), ports)
        self.assertEqual(wizard.failure_title, "The port is blocked")
        self.assertIn("Ask your IT to open it", wizard.failure_text)
        self.assertIn("do answer: 465, 587.", wizard.failure_text)

    def test_no_port_answers(self):
        ports = [PortAnswer(465, "filtered"), PortAnswer(587, "closed")]
        wizard, _action = self.log_in(Unavailable(Reason.PORT_FILTERED), ports)
        self.assertIn("The ports 465, 587 do not answer either.", wizard.failure_text)
        self.assertIn("Ask your IT", wizard.failure_text)

    def test_what_refuses_every_port_is_not_said_to_be_the_mail_server(self):
        ports = [PortAnswer(465, "shut"), PortAnswer(25, "shut")]
        wizard, _action = self.log_in(Unavailable(Reason.PORT_CLOSED), ports)
        self.assertIn("refused the connection to this port", wizard.failure_text)
        self.assertIn("on the ports 465, 25 either: this is prob", wizard.failure_text)
        self.assertNotIn("server is there", wizard.failure_text)

    def test_our_words_are_not_told_as_the_servers(self):
        refused = Unavailable(
            Reason.PORT_CLOSED, detail="Connection refused", service="smtp"
        )
        wizard, _action = self.log_in(refused)
        self.assertFalse(wizard.failure_detail)
        for outcome, quoted in (
            (AdminActionRequired(Reason.CERTIFICATE_EXPIRED, detail="expired"), False),
            (SignInRequired(Reason.WRONG_PASSWORD, code="535", detail="No"), True),
        ):
            wizard, _action = self.log_in(outcome)
            self.assertEqual(wizard.failure_is_quote, quoted)
            self.assertTrue(wizard.failure_detail)
            self.assertEqual("The server said" in self.seen(wizard), quoted)

    def test_nobody_promises_to_try_again(self):
        silent = Unavailable(Reason.SERVER_SILENT, detail="x", service="smtp")
        wizard, _action = self.log_in(silent)
        self.assertNotIn("We try again", wizard.failure_text)
        self.assertIn("Try again in some minutes.", wizard.failure_text)

    def test_it_is_the_sent_folder(self):
        refused = SignInRequired(Reason.WRONG_PASSWORD, service="imap")
        wizard, _action = self.log_in(refused)
        self.assertEqual(
            wizard.failure_title,
            "IMAP (Sent folder): User name or password is wrong",
        )
        blocked = Unavailable(Reason.PORT_FILTERED, service="imap")
        wizard, _action = self.log_in(blocked, [PortAnswer(465, "open")])
        self.assertNotIn("465", wizard.failure_text, "that would be SMTP's port")

    def test_a_key_that_cannot_be_used(self):
        self.connector.state = "error"
        unusable = AdminActionRequired(Reason.KEY_UNUSABLE, detail="no such file")
        for failure, title in (
            (vault.SecretLost(), "cannot be read any more"),
            (unusable, "cannot be used"),
        ):
            with patch.object(vault, "unseal", side_effect=failure):
                wizard, _action = self.log_in()
            self.assertIn(title, wizard.failure_title)
        with patch.object(sealed, "keep", side_effect=unusable):
            wizard, _action = self.log_in()
        self.assertIn("cannot be used", wizard.failure_title)
        self.assertEqual(wizard.failure_detail, "no such file")
        self.assertEqual(self.connector.state, "error", "nothing was connected")

    def test_then_it_succeeds(self):
        self.connector.state = "error"
        wizard, action = self.log_in()
        self.assertEqual(action["params"]["title"], "Connected")
        self.assertEqual(self.connector.state, "connected")
        self.assertEqual(self.connector.smtp_port, 2525)
        self.assertFalse(wizard.exists(), "the password does not stay in the wizard")

    # -- meanwhile -------------------------------------------------------------------

    def told(self, *steps, outcome=None, ports=()):
        """What was shown while these steps were done: (user, form, text)."""
        shown = []

        def send(user, kind, payload):
            self.assertEqual(kind, progress.BUS_TYPE)
            self.assertIs(threading.current_thread(), threading.main_thread())
            shown.append((user, payload["form"], payload["text"]))

        self.steps = steps
        with (
            self.enter_registry_test_mode(),
            patch.object(self.registry["res.users"], "_bus_send", send),
        ):
            wizard, _action = self.log_in(outcome, ports)
        self.assertEqual({user for user, _form, _text in shown}, {self.env.user})
        self.assertEqual({form for _user, form, _text in shown}, {wizard.id})
        self.assertNotIn("planted-secret", str(shown))
        return [text for _user, _form, text in shown]

    def test_each_step_is_shown_to_who_waits(self):
        texts = self.told(
            Progress(Step.REACHING, "smtp.acme.example"),
            Progress(Step.NEXT_ADDRESS, "smtp.acme.example", 2),
            Progress(Step.NEXT_ADDRESS, "smtp.acme.example", 9),
            Progress(Step.CREATING_SENT, "imap.acme.example"),
        )
        self.assertEqual(
            texts,
            [
                "Reaching smtp.acme.example…",
                "Trying the second address of smtp.acme.example…",
                "Trying the next address of smtp.acme.example…",
                "Creating the Sent folder…",
                "",
            ],
        )

    def test_looking_at_the_other_ports_is_shown_too(self):
        texts = self.told(outcome=Unavailable(Reason.PORT_CLOSED))
        self.assertEqual(texts, ["Looking which other ports answer…", ""])

    def test_each_step_has_a_text(self):
        self.assertEqual(TEXTS.keys(), set(Step))
        for step in Step:
            self.assertTrue(progress_text(self.env, Progress(step, "h")).endswith("…"))

    # -- within a minute ---------------------------------------------------------------

    def log_in_after_an_error(self, took):
        """Press "Log in" at a mailbox in error, whose sign-in takes seconds."""
        self.connector.write(
            {"state": "error", "error_reason": Reason.SENDER_REFUSED.value}
        )
        told = []

        def deadline(seconds):
            return Deadline(seconds - took)

        with (
            patch.object(wizard_module, "Deadline", deadline),
            patch.object(MemoryMailbox, "end_by", lambda box, end: told.append(end)),
            self.mail_leaves(),
            self.enter_registry_test_mode(),
        ):
            wizard, action = self.log_in()
        return wizard, action, told

    def test_the_proof_has_what_the_sign_in_has_left(self):
        _wizard, action, told = self.log_in_after_an_error(took=30)
        self.assertEqual(action["params"]["title"], "Connected")
        self.assertEqual(self.connector.state, "connected")
        (end,) = told
        self.assertLessEqual(end.left(), 25)

    def test_too_little_is_left_for_the_proof(self):
        wizard, action, told = self.log_in_after_an_error(took=46)
        self.assertFalse(told)
        self.assertFalse(self.mailbox.accepted)
        self.assertEqual(self.connector.state, "error")
        self.assertEqual(action["params"]["type"], "warning")
        self.assertIn("Send a test email", action["params"]["message"])
        self.assertIn("test", self.connector.ways_out.split())
        self.assertFalse(wizard.exists())

    # -- IMAP ------------------------------------------------------------------------

    def form(self, **entered):
        """The form as a person sees it, who types *entered* in this order."""
        form = Form(
            self.env["account.email.connector.smtp"].with_context(
                default_connector_id=self.connector.id
            )
        )
        for name, value in entered.items():
            setattr(form, name, value)
        return form

    def test_how_imap_is_encrypted(self):
        form = self.form(host="mail.acme.local", imap_host="mail.acme.local")
        self.assertEqual((form.imap_encryption, form.imap_port), ("ssl", 993))
        form.imap_encryption = "starttls"
        self.assertEqual(form.imap_port, 143)
        self.log_in(imap_host="mail.acme.local", imap_encryption="none", imap_port=1143)
        self.assertEqual(self.settings.imap_encryption, "none")
        self.assertEqual(self.connector.imap_encryption, "none")
        self.assertEqual(self.connector.imap_port, 1143)
        self.assertEqual(self.form().imap_port, 1143)
        self.assertEqual(self.form().imap_encryption, "none")

    def test_what_was_connected_before_one_could_choose(self):
        self.assertEqual(self.connector.imap_encryption, "ssl")
        self.connector.imap_encryption = False
        mailbox = mailboxes.open_mailbox(self.connector)
        self.assertEqual(mailbox._settings.imap_encryption, "ssl")

    def test_a_password_for_encrypted_imap_is_not_sent_in_clear(self):
        wizard, _action = self.log_in(
            SignInRequired(Reason.WRONG_PASSWORD), imap_host="imap.acme.example"
        )
        self.assertTrue(wizard.has_password)
        wizard.imap_encryption = "starttls"
        self.assertTrue(wizard.has_password, "still nobody can read it")
        with patch.object(mailboxes, "SmtpMailbox", lambda settings: self.mailbox):
            wizard._sign_in(lambda step: None)
        wizard.imap_encryption = "none"
        self.assertFalse(wizard.has_password)
        self.assertTrue(wizard.asks_once_more)
        with self.assertRaisesRegex(UserError, "once more"):
            wizard.action_log_in()

    def test_imap_follows_smtp(self):
        for host, imap_host in (
            ("smtp.acme.example", "imap.acme.example"),
            ("SMTP-out.acme.example", "imap-out.acme.example"),
            ("mail.acme.example", "mail.acme.example"),
            ("mx3.acme.example", "mx3.acme.example"),
            ("relay.acme.example", False),
            ("smtpx.acme.example", False),
        ):
            with self.subTest(host):
                self.connector.smtp_host = False
                self.assertEqual(self.form(host=host).imap_host, imap_host)
        form = self.form(imap_host="mine.acme.example", host="smtp.acme.example")
        self.assertEqual(form.imap_host, "mine.acme.example")
        form = self.form(host="smtp.acme.exampl")
        form.host = "smtp.acme.example"
        self.assertEqual(form.imap_host, "imap.acme.example")

    # -- the password ----------------------------------------------------------------

    def test_dots_stand_for_the_password(self):
        wizard, _action = self.log_in(SignInRequired(Reason.WRONG_PASSWORD))
        self.assertEqual(set(wizard.password_dots), {"•"})
        self.assertFalse(wizard.password)
        self.assertNotEqual(len(wizard.password_dots), len("planted-secret"))
        wizard.host = "smtp.evil.example"
        self.assertFalse(wizard.password_dots, "it is asked for once more")
        wizard.write({"password": "another"})
        self.assertTrue(wizard.password_dots)

    # -- what is proposed ------------------------------------------------------------

    OVH = Servers(
        *("ssl0.ovh.net", 5025, "starttls", "imap.ovh.net", 1143, "starttls"),
        source=Source.HOSTED,
        at="mx0.mail.ovh.net",
    )

    def start(self, servers=OVH, **entered):
        """The form of a mailbox that was never connected."""
        self.connector.write(
            {
                **dict.fromkeys(("email", "smtp_host", "smtp_user"), False),
                **dict.fromkeys(("smtp_port", "smtp_encryption"), False),
            }
        )
        with patch.object(proposing.discovery, "discover", lambda address: servers):
            return self.form(**entered)

    def assertServers(self, form, **expected):
        self.assertEqual({name: form[name] for name in expected}, expected)

    def test_the_servers_of_an_address(self):
        form = self.start(email="anna@acme.example")
        self.assertServers(
            form,
            user="anna@acme.example",
            host="ssl0.ovh.net",
            port=5025,
            encryption="starttls",
            imap_host="imap.ovh.net",
            imap_port=1143,
            imap_encryption="starttls",
        )
        self.assertIn("(mx0.mail.ovh.net)", form.found_text)
        self.assertIn("Change them if your provider says otherwise", form.found_text)
        self.assertFalse(form.advice_text)

    def test_another_address_has_others(self):
        form = self.start(email="anna@acme.example")
        other = Servers("smtp.b.example", 587, "starttls", user="anna")
        with patch.object(proposing.discovery, "discover", lambda address: other):
            form.email = "anna@b.example"
        self.assertServers(
            form,
            user="anna",
            host="smtp.b.example",
            port=587,
            encryption="starttls",
            imap_host=False,
            imap_port=993,
            imap_encryption="ssl",
        )

    def test_what_was_found_for_another_address_does_not_stay(self):
        form = self.start(email="anna@acme.example")
        with patch.object(proposing.discovery, "discover", lambda address: None):
            form.email = "anna@b.example"
        self.assertServers(form, host=False, port=465, encryption="ssl")
        self.assertServers(form, imap_host=False, imap_port=993, imap_encryption="ssl")
        self.assertFalse(form.found_text)

    def test_nothing_typed_is_overwritten(self):
        form = self.start(user="me", port=2525, email="anna@acme.example")
        self.assertServers(form, user="me", port=2525, host="ssl0.ovh.net")
        form = self.start(host="mail.own.example", email="anna@acme.example")
        self.assertServers(
            form, host="mail.own.example", imap_host="mail.own.example", port=465
        )
        self.assertFalse(form.found_text)

    def test_nothing_is_found(self):
        form = self.start(None, email="anna@acme.example")
        self.assertServers(form, user="anna@acme.example", host=False, port=465)
        self.assertFalse(form.found_text)

    def test_a_mailbox_that_is_known_keeps_its_servers(self):
        with patch.object(proposing.discovery, "discover", lambda address: self.OVH):
            form = self.form(email="other@acme.example")
        self.assertServers(form, host="smtp.acme.example")

    def test_each_advice_says_what_to_do(self):
        for advice, words in (
            (Advice.MICROSOFT, "choose “Sign in with Microsoft”"),
            (Advice.GOOGLE, "choose “Sign in with Google”"),
            (Advice.NO_PASSWORD, "A password is not possible"),
            (Advice.APP_PASSWORD, "Make a password for apps"),
            (Advice.APP_PASSWORD_WITH_2FA, "two-factor"),
            (Advice.SWITCH_ON, "Switch on access"),
            (Advice.CERTIFIED, "certified mail (PEC)"),
        ):
            servers = Servers("smtp.x.example", 465, "ssl", advice=(advice,))
            form = self.start(servers, email="anna@acme.example")
            self.assertIn(words, form.advice_text)
        apple = Servers("smtp.mail.me.com", 587, "starttls")
        apple = Servers(
            "smtp.mail.me.com", 587, "starttls", advice=(Advice.APP_PASSWORD,)
        )
        form = self.start(apple, email="anna@acme.example")
        self.assertIn('href="https://support.apple.com/', form.advice_text)

    def test_nobody_else_has_servers_looked_for(self):
        clerk = new_test_user(self.env, "clerk", "account.group_account_invoice")
        wizards = self.env["account.email.connector.smtp"].with_user(clerk)
        discover = Mock()
        with (
            patch.object(proposing.discovery, "discover", discover),
            self.assertRaises(AccessError),
        ):
            wizards.onchange({"email": "anna@acme.example"}, ["email"], {"email": {}})
        discover.assert_not_called()

    # -- the Sent folder -------------------------------------------------------------

    def test_the_folders_to_choose_from(self):
        unknown = AdminActionRequired(Reason.SENT_FOLDER_NOT_FOUND, service="imap")
        entered = {"imap_host": "imap.acme.example"}
        wizard, action = self.log_in(unknown, **entered)
        told = wizard.fields_get(["sent_folder"])["sent_folder"]["help"]
        self.assertIn("One that is not there is created.", told)
        self.assertEqual(action["res_id"], wizard.id)
        self.assertEqual(wizard.folders, ["Archives", "Verstuurd werk"])
        self.log_in(**entered, sent_folder="Verstuurd werk")
        self.assertEqual(self.settings.sent_folder, "Verstuurd werk")
        self.assertEqual(self.connector.sent_folder, "Verstuurd werk")
        opened = mailboxes.open_mailbox(self.connector)
        self.assertEqual(opened._settings.sent_folder, "Verstuurd werk")
        form = self.form()
        self.assertEqual(form.sent_folder, "Verstuurd werk")
        form.imap_host = "imap.other.example"
        self.assertFalse(form.sent_folder, "another server would get such a folder")

    def test_the_folders_of_a_connected_mailbox(self):
        self.mailbox.sent_folders = lambda: ["Archives"]
        self.addCleanup(self.mailbox.__dict__.pop, "sent_folders")
        wizard = self.form(password="x", email=self.connector.email).save()
        with self.mail_leaves():
            action = wizard.action_list_folders()
        self.assertEqual((action["res_id"], wizard.folders), (wizard.id, ["Archives"]))

    BUTTON = "action_list_folders"

    def seen(self, wizard):
        """What *wizard* shows, as markup without what is invisible."""
        root = etree.fromstring(wizard.get_view(view_type="form")["arch"])
        names = {node.get("name") for node in root.iter("field")} - {None}
        values = {name: wizard[name] for name in names}
        for node in [*root.iter("div", "button", "field")]:
            if safe_eval(node.get("invisible") or "0", values):
                node.getparent().remove(node)
        return etree.tostring(root, encoding="unicode")

    def test_another_mailbox_has_other_folders_than_the_connected_one(self):
        self.log_in(imap_host="imap.acme.example")
        for changed in (
            {},
            {"imap_host": "imap.b.example"},
            {"imap_port": 1143},
            {"imap_encryption": "starttls"},
            {"user": "somebody"},
            {"email": "other@acme.example"},
        ):
            with self.subTest(changed):
                form = self.form(password="x", **changed)
                wizard = form.save()
                self.assertEqual(self.BUTTON in self.seen(wizard), not changed)
        self.assertFalse(form.is_as_connected)

    def test_a_password_is_needed_again(self):
        words = "enter the password again"
        wizard = self.form(user="me").save()
        self.assertIn(words, self.seen(wizard))
        wizard.password = "x"
        self.assertNotIn(words, self.seen(wizard))
        wizard.host = "smtp.b.example"
        self.assertTrue(wizard.asks_once_more)
        self.assertNotIn(words, self.seen(wizard), "it is said already")

    def test_a_habit_is_remembered_and_forgotten(self):
        self.log_in(imap_host="imap.acme.example")
        habit.note(self.connector, Box(Mock(sent_habit="ours")))
        self.assertEqual(self.connector.sent_habit, "ours")
        opened = mailboxes.open_mailbox(self.connector)
        self.assertEqual(opened._settings.sent_habit, "ours")
        with self.assertQueryCount(0):
            habit.note(self.connector, Box(Mock(sent_habit="ours")))
        habit.note(self.connector, Box(None))
        self.assertEqual(self.connector.sent_habit, "ours")
        self.log_in(imap_host="imap.acme.example")
        self.assertEqual(self.connector.sent_habit, "ours", "nothing has changed")
        self.log_in(imap_host="imap.acme.example", sent_folder="Archives")
        self.assertFalse(self.connector.sent_habit)
        habit.note(self.connector, Box(Mock(sent_habit="provider")))
        self.log_in(imap_host="imap2.acme.example", sent_folder="Archives")
        self.assertFalse(self.connector.sent_habit)

    def test_what_an_email_teaches_is_remembered(self):
        self.invoice(40)
        with patch.object(MemoryMailbox, "sent_habit", "ours"):
            self.run_action()
        self.assertEqual(self.connector.sent_habit, "ours")
        with (
            patch.object(MemoryMailbox, "sent_habit", ""),
            self.mail_leaves(),
            self.enter_registry_test_mode(),
        ):
            self.connector.action_send_test()
        self.assertFalse(self.connector.sent_habit, "it has to be learnt anew")

    def test_what_is_learnt_when_the_mailbox_is_closed_is_remembered(self):
        """Only then the copy of its last email is settled."""
        self.connector.sent_habit = "provider"

        class Late(MemoryMailbox):
            sent_habit = ""

            def close(self):
                self.sent_habit = "provider_late"

        self.mailbox = Late()
        self.invoice(40)
        self.run_action()
        self.assertEqual(self.connector.sent_habit, "provider_late")
        self.assertTrue(habit.is_provider(self.connector))
        self.connector.sent_habit = "ours"
        self.assertFalse(habit.is_provider(self.connector))
        self.mailbox = Late()
        with self.mail_leaves(), self.enter_registry_test_mode():
            self.connector.action_send_test()
        self.assertEqual(self.connector.sent_habit, "provider_late")

    def test_a_session_that_has_learnt_nothing_changes_nothing(self):
        """Another one may have learnt it meanwhile."""
        with (
            patch.object(MemoryMailbox, "sent_habit", ""),
            self.mail_leaves(),
            open_session(self.connector),
        ):
            self.connector.sent_habit = "ours"
        self.assertEqual(self.connector.sent_habit, "ours")

    def test_nor_one_whose_mailbox_was_connected_anew(self):
        with (
            patch.object(MemoryMailbox, "sent_habit", "ours"),
            self.mail_leaves(),
            open_session(self.connector),
        ):
            self.connector.email = "another@acme.example"
        self.assertFalse(self.connector.sent_habit)

    def test_a_sign_in_has_a_thread_without_a_database(self):
        """What is shown meanwhile leads to no secret: see engine.secrets.box."""
        threads = []
        with patch.object(
            MemoryMailbox,
            "close",
            lambda box: threads.append(threading.current_thread()),
        ):
            self.log_in()
        self.assertIsNot(threads[0], threading.main_thread())
        self.assertEqual(self.settings, SmtpSettings(**vars(self.settings)))
