"""To whom an email goes, as it is shown before it goes."""

from odoo import api

from .. import compose
from .addresses import addresses
from .colleagues import copies


@api.depends(
    "partner_id", "addressee_id", "line_ids.state", "step_id", "body", "cc", "state"
)
@api.depends_context("lang")
def receivers(followups):
    """The addresses that it is written to, those of copies, and who gets none."""
    for followup in followups:
        found = copies(followup)
        followup.goes_to = written_to(followup.recipient_ids)
        followup.copies_to = compose.copies_to(followup)
        followup.copies_left_out = not followup.body and found.left_out


def written_to(recipients):
    """The addresses of these contacts, as text."""
    return ", ".join(
        dict.fromkeys(each for one in recipients for each in addresses(one))
    )
