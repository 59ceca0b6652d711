"""(d) A second tab, a website that the victim visits, a browser's cookie in other hands."""

import asyncio

import pytest
from aiohttp import ClientSession, WSServerHandshakeError

from tests.security.system.attacker import Victim
from tests.security.system.tab import FROM_ELSEWHERE, FROM_OUR_PAGE, Tab
from tools.demo.story import NUMBER
from tools.devstack.stack import Stack


class Person(Tab):
    """A victim at their browser."""

    def __init__(self, victim: Victim) -> None:
        super().__init__(victim.http, victim.url)
        self.victim = victim

    async def enter_password(self, return_to: str = "/") -> None:
        await self.get("/sign-in")
        credentials = {"email": self.victim.email, "password": self.victim.password}
        assert await self.send("/sign-in", **credentials, return_to=return_to) == "/confirm"

    async def ask_phone(self) -> None:
        await self.get("/confirm")
        assert await self.send("/confirm", channel="push") == "/confirm/wait"

    async def sign_in(self, return_to: str = "/") -> str:
        await self.enter_password(return_to)
        await self.ask_phone()
        await self.approve()
        assert await self.get("/confirm/wait") == 303
        return self.headers["Location"]

    async def approve(self) -> None:
        """Types the number that the phone shows, and approves there."""
        await self.get("/confirm/wait")
        number = (await self.victim.pending())["details"][NUMBER]
        assert await self.send("/confirm/code", channel="push", code=number) == "/confirm/wait"
        await self.victim.press("approve")


@pytest.fixture
async def person(victim: Victim) -> Person:
    return Person(victim)


ACTIONS = [
    "/sign-in",
    "/sign-up",
    "/sign-out",
    "/enrol",
    "/confirm",
    "/confirm/cancel",
    "/confirm/finish",
    "/confirm/code",
]


@pytest.mark.parametrize(
    "elsewhere",
    [
        FROM_ELSEWHERE,
        {"Sec-Fetch-Site": "same-site", "Origin": "http://other.127.0.0.1"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "null"},
        {"Origin": "https://evil.example"},
    ],
)
async def test_another_site_s_form_does_nothing_even_with_the_right_token(
    person: Person, elsewhere: dict[str, str]
) -> None:
    await person.sign_in()
    await person.get("/")
    token, cookie = person.csrf, person.session
    for action in ACTIONS:
        assert await person.post(action, elsewhere, csrf=token, email="x@example.com") == 403, action
    assert await person.get("/") == 200
    assert person.session == cookie


async def test_another_site_cannot_use_the_session_on_a_service_behind_the_gateway(person: Person) -> None:
    await person.sign_in()
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        cookie = {"Cookie": f"__Host-session={person.session}"}
        async with person.http.request(method, f"{person.url}/demo/x", headers={**FROM_ELSEWHERE, **cookie}) as answer:
            assert answer.status == 403, method
    for origin in ("https://evil.example", "null", person.url + ".evil.example", person.url.upper() + "/"):
        with pytest.raises(WSServerHandshakeError) as refused:
            headers = {"Cookie": f"__Host-session={person.session}", "Origin": origin}
            await person.http.ws_connect(f"{person.url}/demo/ws", headers=headers)
        assert refused.value.status == 403


async def test_no_answer_is_readable_by_another_site(person: Person) -> None:
    await person.sign_in()
    for path in ("/", "/demo/hello", "/v1/sessions", "/.well-known/jwks.json", "/confirm/wait/status"):
        await person.get(path, {**FROM_ELSEWHERE, "Access-Control-Request-Method": "DELETE"})
        assert not [name for name in person.headers if name.lower().startswith("access-control-")], path


async def test_the_cookie_before_confirming_is_worth_nothing_afterwards(person: Person) -> None:
    """Fixation: whoever knew or planted the id of the visit has nothing once it is signed in."""
    thief = Tab(person.http, person.url)
    await person.enter_password()
    thief.cookies = dict(person.cookies)
    await person.ask_phone()
    before = person.session
    await person.approve()
    await person.get("/confirm/wait")
    assert person.session != before
    assert await thief.get("/") == 303
    assert thief.headers["Location"] == "/sign-in"
    assert await thief.get("/demo/hello", {"Accept": "application/json"}) == 401


async def test_a_cookie_after_signing_out_opens_nothing(person: Person) -> None:
    await person.sign_in()
    thief = Tab(person.http, person.url)
    thief.cookies = dict(person.cookies)
    assert await thief.get("/demo/hello", {"Accept": "application/json"}) == 200
    await person.get("/")
    assert await person.send("/sign-out") == "/sign-in"
    assert await thief.get("/demo/hello", {"Accept": "application/json"}) == 401
    assert await thief.get("/") == 303


