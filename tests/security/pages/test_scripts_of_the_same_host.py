"""A service behind the gateway is broken into, or was never good: its pages share our host, and so our origin.

No token and no cookie of ours is shown to it. What is left is a script of its own in a visitor's browser, which may ask
for any of our addresses, with the cookie and as "same-origin", and read what comes back.
"""

import pytest

from tests.fakes.house import House, Person
from tests.security.pages.test_attacks_from_inside import POSTS, inside, state

__all__ = ["inside"]
PAGES = ["/", "/sign-in", "/sign-up", "/sessions", "/password", "/factors", "/factors/add", "/factors/recovery"]
# What a browser says of fetch(), of a worker, a frame, an object and a picture. No script can say otherwise.
OTHERS = ["empty", "worker", "iframe", "frame", "object", "embed", "image", "script"]


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("meant_for", ["empty", "iframe"])
async def test_a_script_of_another_service_reads_no_page_and_no_token(
    inside: Person, enrolled: House, path: str, meant_for: str
) -> None:
    seen = await inside.get(path, **{"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": meant_for})
    assert seen.status == 403
    assert "csrf" not in seen.text
    assert inside.csrf not in seen.text


@pytest.mark.parametrize("meant_for", OTHERS)
async def test_only_a_window_is_shown_a_page(inside: Person, enrolled: House, meant_for: str) -> None:
    assert (await inside.get("/factors", **{"Sec-Fetch-Dest": meant_for})).status == 403
    assert (await inside.get("/factors", **{"Sec-Fetch-Dest": "document"})).status == 200


@pytest.mark.parametrize("path", POSTS)
async def test_a_script_of_another_service_sends_no_form_even_with_its_token(
    inside: Person, enrolled: House, path: str
) -> None:
    before = state(enrolled)
    headers = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Dest": "empty"}
    assert (await inside.send(path, headers=headers, **POSTS[path])).status == 403
    assert state(enrolled) == before


async def test_a_window_that_another_service_opened_is_out_of_its_reach(inside: Person, enrolled: House) -> None:
    """Ours says `same-origin` and nothing that is passed back says it: the browser cuts such windows apart."""
    for path in PAGES:
        assert (await inside.get(path)).headers["Cross-Origin-Opener-Policy"] == "same-origin"
