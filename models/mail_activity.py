from odoo import models

from ..engine.rights import is_accountant


class MailActivity(models.Model):
    _inherit = "mail.activity"

    def _action_done(self, feedback=False, attachment_ids=None):
        """Whoever has dealt with a customer's answer wants follow-ups to go on."""
        customers = self._customers_who_answered()
        result = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        if customers:
            customers -= self._customers_to_be_read(customers)
        if customers and is_accountant(self.env.user):
            customers._email_followup_note(
                {"email_followup_answered": False}, self.env.user.company_ids
            )
        return result

    def _customers_who_answered(self):
        """The customers whose answer is what these activities are about."""
        kind = self._kind_answered()
        mine = self.filtered(
            lambda activity: (
                activity.activity_type_id == kind
                and activity.res_model == "res.partner"
            )
        )
        return self.env["res.partner"].browse(mine.mapped("res_id")).exists()

    def _customers_to_be_read(self, customers):
        """Those of *customers* of whom another answer still waits for a person."""
        left = self.sudo().search(
            [
                ("activity_type_id", "=", self._kind_answered().id),
                ("res_model", "=", "res.partner"),
                ("res_id", "in", customers.ids),
            ]
        )
        return customers.browse(left.mapped("res_id"))

    def _kind_answered(self):
        return self.env.ref(
            "account_email_connector.activity_type_answered", raise_if_not_found=False
        )
