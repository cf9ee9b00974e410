from odoo import models

from odoo.addons.base.models.ir_actions_report import _wkhtml

#: The reports of this addon, each document with its own letterhead and page numbers.
OURS = (
    "account_email_connector.report_statement",
    "account_email_connector.report_statement_followup",
    "account_email_connector.report_letter",
)


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _render_qweb_pdf_prepare_streams(self, report_ref, data, res_ids=None):
        """As before; a document on the paper of its company, and where wkhtmltopdf
        takes one at a time only, each on its own.

        Debian's is built without the patches that join several:
        https://wkhtmltopdf.org/downloads.html
        """
        report = self._get_report(report_ref)
        if not res_ids or report.report_name not in OURS:
            return super()._render_qweb_pdf_prepare_streams(report_ref, data, res_ids)
        streams = {}
        for company, ids in self._documents_at_once(report, dict.fromkeys(res_ids)):
            here = super(IrActionsReport, self.with_company(company))
            streams |= here._render_qweb_pdf_prepare_streams(report_ref, data, ids)
        return streams

    def _documents_at_once(self, report, res_ids):
        """Pairs of a company and the ids of documents that are made together."""
        records = self.env[report.model].browse(res_ids)
        if report.model == "res.partner":
            groups = [(self.env.company, records.ids)]
        else:
            by_company = records.sudo().grouped("company_id")
            groups = [(company, found.ids) for company, found in by_company.items()]
        if _wkhtml().is_patched_qt:
            return groups
        return [(company, [id_]) for company, ids in groups for id_ in ids]
