import os
import stat
import tempfile
from pathlib import Path
from unittest.mock import patch

from cryptography.fernet import Fernet

from odoo.tests import BaseCase, tagged
from odoo.tools import config

from ..providers.outcomes import AdminActionRequired
from ..providers.reasons import Reason
from ..tools import vault

FOR = {"database": "one", "company": 1, "host": "smtp.acme.example"}


@tagged("post_install", "-at_install")
class TestVault(BaseCase):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "new" / "key"
        self._patch(vault, "_key_path", lambda: self.path)

    def _patch(self, *args):
        patcher = patch.object(*args)
        patcher.start()
        self.addCleanup(patcher.stop)

    def test_what_is_sealed_can_be_opened_and_not_read(self):
        sealed = vault.seal("a password", FOR)
        self.assertNotIn("a password", sealed)
        self.assertEqual(vault.unseal(sealed, FOR), "a password")

    def test_the_key_is_for_the_owner_only(self):
        vault.seal("x", FOR)
        self.assertEqual(stat.S_IMODE(os.stat(self.path).st_mode), 0o600)
        self.assertEqual(os.listdir(self.path.parent), [self.path.name])

    def test_another_key_opens_nothing(self):
        sealed = vault.seal("x", FOR)
        self.path.write_bytes(Fernet.generate_key())
        with self.assertRaises(vault.SecretLost):
            vault.unseal(sealed, FOR)

    def test_for_another_purpose_it_stays_closed(self):
        sealed = vault.seal("x", FOR)
        for other in ({**FOR, "host": "smtp.evil.example"}, {**FOR, "company": 2}, {}):
            with self.subTest(other), self.assertRaises(vault.SecretLost):
                vault.unseal(sealed, other)

    def test_what_had_no_purpose_stays_closed(self):
        first_version = vault._keys(make=True)[0].encrypt(b'{"password": "x"}').decode()
        for purpose in (FOR, None, {}):
            with self.assertRaises(vault.SecretLost):
                vault.unseal(first_version, purpose)

    def test_opening_makes_no_key(self):
        sealed = vault.seal("x", FOR)
        elsewhere = self.path.rename(self.path.with_name("elsewhere"))
        for use in (vault.seal_anew, lambda text: vault.unseal(text, FOR)):
            with self.assertRaises(AdminActionRequired) as caught:
                use(sealed)
            self.assertEqual(caught.exception.reason, Reason.KEY_UNUSABLE)
            self.assertIn(str(self.path), caught.exception.detail)
        self.assertFalse(self.path.exists())
        elsewhere.rename(self.path)
        self.assertEqual(vault.unseal(sealed, FOR), "x")

    def test_where_nothing_is_sealed_no_key_is_missed(self):
        with self.assertRaises(vault.SecretLost):
            vault.unseal("", FOR)

    def test_an_empty_file_is_no_key_and_is_not_replaced(self):
        self.path.parent.mkdir(parents=True)
        self.path.touch(0o600)
        with self.assertRaises(AdminActionRequired) as caught:
            vault.seal("x", FOR)
        self.assertIn(str(self.path), caught.exception.detail)
        self.assertEqual(self.path.read_text(), "")

    def test_others_may_not_read_the_key(self):
        vault.seal("x", FOR)
        with self.assertNoLogs(vault._logger, "WARNING"):
            vault.seal("x", FOR)
        self.path.chmod(0o640)
        with self.assertLogs(vault._logger, "WARNING") as logs:
            vault.seal("x", FOR)
            vault.seal("x", FOR)
        self.assertEqual(len(logs.output), 1, "once a process")
        self.assertIn(str(self.path), logs.output[0])

    def test_what_a_former_key_sealed_is_sealed_with_the_first(self):
        old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
        with patch.dict(config.options, {vault.CONFIG_OPTION: old}):
            sealed = vault.seal("x", FOR)
            self.assertIsNone(vault.seal_anew(sealed), "it is the first key's")
        with patch.dict(config.options, {vault.CONFIG_OPTION: f"{new},{old}"}):
            renewed = vault.seal_anew(sealed)
            self.assertIsNone(vault.seal_anew(renewed))
        with patch.dict(config.options, {vault.CONFIG_OPTION: new}):
            self.assertEqual(vault.unseal(renewed, FOR), "x")
            self.assertIsNone(vault.seal_anew(sealed), "no key opens it")

    def test_keys_rotate(self):
        old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
        with patch.dict(config.options, {vault.CONFIG_OPTION: old}):
            sealed = vault.seal("x", FOR)
        with patch.dict(config.options, {vault.CONFIG_OPTION: f"{new}, {old}"}):
            self.assertEqual(vault.unseal(sealed, FOR), "x")
            renewed = vault.seal("x", FOR)
        with patch.dict(config.options, {vault.CONFIG_OPTION: new}):
            self.assertEqual(vault.unseal(renewed, FOR), "x")

    def test_a_comma_too_many_is_no_key(self):
        key = Fernet.generate_key().decode()
        with patch.dict(config.options, {vault.CONFIG_OPTION: f"{key}, "}):
            self.assertEqual(vault.unseal(vault.seal("x", FOR), FOR), "x")

    def test_a_key_that_is_none_says_so_and_not_what_it_was(self):
        for given in ("not-a-key", "ä", ","):
            with (
                self.subTest(given),
                patch.dict(config.options, {vault.CONFIG_OPTION: given}),
                self.assertRaises(AdminActionRequired) as caught,
            ):
                vault.seal("x", FOR)
            self.assertNotIn("not-a-key", str(caught.exception))
            self.assertIn("odoo.conf", caught.exception.detail)

    def test_a_key_file_that_cannot_be_read(self):
        self.path.mkdir(parents=True)  # root reads every file, but no directory
        with self.assertRaises(AdminActionRequired):
            vault.unseal("x", FOR)
