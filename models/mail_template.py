from odoo import api, models
from odoo.exceptions import UserError


class MailTemplate(models.Model):
    _inherit = "mail.template"

    @api.constrains("model_id")
    def _check_used_by_followups(self):
        """What a follow-up step uses is about follow-ups, now and later."""
        steps = self.env["account.email.followup.step"].sudo()
        steps.search([("template_id", "in", self.ids)])._check_template()

    def _check_renders(self, records):
        """Refuse to render this template for *records* of another model.

        A template takes the ids of any model: those of *records* would be taken for
        other things, which nobody has asked about.

        :raises UserError: it is about something else.
        """
        if self.model != records._name:
            raise UserError(
                self.env._(
                    "The email template “%s” is about something else.", self.name
                )
            )
