"""Requests, routes and answers, common to everything that the stand-in serves."""

import json
import time
import uuid
from functools import cached_property
from pathlib import Path
from urllib.parse import urlencode

import jinja2
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.utils import redirect as http_redirect
from werkzeug.wrappers import Request, Response

HERE = Path(__file__).parent
TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(HERE / "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)


class Call(Request):
    """One request.

    :ivar store: the :class:`.store.Store`.
    :ivar standin: the :class:`.server.StandIn` that serves it.
    """

    standin = store = None

    @cached_property
    def request_id(self):
        """The id of this request: Graph's ``request-id``, Entra's trace id."""
        return str(uuid.uuid4())

    @cached_property
    def client_request_id(self):
        """The caller's correlation id, or one of ours."""
        return self.headers.get("client-request-id") or str(uuid.uuid4())

    @property
    def bearer(self):
        """The bearer token, or an empty string (RFC 6750)."""
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""

    def token(self):
        """Return the access token's record, or None if it was never issued."""
        return self.store.access.get(self.bearer)

    def bearer_identity(self):
        """Return (account, client id) of the bearer token, empty if unknown."""
        token = self.token()
        return (token.account, token.client_id) if token else ("", "")


class Refused(Exception):
    """Carries the answer of a request that is refused."""

    def __init__(self, response):
        self.response = response
        super().__init__(response.status)


class Routes:
    """The routes of one module.

    :param fault: a callable ``(call, fault, args) -> Response``, or None: no faults.
    :param who: a callable ``(call) -> (account, client id)``.
    """

    def __init__(self, fault=None, who=Call.bearer_identity):
        self.fault, self.who = fault, who
        self.views = []

    def __call__(self, rule, endpoint, methods=("GET",)):
        """Decorate ``view(call, **args) -> Response``."""

        def register(view):
            self.views.append((rule, endpoint, methods, view))
            return view

        return register


class Application:
    """A WSGI application made of :class:`Routes`."""

    def __init__(self, standin, modules):
        self.standin = standin
        self.views = {}
        rules = []
        for routes in modules:
            for rule, endpoint, methods, view in routes.views:
                key = len(self.views)
                self.views[key] = (endpoint, routes, view)
                rules.append(Rule(rule, endpoint=key, methods=methods))
        self.map = Map(rules, strict_slashes=False)

    def __call__(self, environ, start_response):
        call = Call(environ)
        call.standin, call.store = self.standin, self.standin.store
        try:
            key, args = self.map.bind_to_environ(environ).match()
            response = self._answer(call, args, *self.views[key])
        except HTTPException as error:
            response = error.get_response(environ)
        except Refused as refused:
            response = refused.response
        response.headers["Date"] = call.store.clock.http_date()
        return response(environ, start_response)

    def _answer(self, call, args, endpoint, routes, view):
        if routes.fault is None:
            call.get_data()
            return self._view(call, args, view)
        fault = call.store.faults.take(endpoint, lambda: routes.who(call))
        if fault and fault.cut_read is not None:
            call.stream.read(fault.cut_read)
            return self._cut(call, 0)
        call.get_data()  # outside the lock: clients may be slow
        faulty = fault and fault.answers
        if not faulty or fault.when != "before":
            response = self._view(call, args, view)
        if faulty:
            response = routes.fault(call, fault, args)
        self._record(call, endpoint, routes, response, fault)
        if fault:
            time.sleep(fault.delay)
            if fault.cut is not None:
                self._cut(call, fault.cut)
        return response

    def _view(self, call, args, view):
        with call.store.lock:
            try:
                return view(call, **args)
            except Refused as refused:
                return refused.response

    def _cut(self, call, size):
        call.environ["standin.handler"].cut_after(size)
        return Response(status=500)

    def _record(self, call, endpoint, routes, response, fault):
        account, client_id = routes.who(call)
        call.store.calls.append(
            {
                "at": call.store.clock.now(),
                "endpoint": endpoint,
                "account": account,
                "client_id": client_id,
                "status": response.status_code,
                "fault": fault and (fault.fault or fault.status or "line"),
            }
        )


def json_answer(body, status=200, headers=None):
    """Return *body* as a JSON response that must not be cached."""
    response = Response(
        json.dumps(body), status, content_type="application/json; charset=utf-8"
    )
    response.headers["Cache-Control"] = "no-store"
    response.headers.update(headers or {})
    return response


def page(template, status=200, **context):
    """Return the rendered *template* as a HTML response."""
    context["page"] = template.removesuffix(".html")
    html = TEMPLATES.get_template(template).render(context)
    response = Response(html, status, content_type="text/html; charset=utf-8")
    response.headers["Cache-Control"] = "no-store"
    return response


def redirect(url):
    """Return a redirect that turns a POST into a GET."""
    return http_redirect(url, 303)


def callback(redirect_uri, params, mode="query"):
    """Send the browser back to the application with *params*.

    :param mode: ``query``, ``fragment`` or ``form_post`` (the response_mode).
    """
    params = {name: value for name, value in params.items() if value is not None}
    if mode == "form_post":
        return page("form_post.html", action=redirect_uri, params=params)
    mark = "#" if mode == "fragment" else "&" if "?" in redirect_uri else "?"
    return http_redirect(redirect_uri + mark + urlencode(params), 302)


def retry_headers(call, fault):
    """Return the Retry-After header that *fault* asks for (RFC 9110, 10.2.3)."""
    if fault.retry_after is None:
        return {}
    if fault.retry_after_date:
        at = call.store.clock.now() + fault.retry_after
        return {"Retry-After": call.store.clock.http_date(at)}
    return {"Retry-After": str(fault.retry_after)}


def literal_answer(call, fault):
    """Return the answer that *fault* spells out."""
    headers = retry_headers(call, fault) | fault.headers
    if isinstance(fault.body, str):
        return Response(fault.body, fault.status, headers=headers)
    body = {} if fault.body is None else fault.body
    return json_answer(body, fault.status, headers)
