"""Authy's paths, and what stands before each handler: faults first, then the key, then errors become JSON."""

import hmac
from collections.abc import Awaitable, Callable

from aiohttp import web

from tools.authy_simulator.answers import not_found, refusal
from tools.authy_simulator.api import application, approvals, tokens, users
from tools.authy_simulator.errors import KEY_INVALID, AuthyError, known_error
from tools.authy_simulator.faults.answers import faulty_answer
from tools.authy_simulator.keys import FAULTS, SETTINGS

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
USER = "/protected/json/users/{authy_id}"

# (method, path, name by which fault rules call it, handler)
ENDPOINTS: list[tuple[str, str, str, Handler]] = [
    ("POST", "/protected/json/users/new", "users/new", users.create),
    ("GET", f"{USER}/status", "users/status", users.status),
    ("POST", f"{USER}/remove", "users/remove", users.remove),
    ("POST", f"{USER}/delete", "users/remove", users.remove),
    ("POST", "/protected/json/users/delete/{authy_id}", "users/remove", users.remove),
    ("POST", f"{USER}/update", "users/update", users.update),
    ("POST", f"{USER}/register_activity", "users/register_activity", users.register_activity),
    ("GET", "/protected/json/sms/{authy_id}", "sms", tokens.sms),
    ("GET", "/protected/json/call/{authy_id}", "call", tokens.call),
    ("GET", "/protected/json/verify/{token}/{authy_id}", "verify", tokens.verify),
    ("GET", "/protected/json/app/details", "app/details", application.details),
    ("GET", "/protected/json/app/stats", "app/stats", application.stats),
    ("POST", "/onetouch/json/users/{authy_id}/approval_requests", "approval_requests/create", approvals.create),
    ("GET", "/onetouch/json/approval_requests/{uuid}", "approval_requests/read", approvals.read),
]


def add_api(app: web.Application) -> None:
    """Authy's endpoints; everything else under its prefixes is plain text."""
    for method, path, endpoint, handler in ENDPOINTS:
        app.router.add_route(method, path, guarded(endpoint, handler))
    for prefix in ("protected", "onetouch"):
        app.router.add_route("*", f"/{prefix}/{{rest:.*}}", unknown)


async def unknown(_: web.Request) -> web.Response:
    """A path or a method that Authy does not have."""
    return not_found()


def guarded(endpoint: str, handler: Handler) -> Handler:
    """The handler with all that happens to a call before it."""

    async def answer_call(request: web.Request) -> web.StreamResponse:
        rule = request.app[FAULTS].take(endpoint)
        faulty = await faulty_answer(request, rule) if rule else None
        if faulty is not None:
            return faulty
        try:
            require_key(request)
            return await handler(request)
        except AuthyError as error:
            return refusal(error)

    return answer_call


def require_key(request: web.Request) -> None:
    """Raises AuthyError 401/60001 unless the header holds the application's key."""
    given = request.headers.get("X-Authy-API-Key", "")
    if not hmac.compare_digest(given.encode("utf-8", "surrogateescape"), request.app[SETTINGS].api_key.encode()):
        raise known_error(KEY_INVALID)
