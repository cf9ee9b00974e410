from odoo import models


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    def session_info(self):
        """Add what the banner says, so that a page needs no request for it."""
        info = super().session_info()
        if self.env.user._is_internal():
            trouble = self.env["account.email.connector"].get_trouble()
            info["email_connector_trouble"] = trouble
        return info
