from odoo import models


class MailActivity(models.Model):
    _inherit = "mail.activity"

    def _action_done(self, feedback=False, attachment_ids=None):
        """Whoever has dealt with a customer's answer wants follow-ups to go on."""
        customers = self._customers_who_answered()
        result = super()._action_done(feedback=feedback, attachment_ids=attachment_ids)
        if customers and self.env.user.has_group("account.group_account_invoice"):
            customers._email_followup_note(
                {"email_followup_answered": False}, self.env.user.company_ids
            )
        return result

    def _customers_who_answered(self):
        """The customers whose answer is what these activities are about."""
        kind = self.env.ref(
            "account_email_connector.activity_type_answered", raise_if_not_found=False
        )
        mine = self.filtered(
            lambda activity: (
                activity.activity_type_id == kind
                and activity.res_model == "res.partner"
            )
        )
        return self.env["res.partner"].browse(mine.mapped("res_id")).exists()
