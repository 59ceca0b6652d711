"""The phone page without a browser: what it shows, what its forms do, what they refuse."""

import asyncio
import re
from html import unescape

import pytest
from aiohttp import ClientResponse

from tests.fakes.clock import FakeClock
from tests.integration.simulator.outside import ADAS_PHONE, Caller, Receiver

PAGE = f"/phones/{ADAS_PHONE}"


async def shown(authy: Caller, path: str = PAGE) -> str:
    answer = await authy.http.get(path)
    return re.sub(r"\s+", " ", unescape(await answer.text()))


async def send(authy: Caller, path: str, form: dict[str, str], **headers: str) -> ClientResponse:
    return await authy.http.post(path, data=form, headers=headers, allow_redirects=False)


async def test_an_empty_desk_says_where_to_sign_up(authy: Caller, receiver: Receiver) -> None:
    page = await shown(authy, "/")
    assert "No phones yet" in page
    assert f'href="{receiver.url.removesuffix("callbacks/authy")}"' in page


async def test_a_push_shows_its_message_details_logo_and_two_buttons(authy: Caller) -> None:
    logos = [{"res": "default", "url": "https://e.example/a.png"}, {"res": "high", "url": "https://e.example/b.png"}]
    await authy.push(await authy.ada(), message="Pay <b>240</b> EUR?", details={"From": "Ada & Co"}, logos=logos)
    for page in (await shown(authy), await shown(authy, "/")):
        assert "Pay <b>240</b> EUR?" in page
        assert "<dt>From</dt><dd>Ada & Co</dd>" in page
        assert 'src="https://e.example/b.png"' in page
        assert 'aria-label="120 seconds left">2:00<' in page
        assert 'value="deny"' in page
        assert 'value="approve"' in page


async def test_what_a_stranger_writes_is_text_and_never_markup(authy: Caller) -> None:
    await authy.push(await authy.ada(), message="<script>alert(1)</script>", details={"<img>": '"><img src=x>'})
    page = await (await authy.http.get(PAGE)).text()
    assert "<script>alert" not in page
    assert "<img src=x>" not in page


async def test_the_buttons_work_without_javascript(authy: Caller, receiver: Receiver) -> None:
    authy_id = await authy.ada()
    for button, status, words in (
        ("approve", "approved", "You approved this"),
        ("deny", "denied", "You denied this"),
    ):
        uuid = await authy.push(authy_id)
        answer = await send(authy, f"{PAGE}/approval_requests/{uuid}", {"answer": button, "back": PAGE})
        assert (answer.status, answer.headers["Location"]) == (303, PAGE)
        assert receiver.posts[-1].body["status"] == status
        assert words in await shown(authy)


async def test_a_button_pressed_twice_or_too_late_changes_nothing(
    authy: Caller, receiver: Receiver, clock: FakeClock
) -> None:
    uuid = await authy.push(await authy.ada())
    clock.advance(minutes=3)
    answer = await send(authy, f"{PAGE}/approval_requests/{uuid}", {"answer": "approve", "back": PAGE})
    assert answer.status == 303
    assert receiver.posts == []
    assert "Time ran out" in await shown(authy)


async def test_the_app_token_is_shown_while_there_is_an_app(authy: Caller) -> None:
    await authy.ada()
    token = (await authy.phone())["app_token"]
    assert f"{token[:3]}<i></i>{token[3:]}" in await shown(authy)
    await send(authy, f"{PAGE}/app", {"registered": "false", "back": PAGE})
    assert (await authy.phone())["registered"] is False
    assert "The Authy app is not installed" in await shown(authy)


async def test_texts_calls_and_nudges_arrive(authy: Caller) -> None:
    authy_id = await authy.ada()
    await authy.get(f"/protected/json/sms/{authy_id}")
    await authy.get(f"/protected/json/sms/{authy_id}?force=true")
    await authy.get(f"/protected/json/call/{authy_id}?force=true")
    page = await shown(authy)
    assert "Open Authy to see your Countersign token." in page
    assert '<b class="code">1000000</b>' in page
    assert "1, 0, 0, 0, 0, 0, 1" in page


async def test_the_drawer_adds_and_clears_rules(authy: Caller) -> None:
    form = {"fault": "late", "endpoint": "", "count": "2", "seconds": "3", "code": "", "back": "/"}
    assert (await send(authy, "/faults", form)).status == 303
    (rule,) = (await authy.control("GET", "faults"))["rules"]
    assert rule == {"endpoint": "callback", "fault": "late", "count": 2, "seconds": 3.0}
    assert "<b>arrives late</b> <code>callback</code> <span>2 more, 3 s</span>" in await shown(authy, "/")
    assert (await send(authy, "/faults", {"fault": "late", "endpoint": "sms"})).status == 400
    await send(authy, "/faults/clear", {"back": "/"})
    assert (await authy.control("GET", "faults"))["rules"] == []


async def test_a_form_on_another_site_presses_nothing(authy: Caller, receiver: Receiver) -> None:
    uuid = await authy.push(await authy.ada())
    path = f"{PAGE}/approval_requests/{uuid}"
    answer = await send(authy, path, {"answer": "approve"}, **{"Sec-Fetch-Site": "cross-site"})
    assert answer.status == 403
    assert receiver.posts == []


@pytest.mark.parametrize("place", ["https://evil.example/", "//evil.example", "/\\evil.example", ""])
async def test_a_form_leads_back_to_our_own_pages_only(authy: Caller, place: str) -> None:
    answer = await send(authy, "/faults/clear", {"back": place})
    assert answer.headers["Location"] == "/"


@pytest.mark.parametrize(
    ("path", "form", "status"),
    [
        (f"{PAGE}/approval_requests/none", {"answer": "maybe"}, 400),
        (f"{PAGE}/approval_requests/none", {"answer": "approve"}, 303),
        ("/phones/44-1/app", {"registered": "true"}, 404),
        ("/phones/ada/app", {"registered": "true"}, 404),
    ],
)
async def test_forms_about_nothing_are_refused(authy: Caller, path: str, form: dict[str, str], status: int) -> None:
    assert (await send(authy, path, form)).status == status


@pytest.mark.parametrize("path", ["/phones/44-1", "/phones/ada"])
async def test_a_phone_that_nobody_has_is_a_page_too(authy: Caller, path: str) -> None:
    answer = await authy.http.get(path)
    assert answer.status == 404
    assert "Nobody has this phone" in await answer.text()


async def test_pages_allow_no_inline_script_and_no_frame(authy: Caller) -> None:
    answer = await authy.http.get("/")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe-inline" not in policy
    text = await answer.text()
    assert not re.search(r"<script(?![^>]*src=)|\sstyle=|\son[a-z]+=", text)


async def test_an_open_page_hears_of_a_change(authy: Caller) -> None:
    authy_id = await authy.ada()
    async with authy.http.get("/events") as events:
        assert events.content_type == "text/event-stream"
        assert await events.content.readline() == b"retry: 1000\n"
        await events.content.readline()
        await authy.push(authy_id)
        async with asyncio.timeout(2):
            assert await events.content.readline() == b"data: changed\n"


async def test_the_simulator_is_alive(authy: Caller) -> None:
    assert await (await authy.http.get("/livez")).text() == "ok"
