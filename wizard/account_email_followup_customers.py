from odoo import fields, models

from ..engine.rights import check_accountant, check_company


class AccountEmailFollowupCustomers(models.AbstractModel):
    """What an accounting user says of some customers, for one company.

    The right to edit contacts is not needed for it.
    """

    _name = "account.email.followup.customers"
    _description = "About Customers"

    partner_ids = fields.Many2many("res.partner", string="Customers", required=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company,
        help="Other companies go on as before.",
    )

    def _customers(self):
        """The customers, which the user may see, of a company that is switched on.

        :raises AccessError: to anybody else.
        """
        self.ensure_one()
        self.check_access("write")
        check_accountant(self.env)
        check_company(self.env, self.company_id)
        partners = self.partner_ids._origin
        partners.check_access("read")
        return partners.commercial_partner_id
