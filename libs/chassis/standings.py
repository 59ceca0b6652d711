"""What an answer says about limits: `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10).

    RateLimit-Policy: "register_network-3600";q=100;w=3600
    RateLimit: "register_network-3600";r=57;t=140

`q` and `w` are a window's amount and seconds, `r` what is left, `t` the seconds until there is more. A refusal names
only what refused it. Limits that would tell something about an account are never named, however the answer turns out.

Whoever makes one answer of what several services said passes on what each of them said of its limits.
"""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from http import HTTPStatus
from math import ceil

from aiohttp import web

from chassis.limits import Standing

# The standings of the request that is being answered; nothing outside of one.
_TOLD: ContextVar[list[Standing] | None] = ContextVar("standings", default=None)
# What others said of theirs while an answer is made of theirs; nothing outside of that.
_HEARD: ContextVar[dict[str, str] | None] = ContextVar("heard", default=None)
FIELDS = ("ratelimit-policy", "ratelimit")


def tell(standings: Iterable[Standing], *, is_refusal: bool = False) -> None:
    """Notes what this request's answer may say."""
    told = _TOLD.get()
    if told is None:
        return
    if is_refusal:
        told.clear()
    told += [standing for standing in standings if standing.limit.is_told]


@web.middleware
async def rate_limit_fields(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Writes the fields on what succeeded and on 429; another refusal is not about limits and says nothing of them."""
    told: list[Standing] = []
    _TOLD.set(told)
    response = await handler(request)
    is_about_limits = response.status < HTTPStatus.BAD_REQUEST or response.status == HTTPStatus.TOO_MANY_REQUESTS
    if told and is_about_limits and not response.prepared:
        response.headers["RateLimit-Policy"] = ", ".join(map(_policy, told))
        response.headers["RateLimit"] = ", ".join(map(_rate, told))
    return response


@contextmanager
def hearing() -> Iterator[Mapping[str, str]]:
    """Both fields, as whoever is asked inside says them: lists (RFC 9651 section 3.1), of which several are one."""
    heard: dict[str, str] = {}
    token = _HEARD.set(heard)
    try:
        yield heard
    finally:
        _HEARD.reset(token)


def hear(headers: Mapping[str, str]) -> None:
    """Notes what a service said with an answer that was none of refusal; names are in lower case."""
    heard = _HEARD.get()
    if heard is None:
        return
    for name in FIELDS:
        if said := headers.get(name):
            heard[name] = f"{heard[name]}, {said}" if name in heard else said


def _policy(standing: Standing) -> str:
    return f'"{standing.policy}";q={standing.window.amount};w={standing.window.seconds}'


def _rate(standing: Standing) -> str:
    return f'"{standing.policy}";r={standing.left};t={ceil(standing.more_in.total_seconds())}'
