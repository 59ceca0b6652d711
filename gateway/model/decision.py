"""The one decision: may this request pass, as whom, and if not, what is said."""

from dataclasses import dataclass

from gateway.model.errors import CrossSite, NotSignedIn
from gateway.model.identity import Identity
from gateway.model.policy import Require, Route

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True)
class Approach:
    """How a request comes: `path` and `query` as they were sent; `bearer` and `cookie` are its credentials.

    `is_own` says that a page of ours sent it, by the browser's own word; `is_navigation` that a person looks at the
    answer; `is_socket` that it opens a WebSocket.
    """

    method: str
    path: str
    query: str = ""
    bearer: str | None = None
    cookie: str | None = None
    is_own: bool = False
    is_navigation: bool = False
    is_socket: bool = False

    @property
    def acts(self) -> bool:
        """Whether it may change something. A WebSocket may: it is opened by GET, but by any site's script."""
        return self.is_socket or self.method not in SAFE_METHODS


@dataclass(frozen=True)
class Forward:
    """On to the upstream; `identity` is None where nobody asked."""

    route: Route
    identity: Identity | None


@dataclass(frozen=True)
class SignInFirst:
    """A person without a session: to the sign-in page, and back."""

    return_to: str


Decision = Forward | SignInFirst


def decide(route: Route, approach: Approach, identity: Identity | None) -> Decision:
    """Raises `NotSignedIn`, `CrossSite`."""
    if route.require is Require.ANONYMOUS:
        return Forward(route, None)
    if identity is None:
        if approach.is_navigation:
            return SignInFirst(f"{approach.path}?{approach.query}" if approach.query else approach.path)
        raise NotSignedIn
    # A cookie comes along by itself, whoever made the browser send the request; a bearer token does not.
    if approach.bearer is None and approach.acts and not approach.is_own:
        raise CrossSite
    return Forward(route, identity)
