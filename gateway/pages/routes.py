"""Every address of the pages, on one page."""

from aiohttp import web

from gateway.pages import (
    authenticator,
    code,
    confirm,
    enrol,
    factors,
    home,
    listening,
    password,
    recovery,
    renewal,
    sessions,
    sign_in,
    sign_up,
    wait,
)
from gateway.pages.static_files import static_route
from gateway.pages.templating import STATIC


def page_routes(version: str) -> list[web.RouteDef]:
    """`version` is the content hash that the static files stand under."""
    return [*_way_in(), *_inside(), static_route(version, STATIC)]


def _way_in() -> list[web.RouteDef]:
    return [
        web.get("/", home.show),
        web.get("/sign-up", sign_up.show),
        web.post("/sign-up", sign_up.send),
        web.get("/sign-in", sign_in.show),
        web.post("/sign-in", sign_in.send),
        web.post("/sign-out", sign_in.sign_out),
        web.get("/enrol", enrol.show),
        web.post("/enrol", enrol.send),
        web.post("/enrol/app/begin", authenticator.begin_first),
        web.get("/enrol/app", authenticator.show_first),
        web.post("/enrol/app", authenticator.send_first),
        web.get("/confirm", confirm.show),
        web.post("/confirm", confirm.choose),
        web.post("/confirm/cancel", confirm.cancel),
        web.get("/confirm/wait", wait.show),
        web.get("/confirm/wait/status", listening.status),
        # A HEAD would be answered with events, which whoever is next on the connection would take for an answer.
        web.get("/confirm/wait/events", listening.events, allow_head=False),
        web.post("/confirm/finish", wait.send_finish),
        web.get("/confirm/code", code.show),
        web.get("/password/new", renewal.show),
        web.post("/password/new", renewal.send),
        web.post("/confirm/code", code.send),
    ]


def _inside() -> list[web.RouteDef]:
    return [
        web.get("/sessions", sessions.show),
        web.post("/sessions/end", sessions.end_one),
        web.post("/sessions/end-others", sessions.end_others),
        web.post("/sessions/end-all", sessions.end_all),
        web.post("/sessions/not-me", sessions.not_me),
        web.get("/password", password.show),
        web.post("/password", password.send),
        web.get("/factors", factors.show),
        web.get("/factors/add", factors.show_add),
        web.post("/factors/add", factors.add),
        web.get("/factors/remove", factors.show_remove),
        web.post("/factors/remove", factors.remove),
        web.post("/factors/app/begin", authenticator.begin_later),
        web.get("/factors/app", authenticator.show_later),
        web.post("/factors/app", authenticator.send_later),
        web.get("/factors/recovery", recovery.show),
        web.post("/factors/recovery", recovery.make),
    ]
