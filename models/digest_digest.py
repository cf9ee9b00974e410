from odoo import fields, models

from ..engine.followup import digest_figures


class DigestDigest(models.Model):
    """In Odoo's own digest: the follow-ups that left, and what they have brought."""

    _inherit = "digest.digest"

    kpi_email_followup_sent = fields.Boolean("Follow-ups sent")
    kpi_email_followup_sent_value = fields.Integer(
        compute="_compute_kpi_email_followup_sent_value"
    )
    kpi_email_followup_recovered = fields.Boolean("Recovered by follow-ups")
    kpi_email_followup_recovered_value = fields.Monetary(
        compute="_compute_kpi_email_followup_recovered_value"
    )

    def _compute_kpi_email_followup_sent_value(self):
        start, end, companies = self._email_followup_period()
        sent = digest_figures.sent(self.env, companies, start, end)
        for digest in self:
            company = digest.company_id or self.env.company
            digest.kpi_email_followup_sent_value = sent.get(company, 0)

    def _compute_kpi_email_followup_recovered_value(self):
        start, end, companies = self._email_followup_period()
        brought = digest_figures.recovered(self.env, companies, start, end)
        for digest in self:
            company = digest.company_id or self.env.company
            digest.kpi_email_followup_recovered_value = brought.get(company, 0)

    def _email_followup_period(self):
        """From when to when (UTC), of which companies.

        :raises AccessError: for who may not read these companies' follow-ups: Odoo
            leaves the figure out of that user's email.
        """
        start, end, companies = self._get_kpi_compute_parameters()
        digest_figures.check(self.env, companies)
        return (
            fields.Datetime.to_datetime(start),
            fields.Datetime.to_datetime(end),
            companies,
        )

    def _compute_kpis_actions(self, company, user):
        """As before; where the figures lead."""
        return super()._compute_kpis_actions(company, user) | digest_figures.ACTIONS

    def _format_currency_amount(self, amount, currency_id):
        """As before; what a company has recovered is in its own currency, whichever
        company its reader is in."""
        if self.kpi_email_followup_recovered:
            currency_id = self.company_id.currency_id or currency_id
        return super()._format_currency_amount(amount, currency_id)
