"""The signature at the end of an email: a person's, or the mailbox's name.

The email's From stays the mailbox, name and all: Gmail and Exchange show the name that
the account has, whatever is sent, and one conversation has one sender.
"""

from markupsafe import Markup, escape

from odoo import api

from .colleagues import signer


@api.depends("step_id", "line_ids.state")
def signature(followups):
    """As HTML, for email templates: in no language, so in every one."""
    for followup in followups:
        followup.signature_html = _render(followup)


def signed(followup, body):
    """*body* with the signature of a person, where its template does not show it."""
    template = followup.step_id.template_id.with_context(lang=followup.lang)
    if "signature_html" in (template.body_html or "") or not signer(followup):
        return body
    return body + Markup("<p>%s</p>") % followup.signature_html


def _render(followup):
    user = signer(followup)
    company = followup.company_id.name
    if not user:
        return escape(followup.connector_id.sender_name or company)
    partner, employee = user.partner_id, _employee(user, followup.company_id)
    phone = partner.phone or (employee and employee.work_phone)
    reached = " · ".join(filter(None, (phone, partner.email_normalized)))
    lines = [
        user.name,
        partner.function or (employee and employee.job_title),
        company,
        reached and Markup('<span dir="ltr">%s</span>') % reached,  # in Hebrew too
    ]
    return Markup("<br/>").join(filter(None, lines))


def _employee(user, company):
    """The user's employee in *company*; None without the employees' app."""
    is_there = "employee_id" in user._fields
    return user.with_company(company).employee_id if is_there else None
