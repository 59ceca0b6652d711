"""Which rule decides about a request, and why: the decision itself, told step by step."""

from dataclasses import dataclass
from datetime import datetime

from gateway.model.decision import Approach, Decision, decide
from gateway.model.errors import Refusal, SecondFactorNeeded
from gateway.model.identity import Identity
from gateway.model.path import require_plain
from gateway.model.policy import Place, Policy, Require, Route


@dataclass(frozen=True)
class Explanation:
    """`outcome` is what is decided or refused; `rule` is None when it does not come so far; `why` a sentence a step."""

    outcome: Decision | Refusal
    rule: Route | None
    why: tuple[str, ...]


def explain(policy: Policy, approach: Approach, identity: Identity | None, now: datetime) -> Explanation:
    """What `policy` decides about a request of `identity`."""
    why = _narrowing(policy, approach)
    rule = None
    try:
        rule = policy.route_for(require_plain(approach.path), approach.host, approach.method)
        why += [f"line {rule.line} decides: {_demand(rule)}"]
        known = None if rule.require is Require.ANONYMOUS else _confirmed(identity)
        outcome: Decision | Refusal = decide(rule, approach, known, now)
    except Refusal as refusal:
        outcome = refusal
    return Explanation(outcome, rule, tuple(why))


def _confirmed(identity: Identity | None) -> Identity | None:
    """Raises `SecondFactorNeeded` for whoever has given a password alone, as the reader of tokens does."""
    if identity is not None and not identity.is_client and identity.acr != "aal2":
        raise SecondFactorNeeded
    return identity


def _narrowing(policy: Policy, approach: Approach) -> list[str]:
    """Host, then path, then method."""
    places = policy.places_of(approach.host)
    own = bool(approach.host) and approach.host in policy.places
    told = [f"host: {'the rules of' if own else 'the rules without a host, for none names'} {approach.host or 'any'}"]
    taking = [place for place in places if place.takes(approach.path)]
    if not taking:
        return [*told, f"path: no rule takes {approach.path}"]
    chosen, *others = taking
    less = f", before {', '.join(_path(place) for place in others)}" if others else ""
    told.append(f"path: {_path(chosen)} is the most specific that takes {approach.path}{less}")
    if len(chosen.routes) > 1 or chosen.routes[0].methods:
        told.append(f"method: {approach.method} among {'; '.join(_methods(route) for route in chosen.routes)}")
    return told


def _path(place: Place) -> str:
    first = place.routes[0]
    return f"{'path' if first.exact else 'prefix'} {first.prefix} (line {first.line})"


def _methods(route: Route) -> str:
    return f"{' '.join(sorted(route.methods)) or 'any other'} (line {route.line})"


def _demand(rule: Route) -> str:
    parts = [f"require {rule.require}"]
    parts += [f"clients {' '.join(sorted(rule.clients))}"] if rule.clients else []
    parts += [f"one of the groups {' '.join(sorted(rule.groups))}"] if rule.groups else []
    parts += [f"scopes {' '.join(sorted(rule.scopes))}"] if rule.scopes else []
    parts += [f"confirmed within {rule.max_age} s"] if rule.max_age is not None else []
    return ", ".join(parts)
