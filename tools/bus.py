"""What open pages hear, by Odoo's bus: readers of follow-ups, each of the companies
that they have (``models/ir_websocket.py``)."""

#: Of a company's channels, the one for this.
CHANNEL = "account_email_connector"


def send(company, kind, payload):
    """Tell the readers of *company* (``res.company``).

    :param kind: what the page listens for.
    :param payload: what JSON can hold.
    """
    company.env["bus.bus"]._sendone((company, CHANNEL), kind, payload)
