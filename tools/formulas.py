"""What a spreadsheet takes for a formula."""

import re

#: How what a spreadsheet takes for a formula begins, fullwidth signs included.
#: https://owasp.org/www-community/attacks/CSV_Injection
#: ``{=`` begins a formula of xlsxwriter, with which Odoo writes the file:
#: https://xlsxwriter.readthedocs.io/worksheet.html#worksheet-write
FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠]|\{=")


def as_text(cell):
    """*cell*, with a ``'`` before it if it is a str that would be a formula."""
    if isinstance(cell, str) and FORMULA.match(cell):
        return f"'{cell}"
    return cell
