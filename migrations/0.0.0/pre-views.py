"""When the version changes: what an old view says of a form is not looked for then.

Odoo reads the views one by one, and checks each with those that extend it, of which
some are still the old ones: they may show a field that is gone. All of ours are read
anew, and those of other modules are not asked before ours are there.
"""


def migrate(cr, version):
    if not version:
        return
    cr.execute(
        """
        UPDATE ir_ui_view view
           SET arch_db = jsonb_build_object('en_US', '<data/>')
          FROM ir_model_data known
         WHERE known.module = 'account_email_connector'
           AND known.model = 'ir.ui.view' AND known.res_id = view.id
           AND NOT COALESCE(known.noupdate, FALSE)
           AND view.mode = 'extension'
        """
    )
