"""Every address of the API leads to its own handler, and to it alone."""

import re

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from chassis.openapi_pages import describe
from chassis.process import create_app
from gateway.api.proxy import forward_the_rest, proxy
from gateway.described import SURFACE
from gateway.model.policy import PAGES, RESERVED
from gateway.pages.routes import page_routes
from gateway.routes import api_routes

ROUTES = api_routes()


@pytest.fixture
def app() -> web.Application:
    app = web.Application()
    app.add_routes(ROUTES)
    forward_the_rest(app)
    return app


async def met_by(app: web.Application, method: str, path: str) -> object:
    found = await app.router.resolve(make_mocked_request(method, re.sub(r"\{[^}]*\}", "x", path), app=app))
    return found.handler


async def test_every_route_of_the_page_is_reached(app: web.Application) -> None:
    for route in ROUTES:
        assert await met_by(app, route.method, route.path) is route.handler, (route.method, route.path)


async def test_another_method_on_an_address_of_ours_is_refused_with_all_that_it_takes(app: web.Application) -> None:
    handler = await met_by(app, "PUT", "/v1/mfa/challenges/{id}")
    with pytest.raises(web.HTTPMethodNotAllowed) as refused:
        await handler(make_mocked_request("PUT", "/v1/mfa/challenges/x"))  # type: ignore[operator]
    assert refused.value.headers["Allow"] == "DELETE,GET"


async def test_what_is_not_ours_goes_to_the_policy(app: web.Application) -> None:
    assert await met_by(app, "PUT", "/demo/x") is proxy


def test_every_address_that_is_served_here_is_kept_from_the_policy() -> None:
    """Static files are not: their folder is named by what is in it, and services have folders of that name, too."""
    everything, pages = create_app([]), web.Application()
    everything.add_routes([*ROUTES, *page_routes("v")])
    describe(everything, SURFACE)
    pages.add_routes(page_routes("v"))
    assert firsts(everything) == set(RESERVED)
    assert firsts(pages) == set(PAGES)


def firsts(app: web.Application) -> set[str]:
    """The first segment of every address."""
    return {f"/{resource.canonical.split('/')[1]}" for resource in app.router.resources()} - {"/", "/static"}
