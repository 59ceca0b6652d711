"""What an open session, a second tab or another site could try with the pages of an account."""

import pytest

from gateway.model.challenge import Status
from tests.fakes.house import EMAIL, PASSWORD, House, Person

NEW = "seven lamps under water"
POSTS = {
    "/sessions/end": {"session": "00000000-0000-0000-0000-000000000001"},
    "/sessions/end-others": {},
    "/sessions/end-all": {},
    "/password": {"current_password": PASSWORD, "password": NEW},
    "/factors/add": {"country": "GB", "phone": "07400 123458"},
    "/factors/remove": {"factor": "push-+44 ... 58"},
}


def state(house: House) -> object:
    return dict(house.credentials.desk.by_token), dict(house.credentials.accounts), list(house.phone.others)


@pytest.fixture
async def inside(person: Person, enrolled: House) -> Person:
    """Signed in, with another session and another phone to lose."""
    enrolled.phone.others = ["+44 ... 58"]
    await person.sign_in_wholly(enrolled)
    enrolled.credentials.desk.open("other", EMAIL)
    await person.get("/sessions")
    return person


@pytest.mark.parametrize("path", POSTS)
async def test_another_site_ends_and_changes_nothing(inside: Person, enrolled: House, path: str) -> None:
    before = state(enrolled)
    assert (await inside.send(path, headers={"Sec-Fetch-Site": "cross-site"}, **POSTS[path])).status == 403
    assert state(enrolled) == before


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("token", ["", "x", "0" * 64])
async def test_a_form_that_was_not_shown_here_ends_and_changes_nothing(
    inside: Person, enrolled: House, path: str, token: str
) -> None:
    before = state(enrolled)
    await inside.send(path, csrf=token, **POSTS[path])
    assert state(enrolled) == before


@pytest.mark.parametrize("path", POSTS)
async def test_looking_changes_nothing(inside: Person, enrolled: House, path: str) -> None:
    before = state(enrolled)
    await inside.get(path)
    assert state(enrolled) == before


@pytest.mark.parametrize("path", POSTS)
async def test_a_password_alone_reaches_none_of_it(person: Person, enrolled: House, path: str) -> None:
    await person.sign_in()
    before = state(enrolled)
    page = await person.send(path, **POSTS[path])
    assert page.path.startswith("/sign-in")
    assert state(enrolled) == before


async def test_a_session_of_somebody_else_is_not_ended(inside: Person, enrolled: House) -> None:
    hers = enrolled.credentials.desk.open("hers", "eve@example.com")
    await inside.send("/sessions/end", session=hers.id)
    assert "hers" in enrolled.credentials.desk.by_token


async def test_a_session_found_open_cannot_lock_its_owner_out(inside: Person, enrolled: House) -> None:
    """Whoever sits down at an unlocked computer has a session, not the phone."""
    enrolled.clock.advance(minutes=30)
    enrolled.phone.old = set(enrolled.credentials.desk.by_token)
    before = state(enrolled)
    for path in ("/password", "/factors/add", "/factors/remove"):
        page = await inside.send(path, **POSTS[path])
        assert "reason=fresh" in page.path
    assert state(enrolled) == before


async def test_the_password_alone_makes_no_session_fresh(inside: Person, enrolled: House) -> None:
    enrolled.clock.advance(minutes=30)
    await inside.get("/sign-in?reason=fresh&return_to=/password")
    await inside.send("/sign-in", email=EMAIL, password=PASSWORD, reason="fresh", return_to="/password")
    await inside.send("/confirm", channel="push")
    for status in (None, Status.DENIED):
        if status is not None:
            enrolled.phone.settle(status)
        await inside.get("/confirm/wait")
        await inside.send("/confirm/finish")
        assert "reason=fresh" in (await inside.get("/password")).path
    await inside.send("/password", **POSTS["/password"])
    assert enrolled.credentials.accounts[EMAIL] == PASSWORD


@pytest.mark.parametrize(
    "address", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"]
)
async def test_confirming_once_more_leads_to_no_other_host(inside: Person, enrolled: House, address: str) -> None:
    await inside.session.get(
        inside.base.join(inside.base.with_path("/sign-in")).with_query(return_to=address, reason="fresh")
    )
    await inside.send("/sign-in", email=EMAIL, password=PASSWORD, reason="fresh", return_to=address)
    assert (await inside.confirm(enrolled)).path == "/"


async def test_another_browser_does_not_inherit_a_confirmation(
    inside: Person, stranger: Person, enrolled: House
) -> None:
    enrolled.clock.advance(minutes=30)
    await stranger.sign_in_wholly(enrolled)
    assert (await stranger.get("/password")).path == "/password"
    assert "reason=fresh" in (await inside.get("/password")).path


async def test_after_confirming_once_more_the_cookie_of_before_is_worth_nothing(
    inside: Person, stranger: Person, enrolled: House
) -> None:
    before = inside.cookie
    await inside.get("/sign-in?reason=fresh")
    await inside.send("/sign-in", email=EMAIL, password=PASSWORD, reason="fresh")
    await inside.confirm(enrolled)
    assert inside.cookie != before
    stranger.session.cookie_jar.update_cookies({"__Host-session": before}, stranger.base)
    assert (await stranger.get("/sessions")).path.startswith("/sign-in")


async def test_what_a_device_calls_itself_is_text_not_markup(inside: Person, enrolled: House) -> None:
    enrolled.credentials.desk.open("odd", EMAIL, "<script>alert(1)</script>", '"><img src=x>')
    page = await inside.get("/sessions")
    assert "<script>alert" not in page.text
    assert "<img" not in page.text


@pytest.mark.parametrize("path", ["/sessions", "/password", "/factors", "/factors/add", "/sign-in?reason=fresh"])
async def test_these_pages_too_allow_no_inline_script_and_are_kept_nowhere(
    inside: Person, enrolled: House, path: str
) -> None:
    page = await inside.get(path)
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert page.headers["Cache-Control"] == "no-store"
    assert " style=" not in page.text
