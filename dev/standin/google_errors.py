"""How Google answers the browser, and says that something is wrong, in its APIs too."""

from .fault_table import GMAIL, GOOGLE
from .microsoft_errors import fill
from .web import Refused, callback, json_answer, literal_answer, page, retry_headers


def back(params, answer):
    """Send the browser back to the application."""
    answer = {"state": params.get("state")} | answer
    mode = params.get("response_mode", "query")
    return callback(params["redirect_uri"], answer, mode)


def token_error(call, name, headers=None, **names):
    """Return the token endpoint's JSON error (RFC 6749, 5.2)."""
    row = GOOGLE[name]
    body = {"error": row.code, "error_description": fill(row.text, names), **row.extra}
    return json_answer(body, row.status, headers)


def refuse_token(call, name, **names):
    """Refuse a token request.

    :raises Refused: always.
    """
    raise Refused(token_error(call, name, **names))


def blocked_page(call, name, flow=None, **names):
    """Return Google's "Access blocked" page: the application is not called back."""
    row = GOOGLE[name]
    app = call.store.apps.get(flow.client_id if flow else names.get("client_id", ""))
    return page(
        "blocked.html",
        row.status,
        error=row.code,
        status_code=row.status,
        text=fill(row.text, names),
        app=app,
        flow=flow,
        request_id=call.request_id,
    )


def identity_fault(call, fault, args):
    """Answer an identity endpoint as *fault* says."""
    if fault.status:
        return literal_answer(call, fault)
    if not call.path.endswith("/auth"):
        return token_error(call, fault.fault, retry_headers(call, fault))
    redirect_uri = call.args.get("redirect_uri")
    if fault.channel == "callback" and redirect_uri:
        return back(call.args, {"error": fault.fault})
    return blocked_page(call, fault.fault, client_id=call.args.get("client_id", ""))


def gmail_error(call, name, headers=None, **names):
    """Return a Google API error body (cloud.google.com/apis/design/errors)."""
    row = GMAIL[name]
    text = fill(row.text, names)
    detail = {
        "message": row.extra.get("message", text),
        "domain": row.extra.get("domain", "global"),
        "reason": row.extra.get("reason", name),
    }
    if row.status == 401:
        detail |= {"location": "Authorization", "locationType": "header"}
    error = {
        "code": row.status,
        "message": text,
        "errors": [detail],
        "status": row.code,
    }
    if name == "insufficientPermissions":
        error["details"] = [
            {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
                "domain": "googleapis.com",
                "metadata": {"service": "gmail.googleapis.com"},
            }
        ]
    headers = dict(headers or {})
    if row.status in (401, 403):
        headers.setdefault(
            "WWW-Authenticate", 'Bearer realm="https://accounts.google.com/"'
        )
    return json_answer({"error": error}, row.status, headers)


def refuse(call, name, headers=None, **names):
    """Refuse a Gmail request.

    :raises Refused: always.
    """
    raise Refused(gmail_error(call, name, headers, **names))


def gmail_fault(call, fault, args):
    """Answer a Gmail endpoint as *fault* says."""
    if fault.status:
        return literal_answer(call, fault)
    wait = 86400 if fault.retry_after is None else fault.retry_after
    at = call.store.clock.datetime(call.store.clock.now() + wait)
    retry_time = at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    headers = retry_headers(call, fault)
    return gmail_error(
        call, fault.fault, headers, retry_time=retry_time, why="Invalid value"
    )
