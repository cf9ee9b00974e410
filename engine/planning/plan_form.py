"""What the form of a plan tells of the plan itself."""

from odoo import api

from . import sharing


@api.depends("company_id")
@api.depends_context("uid")
def can_change(plans):
    """Whether the user may change it, a new one too."""
    for plan in plans:
        saved = plan._origin
        plan.can_change = not saved or saved.has_access("write")


@api.depends_context("company")
def is_in_use(plans):
    """Whether the company in use chases by it (computed as superuser)."""
    in_use = sharing.plan_in_use(plans.env.company)
    for plan in plans:
        plan.is_in_use = plan._origin.id == in_use.id
