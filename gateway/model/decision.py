"""The one decision: may this request pass, as whom, and if not, what is said."""

from dataclasses import dataclass
from datetime import datetime

from gateway.model.access import CallerRefused, FreshFactorNeeded, ScopeMissing
from gateway.model.errors import CrossSite, NotSignedIn
from gateway.model.identity import Identity
from gateway.model.policy import Require, Route

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True)
class Approach:
    """How a request comes: `path` and `query` as they were sent; `bearer` and `cookie` are its credentials.

    `is_own` says that a page of ours sent it, by the browser's own word; `is_navigation` that a person looks at the
    answer; `is_socket` that it opens a WebSocket. `host` is plain (`policy.plain_host`).
    """

    method: str
    path: str
    query: str = ""
    bearer: str | None = None
    cookie: str | None = None
    is_own: bool = False
    is_navigation: bool = False
    is_socket: bool = False
    host: str = ""

    @property
    def acts(self) -> bool:
        """Whether it may change something. A WebSocket may: it is opened by GET, but by any site's script."""
        return self.is_socket or self.method not in SAFE_METHODS

    @property
    def target(self) -> str:
        """Path and query."""
        return f"{self.path}?{self.query}" if self.query else self.path


@dataclass(frozen=True)
class Forward:
    """On to the upstream; `identity` is None where nobody asked."""

    route: Route
    identity: Identity | None


@dataclass(frozen=True)
class SignInFirst:
    """A person without a session, or (`is_fresh`) with one that was confirmed too long ago: to sign in, and back."""

    return_to: str
    is_fresh: bool = False


Decision = Forward | SignInFirst


def decide(route: Route, approach: Approach, identity: Identity | None, now: datetime) -> Decision:
    """Raises `NotSignedIn` and its kinds, `CallerRefused`, `ScopeMissing`, `CrossSite`."""
    if route.require is Require.ANONYMOUS:
        return Forward(route, None)
    if identity is None:
        if approach.is_navigation and route.require is Require.AAL2:
            return SignInFirst(approach.target)
        raise NotSignedIn
    # A cookie comes along by itself, whoever made the browser send the request; a bearer token does not.
    if approach.bearer is None and approach.acts and not approach.is_own:
        raise CrossSite
    _require_named(route, identity)
    if not route.scopes <= identity.scope:
        raise ScopeMissing(route.scopes)
    if route.max_age is not None and not identity.is_client and identity.age(now) > route.max_age:
        # Last: nobody is asked for their phone who would be refused with it, too.
        if approach.is_navigation:
            return SignInFirst(approach.target, is_fresh=True)
        raise FreshFactorNeeded(route.max_age)
    return Forward(route, identity)


def _require_named(route: Route, identity: Identity) -> None:
    """Raises `CallerRefused` for a service that the rule does not name, and for a person who is in no group of it."""
    if identity.is_client:
        allowed = identity.client_id in route.clients
    else:
        allowed = route.require is Require.AAL2 and (not route.groups or bool(route.groups & identity.groups))
    if not allowed:
        raise CallerRefused
