from odoo import fields, models
from odoo.tools import SQL

from ..engine.followup import achieved

#: The amount of which each is the share, in what was asked for.
SHARES = {"share_7": "paid_7", "share_14": "paid_14", "share_30": "paid_30"}
#: After how many days it is known.
DAYS = {"share_7": 7, "share_14": 14, "share_30": 30}


class AccountEmailFollowupReport(models.Model):
    """What follow-ups have brought: a row each that left.

    What came counts for the last one that left before: see
    :mod:`..engine.followup.achieved`.
    """

    _name = "account.email.followup.report"
    _inherit = ["account.email.export"]
    _description = "Collections"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "followup_id"
    _depends = {
        "account.email.followup": [
            "addressee_id",
            "amount",
            "channel",
            "company_id",
            "connector_id",
            "done_on",
            "partner_id",
            "plan_id",
            "sent_at",
            "state",
            "step_id",
        ],
        "account.email.followup.line": [
            "amount",
            "currency_ref",
            "followup_id",
            "move_line_ref",
            "move_ref",
            "state",
        ],
        "account.email.followup.step": ["template_id"],
        "account.email.incoming": ["followup_id", "kind"],
        "account.email.promise": [
            "active",
            "company_id",
            "made_on",
            "move_ids",
            "partner_id",
        ],
        "account.journal": ["type"],
        "account.move": [
            "email_followup_dispute_reason",
            "email_followup_dispute_since",
        ],
        "account.move.line": ["amount_currency", "balance", "journal_id"],
        "account.partial.reconcile": [
            "amount",
            "credit_move_id",
            "debit_move_id",
            "max_date",
        ],
        "res.company": ["currency_id"],
        "res.partner": ["user_id"],
    }

    followup_id = fields.Many2one("account.email.followup", "Follow-up", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    user_id = fields.Many2one("res.users", "Salesperson", readonly=True)
    plan_id = fields.Many2one("account.email.followup.plan", readonly=True)
    step_id = fields.Many2one("account.email.followup.step", readonly=True)
    template_id = fields.Many2one("mail.template", "Email template", readonly=True)
    channel = fields.Selection([("email", "Email"), ("todo", "To-do")], readonly=True)
    connector_id = fields.Many2one("account.email.connector", "Mailbox", readonly=True)
    date = fields.Date("Sent on", readonly=True)
    sent = fields.Integer(readonly=True)
    asked = fields.Monetary(
        "Asked for",
        readonly=True,
        help="After credits, when it was sent. In a total, an invoice that several "
        "follow-ups asked for counts once.",
    )
    recovered = fields.Monetary(
        readonly=True,
        help="What was paid of it afterwards, without credit notes. A payment counts "
        "for the last follow-up before it.",
    )
    paid_7 = fields.Monetary("Paid within 7 days", readonly=True)
    paid_14 = fields.Monetary("Paid within 14 days", readonly=True)
    paid_30 = fields.Monetary("Paid within 30 days", readonly=True)
    share_7 = fields.Float(
        "Share within 7 days",
        readonly=True,
        aggregator="avg",
        help="Of what was asked for 7 days ago, or earlier.",
    )
    share_14 = fields.Float(
        "Share within 14 days",
        readonly=True,
        aggregator="avg",
        help="Of what was asked for 14 days ago, or earlier.",
    )
    share_30 = fields.Float(
        "Share within 30 days",
        readonly=True,
        aggregator="avg",
        help="Of what was asked for 30 days ago, or earlier.",
    )
    days = fields.Float(
        "Days to payment",
        readonly=True,
        aggregator="avg",
        help="From the follow-up to the payment; of those that were paid.",
    )
    answered = fields.Integer(
        readonly=True,
        help="By email, before the next one. Known only for mailboxes that recognize "
        "answers.",
    )
    promised = fields.Integer(
        readonly=True, help="A promise to pay was noted before the next follow-up."
    )
    disputed = fields.Integer(
        "In dispute",
        readonly=True,
        help="One of its invoices has been in dispute since then, and was not asked "
        "for again.",
    )

    @property
    def _table_query(self):
        return achieved.report()

    def _read_group_select(self, aggregate_spec, query):
        """As before; what several follow-ups asked for counts once, and a share is one
        of the sums, not the average of shares."""
        name, _colon, function = aggregate_spec.partition(":")
        if name == "asked" and function in ("sum", "sum_currency"):
            ids = self._field_to_sql(self._table, "id", query)
            return achieved.asked_once(self.env, ids, function == "sum_currency")
        if name in SHARES and function == "avg":
            paid = super()._read_group_select(f"{SHARES[name]}:sum_currency", query)
            ids = self._field_to_sql(self._table, "id", query)
            date = self._field_to_sql(self._table, "date", query)
            over = achieved.is_over(date, DAYS[name])
            asked = achieved.asked_once(self.env, ids, True, over)
            return SQL(
                "COALESCE(%s FILTER (WHERE %s) / NULLIF(%s, 0), 0)", paid, over, asked
            )
        return super()._read_group_select(aggregate_spec, query)

    def action_open_followup(self):
        """Show the follow-up, as its user may see it."""
        self.ensure_one()
        self.check_access("read")
        return self.followup_id.get_formview_action()
