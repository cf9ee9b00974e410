from odoo import models

from ..engine.sending.mail_session import attempt_of

#: The text of an email, beside its attachments.
BODY_SIZE = 200_000


class IrMailServer(models.Model):
    _inherit = "ir.mail_server"

    def _get_max_email_size(self):
        """As core, in MB; for an email through a connector, what its provider takes.

        Core turns the invoices' PDFs into links when an email would be larger.
        """
        attempt = attempt_of(self.env)
        limit = attempt and attempt.attachment_limit
        if not limit:
            return super()._get_max_email_size()
        return (limit * 8 / 6 + BODY_SIZE) / 1024**2
