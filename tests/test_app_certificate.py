"""An app that signs in to Microsoft with a certificate instead of a secret."""

import base64
from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from dateutil.relativedelta import relativedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from ..engine.mailbox import health
from ..engine.secrets import certificates, mailboxes, rotation
from .oauth_common import ANNA, MICROSOFT, OAuthCommon, StandInCommon
from .test_keys import KeysCommon

KEY = "PRIVATE KEY"
GUID = "11111111-2222-4333-8444-555555555555"


class CertificateCommon(OAuthCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.app = cls.apps["microsoft"]
        cls.small_keys()

    @classmethod
    def small_keys(cls):
        """Large ones take their time to be found."""
        cls.classPatch(certificates, "KEY_BITS", 2048)

    def uploaded(self):
        """What was downloaded, as Entra gets it."""
        pem = base64.b64decode(self.app.certificate_file).decode()
        self.assertNotIn(KEY, pem)
        return pem


@tagged("post_install", "-at_install")
class TestAppCertificate(CertificateCommon):
    def test_it_waits_beside_the_secret_until_it_is_used(self):
        self.app.action_make_certificate()
        self.assertTrue(self.app.certificate_waits)
        self.assertEqual(mailboxes.oauth_app(self.app).client_secret, MICROSOFT[1])
        pem = self.uploaded()
        self.app.action_use_certificate()
        known = mailboxes.oauth_app(self.app)
        self.assertEqual(known.certificate, pem)
        self.assertIn(KEY, known.client_secret)
        self.assertFalse(self.app.has_secret)
        self.assertFalse(self.app.certificate_waits)
        self.assertEqual(self.connector._find_app("microsoft"), self.app)

    def test_another_one_waits_beside_that_in_use(self):
        self.app.action_make_certificate()
        self.app.action_use_certificate()
        before = mailboxes.oauth_app(self.app)
        self.app.action_make_certificate()
        self.assertEqual(mailboxes.oauth_app(self.app), before)
        self.assertNotEqual(self.app.certificate_text, self.app.next_certificate_text)
        self.app.action_use_certificate()
        self.assertNotEqual(mailboxes.oauth_app(self.app), before)

    def test_pressed_twice_it_is_the_last_one_that_waits(self):
        self.app.action_make_certificate()
        first = self.uploaded()
        self.app.action_make_certificate()
        self.assertNotEqual(self.uploaded(), first)
        self.app.action_use_certificate()
        with self.assertRaisesRegex(UserError, "Make a certificate first"):
            self.app.action_use_certificate()

    def test_it_says_what_entra_says_of_it(self):
        self.app.action_make_certificate()
        pem = self.uploaded()
        certificate = x509.load_pem_x509_certificate(pem.encode())
        self.assertIsInstance(certificate.public_key(), rsa.RSAPublicKey)
        thumbprint = certificates.thumbprint(pem)
        self.assertRegex(thumbprint, "^[0-9A-F]{40}$")
        self.assertIn(thumbprint, self.app.next_certificate_text)

    def test_somebody_is_reminded_before_it_ends(self):
        self.app.action_make_certificate()
        self.app.action_use_certificate()
        ends = self.app.secret_expires_on
        today = fields.Date.today()
        self.assertAlmostEqual((ends - today).days, 730, delta=1)
        self.app.secret_expires_on = today + timedelta(days=20)
        self.assertIn("certificate expires: 20.", self.app.secret_warning)
        self.app._warn_of_expiry()
        self.assertIn("certificate expires", self.app.activity_ids.summary)
        self.app.action_make_certificate()
        self.app.action_use_certificate()
        self.assertFalse(self.app.activity_ids)
        self.assertFalse(self.app.secret_warning)

    def test_a_secret_takes_its_place_again(self):
        self.app.action_make_certificate()
        self.app.action_use_certificate()
        self.app.secret_expires_on = fields.Date.today()
        self.app.write({"credential": "secret", "client_secret": "new"})
        known = mailboxes.oauth_app(self.app)
        self.assertEqual((known.client_secret, known.certificate), ("new", ""))
        self.assertTrue(self.app.has_secret)
        in_two_years = fields.Date.today() + relativedelta(months=24)
        self.assertEqual(self.app.secret_expires_on, in_two_years)

    def test_as_another_client_it_has_to_be_made_again(self):
        self.app.action_make_certificate()
        self.app.action_use_certificate()
        self.app.action_make_certificate()
        self.app.client_id = "99999999-2222-4333-8444-555555555555"
        self.assertFalse(self.app.has_certificate or self.app.certificate_waits)
        self.assertFalse(self.app.copy().has_certificate)

    def test_the_key_is_sealed_and_nobody_reads_it(self):
        self.app.action_make_certificate()
        self.app.action_use_certificate()
        self.app.action_make_certificate()
        self.env.flush_all()
        self.env.cr.execute("SELECT * FROM account_email_oauth_app")
        self.assertNotIn(KEY, str(self.env.cr.fetchall()))
        groups = "base.group_system"
        app = self.app.with_user(new_test_user(self.env, "cert_system", groups))
        self.assertNotIn(KEY, str(app.read()))
        for name in ("sealed_secret", "next_sealed", "certificate", "next_certificate"):
            with self.subTest(name), self.assertRaises(AccessError):
                app.read([name])

    def test_who_only_uses_the_app_makes_none(self):
        groups = "base.group_user,account.group_account_manager"
        app = self.app.with_user(new_test_user(self.env, "cert_manager", groups))
        for name in ("make", "use", "download"):
            with self.subTest(name), self.assertRaises(AccessError):
                getattr(app, f"action_{name}_certificate")()
        with self.assertRaises(AccessError):
            app.read(["certificate_file"])

    def test_google_takes_none(self):
        with self.assertRaisesRegex(UserError, "client secret only"):
            self.apps["google"].action_make_certificate()

    def test_an_app_can_be_registered_without_a_secret(self):
        app = self.app.browse()
        app = app.with_user(new_test_user(self.env, "cert_new", "base.group_system"))
        with Form(app) as form:
            form.name, form.client_id, form.tenant_id = "New", GUID, "acme.example"
            form.credential = "certificate"
        self.assertFalse(form.record.has_secret)
        self.assertFalse(form.record.sudo().sealed_secret)


@tagged("post_install", "-at_install")
class TestCertificateAndKeys(KeysCommon):
    def test_one_that_waits_is_sealed_anew_too(self):
        values = {"name": "Microsoft", "client_id": GUID, "audience": "common"}
        with self.keys(self.old):
            app = self.env["account.email.oauth.app"].sudo().create(values)
            app.action_make_certificate()
            self.env.flush_all()
        with (
            self.keys(self.new, self.old),
            self.enter_registry_test_mode(),
            mute_logger(rotation.__name__),
        ):
            rotation.seal_anew(self.env(su=True))
        with self.keys(self.new):
            app.action_use_certificate()
            self.assertIn(KEY, mailboxes.oauth_app(app).client_secret)


@tagged("post_install", "-at_install", "-standard", "connector_standin")
class TestCertificateAtMicrosoft(CertificateCommon, StandInCommon):
    def test_it_signs_in_and_is_told_when_entra_lacks_it(self):
        self.app.action_make_certificate()
        pem = self.uploaded()
        self.app.action_use_certificate()
        self.standin.control.app(MICROSOFT[0], certificates=[pem])
        connector = self.sign_in("microsoft", ANNA)
        health.check(connector)
        self.assertEqual(connector.state, "connected")
        self.standin.control.app(MICROSOFT[0], certificates=[])
        health.check(connector)
        self.assertEqual(connector.state, "error")
        self.assertEqual(connector.error_reason, "app_certificate")
        self.assertIn("upload it in Entra", connector.error_text)


@tagged("post_install", "-at_install")
class TestOwnCertificate(CertificateCommon):
    """An administrator brings a certificate with its key."""

    def made(self, key=None, days=90, bits=2048, signs=None):
        """A PEM file: a key, and a certificate that is valid for so many *days*."""
        key = key or rsa.generate_private_key(65537, bits)
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Own")])
        today = fields.Datetime.now()
        begins = today - timedelta(days=abs(days) + 1)
        certificate = (
            x509.CertificateBuilder(name, name, (signs or key).public_key())
            .serial_number(1)
            .not_valid_before(begins)
            .not_valid_after(today + timedelta(days=days))
            .sign(key, hashes.SHA256())
        )
        return self.pem(key), certificate.public_bytes(serialization.Encoding.PEM)

    def pem(self, key, password=None, form=serialization.PrivateFormat.PKCS8):
        how = serialization.NoEncryption()
        if password:
            how = serialization.BestAvailableEncryption(password)
        return key.private_bytes(serialization.Encoding.PEM, form, how)

    def bring(self, *parts):
        file = base64.b64encode(b"\n".join(parts))
        self.app.write({"own_certificate": file, "own_certificate_name": "own.pem"})

    def test_it_waits_and_is_used_like_one_made_here(self):
        key, certificate = self.made()
        self.bring(certificate, key)
        self.assertTrue(self.app.certificate_waits)
        self.assertFalse(self.app.own_certificate)
        self.assertEqual(mailboxes.oauth_app(self.app).client_secret, MICROSOFT[1])
        self.assertEqual(self.uploaded(), certificate.decode())
        self.app.action_use_certificate()
        known = mailboxes.oauth_app(self.app)
        self.assertEqual(known.client_secret, key.decode())
        self.assertEqual(known.certificate, certificate.decode())

    def test_among_those_of_its_issuers(self):
        key, certificate = self.made()
        self.bring(self.made()[1], certificate, key)
        self.assertEqual(self.uploaded(), certificate.decode())

    def test_blocks_that_never_end_are_passed_over(self):
        """Each is looked through once: there may be thousands."""
        key, certificate = self.made()
        begun = b"-----BEGIN CERTIFICATE-----\nMIIB\n" * 3
        self.bring(
            begun + certificate, begun.replace(b"CERTIFICATE", b"PRIVATE KEY") + key
        )
        self.assertEqual(self.uploaded(), certificate.decode())

    def test_in_the_older_form(self):
        key = rsa.generate_private_key(65537, 2048)
        _pem, certificate = self.made(key)
        old = serialization.PrivateFormat.TraditionalOpenSSL
        self.bring(self.pem(key, form=old), certificate)
        self.assertEqual(self.uploaded(), certificate.decode())

    def test_what_cannot_be_used_is_said(self):
        key, certificate = self.made()
        loaded = rsa.generate_private_key(65537, 2048)
        old = serialization.PrivateFormat.TraditionalOpenSSL
        curve = ec.generate_private_key(ec.SECP256R1())
        for said, parts in (
            ("no PEM file", [b"nothing"]),
            ("no PEM file", [key]),
            ("no PEM file", [certificate, key, b"x" * 70_000]),
            ("no private key", [certificate]),
            ("encrypted with a password", [certificate, self.pem(loaded, b"a")]),
            ("encrypted with a password", [certificate, self.pem(loaded, b"a", old)]),
            ("not that of its key", [certificate, self.pem(loaded)]),
            ("cannot be read", [certificate, key.replace(b"M", b"N")]),
            ("RSA key of 2048", self.made(bits=1024)),
            ("RSA key of 2048", self.made(curve)),
            ("has expired", self.made(days=-1)),
        ):
            with self.subTest(said), self.assertRaisesRegex(UserError, said) as caught:
                self.bring(*parts)
            self.assertNotIn("BEGIN", str(caught.exception))
        with self.assertRaisesRegex(UserError, "no PEM file"):
            self.app.own_certificate = "no base64"
        self.assertFalse(self.app.certificate_waits)

    def test_google_takes_none(self):
        with self.assertRaisesRegex(UserError, "client secret only"):
            self.apps["google"].own_certificate = base64.b64encode(b"x")

    def test_its_key_is_nowhere_in_the_clear(self):
        key, certificate = self.made()
        self.bring(certificate, key)
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT to_jsonb(a)::text FROM account_email_oauth_app a WHERE id = %s",
            [self.app.id],
        )
        self.assertNotIn(KEY, self.env.cr.fetchone()[0])
        found = (
            self.env["ir.attachment"]
            .sudo()
            .search([("res_model", "=", self.app._name), ("res_field", "!=", False)])
        )
        self.assertFalse(found)

    def test_as_it_is_typed_nobody_looks_at_it(self):
        spec = {"own_certificate": {}, "name": {}}
        values = {"own_certificate": "x", "name": "a"}
        self.assertEqual(self.app.onchange(values, ["own_certificate"], spec), {})
