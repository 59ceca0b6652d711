"""What another site, another person or a careless link could try with the pages."""

import re

import pytest
from aiohttp import ClientSession
from yarl import URL

from gateway.model.challenge import Status
from gateway.model.visit import Visit
from gateway.pages.guard import form_token
from gateway.pages.return_to import local_path
from tests.fakes.house import EMAIL, PASSWORD, House, Person

ELSEWHERE = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https://evil.example/",
    "HTTPS:evil.example",
    "javascript:alert(1)",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/a\r\nSet-Cookie: x=y",
    "/..//evil.example",
    "/.//evil.example",
    "/a/../..//evil.example",
    "/ü",
    "evil.example",
    "?next",
    "",
    "/" + "a" * 3000,
]


@pytest.mark.parametrize("address", ELSEWHERE)
def test_no_open_redirect(address: str) -> None:
    assert local_path(address) == "/"


@pytest.mark.parametrize(
    "address", ["/sign-in", "/sign-in?return_to=/sign-in", "/confirm/wait", "/sign-out", "/enrol#x"]
)
def test_no_circle_of_sign_in_pages(address: str) -> None:
    assert local_path(address) == "/"


@pytest.mark.parametrize("address", ["/", "/ledger/", "/ledger/7?year=2026&q=a%20b", "/sign-inventory", "/a.b/c~d"])
def test_a_path_of_this_host_is_kept(address: str) -> None:
    assert local_path(address) == address


@pytest.mark.parametrize("address", ELSEWHERE)
async def test_a_link_to_sign_in_cannot_lead_to_another_host(person: Person, enrolled: House, address: str) -> None:
    await person.get("/sign-in")
    await person.send("/sign-in", email=EMAIL, password=PASSWORD, return_to=address)
    await person.send("/confirm", channel="push")
    enrolled.phone.settle(Status.APPROVED)
    page = await person.get("/confirm/wait")
    assert (page.path, page.title) == ("/", "Signed in")


POSTS = [
    "/sign-up",
    "/sign-in",
    "/enrol",
    "/confirm",
    "/confirm/cancel",
    "/confirm/finish",
    "/confirm/code",
    "/sign-out",
    "/sessions/end",
    "/sessions/end-others",
    "/sessions/end-all",
    "/password",
    "/factors/add",
    "/factors/remove",
]


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1"},
    ],
)
async def test_another_sites_form_is_refused_even_with_the_right_token(
    person: Person, enrolled: House, path: str, headers: dict[str, str]
) -> None:
    await person.sign_in()
    page = await person.send(path, headers=headers, channel="push", code="1234567")
    assert page.status == 403
    assert enrolled.phone.challenges == {}


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1:1", "http://127.0.0.1.evil.example"]
)
async def test_an_old_browser_is_judged_by_its_origin(person: Person, enrolled: House, origin: str) -> None:
    await person.get("/sign-in")
    async with ClientSession() as bare:
        address = enrolled.base.join(URL("/sign-in"))
        async with bare.post(address, data={"csrf": person.csrf}, headers={"Origin": origin}) as answer:
            assert answer.status == 403


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("token", ["", "x", "0" * 64, "ü"])
async def test_a_form_without_the_browsers_own_token_does_nothing(
    person: Person, enrolled: House, path: str, token: str
) -> None:
    await person.sign_in()
    before = dict(enrolled.visits.visits)
    page = await person.send(path, csrf=token, channel="push", code="1234567", email=EMAIL, password=PASSWORD)
    assert page.status == 200
    assert enrolled.phone.challenges == {}
    assert enrolled.visits.visits == before


async def test_another_browsers_token_is_worth_nothing(person: Person, stranger: Person, enrolled: House) -> None:
    await person.get("/sign-in")
    await stranger.get("/sign-in")
    page = await stranger.send("/sign-in", csrf=person.csrf, email=EMAIL, password=PASSWORD)
    assert "open for too long, or you went on in another tab" in page.said
    assert enrolled.visits.visits == {}


async def test_a_browser_without_any_cookie_has_no_token_to_guess(enrolled: House) -> None:
    async with ClientSession() as bare:
        for token in ("", form_token(Visit(), "")):
            data = {"csrf": token, "email": EMAIL, "password": PASSWORD}
            async with bare.post(enrolled.base.join(URL("/sign-in")), data=data, allow_redirects=False) as answer:
                assert answer.headers["Location"] == "/sign-in"
    assert enrolled.visits.visits == {}


async def test_a_planted_session_id_is_worth_nothing_after_signing_in(
    person: Person, stranger: Person, enrolled: House
) -> None:
    """Session fixation: every change of privilege makes a new id and forgets the old one."""
    await person.sign_in()
    begun = person.cookie
    await person.send("/confirm", channel="push")
    enrolled.phone.settle(Status.APPROVED)
    await person.get("/confirm/wait")
    assert person.cookie != begun
    assert list(enrolled.visits.visits) == [person.cookie]

    stranger.session.cookie_jar.update_cookies({"__Host-session": begun}, stranger.base)
    assert (await stranger.get("/")).path == "/sign-in"


