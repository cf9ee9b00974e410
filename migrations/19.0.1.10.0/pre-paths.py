"""The addresses of the worklist move to the actions that bring it up to date first.

No two actions may have one address, and Odoo reads them one by one.
"""


def migrate(cr, version):
    cr.execute(
        """
        UPDATE ir_act_window action SET path = NULL
          FROM ir_model_data known
         WHERE known.module = 'account_email_connector'
           AND known.name IN ('action_case', 'action_case_coming')
           AND known.model = 'ir.actions.act_window' AND known.res_id = action.id
        """
    )
