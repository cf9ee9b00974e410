"""To which bank account an invoice is paid."""

import re
from typing import NamedTuple

IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")


class Accounts:
    """The accounts (``res.partner.bank``) of a company's invoices in one currency.

    :param company: the one that is paid.
    """

    def __init__(self, company, currency):
        self.company, self.currency = company, currency
        self._usual = None

    def of(self, move):
        """The one that *move* (``account.move``, perhaps none) prints, else the usual.

        One that was archived since is given up: money sent there may not arrive. Of
        another entry than an invoice, Odoo's field may be an account of the customer's.
        """
        own = move.partner_bank_id if move.is_inbound() else move.partner_bank_id[:0]
        return own if own.active else self._usual_one()

    def by_bank(self, moves):
        """Return {account: what is paid to it}; of what has no account, nothing at all.

        :param moves: {what is paid: its ``account.move``, perhaps none}.
        """
        found = {}
        for what, move in moves.items():
            found.setdefault(self.of(move), []).append(what)
        return found if all(found) else {}

    def _usual_one(self):
        if self._usual is None:
            self._usual = self._first_journal().bank_account_id
        return self._usual

    def _first_journal(self):
        """The first bank journal in this currency whose account can be used."""
        journals = self.company.env["account.journal"]
        found = journals.search(
            [
                *journals._check_company_domain(self.company),
                ("type", "=", "bank"),
                ("bank_account_id.active", "=", True),
            ]
        )
        return found.filtered(self._takes)[:1]

    def _takes(self, journal):
        own = journal.currency_id or journal.company_id.currency_id
        return own == self.currency and journal.bank_account_id.currency_id in (
            self.currency,
            own.browse(),
        )


class Shown(NamedTuple):
    """An account as people read it."""

    holder: str
    is_iban: bool
    number: str
    bic: str
    bank: str


def shown(bank, qr_iban=False):
    """*bank* as people read it.

    :param qr_iban: its Swiss QR-IBAN, to which alone a QR reference is paid.
    """
    number = bank.l10n_ch_qr_iban if qr_iban else bank.acc_number
    bare = re.sub(r"[\s-]", "", number or "").upper()
    is_iban = bool(IBAN.fullmatch(bare))
    return Shown(
        bank.acc_holder_name or bank.partner_id.name or "",
        is_iban,
        " ".join(re.findall(".{1,4}", bare)) if is_iban else number or "",
        bank.bank_bic or "",
        bank.bank_name or "",
    )


def has_qr_iban(bank):
    """Whether *bank* has a Swiss QR-IBAN; False where Odoo knows none."""
    return "l10n_ch_qr_iban" in bank._fields and bool(bank.l10n_ch_qr_iban)
