"""Puts the pages into the gateway's application."""

from collections.abc import AsyncIterator, Callable, Iterable

from aiohttp import web

from chassis.clock import Clock
from gateway.api import keys
from gateway.api.client import client_context
from gateway.model.policy import Route
from gateway.model.visit import Visit
from gateway.pages.browser import SITE, Site
from gateway.pages.routes import page_routes
from gateway.pages.steps import INSIDE, STEPS, Inside, SessionOf, SignedIn, Steps
from gateway.pages.templating import content_hash, environment
from gateway.pages.views import Door


def add_pages(
    app: web.Application, service: str, routes: Iterable[Route], clock: Clock, new_secret: Callable[[], str]
) -> None:
    """After the flows' context: what it puts into `app` is taken from there. `errors.error_pages` is a middleware."""
    version = content_hash()
    app.add_routes(page_routes(version))
    templates, doors = environment(service, version), doors_to(routes)

    async def ctx(app: web.Application) -> AsyncIterator[None]:
        sessions, origin = app[keys.BROWSER_SESSIONS], app[keys.ORIGIN]
        app[SITE] = Site(templates, origin, sessions, client_context, new_secret)
        app[STEPS] = _steps(app, clock)
        app[INSIDE] = Inside(_session_of(app), app[keys.CREDENTIALS], doors)
        yield

    app.cleanup_ctx.append(ctx)


def doors_to(routes: Iterable[Route]) -> tuple[Door, ...]:
    """A link to each upstream, named as the policy names it: `demo-upstream` is "Demo upstream"."""
    ordered = sorted(routes, key=lambda route: route.prefix)
    return tuple(Door(_title(route.name), f"{route.prefix.rstrip('/')}/") for route in ordered if route.prefix != "/")


def _title(name: str) -> str:
    words = name.replace("-", " ").replace("_", " ")
    return words[:1].upper() + words[1:]


def _steps(app: web.Application, clock: Clock) -> Steps:
    return Steps(
        sign_up=app[keys.SIGN_UP],
        sign_in=app[keys.SIGN_IN],
        second_factor=app[keys.SECOND_FACTOR],
        waiting=app[keys.WAITING],
        exchange=app[keys.EXCHANGE],
        clock=clock,
    )


def _session_of(app: web.Application) -> SessionOf:
    keep, authorize = app[keys.KEEP_SESSION], app[keys.AUTHORIZE]

    async def session_of(visit: Visit) -> SignedIn | None:
        if not visit.is_signed_in:
            return None
        kept = await keep(visit.cookie)
        identity = await authorize.session(kept)
        return SignedIn(identity, kept.tokens.access_token) if identity and kept.tokens else None

    return session_of
