import os
import stat
import tempfile
from pathlib import Path
from unittest.mock import patch

from cryptography.fernet import Fernet

from odoo.tests import BaseCase, tagged
from odoo.tools import config

from ..providers.outcomes import AdminActionRequired
from ..tools import vault


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
        sealed = vault.seal("a password")
        self.assertNotIn("a password", sealed)
        self.assertEqual(vault.unseal(sealed), "a password")

    def test_the_key_is_for_the_owner_only(self):
        vault.seal("x")
        self.assertEqual(stat.S_IMODE(os.stat(self.path).st_mode), 0o600)
        self.assertEqual(os.listdir(self.path.parent), [self.path.name])

    def test_another_key_opens_nothing(self):
        sealed = vault.seal("x")
        self.path.write_bytes(Fernet.generate_key())
        with self.assertRaises(vault.SecretLost):
            vault.unseal(sealed)

    def test_keys_rotate(self):
        old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
        with patch.dict(config.options, {vault.CONFIG_OPTION: old}):
            sealed = vault.seal("x")
        with patch.dict(config.options, {vault.CONFIG_OPTION: f"{new}, {old}"}):
            self.assertEqual(vault.unseal(sealed), "x")
            renewed = vault.seal("x")
        with patch.dict(config.options, {vault.CONFIG_OPTION: new}):
            self.assertEqual(vault.unseal(renewed), "x")

    def test_a_comma_too_many_is_no_key(self):
        key = Fernet.generate_key().decode()
        with patch.dict(config.options, {vault.CONFIG_OPTION: f"{key}, "}):
            self.assertEqual(vault.unseal(vault.seal("x")), "x")

    def test_a_key_that_is_none_says_so_and_not_what_it_was(self):
        for given in ("not-a-key", "ä", ","):
            with (
                self.subTest(given),
                patch.dict(config.options, {vault.CONFIG_OPTION: given}),
                self.assertRaises(AdminActionRequired) as caught,
            ):
                vault.seal("x")
            self.assertNotIn("not-a-key", str(caught.exception))

    def test_a_key_file_that_cannot_be_read(self):
        self.path.mkdir(parents=True)  # root reads every file, but no directory
        with self.assertRaises(AdminActionRequired):
            vault.unseal("x")
