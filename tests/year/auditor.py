"""Proves from the outside that every email was right, when it was sent.

It reads what Odoo says in SQL at the moment of sending, and what the email says in its
own text. Of the addon it uses ``_explain`` and the rules, to know what they announce.
"""

import re
from collections import Counter, defaultdict
from datetime import timedelta

from lxml import html

from odoo import fields

from ...engine.planning.decisions import decisions
from ...rules import Reason, decide
from .witness import Witness

SYMBOLS = {"$": "USD", "€": "EUR", "£": "GBP"}
MINUS = set("-\u2010\u2011\u2012\u2013\u2212")
STATE_OWED = ("not_paid", "partial")
#: The lines of a follow-up, each with its item; money that came after a day.
LINES = """
    SELECT listed.state, listed.amount::float8, listed.move_line_ref AS id,
           listed.unnamed, move.partner_id AS addressed_to,
           item.amount_residual_currency::float8 AS residual, item.reconciled,
           COALESCE(item.date_maturity, item.date) AS due, item.no_followup,
           item.move_id, move.name, move.payment_state,
           COALESCE((
               SELECT SUM(tx.amount)
                 FROM payment_transaction tx
                 JOIN account_invoice_transaction_rel link
                      ON link.transaction_id = tx.id
                WHERE link.invoice_id = move.id AND tx.state = 'pending'), 0
           )::float8 AS online,
           COALESCE((
               SELECT SUM(payment.amount)
                 FROM account_payment payment
                 JOIN account_move__account_payment link
                      ON link.payment_id = payment.id
                WHERE link.invoice_id = move.id AND payment.move_id IS NULL
                  AND payment.state = 'in_process'), 0)::float8 AS sent,
           (SELECT COUNT(*)
              FROM account_move_line other
             WHERE other.move_id = move.id AND NOT other.reconciled
               AND other.display_type = 'payment_term') AS parts,
           EXISTS (
               SELECT 1
                 FROM account_bank_statement_line bank
                 JOIN account_move entry ON entry.id = bank.move_id
                WHERE NOT bank.is_reconciled AND entry.date > %s
                  AND bank.payment_ref = move.name) AS came,
           currency.name AS currency,
           move.email_followup_dispute_reason AS dispute,
           (move.move_type <> 'out_invoice' OR move.is_move_sent)
               AND move.email_followup_reopened IS NOT TRUE AS is_sent,
           move.invoice_date > (
               SELECT MIN(invoice_date) FROM account_move
                WHERE is_move_sent AND company_id = move.company_id
           ) AS after_first
      FROM account_email_followup_line listed
      JOIN account_move_line item ON item.id = listed.move_line_ref
      JOIN account_move move ON move.id = item.move_id
      JOIN res_currency currency ON currency.id = item.currency_id
     WHERE listed.followup_id = %s
"""


