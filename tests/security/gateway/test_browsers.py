"""What another site, or a thief, can make a browser do; and what a dump of the store gives away."""

import re

import pytest
import redis.asyncio
from aiohttp import WSServerHandshakeError

from gateway.api import keys
from gateway.model.visit import Visit
from tests.fakes.gateway_stack import ISSUER, Stack

PASSWORD = "correct horse battery"


def cookie(value: str) -> dict[str, str]:
    return {"Cookie": f"__Host-session={value}"}


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "PROPFIND"])
@pytest.mark.parametrize(
    "origin",
    [
        {"Origin": "http://evil.test"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "null"}, {},
        {"Sec-Fetch-Site": "cross-site", "Origin": ISSUER}, {"Origin": ISSUER + ".evil.test"}, {"Sec-Fetch-Site": "none"},
    ],
)  # fmt: skip
async def test_another_site_cannot_act_with_the_cookie(stack: Stack, method: str, origin: dict[str, str]) -> None:
    headers = {**cookie(await stack.browser()), **origin}
    async with stack.http.request(method, stack.url("/app/x"), headers=headers) as answer:
        assert (answer.status, (await answer.json())["error"]) == (403, "cross_site")
    assert stack.upstream.paths == []


@pytest.mark.parametrize(
    "origin", [{}, {"Origin": "http://evil.test"}, {"Origin": "null"}, {"Sec-Fetch-Site": "same-origin"}]
)
async def test_another_site_cannot_open_a_websocket_with_the_cookie(stack: Stack, origin: dict[str, str]) -> None:
    with pytest.raises(WSServerHandshakeError) as refused:
        await stack.http.ws_connect(stack.url("/app/ws"), headers={**cookie(await stack.browser()), **origin})
    assert refused.value.status == 403
    assert stack.upstream.paths == []


async def test_a_planted_cookie_is_never_adopted(stack: Stack) -> None:
    planted = "A" * 43
    sessions = stack.app[keys.BROWSER_SESSIONS]
    visit = await sessions.load(planted)
    assert visit == Visit()
    assert await sessions.save(visit) != planted


async def test_the_id_changes_when_a_visit_is_confirmed_and_the_old_one_is_worth_nothing(stack: Stack) -> None:
    sessions = stack.app[keys.BROWSER_SESSIONS]
    before = await sessions.save(Visit(email="eve@example.com"))
    signed_in = (await sessions.load(await stack.browser())).tokens
    after = await sessions.save((await sessions.load(before)).with_session(signed_in))
    assert after != before
    assert await sessions.load(before) == Visit()
    async with stack.http.get(stack.url("/app/x"), headers=cookie(before)) as answer:
        assert answer.status == 401


async def test_a_dump_of_valkey_gives_neither_cookie_nor_token_nor_address(stack: Stack, valkey_url: str) -> None:
    value = await stack.browser()
    tokens = (await stack.app[keys.BROWSER_SESSIONS].load(value)).tokens
    async with redis.asyncio.Redis.from_url(valkey_url) as store:
        names = [name async for name in store.scan_iter("*")]
        assert names
        assert all([await store.pttl(name) > 0 for name in names])
        dump = b"".join([await store.dump(name) for name in names]) + b"".join(names)
    for secret in (value, tokens.access_token, tokens.refresh_token, "eve@example.com"):
        assert secret.encode() not in dump


async def test_a_session_moved_under_another_cookie_does_not_open(stack: Stack, valkey_url: str) -> None:
    victim, mine = await stack.browser(), await stack.browser()
    async with redis.asyncio.Redis.from_url(valkey_url) as store:
        one, two = [name async for name in store.scan_iter("gateway:visits:*")]
        for source, target in ((one, two), (two, one)):
            await store.restore(target, 0, await store.dump(source), replace=True)
    opened = [(await stack.app[keys.BROWSER_SESSIONS].load(value)).is_signed_in for value in (victim, mine)]
    assert opened.count(True) <= 1


async def test_a_cookie_of_a_strange_form_costs_nothing(stack: Stack) -> None:
    for value in ("", "x", "A" * 44, "A" * 4000, "a\u00e9" * 20, '"' + "A" * 41 + '"', "gateway:visits:*"):
        assert not (await stack.app[keys.BROWSER_SESSIONS].load(value)).is_signed_in


@pytest.mark.parametrize(
    "return_to",
    [
        "https://evil.test/", "//evil.test", "/\\evil.test", "\\\\evil.test", "/\tevil.test", "javascript:alert(1)",
        "http:evil.test", "/..//evil.test", "@evil.test", " //evil.test", "/%5cevil.test/..",
    ],
)  # fmt: skip
async def test_signing_in_never_leads_to_another_site(stack: Stack, return_to: str) -> None:
    stack.auth.people["eve@example.com"] = PASSWORD
    jar: dict[str, str] = {}

    async def send(method: str, path: str, **form: str) -> tuple[int, str, str]:
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in jar.items()), "Sec-Fetch-Site": "same-origin",
            "Sec-Fetch-Mode": "navigate", "Accept": "text/html",
        }  # fmt: skip
        asked = stack.http.request(method, stack.url(path), data=form or None, headers=headers, allow_redirects=False)
        async with asked as answer:
            jar.update({name: morsel.value for name, morsel in answer.cookies.items() if morsel.value})
            return answer.status, answer.headers.get("Location", ""), await answer.text()

    _, _, text = await send("GET", "/sign-in")
    token = re.search(r'name="csrf" value="([^"]*)"', text)[1]
    places = []
    form = {"csrf": token, "email": "eve@example.com", "password": PASSWORD, "return_to": return_to}
    status, place, _ = await send("POST", "/sign-in", **form)
    assert status == 303
    places.append(place)
    challenge = stack.twofactor.open_for(stack.auth.partial())
    await stack.twofactor.move(challenge, "approved")
    assert all(re.match(r"/(?![/\\])[\x21-\x7e]*\Z", place) and "evil" not in place for place in places)
    visit = await stack.app[keys.BROWSER_SESSIONS].load(jar["__Host-session"])
    assert visit.return_to == "/"


async def test_the_way_to_the_sign_in_page_cannot_be_bent(stack: Stack) -> None:
    headers = {
        "Accept": "text/html",
        "Sec-Fetch-Mode": "navigate",
        "Host": "evil.test",
        "X-Forwarded-Host": "evil.test",
    }
    async with stack.http.get(stack.url("/app/x?next=//evil.test"), headers=headers, allow_redirects=False) as answer:
        assert answer.status == 303
        assert answer.headers["Location"] == "/sign-in?return_to=%2Fapp%2Fx%3Fnext%3D%2F%2Fevil.test"


async def test_a_script_is_not_redirected_but_told_401(stack: Stack) -> None:
    for headers in ({"Sec-Fetch-Mode": "cors", "Accept": "text/html"}, {"Accept": "application/json"}, {}):
        async with stack.http.get(stack.url("/app/x"), headers=headers, allow_redirects=False) as answer:
            assert answer.status == 401