async def test_a_second_browser_with_the_password_does_not_ride_along(person: Person, victim: Victim) -> None:
    attacker = Person(victim)
    await attacker.enter_password()
    await attacker.get("/confirm")
    assert await attacker.send("/confirm", channel="app") == "/confirm/code"
    assert await person.sign_in() == "/"
    assert await attacker.get("/confirm/code") == 200, "still waits for a code of its own"
    assert attacker.session
    assert await attacker.post("/confirm/finish", csrf=attacker.csrf) == 303
    assert await attacker.get("/") == 303, "and is not let in"


async def test_two_tabs_that_finish_at_once_are_one_session_and_both_get_home(person: Person) -> None:
    await person.enter_password()
    await person.ask_phone()
    await person.get("/confirm/wait")
    other = Tab(person.http, person.url)
    other.cookies, other.page = dict(person.cookies), person.page
    await person.approve()
    statuses = await asyncio.gather(person.get("/confirm/wait"), other.get("/confirm/wait"))
    assert set(statuses) <= {200, 303}
    signed_in = [tab for tab in (person, other) if await tab.get("/") == 200]
    assert signed_in, "one of them at least is in, and the cookie jar is shared"


async def test_another_way_chosen_just_as_the_phone_approves_still_signs_in(person: Person) -> None:
    await person.enter_password()
    await person.ask_phone()
    await person.get("/confirm/wait")
    await person.approve()
    assert await person.post("/confirm", csrf=person.csrf, channel="sms") == 303, person.page
    place = person.headers["Location"]
    assert place.startswith("/confirm")
    await person.get("/confirm/wait")
    assert await person.get("/") == 200


@pytest.mark.parametrize(
    "place",
    [
        "//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "/%09/evil.example", "/\t/evil.example",
        "/..//evil.example", "/demo/..//evil.example", "///evil.example", "\\\\evil.example", "/sign-out", "http:/evil.example",
        "/\u2215evil.example", "/demo?x=\r\nSet-Cookie:a=b", "data:text/html,x", "@evil.example", ".evil.example", "",
    ],
)  # fmt: skip
async def test_signing_in_leads_to_no_other_host(person: Person, place: str) -> None:
    await person.get("/sign-in")
    await person.enter_password(place)
    await person.ask_phone()
    await person.approve()
    await person.get("/confirm/wait")
    assert person.headers["Location"] in {"/", "/%09/evil.example"}
    assert await person.get(f"/sign-in?return_to={'/demo/' if not place else ''}") == 303
    assert person.headers["Location"].startswith("/")


async def test_pages_are_framed_cached_and_quoted_by_nobody(person: Person) -> None:
    pages = ["/sign-in", "/sign-up", "/nowhere"]
    for path in pages:
        await person.get(path)
        _require_closed(person)
    await person.enter_password()
    for path in ("/confirm", "/enrol"):
        await person.get(path)
        _require_closed(person)
    await person.ask_phone()
    await person.get("/confirm/wait")
    _require_closed(person)
    await person.approve()
    await person.get("/confirm/wait")
    _require_closed(person)
    await person.get("/")
    _require_closed(person)
    assert person.victim.password not in person.page


def _require_closed(tab: Tab) -> None:
    policy = tab.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert tab.headers["Cache-Control"] == "no-store"
    assert tab.headers["X-Content-Type-Options"] == "nosniff"
    assert tab.headers["Referrer-Policy"] in {"same-origin", "no-referrer"}
    assert "eyJ" not in tab.page, "no token in any page"
    for cookie in tab.set_cookies:
        assert cookie.startswith("__Host-"), cookie
        for attribute in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
            assert attribute in cookie
        assert "Domain" not in cookie


async def test_what_was_typed_comes_back_as_text_only(person: Person) -> None:
    evil = '"><script>alert(1)</script>@example.com'
    await person.get("/sign-in")
    await person.send("/sign-in", email=evil, password="wrong but long enough")
    await person.get("/sign-in")
    assert "<script>alert" not in person.page
    await person.get("/sign-in?return_to=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")
    assert "<script>alert" not in person.page
    await person.get("/nowhere?%22%3E%3Cscript%3Ealert(1)")
    assert "<script>alert" not in person.page


async def test_the_waiting_page_tells_nothing_to_who_has_no_cookie(stack: Stack, http: ClientSession) -> None:
    nobody = Tab(http, stack.url)
    assert await nobody.get("/confirm/wait/status", FROM_OUR_PAGE) == 200
    assert nobody.page == '{"status":"moved"}'
    assert await nobody.get("/confirm/wait/events", FROM_OUR_PAGE) == 200
    assert "moved" in nobody.page
