"""What the headers of an email tell of its way."""

from email.message import Message

import pytest
from account_email_connector.providers.mail.route import sent_from, verdicts


def with_hops(*hops):
    message = Message()
    for hop in hops:
        message["Received"] = hop
    return message


EXCHANGE = (
    "from AM0P.eurprd04.prod.outlook.com (2603:10a6:208:87::14) by "
    "DB9P.eurprd04.prod.outlook.com with HTTPS; Mon, 30 Nov 2026 09:00:03 +0000"
)
SUBMITTED = (
    "from odoo (mail.acme.example [81.2.69.142]) by smtp.example.net (Postfix) with "
    "ESMTPSA id 4ABC; Mon, 30 Nov 2026 09:00:01 +0000"
)
WITHIN = "from relay ([10.1.2.3]) by mx.example.net with LMTP; Mon, 30 Nov 2026"


@pytest.mark.parametrize(
    "hops, address",
    [
        ([EXCHANGE, WITHIN, SUBMITTED], "81.2.69.142"),
        ([EXCHANGE], "2603:10a6:208:87::14"),
        ([EXCHANGE, WITHIN], "2603:10a6:208:87::14"),
        ([WITHIN], "10.1.2.3"),
        (
            ["from [IPv6:2a02:8106::7] (unknown) by a.example with ESMTP"],
            "2a02:8106::7",
        ),
        (["by gmail.example with SMTP id 1.2.3.4 for <a@b.example>"], ""),
        (["from [999.1.2.3] by a.example", "from (::::) by b.example"], ""),
        ([], ""),
    ],
)
def test_the_address_that_the_first_server_saw(hops, address):
    assert sent_from(with_hops(*hops)) == address


def test_a_long_header_costs_little():
    assert sent_from(with_hops(*["from [" * 100_000] * 60)) == ""


def test_what_is_said_of_the_sender():
    message = Message()
    assert verdicts(message) == ""
    message["Authentication-Results"] = (
        "mx.example.net; spf=pass (a) smtp.mailfrom=acme.example; DKIM=Fail; "
        "dkim=none; spf=pass"
    )
    assert verdicts(message) == "spf=pass dkim=fail dkim=none"
