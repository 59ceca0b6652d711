"""What answers say about limits."""

from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web

from chassis.limits import Away, Limit, Standing, Window
from chassis.standings import hear, hearing, rate_limit_fields, tell

HOUR = timedelta(hours=1)
LONG, SHORT = Window(100, 24 * HOUR), Window(10, HOUR)
TOLD = Limit("told", "tests", (SHORT, LONG), "", Away.REFUSE, "", is_told=True)
UNTOLD = Limit("untold", "tests", (SHORT,), "", Away.REFUSE, "")
SINGLE = Limit("single", "tests", (SHORT,), "", Away.REFUSE, "", is_told=True)


async def succeed(_request: web.Request) -> web.Response:
    tell([Standing(TOLD, SHORT, 9, timedelta(seconds=59.2)), Standing(TOLD, LONG, 50, HOUR)])
    tell([Standing(UNTOLD, SHORT, 3, HOUR), Standing(SINGLE, SHORT, 4, HOUR)])
    return web.Response()


async def refuse_told(_request: web.Request) -> web.Response:
    tell([Standing(TOLD, SHORT, 9, HOUR)])
    tell([Standing(SINGLE, SHORT, 0, timedelta(seconds=7))], is_refusal=True)
    return web.Response(status=429)


async def refuse_untold(_request: web.Request) -> web.Response:
    tell([Standing(TOLD, SHORT, 9, HOUR)])
    tell([Standing(UNTOLD, SHORT, 0, HOUR)], is_refusal=True)
    return web.Response(status=429)


async def refuse_otherwise(_request: web.Request) -> web.Response:
    tell([Standing(TOLD, SHORT, 9, HOUR)])
    return web.Response(status=401)


@pytest.fixture
async def http(aiohttp_client: Any) -> Any:
    app = web.Application(middlewares=[rate_limit_fields])
    for handler in (succeed, refuse_told, refuse_untold, refuse_otherwise):
        app.router.add_get(f"/{handler.__name__}", handler)
    return await aiohttp_client(app)


async def test_a_success_says_what_is_left_of_every_window_that_may_be_told(http: Any) -> None:
    answer = await http.get("/succeed")
    policies = ['"told-3600";q=10;w=3600', '"told-86400";q=100;w=86400', '"single";q=10;w=3600']
    assert answer.headers["RateLimit-Policy"] == ", ".join(policies)
    assert answer.headers["RateLimit"] == '"told-3600";r=9;t=60, "told-86400";r=50;t=3600, "single";r=4;t=3600'


async def test_a_refusal_names_only_what_refused(http: Any) -> None:
    answer = await http.get("/refuse_told")
    assert answer.headers["RateLimit-Policy"] == '"single";q=10;w=3600'
    assert answer.headers["RateLimit"] == '"single";r=0;t=7'


@pytest.mark.parametrize("path", ["/refuse_untold", "/refuse_otherwise"])
async def test_what_is_not_to_be_told_is_not(http: Any, path: str) -> None:
    assert not {"RateLimit", "RateLimit-Policy"} & set((await http.get(path)).headers)


async def test_one_request_s_standings_are_not_another_s(http: Any) -> None:
    await http.get("/succeed")
    assert "RateLimit" not in (await http.get("/refuse_otherwise")).headers


def test_an_answer_that_is_made_of_several_says_what_each_of_them_said() -> None:
    with hearing() as heard:
        hear({"ratelimit": '"one";r=1;t=2', "ratelimit-policy": '"one";q=5;w=60', "x-other": "not theirs"})
        hear({"content-type": "text/plain"})
        hear({"ratelimit": '"two";r=3;t=4', "ratelimit-policy": '"two";q=9;w=60'})
    hear({"ratelimit": '"late";r=0;t=1'})
    assert heard == {
        "ratelimit": '"one";r=1;t=2, "two";r=3;t=4',
        "ratelimit-policy": '"one";q=5;w=60, "two";q=9;w=60',
    }


async def test_outside_of_a_request_nothing_is_noted() -> None:
    tell([Standing(TOLD, SHORT, 9, HOUR)])
