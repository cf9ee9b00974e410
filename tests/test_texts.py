import re

from odoo.tests import TransactionCase, tagged

from ..engine.followup.ledger_reasons import LedgerReason
from ..providers.reasons import Reason as OfProviders
from ..rules.late_payment import Reference
from ..rules.reasons import Reason as OfRules
from ..texts import TEXTS, late_payment, ledger, reason_text, standing_text, standings
from ..texts.outcomes import oauth, registration, sending, server, signing_in


@tagged("post_install", "-at_install")
class TestTexts(TransactionCase):
    """Each reason has a text, and each text a reason."""

    def test_every_reason_has_a_text_and_every_text_a_reason(self):
        for reasons, texts in (
            (OfProviders, TEXTS),
            (OfRules, standings.SENTENCES),
            (LedgerReason, ledger.SENTENCES),
            (Reference, late_payment.REFERENCES),
        ):
            with self.subTest(reasons):
                self.assertEqual(set(texts), set(reasons))

    def test_no_subject_speaks_for_another(self):
        subjects = (server, signing_in, sending, oauth, registration)
        self.assertEqual(sum(len(each.TEXTS) for each in subjects), len(TEXTS))

    def test_each_is_told_by_its_value(self):
        """What a row says is a plain text, of any of the three."""
        unknown = reason_text(self.env, "of_no_enum")
        for reason in (*OfProviders, *OfRules, *LedgerReason):
            with self.subTest(reason):
                told = standing_text(self.env, reason.value)
                self.assertTrue(told)
                self.assertNotEqual(told, unknown[0])
        self.assertEqual(standing_text(self.env, False), "")

    def test_whoever_presses_a_button_is_promised_nothing(self):
        """Nobody tries again what was tried by hand."""
        promise = re.compile(r"[Ww]e try again|goes out|rest waits|again by itself")
        never = "It is not sent again by itself."
        for reason in set(OfProviders) - {OfProviders.PACED}:
            with self.subTest(reason):
                _title, text = reason_text(self.env, reason, by_hand=True)
                self.assertNotRegex(text.replace(never, ""), promise)
        for reason in (OfProviders.SERVER_SILENT, "connection_lost"):
            text = reason_text(self.env, reason)[1]
            self.assertTrue(text.endswith(". We try again later."), text)
            text = reason_text(self.env, reason, by_hand=True)[1]
            self.assertTrue(text.endswith(". Try again in some minutes."), text)
