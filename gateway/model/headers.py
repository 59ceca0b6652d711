"""Which headers cross the gateway, and which end here."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

Pairs = Iterable[tuple[str, str]]

# RFC 9110 section 7.6.1, and those that older software treats alike.
_HOP_BY_HOP = frozenset(
    {
        "connection", "keep-alive", "proxy-connection", "proxy-authenticate", "proxy-authorization", "te", "trailer",
        "transfer-encoding", "upgrade", "http2-settings",
    }
)  # fmt: skip
# Said by the gateway itself, or for the gateway only.
_OURS = frozenset({"host", "expect", "authorization", "cookie", "x-request-id"})
# Where a request came from and went to: believed from us alone.
_ORIGIN_CLAIMS = frozenset(
    {
        "forwarded", "via", "x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip", "fastly-client-ip",
        "x-cluster-client-ip", "x-original-url", "x-original-uri", "x-original-host", "x-rewrite-url", "x-host",
        "x-remote-user", "remote-user", "x-auth-request-user", "x-authenticated-user",
    }
)  # fmt: skip
# What was decided for one method is not done as another.
_METHOD_OVERRIDES = frozenset({"x-http-method-override", "x-http-method", "x-method-override"})
_PREFIXES = ("countersign-", "x-countersign-", "x-forwarded-")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_WEBSOCKET = "sec-websocket-"
_RESPONSE_ONLY_OURS = frozenset({"server", "set-cookie", "service-worker-allowed", "x-request-id"})
# Besides, what a browser applies to the whole host, our own pages and every other service: not for one upstream to say.
_NOT_PASSED_BACK = _HOP_BY_HOP | {
    "strict-transport-security", "clear-site-data", "alt-svc", "nel", "report-to", "expect-ct", "public-key-pins",
    "public-key-pins-report-only", "origin-agent-cluster",
    # With ours, a page could keep hold of a window of ours that it opened, and read it.
    "cross-origin-opener-policy",
}  # fmt: skip
_NOT_PLAIN = re.compile(r"[^a-z0-9]")
OWN_COOKIES = frozenset({"__host-session", "__host-device", "__host-form", "__host-note"})


@lru_cache(maxsize=4096)
def _ends_here(name: str) -> bool:
    # Servers behind CGI-like interfaces read `_`, `.` and others as `-`: every spelling is one name here.
    folded = _NOT_PLAIN.sub("-", name.lower())
    return folded in _HOP_BY_HOP | _OURS | _ORIGIN_CLAIMS | _METHOD_OVERRIDES or folded.startswith(
        (*_PREFIXES, _WEBSOCKET)
    )


@lru_cache(maxsize=4096)
def overrides_method(name: str) -> bool:
    """Whether frameworks let this header stand for the method, in any spelling."""
    return _NOT_PLAIN.sub("-", name.lower()) in _METHOD_OVERRIDES


@lru_cache(maxsize=4096)
def _comes_back(name: str) -> bool:
    lower = name.lower()
    return lower not in _NOT_PASSED_BACK and lower not in _RESPONSE_ONLY_OURS


def request_headers(headers: Pairs, connection: Sequence[str] = ()) -> list[tuple[str, str]]:
    """What goes on to the upstream; `connection` are the values of the header Connection, which name more to drop."""
    return _unnamed([(name, value) for name, value in headers if not _ends_here(name)], connection)


def response_headers(headers: Pairs, connection: Sequence[str] = ()) -> list[tuple[str, str]]:
    """What comes back from the upstream; it may set cookies, but not ours."""
    back = [
        (name, value)
        for name, value in headers
        if _comes_back(name) or (name.lower() == "set-cookie" and not _sets_ours(value))
    ]
    return _unnamed(back, connection)


def has_controls(values: Iterable[str]) -> bool:
    """Whether something stands in them that no header may hold (RFC 9110 section 5.5): readers differ on it."""
    return _CONTROL.search("".join(values)) is not None


def _unnamed(pairs: list[tuple[str, str]], connection: Sequence[str]) -> list[tuple[str, str]]:
    if not connection:
        return pairs
    named = {part.strip().lower() for value in connection for part in value.split(",")}
    return [(name, value) for name, value in pairs if name.lower() not in named]


def other_cookies(cookie: str) -> str:
    """A Cookie header's value without our cookies."""
    parts = [part.strip() for part in cookie.split(";")]
    return "; ".join(part for part in parts if part and _cookie_name(part) not in OWN_COOKIES)


def own_cookie(cookies: Sequence[str], name: str) -> str | None:
    """The value of our cookie in the Cookie headers; None if there is none, or two that differ."""
    if not cookies:
        return None
    parts = [part.strip() for cookie in cookies for part in cookie.split(";")]
    values = {part.partition("=")[2] for part in parts if part.partition("=")[0] == name}
    return values.pop() if len(values) == 1 else None


def _sets_ours(value: str) -> bool:
    return _cookie_name(value.partition(";")[0]) in OWN_COOKIES


def _cookie_name(pair: str) -> str:
    # `=__Host-session=x` is a nameless cookie that is sent back as `__Host-session=x`.
    return pair.strip().lstrip("= \t").partition("=")[0].strip().lower()
