"""Puts the pages into the gateway's application."""

from collections.abc import AsyncIterator, Callable

from aiohttp import web

from chassis.clock import Clock
from gateway.api import keys
from gateway.api.client import client_context
from gateway.model.identity import Identity
from gateway.model.policy import plain_host
from gateway.model.visit import Visit
from gateway.pages.browser import SITE, Site
from gateway.pages.doors import doors_of
from gateway.pages.routes import page_routes
from gateway.pages.steps import INSIDE, STEPS, DoorsOf, Inside, SessionOf, SignedIn, Steps
from gateway.pages.templating import content_hash, environment
from gateway.pages.views import Door
from gateway.ports import Policies


def add_pages(
    app: web.Application, service: str, policies: Policies, clock: Clock, new_secret: Callable[[], str]
) -> None:
    """After the flows' context: what it puts into `app` is taken from there. `errors.show_errors` stands around all."""
    version = content_hash()
    app.add_routes(page_routes(version))
    templates = environment(service, version)

    async def ctx(app: web.Application) -> AsyncIterator[None]:
        sessions, origin = app[keys.BROWSER_SESSIONS], app[keys.ORIGIN]
        app[SITE] = Site(templates, origin, sessions, client_context, new_secret)
        app[STEPS] = _steps(app, clock)
        app[INSIDE] = Inside(_session_of(app), app[keys.CREDENTIALS], _doors(policies, clock))
        yield

    app.cleanup_ctx.append(ctx)


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


def _doors(policies: Policies, clock: Clock) -> DoorsOf:
    def doors(host: str, identity: Identity) -> tuple[Door, ...]:
        return doors_of(policies.current, plain_host(host), identity, clock())

    return doors