class Auditor:
    """Watches one company's follow-ups through the year; fails *case* on any fault."""

    def __init__(self, case):
        self.case = case
        self.witness = Witness(case)
        self.env = case.env
        self.company = case.company
        self.announced = {}  # (customer, contact) → Decided, before planning
        self.right_now = {}  # follow-up id → whether the rules still want it
        self.attempts = set()  # Message-IDs
        self.heard = defaultdict(list)  # line id → [(rank, step's days, day), …]
        self.level = {}  # line id → rank reached on a ladder by customer
        self.ends = defaultdict(list)  # line id → days on which it heard the last step
        self.emails = defaultdict(list)  # (customer, contact) → days one came on
        self.counts = Counter()
        self.todos_seen = set()
        self.faults = []  # found while the mailbox is at work, which hides them

    # -- planning ------------------------------

    def before_planning(self):
        """Ask who is due, and why each of their invoices is or is not chased."""
        known = decisions(self.env(su=True), self.company)
        self.witness.planning(known, fields.Date.today())
        self.announced = {
            decided.key[1:]: decided
            for decided in known
            if decided.decision.reason is Reason.DUE and decided.unit.connector
        }
        moves = {
            item.move_id
            for decided in self.announced.values()
            for item in decided.customer.items
        }
        moves = self.env["account.move"].browse(moves)
        explained = self.env["account.email.followup"]._explain(moves)
        for decided in self.announced.values():
            self._compare_explanations(decided, explained)

    def _compare_explanations(self, decided, explained):
        items = decided.customer.items
        open_items = [item.move_id for item in items]
        chased = {item.move_id for item in decided.decision.items}
        for move_id in set(open_items):
            # Of several instalments the first is explained.
            if open_items.count(move_id) == 1:
                due = explained[move_id].reason == "due"
                self.case.assertEqual(due, move_id in chased, explained[move_id])

    def after_planning(self, rows):
        """What was planned is what was announced; to plan again changes nothing."""
        case = self.case
        self.witness.has_written(rows, fields.Date.today())
        case.assertEqual(set(map(_whose, rows)), set(self.announced))
        case.assertEqual(len(rows), len(self.announced))
        for row in rows:
            decision = self.announced[_whose(row)].decision
            case.assertEqual(row.step_id.id, decision.step.id)
            case.assertEqual(row.channel, decision.channel)
            case.assertEqual(
                row.state, "to_review" if decision.step.review else "planned"
            )
            asked = {item.line_id: item.residual for item in decision.items}
            lines = row.line_ids.filtered(lambda line: line.state == "chased")
            case.assertEqual({ln.move_line_ref: ln.amount for ln in lines}, asked)
            case.assertAlmostEqual(row.amount, decision.total_company, 2)
        case.assertFalse(self.env["account.email.followup"]._plan(self.company))

    def before_sending(self):
        """Ask the rules again about all that waits, each with itself put aside."""
        rows = self.env["account.email.followup"].search(
            [("company_id", "=", self.company.id), ("state", "=", "planned")]
        )
        self.right_now = {}
        if not rows:
            return
        waiting = {_whose(row): row for row in rows}
        for decided in decisions(self.env(su=True), self.company, rows.partner_id):
            row = waiting.get(decided.key[1:])
            if not row:
                continue
            others = [past for past in decided.customer.history if past.id != row.id]
            case = decided.case.with_history(others)
            # A recap that waits was planned on its day; what was read is never late.
            if row.plan_id.mode == "recap" or row.approved:
                case = case.with_plan(case.plan.without_catch_up())
            again = decide(case)
            self.right_now[row.id] = (
                again.reason is Reason.DUE and again.step.id == row.step_id.id
            )

    # -- sending ------------------------------

    def look_at_attempt(self, email):
        """At this very moment: is everything in *email* true, and allowed?"""
        case = self.case
        case.assertNotIn(email.message_id, self.attempts, "the same email again")
        self.attempts.add(email.message_id)
        row = self._followup(email)
        case.assertEqual((row["state"], row["channel"]), ("sending", "email"))
        if not row["at_once"]:
            case.assertTrue(self.right_now.get(row["id"]), f"nobody announced {row}")
        known = row["email"].split("; ")
        left = [each for each in known if each != row["email_followup_bounced"]]
        case.assertEqual(list(email.recipients), left)
        self.counts["emails to several"] += len(left) > 1
        self.counts["emails to one of several"] += len(left) < len(known)
        self._look_at_customer(row)
        lines = self._lines(row["id"])
        for line in lines:
            if line["state"] == "chased":
                self._look_at_item(line, row)
        self._look_at_text(email, row, [ln for ln in lines if ln["state"] != "dropped"])

    def look_at_received(self, email):
        """*email* reached the customer: it is a step taken, and the one of the day."""
        row = self._followup(email)
        self._look_at_rhythm(row)
        lines = [ln for ln in self._lines(row["id"]) if ln["state"] == "chased"]
        self._take_step(row, lines)
        self.counts[f"emails {row['mode']}"] += 1

    def look_at_todos(self):
        """A to-do that was handed over is a step taken as well."""
        for row in self._rows(
            "followup.channel = 'todo' AND followup.state = 'sent'"
            " AND followup.done_on = %s",
            fields.Date.today(),
        ):
            if row["id"] not in self.todos_seen:
                self.todos_seen.add(row["id"])
                lines = self._lines(row["id"])
                self._take_step(row, [ln for ln in lines if ln["state"] == "chased"])

    def _followup(self, email):
        found = self._rows("followup.message_id_header = %s", email.message_id)
        self.case.assertEqual(len(found), 1)
        return found[0]

    def _rows(self, condition, value):
        return self._sql(
            f"""
            SELECT followup.id, followup.state, followup.channel, followup.at_once,
                   followup.partner_id, followup.addressee_id,
                   EXISTS (SELECT 1 FROM res_partner contact
                            WHERE contact.parent_id = partner.id) AS has_departments,
                   followup.step_position AS rank,
                   followup.step_days AS days, plan.mode, plan.minimum_gap,
                   plan.promise_grace, reader.email,
                   reader.email_followup_bounced,
                   plan.last_every, plan.last_times,
                   followup.step_position = (
                       SELECT count(*) - 1 FROM account_email_followup_step step
                        WHERE step.plan_id = plan.id) AS is_last,
                   partner.email_followup_handed_over_on ->> %s AS handed_over,
                   (partner.email_followup_excluded ->> %s)::bool AS excluded,
                   (partner.email_followup_paused_until ->> %s)::date AS paused_until
              FROM account_email_followup followup
              JOIN account_email_followup_plan plan ON plan.id = followup.plan_id
              JOIN res_partner partner ON partner.id = followup.partner_id
              JOIN res_partner reader
                   ON reader.id = COALESCE(followup.addressee_id, followup.partner_id)
             WHERE followup.company_id = %s AND {condition}
            """,
            *[str(self.company.id)] * 3,
            self.company.id,
            value,
        )

    def _lines(self, followup_id):
        """What a follow-up lists, as the books have it."""
        week_ago = fields.Date.today() - timedelta(days=7)
        return self._sql(LINES, week_ago, followup_id)

    def _look_at_customer(self, row):
        today = fields.Date.today()
        self.case.assertFalse(row["excluded"])
        self.case.assertFalse(row["handed_over"])
        paused = row["paused_until"]
        self.case.assertFalse(paused and paused >= today, "chased while paused")
        (connector,) = self._sql(
            "SELECT state FROM account_email_connector WHERE company_id = %s",
            self.company.id,
        )
        self.case.assertEqual(connector["state"], "connected")

    def _look_at_item(self, line, row):
        case = self.case
        reader = row["addressee_id"] or row["partner_id"]
        case.assertEqual(line["addressed_to"], reader, f"another's: {line}")
        case.assertGreater(line["residual"], 0, f"settled and chased: {line}")
        case.assertFalse(line["reconciled"], f"settled and chased: {line}")
        if not line["sent"]:
            case.assertIn(line["payment_state"], STATE_OWED, line)
        case.assertFalse(line["online"], f"paid online and chased: {line}")
        case.assertFalse(line["came"] and not row["at_once"], f"came: {line}")
        case.assertFalse(line["no_followup"], line)
        case.assertFalse(line["dispute"], line)
        case.assertTrue(line["is_sent"] or not line["after_first"], line)
        if line["parts"] == 1:
            left = line["residual"] - line["sent"]
            case.assertAlmostEqual(line["amount"], left, 6)
        promises = self._sql(
            """
            SELECT promise.id
              FROM account_email_promise promise
         LEFT JOIN account_email_promise_account_move_rel listed
                   ON listed.account_email_promise_id = promise.id
             WHERE promise.active AND promise.partner_id = %s
               AND promise.until + %s >= %s
               AND (listed.account_move_id IS NULL OR listed.account_move_id = %s)
            """,
            row["partner_id"],
            row["promise_grace"],
            fields.Date.today(),
            line["move_id"],
        )
        case.assertFalse(promises, f"promised and chased: {line}")

    def _look_at_text(self, email, row, lines):
        """The table of the email says Odoo's own residuals, currency by currency."""
        case = self.case
        wanted, totals = defaultdict(list), defaultdict(int)
        others = self._has_older_debts(row, lines)
        for line in lines:
            cents = round(100 * line["amount"])
            name = None if line["unnamed"] else line["name"]
            wanted[line["currency"]].append((cents, name or ""))
            totals[line["currency"]] += cents
            if line["state"] == "credit":
                self._look_at_credit(line, row, others)
            self.counts[f"lines {line['state']}"] += 1
        self.counts["emails in several currencies"] += len(totals) > 1
        told, told_totals = _read_tables(email)
        names = {line["name"] for line in lines if not line["unnamed"]}
        case.assertEqual(
            {
                currency: sorted((c, name if name in names else "") for name, c in rows)
                for currency, rows in told.items()
            },
            {currency: sorted(rows) for currency, rows in wanted.items()},
        )
        case.assertEqual(told_totals, totals)
        case.assertTrue(all(total > 0 for total in totals.values()), totals)
        dealt_out = others or row["has_departments"]
        if row["mode"] != "by_invoice" and not dealt_out:
            self._look_at_all_credits(row, lines)

    def _has_older_debts(self, row, lines):
        """Whether something else is owed that is as old: credits pay it in its turn."""
        asked = [line for line in lines if line["state"] == "chased"]
        return self._sql(
            """
            SELECT item.id
              FROM account_move_line item
              JOIN account_account account ON account.id = item.account_id
             WHERE item.partner_id = %s AND item.company_id = %s
               AND account.account_type = 'asset_receivable'
               AND item.parent_state = 'posted' AND NOT item.reconciled
               AND item.amount_residual_currency > 0
               AND COALESCE(item.date_maturity, item.date) <= %s
               AND item.id <> ALL(%s)
            """,
            row["partner_id"],
            self.company.id,
            max(line["due"] for line in asked),
            [line["id"] for line in asked],
        )

    def _look_at_credit(self, line, row, others):
        self.case.assertLess(line["amount"], 0)
        # The part that older invoices, or other departments, have left.
        if row["mode"] == "by_invoice" or others or row["has_departments"]:
            self.case.assertGreaterEqual(line["amount"], line["residual"] - 1e-6)
        else:
            self.case.assertAlmostEqual(line["amount"], line["residual"], 6)

    def _look_at_all_credits(self, row, lines):
        """No credit of the customer is kept from the total."""
        credits = self._sql(
            """
            SELECT item.id, currency.name AS currency
              FROM account_move_line item
              JOIN account_account account ON account.id = item.account_id
              JOIN account_move move ON move.id = item.move_id
              JOIN res_currency currency ON currency.id = item.currency_id
             WHERE item.partner_id = %s AND item.company_id = %s
               AND account.account_type = 'asset_receivable'
               AND item.parent_state = 'posted' AND NOT item.reconciled
               AND item.amount_residual_currency < 0
               AND move.payment_state NOT IN ('paid', 'in_payment', 'reversed')
            """,
            row["partner_id"],
            self.company.id,
        )
        currencies = {line["currency"] for line in lines}
        self.case.assertEqual(
            {credit["id"] for credit in credits if credit["currency"] in currencies},
            {line["id"] for line in lines if line["state"] == "credit"},
        )

    def _look_at_rhythm(self, row):
        """One email a day at most, and the gap between two unless a person wants it."""
        case, today = self.case, fields.Date.today()
        earlier = self.emails[row["partner_id"], row["addressee_id"]]
        self.counts["emails to departments"] += bool(row["addressee_id"])
        case.assertNotIn(today, earlier, f"two emails on a day: {row}")
        if earlier and not row["at_once"]:
            if row["mode"] == "recap":
                case.assertNotIn(
                    (today.year, today.month), {(d.year, d.month) for d in earlier}
                )
            else:
                gap = (today - earlier[-1]).days
                case.assertGreaterEqual(gap, row["minimum_gap"], row)
        earlier.append(today)

    # -- steps ------------------------------

    def _take_step(self, row, lines):
        if row["mode"] == "by_invoice":
            for line in lines:
                self._climb_alone(line, row)
        elif row["mode"] == "by_customer":
            self._climb_together(lines, row)

    def _climb_alone(self, line, row):
        """Each invoice hears each step once, in order, and not too early."""
        case, today = self.case, fields.Date.today()
        before = self.heard[line["id"]]
        late = (today - line["due"]).days
        case.assertGreaterEqual(late, row["days"], f"too early: {line}")
        if row["days"] < 0:
            case.assertFalse(before)
            case.assertLessEqual(late, 0, "said to be due soon, and it was over")
        elif not before:
            case.assertLessEqual(row["rank"], 1, f"begins in the middle: {line}")
        elif row["is_last"] and before[-1][0] == row["rank"]:
            self.ends[line["id"]] = [
                day for rank, _d, day in before if rank == row["rank"]
            ]
            case.assertTrue(self._comes_again(line, row), f"repeated: {line}")
            self.counts["last steps again"] += 1
        else:
            rank, days, day = before[-1]
            case.assertEqual(row["rank"], rank + 1, f"skipped or repeated: {line}")
            case.assertGreaterEqual((today - day).days, row["days"] - days, line)
        before.append((row["rank"], row["days"], today))

    def _comes_again(self, line, row):
        """Whether the last step, which this item has heard, may come again today."""
        days = self.ends[line["id"]]
        again = row["is_last"] and 0 < len(days) <= row["last_times"]
        return again and (fields.Date.today() - days[-1]).days >= row["last_every"]

    def _climb_together(self, lines, row):
        """The step is the next one of at least one invoice; no other jumps."""
        case, today = self.case, fields.Date.today()
        steps = self.case.ladder
        led = [
            line
            for line in lines
            if self.level.get(line["id"], -1) + 1 == row["rank"]
            and (today - line["due"]).days >= row["days"]
        ]
        again = [line for line in lines if self._comes_again(line, row)]
        case.assertTrue(led or again, f"skipped or repeated: {row}, {lines}")
        self.counts["last steps again"] += not led
        for line in lines:
            if row["is_last"] and self.ends[line["id"]]:
                self.ends[line["id"]].append(today)
            level = self.level.get(line["id"], -1)
            late = (today - line["due"]).days
            if level < row["rank"] and steps[level + 1] <= late:
                self.level[line["id"]] = level + 1
                if row["is_last"] and level + 1 == row["rank"]:
                    self.ends[line["id"]] = [today]

    # -- the end ------------------------------

    def close_the_year(self):
        """The ledger, the journal and what customers have got are one and the same."""
        case, env = self.case, self.env
        domain = [("company_id", "=", self.company.id)]
        followups = env["account.email.followup"].search(domain)
        deliveries = env["account.email.delivery"].search(domain)
        case.assertFalse(followups.filtered(lambda f: f.state == "sending"))
        sent = followups.filtered(lambda f: f.state == "sent" and f.channel == "email")
        # One to itself, after an error, is no customer's.
        accepted = deliveries.filtered(
            lambda d: d.state == "accepted" and d.recipients != d.sender
        )
        case.assertEqual(sent.delivery_id, accepted)
        case.assertEqual(len(sent), len(accepted))
        case.assertEqual(
            sorted(sent.mapped("message_id_header")),
            sorted(accepted.mapped("message_id")),
        )
        received = sorted(case.mailbox.received)
        case.assertEqual(sorted(accepted.mapped("message_id")), received)
        case.assertEqual(set(sent.mail_id.mapped("state")), {"sent"})
        case.assertFalse(deliveries.filtered(lambda d: d.state == "sending"))
        told = followups.line_ids.filtered("told")
        case.assertTrue(told, "nobody was told that a ladder has ended")
        self.counts["ends told"] = len(told)
        case.assertFalse(followups.filtered(lambda f: f.reason == "not_composed"))
        return followups

    def _sql(self, query, *values):
        self.env.cr.execute(query, values)
        return self.env.cr.dictfetchall()


def _whose(row):
    """The customer and the contact of a follow-up."""
    return row.partner_id.id, row.addressee_id.id


def _read_tables(email):
    """What a customer reads: currency → [(document, cents)]; currency → total."""
    page = html.fromstring(email.message.get_body(("html",)).get_content())
    rows, totals = defaultdict(list), {}
    for table in page.xpath("//table[.//th][not(.//table)]"):
        for row in table.xpath(".//tr[td]"):
            cells = [cell.text_content().strip() for cell in row.xpath("td")]
            currency, cents = _money(cells[-1])
            if len(cells) == 3:
                rows[currency].append((cells[0], cents))
            else:
                totals[currency] = cents
    return rows, totals


def _money(text):
    """Currency and cents, in whatever language they are written."""
    (symbol,) = set(text) & set(SYMBOLS)
    cents = int(re.sub(r"\D", "", text))
    return SYMBOLS[symbol], -cents if MINUS & set(text) else cents
