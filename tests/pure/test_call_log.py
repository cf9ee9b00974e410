"""Odoo's log of calls at level DEBUG has no secret in it."""

import logging

from account_email_connector.tools.call_log import HideSecrets


class Params:
    """As ``odoo.service.model.Params``."""

    def __init__(self, args, kwargs):
        self.args, self.kwargs = args, kwargs

    def __str__(self):
        return f"{self.args} {self.kwargs}"


def logged(*args):
    record = logging.LogRecord("x", 10, "x", 1, "call %s.%s(%s)", args, None)
    assert HideSecrets().filter(record)
    return record.getMessage()


def test_secrets_are_hidden_wherever_they_stand():
    values = {"host": "smtp.acme.example", "password": "typed"}
    for params in (
        Params([[], values, ["host"]], {}),
        Params([[values]], {"context": {}}),
        Params((), {"vals": {"line_ids": [(0, 0, values)]}}),
        Params([[], {"client_secret": "typed"}], {}),
        Params([[1], {"own_certificate": "typed", "own_certificate_name": "a"}], {}),
        Params([[{"own_certificate": "typed"}], ["own_certificate"], {}], {}),
    ):
        line = logged("account.email.connector.smtp()", "web_save", params)
        assert "typed" not in line
        assert "***" in line
    assert "smtp.acme.example" in logged("x", "onchange", Params([values], {}))


def test_other_calls_are_logged_as_before():
    params = Params([[1, 2], {"name": "x", "password": False}], {"limit": 1})
    before = f"call res.partner(1,).write({params})"
    assert logged("res.partner(1,)", "write", params) == before
    record = logging.LogRecord("x", 10, "x", 1, "no arguments", None, None)
    assert HideSecrets().filter(record)


def test_also_in_a_default_and_in_what_is_imported():
    for params in (
        Params([], {"context": {"default_password": "typed"}}),
        Params([["host", "password"], [["smtp.acme.example", "typed"]]], {}),
    ):
        assert "typed" not in logged("account.email.connector.smtp()", "load", params)
