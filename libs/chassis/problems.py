"""Refusals as HTTP: one table per service, problem documents (RFC 9457) or another format where a path asks for it."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

import asyncpg
import redis.exceptions
import structlog
from aiohttp import ClientError, web

from chassis.request import REFUSAL, REQUEST_ID
from chassis.responses import json_bytes

log = structlog.get_logger()


@dataclass(frozen=True)
class Problem:
    """What a refusal is in HTTP: `error` is the code that programs read, `detail` the sentence that people read."""

    status: int
    error: str
    detail: str


Table = Mapping[type[Exception], Problem]
Renderer = Callable[[Problem, Mapping[str, object]], web.Response]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

STORES_AWAY = (
    redis.exceptions.RedisError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InterfaceError,
    # asyncpg's word for a connection that the server has ended, in the moment before it notices.
    asyncpg.InternalClientError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.DiskFullError,
    ConnectionError,
    asyncio.TimeoutError,
    ClientError,
    OSError,
)
# What a description may not hold (RFC 6749 section 5.2), and how many errors it tells of.
NOT_OAUTHS, MOST_TOLD = re.compile(r"[^\x20-\x21\x23-\x5b\x5d-\x7e]"), 3
PASSED_ON = {"www-authenticate", "allow"}
UNAVAILABLE = Problem(503, "unavailable", "The service cannot answer for the moment. Try again shortly.")
INTERNAL = Problem(500, "internal_error", "Something went wrong on our side. Give the reference to the operator.")
FRAMEWORK = {
    400: Problem(400, "bad_request", "The request is malformed."),
    403: Problem(403, "forbidden", "This is not allowed."),
    404: Problem(404, "not_found", "There is nothing here."),
    405: Problem(405, "method_not_allowed", "This address does not take that method; see the Allow header."),
    411: Problem(411, "length_required", "Say how long the body is."),
    413: Problem(413, "payload_too_large", "The body is larger than this address takes."),
    415: Problem(415, "unsupported_media_type", "The body is of a kind that this address does not take."),
    417: Problem(417, "expectation_failed", "The Expect header asks for something that is not offered."),
}


def problem_json(problem: Problem, members: Mapping[str, object]) -> web.Response:
    """A problem document; `type` is about:blank and therefore left out (RFC 9457 section 4.2.1)."""
    standard = {
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
        "error": problem.error,
    }
    # Last once more: no member of ours takes the place of a standard one.
    return _answer(problem.status, {**standard, **members, **standard}, "application/problem+json")


def oauth_error(problem: Problem, members: Mapping[str, object]) -> web.Response:
    """An error as OAuth clients know it (RFC 6749 section 5.2)."""
    return oauth_errors()(problem, members)


def oauth_errors(*told: str) -> Renderer:
    """The same, with the members named in `told` beside it, where an error has them."""

    def render(problem: Problem, members: Mapping[str, object]) -> web.Response:
        standard = {"error": problem.error, "error_description": _in_a_sentence(problem.detail, members.get("errors"))}
        beside = {name: members[name] for name in told if name in members}
        return _answer(problem.status, {**beside, **standard}, "application/json")

    return render


def _in_a_sentence(detail: str, errors: object) -> str:
    """OAuth has no list of errors, and few signs for a description: the names of fields are a stranger's words."""
    if not isinstance(errors, list) or not errors:
        return detail
    said = "; ".join(f"{error['field']} {error['message']}".strip() for error in errors[:MOST_TOLD])
    return NOT_OAUTHS.sub("?", f"The request body is not valid: {said}.")


def _answer(status: int, document: Mapping[str, object], content_type: str) -> web.Response:
    headers = {"Cache-Control": "no-store"}
    return web.Response(status=status, body=json_bytes(document), content_type=content_type, headers=headers)


def refuser(
    table: Table, formats: Mapping[str, Renderer] | None = None
) -> Callable[[web.Request, Exception], web.Response]:
    """Answers every exception as `table` names it; `formats` renders by path prefix. Raises what is no refusal again.

    (aiohttp says redirects by exceptions, too.)
    """
    renderers = formats or {}

    def refuse(request: web.Request, refusal: Exception) -> web.Response:
        if isinstance(refusal, web.HTTPException) and refusal.status not in FRAMEWORK:
            raise refusal
        request[REFUSAL] = type(refusal).__name__
        chosen = next((renderers[prefix] for prefix in renderers if request.path.startswith(prefix)), problem_json)
        return _render(chosen, _problem_of(refusal, table), refusal, request)

    return refuse


def problem_middleware(
    table: Table, formats: Mapping[str, Renderer] | None = None
) -> Callable[[web.Request, Handler], Awaitable[web.StreamResponse]]:
    """Turns every exception of a handler into an answer: see `refuser`."""
    refuse = refuser(table, formats)

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except Exception as refusal:  # noqa: BLE001 the table names them all, and what it does not is a 500
            return refuse(request, refusal)

    return middleware


def _problem_of(refusal: Exception, table: Table) -> Problem:
    named = next((table[kind] for kind in type(refusal).__mro__ if kind in table), None)
    if named is not None:
        return named
    if isinstance(refusal, web.HTTPException):
        return FRAMEWORK[refusal.status]
    if isinstance(refusal, STORES_AWAY):
        log.warning("dependency_away", kind=type(refusal).__name__)
        return UNAVAILABLE
    log.error("unexpected", exc_info=refusal)
    return INTERNAL


def _render(renderer: Renderer, problem: Problem, refusal: Exception, request: web.Request) -> web.Response:
    members = dict(getattr(refusal, "members", {}))
    if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        members.setdefault("reference", request.get(REQUEST_ID, ""))
    response = renderer(problem, members)
    retry_after = getattr(refusal, "retry_after", None)
    if retry_after is None and problem.status == HTTPStatus.SERVICE_UNAVAILABLE:
        retry_after = 1
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    for name, value in (getattr(refusal, "headers", None) or {}).items():
        if name.lower() in PASSED_ON:
            response.headers[name] = value
    return response