async def test_the_session_cookie_cannot_be_read_by_scripts_or_sent_by_other_sites(
    person: Person, enrolled: House
) -> None:
    await person.get("/sign-in")
    data = {"csrf": person.csrf, "email": EMAIL, "password": PASSWORD}
    async with person.session.post(enrolled.base.join(URL("/sign-in")), data=data, allow_redirects=False) as answer:
        found = [line for line in answer.headers.getall("Set-Cookie") if line.startswith("__Host-session=")]
    assert len(found) == 1
    assert {"HttpOnly", "Secure", "SameSite=Lax", "Path=/"} <= set(found[0].split("; "))
    assert "Domain" not in found[0]


async def test_a_password_alone_never_opens_the_home_page(person: Person, enrolled: House) -> None:
    await person.sign_in()
    await person.send("/confirm", channel="push")
    for path in ("/", "/confirm/finish", "/confirm/wait"):
        page = await (person.send(path) if path.endswith("finish") else person.get(path))
        assert page.title != "Signed in"


async def test_yesterdays_approval_opens_nothing_today(person: Person, enrolled: House) -> None:
    await person.sign_in()
    await person.send("/confirm", channel="push")
    enrolled.phone.settle(Status.APPROVED)
    await person.get("/confirm/wait")
    await person.send("/sign-out")
    await person.sign_in()
    assert (await person.get("/confirm/wait")).path == "/confirm"


async def test_another_browser_cannot_ride_on_the_victims_approval(
    person: Person, stranger: Person, enrolled: House
) -> None:
    """Who has the password too and polls at the same time sees their own request only."""
    await person.sign_in()
    await person.send("/confirm", channel="push")
    await stranger.sign_in()
    enrolled.phone.settle(Status.APPROVED)
    assert (await stranger.get("/confirm/wait")).path == "/confirm"
    visit = enrolled.visits.visits[stranger.cookie]
    enrolled.visits.visits[stranger.cookie] = visit.with_challenge(enrolled.phone.latest.id)
    assert (await stranger.get("/confirm/wait")).path == "/confirm"


async def test_every_page_allows_no_inline_script_and_no_frame(person: Person, enrolled: House) -> None:
    pages = [await person.get(path) for path in ("/sign-in", "/sign-up", "/nowhere")]
    pages += [await person.sign_in(), await person.send("/confirm", channel="push"), await person.get("/confirm")]
    for page in pages:
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert page.headers["Cache-Control"] == "no-store"
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:", page.text)


async def test_an_unknown_address_is_a_page_for_people_and_a_document_for_programs(
    person: Person, house: House
) -> None:
    page = await person.get("/nowhere")
    assert (page.status, page.title) == (404, "Nothing is here")
    reference = page.headers["X-Request-ID"]
    assert reference in page.said
    async with person.session.get(house.base.join(URL("/nowhere")), headers={"Accept": "*/*"}) as answer:
        assert answer.content_type == "application/problem+json"


@pytest.mark.parametrize(
    "body",
    [b"\xff\xfe", b"csrf=%ff", b"csrf=a&csrf=b", b"unknown=1", b"a=1" + b"&a=1" * 100, b"email=" + b"a" * 70_000],
)
async def test_a_mangled_form_is_refused_as_a_page(person: Person, house: House, body: bytes) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html"}
    async with person.session.post(house.base.join(URL("/sign-in")), data=body, headers=headers) as answer:
        assert answer.status in {400, 413}
        assert answer.content_type == "text/html"


@pytest.mark.parametrize("cookie", ["x", "e30=", "W10=", "bnVsbA==", "eyJwYWdlIjoxfQ==", "AAAA", "W1tbW1s="])
async def test_a_mangled_note_is_no_note(person: Person, house: House, cookie: str) -> None:
    person.session.cookie_jar.update_cookies({"__Host-note": cookie}, house.base)
    assert (await person.get("/sign-in")).title == "Sign in"


async def test_the_stored_visit_holds_the_tokens_and_the_browser_holds_none(person: Person, enrolled: House) -> None:
    page = await person.sign_in()
    visit: Visit = enrolled.visits.visits[person.cookie]
    assert visit.partial is not None
    assert visit.partial.token not in page.text + str(page.headers)


async def test_a_head_of_the_events_does_not_answer_the_next_request(person: Person, enrolled: House) -> None:
    """A body after HEAD is read, by a proxy that keeps its connections, as the answer to whoever comes next."""
    await person.sign_in()
    async with person.session.head(enrolled.base.join(URL("/confirm/wait/events"))) as answer:
        assert answer.status == 405
    assert (await person.get("/confirm")).status == 200
