from odoo import models
from odoo.http import request

#: Where all addresses of this addon begin.
ROUTE = "/account_email_connector/"


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    def session_info(self):
        """Add what the banner says, so that a page needs no request for it."""
        info = super().session_info()
        if self.env.user._is_internal():
            trouble = self.env["account.email.connector"].get_trouble()
            info["email_connector_trouble"] = trouble
        return info

    @classmethod
    def _dispatch(cls, endpoint):
        """As core, which fails on a parameter named ``self``: anybody may send one."""
        if request.httprequest.path.startswith(ROUTE):
            request.params.pop("self", None)
        return super()._dispatch(endpoint)
