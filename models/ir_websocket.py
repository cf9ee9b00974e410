from odoo import models

from ..engine import rights
from ..tools.bus import CHANNEL


class IrWebsocket(models.AbstractModel):
    _inherit = "ir.websocket"

    def _build_bus_channel_list(self, channels):
        """With what tells of mailboxes and of sending: readers of follow-ups hear it,
        of the companies that they have."""
        channels = super()._build_bus_channel_list(channels)
        user = self.env.user
        if rights.may_read(user):
            channels.extend((company, CHANNEL) for company in user.company_ids)
        return channels
