"""The page on which a customer pays online what an email asks for.

It is Odoo's form, with Odoo's transaction; only what is asked for is ours. Its routes
answer "not found" where ``account_payment`` is not installed.
"""

from werkzeug.exceptions import NotFound

from odoo import http
from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.http import request

from ..engine.paying import online


class Pay(http.Controller):
    @http.route(
        online.PATH,
        type="http",
        methods=["GET"],
        auth="public",
        website=True,
        sitemap=False,
    )
    def page(self, access_token=None, **_kwargs):
        """Show what is left of the email's total, and the form to pay it."""
        due = _due(access_token)
        _speak(due.partner.lang)
        values = {"due": due, "res_company": due.company[:1]}
        if due.amount and not due.under_way:
            values |= _form(due, access_token)
        return request.render("account_email_connector.pay_page", values)

    @http.route(f"{online.PATH}/transaction", type="jsonrpc", auth="public")
    def transaction(self, access_token=None, amount=None, **kwargs):
        """Begin to pay: Odoo's transaction, for the invoices of the email."""
        due = _due(access_token)
        if due.under_way or not due.amount or float(amount or 0) != due.amount:
            raise ValidationError(
                request.env._("Something was paid meanwhile. Please reload the page.")
            )
        portal = _portal()
        portal._validate_transaction_kwargs(kwargs)
        if kwargs.get("flow") == "token":  # a card that is kept is its owner's
            raise ValidationError(request.env._("Please choose another way to pay."))
        kwargs |= {"tokenization_requested": False, "is_validation": False}
        transaction = portal()._create_transaction(
            amount=due.amount,
            currency_id=due.currency.id,
            partner_id=due.partner.id,
            reference_prefix=_reference(due.moves),
            custom_create_values={"invoice_ids": [Command.set(due.moves.ids)]},
            **kwargs | {"landing_route": _address(access_token)},
        )
        return transaction._get_processing_values()


def _due(access_token):
    """
    :raises NotFound: it is not one of our links, or nothing is paid online here.
    """
    env = request.env(su=True)  # the token is an email's
    due = online.is_installed(env) and online.due_by(env, access_token)
    if not due:
        raise NotFound()
    return due


def _speak(lang):
    """Answer in the customer's language, as the email did."""
    if request.env["res.lang"]._get_code(lang):
        request.update_context(lang=lang)


def _form(due, access_token):
    """What Odoo's form asks for; without cards that somebody has kept."""
    providers = online.providers(due)
    return {
        "reference_prefix": _reference(due.moves),
        "amount": due.amount,
        "currency": due.currency,
        "partner_id": due.partner.id,
        "providers_sudo": providers,
        "payment_methods_sudo": online.methods(due, providers),
        "tokens_sudo": request.env["payment.token"].sudo().browse(),
        "show_tokenize_input_mapping": dict.fromkeys(providers.ids, False),
        "availability_report": {},
        "transaction_route": f"{online.PATH}/transaction",
        "landing_route": _address(access_token),
        "access_token": access_token,
    }


def _address(access_token):
    return f"{online.PATH}?access_token={access_token}"


def _reference(moves):
    """The first invoice, and how many more: providers take short references only."""
    more = f"+{len(moves) - 1}" if len(moves) > 1 else ""
    return f"{moves[:1].name}{more}"


def _portal():
    """Odoo's controller that begins transactions, where its module is installed."""
    from odoo.addons.payment.controllers.portal import PaymentPortal

    return PaymentPortal
