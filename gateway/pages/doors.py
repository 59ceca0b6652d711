"""What is behind the gateway, as the home page lists it: by the same decision that lets a request through."""

from datetime import datetime

from gateway.model.decision import Approach, decide
from gateway.model.errors import Refusal
from gateway.model.identity import Identity
from gateway.model.policy import Place, Policy, Route
from gateway.pages.views import Door


def doors_of(policy: Policy, host: str, identity: Identity, now: datetime) -> tuple[Door, ...]:
    """A link to each place of this host that opens to this person, named as the policy names it."""
    found = (_door(place, host, identity, now) for place in policy.places_of(host))
    return tuple(sorted((door for door in found if door), key=lambda door: door.href))


def _door(place: Place, host: str, identity: Identity, now: datetime) -> Door | None:
    try:
        route = place.route_for("GET")
        decide(route, Approach("GET", route.prefix, host=host, is_navigation=True), identity, now)
    except Refusal:
        return None
    # Home itself is no way out of it.
    return Door(_title(route.name), _address(route)) if route.prefix != "/" else None


def _address(route: Route) -> str:
    return route.prefix if route.exact else f"{route.prefix.rstrip('/')}/"


def _title(name: str) -> str:
    """`demo-upstream` is "Demo upstream"."""
    words = name.replace("-", " ").replace("_", " ")
    return words[:1].upper() + words[1:]
