"""`/openapi.json` and `/docs` over HTTP: one self-contained page that runs nothing and loads nothing."""

import base64
import hashlib
import re

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient
from openapi_spec_validator import OpenAPIV31SpecValidator

from chassis.openapi import Surface
from chassis.openapi_pages import describe
from chassis.process import create_app
from tests.contract.described import PROCESSES, process


@pytest.fixture(params=PROCESSES)
async def client(request: pytest.FixtureRequest, aiohttp_client) -> TestClient:
    """The routes of a process, without what they stand on."""
    served = process(request.param)
    app = create_app([])
    app.add_routes(
        web.route(route.method, route.resource.canonical, route.handler)
        for route in served.routes
        if route.method not in {"*", "HEAD"}
        and f"{route.method} {route.resource.canonical}" in served.surface.operations
    )
    describe(app, served.surface)
    return await aiohttp_client(app)


async def test_the_description_is_served_as_json(client: TestClient) -> None:
    answer = await client.get("/openapi.json")
    assert (answer.status, answer.content_type) == (200, "application/json")
    assert not list(OpenAPIV31SpecValidator(await answer.json()).iter_errors())


async def test_the_page_tells_everything_and_loads_nothing(client: TestClient) -> None:
    document = await (await client.get("/openapi.json")).json()
    page = await (await client.get("/docs")).text()
    assert all(f"<code>{path}</code>" in page for path in document["paths"])
    # The names of two grants look like addresses.
    page = page.replace("http://auth0.com/oauth/grant-type/", "")
    assert not re.findall(
        r"<script|<img|<link|<iframe|<form|javascript:|\sstyle=|\son\w+=|url\(|@import|(?<!otpauth:)//[a-z]", page
    )
    assert set(re.findall(r'(?:href|src)="([^"]*)"', page)) >= {"/openapi.json"}


async def test_every_link_within_the_page_leads_somewhere(client: TestClient) -> None:
    page = await (await client.get("/docs")).text()
    ids = re.findall(r'id="([^"]*)"', page)
    assert set(re.findall(r'href="#([^"]*)"', page)) <= set(ids)
    assert len(ids) == len(set(ids))


async def test_a_browser_is_told_to_run_and_load_nothing(client: TestClient) -> None:
    answer = await client.get("/docs")
    style = re.search(r"<style>(.*?)</style>", await answer.text(), re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    rules = dict(rule.strip().partition(" ")[::2] for rule in answer.headers["Content-Security-Policy"].split(";"))
    assert rules == {
        "default-src": "'none'", "base-uri": "'none'", "form-action": "'none'", "frame-ancestors": "'none'",
        "style-src": f"'sha256-{digest}'",
    }  # fmt: skip
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_what_a_description_says_is_text_and_never_markup(aiohttp_client) -> None:
    app = create_app([])
    describe(
        app,
        Surface(
            "<b>x</b>", "`<i>` and <script>", {}, {}, {"k": {"type": "http", "scheme": "basic", "description": "<u>"}}
        ),
    )
    page = await (await (await aiohttp_client(app)).get("/docs")).text()
    assert "<code>&lt;i&gt;</code> and &lt;script&gt;" in page
    assert not re.findall(r"<b>x|<script|<u>", page)
