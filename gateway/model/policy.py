"""Which request goes to which upstream, and who may pass: host, then path, then method, and none falls back."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from gateway.model.forwarding import AmbiguousPath, MethodRefused, NotForwarded

# The gateway's pages. A proxy in front sends them here, too, for every host that it protects.
PAGES = ("/sign-in", "/sign-up", "/sign-out", "/enrol", "/confirm", "/sessions", "/factors", "/password")
# All that is the gateway's own where it forwards itself: what is not found there is found nowhere, and no rule with an
# upstream may stand over it. (A test holds both to the routes.)
RESERVED = (
    *PAGES,
    *("/v1", "/oauth2", "/.well-known", "/callbacks", "/authz", "/docs", "/openapi.json", "/livez", "/readyz"),
)
# So many answers are remembered, of requests that are no longer than this.
KEPT, SHORT = 4096, 512
_PARAMETERS = re.compile(r";[^/]*")
# Windows drops dots and spaces at the end of a name, and many servers a slash at the end of a path.
_ENDINGS = re.compile(r"(?:\.|%20)+(?=/|\Z)", re.IGNORECASE)


class Require(StrEnum):
    """What a route asks of the caller."""

    ANONYMOUS = "anonymous"
    AAL2 = "aal2"
    CLIENT = "client"


@dataclass(frozen=True)
class Route:
    """One rule. `prefix` ends at a segment, or is the whole path if `exact`; `name` is whom assertions are made for.

    `upstream` is scheme, host, port, perhaps a path; "" where a proxy in front forwards. No `host`: every host that no
    rule names; no `methods`: every method that no rule of the same path names. `clients` are services that may pass
    with tokens of their own; `groups` those of which a person must be in one; `max_age` is how many seconds ago a
    person may have confirmed.
    """

    prefix: str
    upstream: str
    name: str
    require: Require
    strip_prefix: bool = False
    exact: bool = False
    host: str = ""
    methods: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()
    clients: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    max_age: int | None = None
    line: int = field(default=0, compare=False)

    def takes(self, path: str) -> bool:
        """Whether the path is the prefix or, unless `exact`, lies under it."""
        return path == self.prefix if self.exact else is_under(path, self.prefix)

    def target(self, path: str, query: str) -> str:
        """The upstream's address of a path that this route takes."""
        rest = path.removeprefix(self.prefix.rstrip("/")) if self.strip_prefix else path
        return f"{self.upstream}{rest or '/'}" + (f"?{query}" if query else "")

    def public(self, location: str) -> str:
        """Where the upstream sends a client on to, as the outside reaches it; an address elsewhere stays as it is."""
        scheme, _, rest = self.upstream.partition("://")
        host, slash, base = rest.partition("/")
        path = _after(location, f"{scheme}://{host}")
        if not path.startswith("/") or path.startswith("//"):
            return location
        if slash and is_under(path, f"/{base}"):
            path = path.removeprefix(f"/{base}") or "/"
        return f"{self.prefix.rstrip('/')}{path}" if self.strip_prefix else path


@dataclass(frozen=True)
class Place:
    """All rules of one path of one host."""

    routes: tuple[Route, ...]

    @property
    def weight(self) -> tuple[bool, int]:
        """The heavier place is the more specific one."""
        return self.routes[0].exact, len(self.routes[0].prefix)

    @property
    def is_forwarded_here(self) -> bool:
        """Whether the gateway forwards any of it itself; else a proxy in front does."""
        return any(route.upstream for route in self.routes)

    def takes(self, path: str) -> bool:
        """Whether the path belongs here."""
        return self.routes[0].takes(path)

    def takes_folded(self, path: str) -> bool:
        """The same for a server that knows no case; `path` is folded already."""
        first = self.routes[0]
        prefix = first.prefix.lower()
        return path == prefix if first.exact else is_under(path, prefix)

    def route_for(self, method: str) -> Route:
        """The rule that names the method, else the one that names none; raises `MethodRefused`."""
        for route in self.routes:
            if method in route.methods or not route.methods:
                return route
        raise MethodRefused(sorted(set().union(*(route.methods for route in self.routes))))


class Policy:
    """All rules, as (host) -> (place, the most specific first) -> (rule)."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self.routes = tuple(sorted(routes, key=lambda route: len(route.prefix), reverse=True))
        hosts = {route.host for route in self.routes}
        self.places = {host: _places([route for route in self.routes if route.host == host]) for host in hosts}
        self.found: dict[tuple[str, str, str], Route] = {}

    def places_of(self, host: str) -> tuple[Place, ...]:
        """The host's own; a host that has none shares those that name none."""
        return self.places.get(host) or self.places.get("", ())

    def route_for(self, path: str, host: str = "", method: str = "GET") -> Route:
        """Raises `NotForwarded`, `MethodRefused`; `AmbiguousPath` if a server might read another place's path in it.

        Some servers read `/app;x/..` as `/app`, or `/APP` or `/app.` as `/app`: such a path is taken only if it does
        not matter. `host` is plain (see `plain_host`).
        """
        known = self.found.get((path, host, method))
        return known if known is not None else self._find(path, host, method)

    def _find(self, path: str, host: str, method: str) -> Route:
        route = self._judge(path, host, method)
        # What is long is rare, or sent by somebody who would fill the memory.
        if len(path) + len(host) + len(method) <= SHORT:
            if len(self.found) >= KEPT:
                self.found.clear()
            self.found[path, host, method] = route
        return route

    def _judge(self, path: str, host: str, method: str) -> Route:
        folded = fold(path)
        places = self.places_of(host)
        found = next((place for place in places if place.takes(path)), None)
        if folded.startswith(RESERVED) and _is_ours(folded, found):
            raise NotForwarded
        if folded != path and next((place for place in places if place.takes_folded(folded)), None) is not found:
            raise AmbiguousPath
        if found is None:
            raise NotForwarded
        return found.route_for(method)


def _is_ours(folded: str, found: Place | None) -> bool:
    own = RESERVED if found is None or found.is_forwarded_here else PAGES
    return any(is_under(folded, each) for each in own)


@lru_cache(maxsize=256)
def plain_host(text: str) -> str:
    """A host as the policy names it: lower case, without port and without the dot that ends a full name."""
    name = text if text.endswith("]") else re.sub(r":\d*\Z", "", text)
    return name.lower().removesuffix(".")


def fold(path: str) -> str:
    """The path as the most careless server reads it."""
    plain = _ENDINGS.sub("", _PARAMETERS.sub("", path)).lower()
    return plain.rstrip("/") or "/"


def is_under(path: str, prefix: str) -> bool:
    """Whether `path` is `prefix` or lies under it, segment by segment."""
    return path.startswith(prefix) and (len(path) == len(prefix) or prefix.endswith("/") or path[len(prefix)] == "/")


def _places(routes: list[Route]) -> tuple[Place, ...]:
    # Within a place, a rule that names methods stands before the one that names none.
    ordered = sorted(routes, key=lambda route: not route.methods)
    by_path: dict[tuple[bool, str], list[Route]] = {}
    for route in ordered:
        by_path.setdefault((route.exact, route.prefix), []).append(route)
    places = [Place(tuple(found)) for found in by_path.values()]
    return tuple(sorted(places, key=lambda place: place.weight, reverse=True))


def _after(location: str, origin: str) -> str:
    """The path of an address at `origin`; any other address as it is."""
    rest = location.removeprefix(origin)
    if rest.startswith("/") or rest == location:
        return rest
    # What follows the host is a path, or nothing of one: `http://app:90001` is not at `http://app:9000`.
    return f"/{rest}" if rest[:1] in {"", "?", "#"} else location
