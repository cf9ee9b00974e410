"""How Microsoft's sign-in says that something is wrong."""

from .fault_table import AADSTS, MICROSOFT_NAMED
from .web import Refused, callback, json_answer, literal_answer, page, retry_headers


def describe(call, code, text, **names):
    """Return the ``error_description``: number, text, the ids support asks for."""
    number = f"AADSTS{code}: " if code.isdigit() else ""
    return (
        f"{number}{fill(text, names)} Trace ID: {call.request_id}"
        f" Correlation ID: {call.client_request_id} Timestamp: {_timestamp(call)}"
    )


def fill(text, names):
    """Fill ``{name}`` in *text*, leaving out what is not known."""

    class Known(dict):
        def __missing__(self, key):
            return ""

    return text.format_map(Known(names))


def _timestamp(call):
    return call.store.clock.datetime().strftime("%Y-%m-%d %H:%M:%SZ")


def entry(code):
    """Return the table's row of a number (with or without AADSTS) or an OAuth name."""
    code = code.removeprefix("AADSTS")
    return code, AADSTS.get(code) or MICROSOFT_NAMED[code]


def token_error(call, code, headers=None, **names):
    """Return the token endpoint's JSON error *code*."""
    code, row = entry(code)
    body = {
        "error": row.error,
        "error_description": describe(call, code, row.text, **names),
        "error_codes": [int(code)] if code.isdigit() else [],
        "timestamp": _timestamp(call),
        "trace_id": call.request_id,
        "correlation_id": call.client_request_id,
        "error_uri": f"https://login.microsoftonline.com/error?code={code}",
    }
    if row.suberror:
        body["suberror"] = row.suberror
    if row.suberror in ("basic_action", "message_only"):
        body["claims"] = '{"access_token":{"capolids":{"essential":true,"values":[]}}}'
    headers = {"x-ms-request-id": call.request_id} | (headers or {})
    return json_answer(body, row.status, headers)


def refuse(call, code, **names):
    """Refuse a token request with *code*.

    :raises Refused: always.
    """
    raise Refused(token_error(call, code, **names))


def error_page(call, code, flow=None, **names):
    """Return Microsoft's own page for *code*: the application is not called back."""
    code, row = entry(code)
    app = call.store.apps.get(names.get("client_id", ""))
    return page(
        "error.html",
        200 if flow else 400,
        code=code,
        text=fill(row.text, {"app": app.name if app else ""} | names),
        flow=flow,
        request_id=call.request_id,
        correlation_id=flow.correlation_id if flow else call.client_request_id,
        timestamp=_timestamp(call),
    )


def error_callback(call, params, code, error=None, **names):
    """Send the browser back to the application with *code*.

    :param params: the authorization request: its redirect_uri, state, response_mode.
    :param error: another ``error`` than the table's.
    """
    code, row = entry(code)
    answer = {
        "error": error or row.error,
        "error_subcode": "cancel" if code == "cancel" else None,
        "error_description": describe(call, code, row.text, **names),
        "error_uri": f"https://login.microsoftonline.com/error?code={code}",
        "state": params.get("state"),
    }
    if not code.isdigit():
        del answer["error_uri"]
    if call.path.endswith("/adminconsent"):
        answer["admin_consent"] = "True"  # errors say so too (v2-admin-consent)
    mode = params.get("response_mode", "query")
    return callback(params["redirect_uri"], answer, mode)


def identity_fault(call, fault, args):
    """Answer an identity endpoint as *fault* says."""
    if fault.status:
        return literal_answer(call, fault)
    headers = retry_headers(call, fault)
    if fault.fault.isdigit() and len(fault.fault) == 3:  # a plain HTTP status
        return json_answer({}, int(fault.fault), headers)
    names = {"tenant": args.get("tenant", "")} | call.values.to_dict()
    names.pop("code", None)  # of the sign-in, not of the error
    if not call.path.endswith(("/authorize", "/adminconsent")):
        return token_error(call, fault.fault, headers, **names)
    where = fault.channel or entry(fault.fault)[1].where
    if where == "callback" and call.args.get("redirect_uri"):
        return error_callback(call, call.args, fault.fault, **names)
    return error_page(call, fault.fault, **names)
