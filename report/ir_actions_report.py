from odoo import models

from odoo.addons.base.models.ir_actions_report import _wkhtml

#: The reports of this addon that have letterheads and page numbers of their own.
OURS = (
    "account_email_connector.report_statement",
    "account_email_connector.report_statement_followup",
    "account_email_connector.report_letter",
)


class IrActionsReport(models.Model):
    _inherit = "ir.actions.report"

    def _render_qweb_pdf_prepare_streams(self, report_ref, data, res_ids=None):
        """As before; where wkhtmltopdf takes one document only, each on its own.

        Debian's is built without the patches that join several:
        https://wkhtmltopdf.org/downloads.html
        """
        several = res_ids and len(set(res_ids)) > 1
        ours = several and self._get_report(report_ref).report_name in OURS
        if not ours or _wkhtml().is_patched_qt:
            return super()._render_qweb_pdf_prepare_streams(report_ref, data, res_ids)
        streams = {}
        for res_id in dict.fromkeys(res_ids):
            one = super()._render_qweb_pdf_prepare_streams(report_ref, data, [res_id])
            streams.update(one)
        return streams
