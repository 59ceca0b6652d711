"""Which path goes to which upstream, and who may pass."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from gateway.model.forwarding import AmbiguousPath, NotForwarded

# The gateway's own: what is not found there is found nowhere, and no route of a policy may stand over them.
RESERVED = ("/v1", "/oauth2", "/.well-known", "/callbacks", "/authz", "/livez", "/readyz")
_PARAMETERS = re.compile(r";[^/]*")


class Require(StrEnum):
    """What a route asks of the caller."""

    ANONYMOUS = "anonymous"
    AAL2 = "aal2"


@dataclass(frozen=True)
class Route:
    """`prefix` ends at a segment; `upstream` is scheme, host, port, perhaps a path; `name` is whom assertions name."""

    prefix: str
    upstream: str
    name: str
    require: Require
    strip_prefix: bool = False

    def takes(self, path: str) -> bool:
        """Whether the path is the prefix or lies under it."""
        return is_under(path, self.prefix)

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


class Policy:
    """All routes; the longest prefix wins."""

    def __init__(self, routes: Iterable[Route]) -> None:
        self.routes = tuple(sorted(routes, key=lambda route: len(route.prefix), reverse=True))
        self.folded = tuple((route.prefix.lower(), route) for route in self.routes)

    def route_for(self, path: str) -> Route:
        """Raises `NotForwarded`; `AmbiguousPath` if an upstream might read a path of another route in it.

        Some servers read `/app;x/..` as `/app` or `/APP` as `/app`: such a path is taken only if it does not matter.
        """
        folded = _PARAMETERS.sub("", path).lower() or "/"
        if folded.startswith(RESERVED) and any(is_under(folded, own) for own in RESERVED):
            raise NotForwarded
        found = next((route for route in self.routes if route.takes(path)), None)
        if folded != path and self._folded_route(folded) is not found:
            raise AmbiguousPath
        if found is None:
            raise NotForwarded
        return found

    def _folded_route(self, folded: str) -> Route | None:
        return next((route for prefix, route in self.folded if is_under(folded, prefix)), None)


def _after(location: str, origin: str) -> str:
    """The path of an address at `origin`; any other address as it is."""
    rest = location.removeprefix(origin)
    if rest.startswith("/") or rest == location:
        return rest
    # What follows the host is a path, or nothing of one: `http://app:90001` is not at `http://app:9000`.
    return f"/{rest}" if rest[:1] in {"", "?", "#"} else location


def is_under(path: str, prefix: str) -> bool:
    """Whether `path` is `prefix` or lies under it, segment by segment."""
    return path.startswith(prefix) and (len(path) == len(prefix) or prefix.endswith("/") or path[len(prefix)] == "/")
