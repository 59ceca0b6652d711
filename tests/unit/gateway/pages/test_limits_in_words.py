"""A limit on a page: in words, with the time to wait, and with what else can be done."""

import pytest

from gateway.model.answer import PeerAnswer
from gateway.model.errors import ChannelUnavailable, CountryNotServed, LimitReached
from gateway.pages.refusals import told
from gateway.pages.words_of_limits import sent_too_often, too_often


def refused(refusal: LimitReached | ChannelUnavailable, seconds: int | None, code: str = "") -> str:
    refusal.retry_after = seconds
    refusal.answer = PeerAnswer(429, b"", {}, {"error": code})
    note = told(refusal)
    assert note is not None
    return note.problem


@pytest.mark.parametrize(
    ("seconds", "when"),
    [(1, "in a minute"), (90, "in a minute"), (91, "in 2 minutes"), (938, "in 16 minutes"), (5401, "in 2 hours")],
)
def test_the_time_to_wait_is_said_and_never_too_short(seconds: int, when: str) -> None:
    assert too_often(seconds).endswith(f"Try again {when}.")
    assert when in sent_too_often(seconds)


def test_a_limit_blames_nobody_and_says_when_it_goes_on() -> None:
    said = refused(LimitReached(), 600, "too_many_attempts")
    assert said == "Too many tries, from you or from others on your network. Try again in 10 minutes."
    assert refused(LimitReached(), None).endswith("Try again in a little while.")


def test_wrong_codes_and_texts_name_the_other_way() -> None:
    assert "approve on your phone instead" in refused(LimitReached(), 3600, "too_many_codes")
    assert "Confirm another way" in refused(ChannelUnavailable("limit_reached"), 3600)


def test_a_country_that_is_not_served_is_said_beside_the_country() -> None:
    note = told(CountryNotServed())
    assert note is not None
    assert "country" in note.errors
