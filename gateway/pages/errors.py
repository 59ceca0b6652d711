"""The one place where an error becomes a page: what happened, what to do, and a reference.

It comes last, and turns problem documents into pages for people. Programs get them as they are.
"""

from collections.abc import Mapping
from dataclasses import replace

from aiohttp import web

from chassis.request import REQUEST_ID
from gateway.api.keys import PROXIED
from gateway.pages.browser import HEADERS, SITE
from gateway.pages.views import Problem

PROBLEM_JSON = "application/problem+json"

_KEPT = ("Retry-After", "Allow", "WWW-Authenticate")
_START = Problem("That did not work", "We could not do what was asked.", action="Go to the start")
_SIGN_IN = Problem("Please sign in", "This needs you to be signed in.", href="/sign-in", action="Sign in")
_TEXTS: Mapping[int, tuple[str, str]] = {
    400: ("We could not read that", "The request came in a form that we do not understand."),
    403: ("That is not allowed", "Another page may have tried to act in your name, so nothing was done."),
    404: ("Nothing is here", "The address may be old, or mistyped."),
    405: ("Nothing is here", "This address is not one to open."),
    413: ("That was too much", "What was sent is larger than we take."),
    429: ("Too many tries", "Wait a few minutes, then try again."),
    500: ("Something broke", "The fault is ours, not yours, and it has been written down."),
    502: ("No answer", "What you asked for is behind this door, but it does not answer right now."),
    503: ("Back in a moment", "We cannot answer right now. Nothing is lost; try again shortly."),
    504: ("No answer", "What you asked for took too long to answer."),
}


def show_errors(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    """Shows a problem document as a page to whoever looks with a browser. An upstream's own answer stays its own."""
    # The status first: to take a Content-Type apart is dear, and most answers are none of a refusal.
    if response.status < 400 or response.prepared or PROXIED in request:
        return response
    if response.content_type != PROBLEM_JSON or not is_navigation(request):
        return response
    return _page(request, response) if isinstance(response, web.Response) else response


def is_navigation(request: web.Request) -> bool:
    """Whether a person is about to look at the answer."""
    mode = request.headers.get("Sec-Fetch-Mode")
    return mode == "navigate" if mode else "text/html" in request.headers.get("Accept", "")


def _page(request: web.Request, response: web.Response) -> web.Response:
    problem = replace(_problem(request, response.status), reference=request.get(REQUEST_ID, ""))
    text = request.app[SITE].templates.get_template("error.html").render(error=problem)
    kept = {name: response.headers[name] for name in _KEPT if name in response.headers}
    return web.Response(text=text, status=response.status, content_type="text/html", headers={**HEADERS, **kept})


def _problem(request: web.Request, status: int) -> Problem:
    if status == 401:
        return _SIGN_IN
    title, what = _TEXTS.get(status, (_START.title, _START.what))
    problem = replace(_START, title=title, what=what)
    # Whoever came through a proxy in front asked for another address than the one that it asked us at.
    if status in {502, 503, 504} and request.method == "GET" and not request.path.startswith("/authz/"):
        return replace(problem, href=request.path_qs, action="Try again")
    return problem
