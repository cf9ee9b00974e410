"""What customers and the bookkeeper do on each day of the year."""

from collections import Counter, defaultdict
from datetime import timedelta
from functools import partial
from random import Random

from odoo import Command, fields

MORNING, NOON, EVENING = 7, 10, 17  # o'clock: before planning, before sending, after

CUSTOMERS = 300
INVOICES = 450  # in the year: many for some, one or none for others
LANGUAGES = ("en_US", "fr_FR", "de_DE")
#: What becomes of an invoice, and how often.
FATES = {
    "early": 22,
    "late": 34,
    "in_parts": 9,
    "without_entry": 7,
    "credited": 5,
    "credit_on_account": 5,
    "money_on_account": 5,
    "disputed": 6,
    "blocked": 2,
    "no_followup": 2,
    "part_without_entry": 4,
    "online": 4,
    "unmatched": 5,
    "never": 3,
}


def days(number):
    return timedelta(days=number)


def _addresses(number):
    """What stands in the email field of a customer: two addresses of some."""
    names = ("pay", "boss") if number % 4 == 0 else ("pay",)
    return [f"{name}@customer{number}.example" for name in names]


class Office:
    """The diary of a company: who does what on which day.

    :param case: the test, with its company, connector and mailbox.
    :param chance: a seeded ``random.Random``: the same year every time.
    :param start: the first day.
    :param length: the number of days.
    """

    def __init__(self, case, chance, start, length):
        self.case, self.chance = case, chance
        self.post_office = Random(44)
        self.start, self.end = start, start + days(length)
        quiet = {"tracking_disable": True, "mail_create_nosubscribe": True}
        self.env = case.env(context=dict(case.env.context, **quiet))
        self.company = case.company
        self.diary = defaultdict(list)  # (day, hour) → what happens
        self.to_issue = defaultdict(list)  # day → values of invoices
        self.counts = Counter()
        self.online, self.lines = {}, {}  # invoice → what is under way for it
        self.cards, self.method = self._provider()
        self.money = {}  # invoice → what came for it today, and whether that is known
        self.currencies = self._currencies()
        self.terms = self._instalments()
        self.customers = self._customers()
        self.departments = self._departments()
        self._write_diary()

    def live(self, day, hour):
        """Let everything happen that stands in the diary; say whether anything did."""
        todo = self.diary.pop((day, hour), [])
        if hour == MORNING:
            self._issue_invoices(day)
        for happens in todo:
            happens(day)
        self._post_money(day)
        return bool(todo)

    def note(self, day, hour, what, *args):
        """Write into the diary: *what* is called with *args* and the day."""
        if day < self.end:
            self.diary[day, hour].append(partial(what, *args))

    # -- how it begins ------------------------------

    def _currencies(self):
        found = self.company.currency_id
        for name, rate in (("EUR", 0.92), ("GBP", 0.79)):
            currency = self.env.ref(f"base.{name}")
            currency.active = True
            for number, day in enumerate((0, 120, 250)):
                self.env["res.currency.rate"].create(
                    {
                        "name": self.start + days(day - (0 if day else 90)),
                        "company_rate": rate * (1 + number / 50),
                        "currency_id": currency.id,
                        "company_id": self.company.id,
                    }
                )
            found |= currency
        return found

    def _provider(self):
        """One of whom no module is installed here."""
        values = {"name": "Cards", "company_id": self.company.id}
        provider = self.env["payment.provider"].sudo().create(values)
        self.env.cr.execute(
            "UPDATE payment_provider SET code = 'cards' WHERE id = %s", (provider.id,)
        )
        self.env.invalidate_all()
        methods = self.env["payment.method"].with_context(active_test=False)
        return provider, methods.search([], limit=1)

    def _instalments(self):
        parts = [
            Command.create({"value": "percent", "value_amount": share, "nb_days": late})
            for share, late in ((40, 10), (60, 45))
        ]
        values = {"name": "Two parts", "line_ids": parts}
        return self.env["account.payment.term"].create(values)

    def _customers(self):
        tag = self.env["res.partner.category"].create({"name": "Invoice by invoice"})
        by_invoice = self.env.ref("account_email_connector.plan_by_invoice")
        recap = self.env.ref("account_email_connector.plan_recap")
        self.env["account.email.followup.plan.rule"].create(
            [
                {"plan_id": by_invoice.id, "tag_ids": tag.ids},
                # Asked every day, and true of nobody.
                {"plan_id": recap.id, "amount_overdue": 1e9, "days_late": 300},
            ]
        )
        kinds = (
            {},  # the company's: escalation by customer
            {"category_id": tag.ids},
            {"email_followup_plan_id": recap.id},
        )
        return self.env["res.partner"].create(
            [
                {
                    "name": f"Customer {n}",
                    "email": "; ".join(_addresses(n)),
                    "lang": LANGUAGES[n % 7 % 3],
                    **kinds[n % 3],
                }
                for n in range(CUSTOMERS)
            ]
        )

    def _departments(self):
        """Customer → itself and two contacts, to whom invoices go in turn."""
        found = {}
        for customer in self.customers[::6]:
            contacts = customer.create(
                [
                    {
                        "name": f"{name} of {customer.name}",
                        "email": f"{name.lower()}.{customer.email}",
                        "lang": customer.lang,
                        "parent_id": customer.id,
                    }
                    for name in ("Roads", "School")
                ]
            )
            found[customer] = customer + contacts
        return found

    def _addressee(self, customer):
        """To whom an invoice of *customer* is addressed. No chance is drawn for it."""
        those = self.departments.get(customer, customer)
        self.counts["addressed"] += 1
        return those[self.counts["addressed"] % len(those)]

    def _write_diary(self):
        length = (self.end - self.start).days
        for _number in range(INVOICES):
            day = self.start + days(self.chance.randrange(length - 20))
            self.to_issue[day].append(self._invoice_values(day))
        for week in range(2, length // 7):
            monday = self.start + days(7 * week)
            for _number in range(2):
                hour = self.chance.choice((MORNING, NOON))
                self.note(monday + days(1), hour, self.promise)
            self.note(monday + days(3), self.chance.choice((MORNING, NOON)), self.pause)
            if not week % 6:
                self.note(monday + days(4), MORNING, self.exclude)
            if not week % 5:
                self.note(monday + days(2), EVENING, self.hand_over)
        self._spoil_addresses()
        self._bring_bad_weather()

    def _invoice_values(self, day):
        company_currency, *others = self.currencies
        currency = self.chance.choice((company_currency, company_currency, *others))
        amount = round(self.chance.uniform(20, 3000), 2)
        line = {"name": "Work", "price_unit": amount, "tax_ids": [Command.clear()]}
        values = {
            "move_type": "out_invoice",
            "partner_id": self._addressee(self.customers[self._somebody()]).id,
            "currency_id": currency.id,
            "invoice_date": day,
            "invoice_payment_term_id": False,
            "invoice_date_due": day + days(self.chance.choice((0, 14, 14, 30))),
            "invoice_line_ids": [Command.create(line)],
        }
        if self.chance.random() < 0.08:
            values["invoice_payment_term_id"] = self.terms.id
            del values["invoice_date_due"]
        return values

    def _somebody(self):
        """The rank of a customer: the first ones buy more often than the last."""
        return int(CUSTOMERS * self.chance.random() ** 1.6)

    # -- invoices and what becomes of them ------------------------------

    def _issue_invoices(self, day):
        invoices = self.env["account.move"].create(self.to_issue.pop(day, []))
        if invoices:
            invoices.action_post()
            self._send(invoices)
        for invoice in invoices:
            self.counts["invoices"] += 1
            fate = self.chance.choices(list(FATES), list(FATES.values()))[0]
            getattr(self, f"_{fate}")(invoice, invoice.invoice_date_due)

    def _send(self, invoices):
        """Most are sent; some are forgotten for a while, or reset to draft later."""
        for invoice in invoices:
            luck = self.post_office.random()
            if luck < 0.05:
                weeks = self.post_office.randint(3, 10)
                then = fields.Date.today() + days(7 * weeks)
                self.note(then, MORNING, self.send, invoice)
            else:
                invoice.is_move_sent = True
            if luck > 0.97:
                self.note(fields.Date.today() + days(20), NOON, self.reset, invoice)

    def send(self, invoice, day):
        """What was forgotten is sent at last."""
        if invoice.email_followup_unsent:
            invoice.with_context(email_followup_sending=True).is_move_sent = True
            self.counts["sent late"] += 1

    def reset(self, invoice, day):
        """Correct an invoice; weeks later somebody finds that it was not sent again."""
        if invoice.payment_state == "not_paid" and invoice.state == "posted":
            invoice.button_draft()
            invoice.action_post()
            self.note(day + days(21), MORNING, self.send, invoice)
            self.counts["reset to draft"] += 1

    def _after(self, day, first, last, what, *args):
        """Something happens *first* to *last* days after *day*."""
        when = day + days(self.chance.randint(first, last))
        hour = self.chance.choice((MORNING, MORNING, NOON))
        self.note(max(when, fields.Date.today() + days(1)), hour, what, *args)
        return when

    def _early(self, invoice, due):
        self._after(due, -10, 2, self.pay, invoice)

    def _late(self, invoice, due):
        self._after(due, 3, 60, self.pay, invoice)

    def _in_parts(self, invoice, due):
        share = self.chance.uniform(0.2, 0.8)
        first = self._after(due, 1, 20, self.pay_part, invoice, share)
        self._after(first, 5, 50, self.pay, invoice)

    def _without_entry(self, invoice, due):
        self._after(due, 1, 40, self.pay_without_entry, invoice)

    def _part_without_entry(self, invoice, due):
        """A part is on its way, and the bank brings it; the rest comes later."""
        sent = self._after(due, 1, 20, self.pay_part_without_entry, invoice)
        came = self._after(sent, 3, 12, self.bank_brings, invoice)
        self._after(came, 5, 40, self.pay, invoice)

    def _online(self, invoice, due):
        began = self._after(due, 1, 20, self.pay_online, invoice)
        self._after(began, 2, 9, self.end_online, invoice)
        self._after(began, 20, 40, self.pay, invoice)

    def _unmatched(self, invoice, due):
        came = self._after(due, 1, 20, self.bank_line, invoice)
        self._after(came, 2, 20, self.match, invoice)

    def _credited(self, invoice, due):
        self._after(due, -3, 30, self.reverse, invoice)

    def _credit_on_account(self, invoice, due):
        share = self.chance.uniform(0.3, 1.0)
        self._after(due, 1, 25, self.credit, invoice, share)
        self._after(due, 40, 70, self.pay, invoice)

    def _money_on_account(self, invoice, due):
        self._after(due, 1, 25, self.pay_on_account, invoice)

    def _disputed(self, invoice, due):
        noted = self._after(due, 1, 20, self.dispute, invoice)
        resolved = self._after(noted, 8, 40, self.resolve, invoice)
        ends = self.chance.choice((self.pay, self.reverse))
        self._after(resolved, 5, 40, ends, invoice)

    def _blocked(self, invoice, due):
        blocked = self._after(due, 1, 20, self.toggle_block, invoice)
        self._after(blocked, 10, 40, self.toggle_block, invoice)

    def _no_followup(self, invoice, due):
        self._after(due, -5, 20, self.mark_no_followup, invoice)

    def _never(self, invoice, due):
        pass

    # -- money ------------------------------

    def pay(self, invoice, day, share=1):
        """Money comes for *invoice*: a *share* of what is open, or all of it."""
        if self._receive(invoice, share):
            self.counts["payments" if share == 1 else "partial payments"] += 1

    def pay_part(self, invoice, share, day):
        self.pay(invoice, day, share)

    def pay_all(self, partner, day):
        """A customer pays every invoice that is overdue."""
        for invoice in self._overdue(day).filtered(
            lambda move: move.commercial_partner_id == partner
        ):
            self.pay(invoice, day)

    def pay_on_account(self, invoice, day):
        """Money comes, and only later somebody finds out what it was for."""
        if self._receive(invoice, 1, known=False):
            self.counts["payments on account"] += 1

    def pay_without_entry(self, invoice, day):
        """A payment that leaves the residual open, see ``TestYear._be_accountant``."""
        if invoice.payment_state in ("not_paid", "partial"):
            payment = self.case.pay(invoice)
            assert not payment.move_id and invoice.amount_residual
            self.counts["payments without an entry"] += 1

    def pay_part_without_entry(self, invoice, day):
        if invoice.payment_state == "not_paid":
            amount = invoice.currency_id.round(invoice.amount_residual * 0.4)
            if amount:
                self.case.pay(invoice, amount)
                self.counts["parts without an entry"] += 1

    def bank_brings(self, invoice, day):
        """The money of such a payment is in the books, and is it no more."""
        payment = invoice.matched_payment_ids.filtered(lambda p: not p.move_id)[:1]
        if payment.state == "in_process":
            line = self._bank_line(invoice, payment.amount, day, "SEPA")
            self._match(line, invoice)

    def pay_online(self, invoice, day):
        """Pending for days: some fail in the end."""
        if invoice.payment_state not in ("not_paid", "partial"):
            return
        self.online[invoice] = self._transaction(invoice)
        self.counts["online payments"] += 1

    def end_online(self, invoice, day):
        if transaction := self.online.pop(invoice, None):
            transaction.state = "cancel"
            if self.chance.random() < 0.6:
                self.pay(invoice, day)

    def bank_line(self, invoice, day):
        """The bank's money for it, which nobody matches for some days."""
        if invoice.payment_state in ("not_paid", "partial"):
            amount = invoice.amount_residual
            text = invoice.name if self.chance.random() < 0.5 else "Transfer"
            self.lines[invoice] = self._bank_line(invoice, amount, day, text)
            self.counts["unmatched bank transactions"] += 1

    def match(self, invoice, day):
        if line := self.lines.pop(invoice, None):
            self._match(line, invoice)

    def _transaction(self, invoice):
        transaction = self.env["payment.transaction"].create(
            {
                "provider_id": self.cards.id,
                "payment_method_id": self.method.id,
                "amount": invoice.amount_residual,
                "partner_id": invoice.partner_id.id,
                "currency_id": invoice.currency_id.id,
                "reference": invoice.name,
                "invoice_ids": [Command.set(invoice.ids)],
            }
        )
        transaction.state = "pending"
        return transaction

    def _bank_line(self, invoice, amount, day, text):
        journal = self.case.company_data["default_journal_bank"]
        mine = self.company.currency_id
        values = {"amount": amount}
        if invoice.currency_id != mine:
            worth = invoice.currency_id._convert(amount, mine, self.company, day)
            values = {
                "amount": worth,
                "amount_currency": amount,
                "foreign_currency_id": invoice.currency_id.id,
            }
        named = text == invoice.name
        return self.env["account.bank.statement.line"].create(
            {
                "journal_id": journal.id,
                "date": day,
                "payment_ref": text,
                "partner_id": not named and invoice.partner_id.id,
                **values,
            }
        )

    def _match(self, line, invoice):
        """Book it on the customer's account, and reconcile what is open of both."""
        _liquidity, suspense, _other = line._seek_for_lines()
        account = self._account(invoice)
        suspense.write({"account_id": account.id, "partner_id": invoice.partner_id.id})
        self._allocate(self._receivable(line.move_id), invoice)

    def _receive(self, invoice, share, known=True):
        """Money lies on the bank's list of today: see :meth:`_post_money`."""
        amount = invoice.currency_id.round(invoice.amount_residual * share)
        if invoice.payment_state not in ("not_paid", "partial") or not amount:
            return False
        if invoice in self.money:
            return False
        self.money[invoice] = (amount, known)
        return True

    def _post_money(self, day):
        """Post the bank's list of the day, in one entry, and allocate what is known."""
        money, self.money = self.money, {}
        if not money:
            return
        journal = self.case.company_data["default_journal_bank"]
        lines = []
        for invoice, (amount, _known) in money.items():
            currency, mine = invoice.currency_id, self.company.currency_id
            balance = currency._convert(amount, mine, self.company, day)
            values = {"currency_id": currency.id, "name": invoice.name}
            accounts = ((journal.default_account_id, 1), (self._account(invoice), -1))
            for account, sign in accounts:
                lines.append(
                    {
                        **values,
                        "partner_id": invoice.partner_id.id,
                        "account_id": account.id,
                        "amount_currency": sign * amount,
                        "balance": sign * balance,
                    }
                )
        values = {"move_type": "entry", "journal_id": journal.id, "date": day}
        values["line_ids"] = [Command.create(line) for line in lines]
        # It is balanced: Odoo need not look for taxes and terms, which takes long.
        moves = self.env["account.move"].with_context(skip_invoice_sync=True)
        entry = moves.create(values)
        entry.action_post()
        came = self._receivable(entry).grouped("name")
        for invoice, (_amount, known) in money.items():
            if known:
                self._allocate(came[invoice.name], invoice)
            else:
                self._after(
                    day, 3, 30, self._allocate_later, came[invoice.name], invoice
                )

    def _allocate_later(self, lines, invoice, day):
        self._allocate(lines, invoice)

    def _allocate(self, lines, invoice):
        lines = (lines + self._receivable(invoice)).filtered(
            lambda ln: not ln.reconciled
        )
        if len(lines.move_id) == 2:
            lines.reconcile()

    def _account(self, move):
        return self._receivable(move).account_id[:1]

    def _receivable(self, move):
        return move.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )

    def credit(self, invoice, share, day):
        """A credit note, which is set against the invoice weeks later."""
        amount = self.company.currency_id.round(invoice.amount_total * share)
        line = {"name": "Credit", "price_unit": amount, "tax_ids": [Command.clear()]}
        refund = self.env["account.move"].create(
            {
                "move_type": "out_refund",
                "partner_id": invoice.partner_id.id,
                "currency_id": invoice.currency_id.id,
                "invoice_date": day,
                "invoice_line_ids": [Command.create(line)],
            }
        )
        refund.action_post()
        self.counts["credit notes"] += 1
        lines = self._receivable(refund)
        self._after(day, 5, 40, self._allocate_later, lines, invoice)

    def reverse(self, invoice, day):
        """A credit note that settles the invoice at once."""
        if invoice.payment_state == "not_paid":
            invoice._reverse_moves([{"date": day, "invoice_date": day}], cancel=True)
            self.counts["credit notes"] += 1

    # -- what people note ------------------------------

    def dispute(self, invoice, day):
        values = {"move_ids": invoice.ids, "reason": "Half of it is missing"}
        self.env["account.email.dispute"].create(values).action_confirm()
        self.counts["disputes"] += 1

    def resolve(self, invoice, day):
        invoice.action_email_followup_dispute_resolved()
        self.counts["disputes resolved"] += 1

    def toggle_block(self, invoice, day):
        if invoice.payment_state in ("not_paid", "partial", "blocked"):
            invoice.action_toggle_block_payment()
            self.counts["blocked or unblocked"] += 1

    def mark_no_followup(self, invoice, day):
        invoice.no_followup = True

    def promise(self, day):
        """A customer promises to pay, and does so or not."""
        invoices = self._overdue(day)
        if not invoices:
            return
        invoice = self.chance.choice(invoices)
        until = day + days(self.chance.randint(4, 20))
        named = self.chance.random() < 0.5
        self.env["account.email.promise"].create(
            {
                "company_id": self.company.id,
                "partner_id": invoice.commercial_partner_id.id,
                "move_ids": [Command.set(invoice.ids if named else [])],
                "until": until,
            }
        )
        if self.chance.random() < 0.5:
            partner = invoice.commercial_partner_id
            keeps = (self.pay, invoice) if named else (self.pay_all, partner)
            self.note(until - days(1), MORNING, *keeps)
            self.counts["promises kept"] += 1
        else:
            self.counts["promises broken"] += 1

    def pause(self, day):
        invoices = self._overdue(day)
        if invoices:
            until = day + days(self.chance.randint(5, 30))
            partner = self.chance.choice(invoices).commercial_partner_id
            self._pause(partner, "until", until)

    def exclude(self, day):
        partner = self.chance.choice(self.customers)
        self._pause(partner, "never", False)
        self.note(day + days(50), MORNING, self.chase_again, partner)

    def chase_again(self, partner, day):
        self._pause(partner, "resume", False)

    def hand_over(self, day):
        """To a lawyer, who gives half of them back some weeks later."""
        invoices = self._overdue(day)
        if not invoices:
            return
        partner = self.chance.choice(invoices).partner_id
        values = {"partner_id": partner.id, "to": "Smith & Partners"}
        self.env["account.email.followup.handover"].create(values).action_confirm()
        self.counts["handed over"] += 1
        if self.chance.random() < 0.5:
            later = day + days(self.chance.randint(10, 60))
            self.note(later, MORNING, self.take_back, partner)

    def take_back(self, partner, day):
        partner.action_email_followup_take_back()
        self.counts["taken back"] += 1

    def _pause(self, partner, choice, until):
        values = {"partner_ids": partner.ids, "choice": choice, "until": until}
        self.env["account.email.followup.pause"].create(values).action_confirm()
        self.counts["pauses"] += 1

    def _overdue(self, day):
        return self.env["account.move"].search(
            [
                ("company_id", "=", self.company.id),
                ("commercial_partner_id", "in", self.customers.ids),
                ("move_type", "=", "out_invoice"),
                ("payment_state", "in", ("not_paid", "partial")),
                ("invoice_date_due", "<", day),
            ],
            order="id",
        )

    # -- addresses and the mailbox ------------------------------

    def _spoil_addresses(self):
        """Some are wrong, some missing, some bounce; all are corrected some day."""
        spoiled = self.chance.sample(list(self.customers), 24)
        for partner in spoiled[:10]:
            self.case.mailbox.refused_addresses.update(partner.email.split("; "))
        for partner in spoiled[10:18]:
            partner.email = False
        for partner in spoiled[18:]:
            when = self.start + days(self.chance.randint(30, 150))
            self.note(when, EVENING, self.bounce, partner)
        for number in range(0, CUSTOMERS, 20):  # those have two each
            when = self.start + days(20 + number // 2)
            self.note(when, EVENING, self.bounce, self.customers[number])
        for partner in spoiled:
            when = self.start + days(self.chance.randint(150, 300))
            self.note(when, MORNING, self.correct_address, partner)

    def bounce(self, partner, day):
        """The first address of several: the others get what comes next."""
        partner.email_followup_bounced = (partner.email or "").split("; ")[0]

    def correct_address(self, partner, day):
        """Half of the time somebody presses "try again" as well."""
        partner.email = f"new@{partner.name.lower().replace(' ', '')}.example"
        self.counts["addresses corrected"] += 1
        followups = self.env["account.email.followup"].search(
            [("partner_id", "=", partner.id), ("addressee_id", "=", False)],
            order="id desc",
        )
        if followups[:1].state == "failed" and self.chance.random() < 0.5:
            followups[:1].action_retry()

    def _bring_bad_weather(self):
        """Outages: (first day, how long, what happens)."""
        for first, length, storm in (
            (45, 4, "sign_in"),
            (86, 2, "throttled"),
            (121, 2, "down"),
            (150, 12, "sign_in"),
            (199, 1, "throttled"),
            (232, 6, "administrator"),
            (281, 5, "disconnected"),
            (331, 3, "down"),
        ):
            begins = self.start + days(first)
            self.note(begins, MORNING, self.break_mailbox, storm)
            self.note(begins + days(length), MORNING, self.mend_mailbox)

    def break_mailbox(self, storm, day):
        self.counts["outages"] += 1
        self.case.break_mailbox(storm)

    def mend_mailbox(self, day):
        self.case.mend_mailbox()
