"""Whatever is not the gateway's own: decided by the policy, forwarded to its upstream, streamed both ways."""

from collections.abc import Awaitable, Callable
from typing import assert_never

from aiohttp import web

from chassis.request import note
from gateway.api.approach import approach_of
from gateway.api.forward import forward, give_back
from gateway.api.keys import AUTHORIZE
from gateway.api.quick_call import BEGUN, QUICK_CALLS, Begun
from gateway.api.sign_in_address import sign_in_address
from gateway.api.tunnel import tunnel
from gateway.model.decision import Approach, Forward, SignInFirst
from gateway.model.errors import Refusal
from gateway.model.forwarding import NotForwarded

# TRACE would show a caller the headers that only an upstream may see; CONNECT is for other proxies.
REFUSED_METHODS = frozenset({"TRACE", "CONNECT"})


async def proxy(request: web.Request) -> web.StreamResponse:
    """The upstream's answer, or 303 to the sign-in page, or what `Authorize` refuses."""
    if request.method in REFUSED_METHODS:
        raise web.HTTPMethodNotAllowed(request.method, ["GET", "POST", "PUT", "PATCH", "DELETE"])
    approach, begun = approach_of(request), request.get(BEGUN)
    if begun is not None:
        return await _end(request, approach, begun)
    policy = request.app[AUTHORIZE].policies.current
    decision = await request.app[AUTHORIZE](approach)
    if isinstance(decision, Forward) and decision.identity is not None:
        note(request, user=decision.identity.subject)
    match decision:
        case SignInFirst():
            return web.Response(status=303, headers={"Location": sign_in_address(decision)})
        case Forward() if not decision.route.upstream:
            # A rule for a proxy in front, which forwards by itself.
            raise NotForwarded
        case Forward() if approach.is_socket:
            return await tunnel(request, approach, decision)
        case Forward():
            request.app[QUICK_CALLS].learn(request, approach, decision, policy)
            return await forward(request, approach, decision)
    assert_never(decision)


async def _end(request: web.Request, approach: Approach, begun: Begun) -> web.StreamResponse:
    """What the short way has begun: it was let on, and its upstream was asked."""
    if isinstance(begun.outcome, Refusal):
        raise begun.outcome
    return await give_back(request, begun.outcome, approach, begun.decision)


def forward_the_rest(app: web.Application) -> None:
    """To be called when all of our own routes stand: what none of them knows goes to the policy.

    A wrong method on an address of ours is 405 and goes nowhere. One handler for all that is forwarded, rather than a
    look at 404s in a middleware, lets aiohttp keep its chain of middlewares: that is a third of what a request costs.
    """
    by_path: dict[str, list[web.Resource]] = {}
    for resource in app.router.resources():
        if isinstance(resource, web.Resource):
            by_path.setdefault(resource.canonical, []).append(resource)
    for resources in by_path.values():
        # Routes of one path that do not stand side by side are several resources: only the last one ends the search.
        allowed = sorted({route.method for resource in resources for route in resource})
        if "*" not in allowed:
            resources[-1].add_route("*", _other_method(allowed))
    app.router.add_route("*", "/{path:.*}", proxy)


def _other_method(allowed: list[str]) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def refuse(request: web.Request) -> web.StreamResponse:
        raise web.HTTPMethodNotAllowed(request.method, allowed)

    return refuse
