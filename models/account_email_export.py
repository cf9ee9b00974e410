from odoo import models

from ..tools.formulas import as_text


class AccountEmailExport(models.AbstractModel):
    """What strangers have written is no formula in a spreadsheet.

    A customer's name, or a mail server's words, may begin with ``=``. Odoo puts ``'``
    before a few of these in a CSV file, and before none in an Excel file.
    """

    _name = "account.email.export"
    _description = "Export without formulas"

    def _export_rows(self, fields, **options):
        """As before; external identifiers stay as an import needs them."""
        rows = super()._export_rows(fields, **options)
        ids = {index for index, path in enumerate(fields) if path and path[-1] == "id"}
        return [
            [cell if index in ids else as_text(cell) for index, cell in enumerate(row)]
            for row in rows
        ]

    def _web_read_group_groupby_formatter(self, groupby_spec, values):
        """As before; in an Excel file the names of groups are cells too."""
        name_of = super()._web_read_group_groupby_formatter(groupby_spec, values)
        if "import_compat" not in self.env.context:  # only an export says that
            return name_of

        def name_as_text(value):
            name, domain = name_of(value)
            if isinstance(name, tuple):  # an id and a name
                return tuple(map(as_text, name)), domain
            return as_text(name), domain

        return name_as_text
