"""What a client would rather have, as it may be said (RFC 7240 section 2)."""

import pytest
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from gateway.api.preferences import preferred_wait, prefers_minimal


@pytest.mark.parametrize(
    ("said", "wait", "minimal"),
    [
        ([], 0, False),
        (["wait=20"], 20, False),
        (["wait=999"], 30, False),
        (["wait=99999999"], 0, False),
        (["wait=soon"], 0, False),
        (["wait=\u0663"], 0, False),
        (["return=minimal"], 0, True),
        (['Return = "minimal"; foo=1'], 0, True),
        (["return=representation, return=minimal"], 0, False),
        (["respond-async, wait=5", "return=minimal"], 5, True),
        (["returns=minimal"], 0, False),
        (["return=minimalist"], 0, False),
        (["return"], 0, False),
        ([","], 0, False),
    ],
)
def test_preferences_are_read_as_they_are_written(said: list[str], wait: int, minimal: bool) -> None:
    request = make_mocked_request("GET", "/", CIMultiDict(("Prefer", each) for each in said))
    assert (preferred_wait(request), prefers_minimal(request)) == (wait, minimal)
