"""The rests after pushes that came to nothing, as a pure rule."""

from datetime import timedelta

import pytest

from services.twofactor.model.channel import Unavailable
from services.twofactor.model.push_pace import MOST_SENT, RESTS, PushPace
from tests.fakes.twofactor_drafts import START

HOUR = timedelta(hours=1)
LIFE = timedelta(minutes=2)


def failed(times, pause=HOUR):
    """The pace after so many pushes that ran out, one after the other, and when the last of them did."""
    pace, now = PushPace(), START
    for number in range(times):
        now = max(now, pace.rests_until)
        assert pace.hold(now) is None
        pace = pace.sending(f"push {number}", now + LIFE)
        now += LIFE
        pace = pace.settled(now, pause)
    return pace, now


def test_one_is_on_the_phone_at_a_time():
    pace = PushPace().sending("one", START + LIFE)
    hold = pace.hold(START + timedelta(seconds=30))
    assert (hold.reason, hold.seconds(START + timedelta(seconds=30))) == (Unavailable.PUSH_OPEN, 90)


@pytest.mark.parametrize(("times", "rest"), [(1, RESTS[0]), (2, RESTS[1])])
def test_after_the_first_and_the_second_it_rests(times, rest):
    pace, now = failed(times)
    assert pace.hold(now).reason is Unavailable.PUSH_RESTING
    assert pace.hold(now).until == now + rest
    assert pace.hold(now + rest) is None


def test_after_three_it_pauses_and_then_for_twice_as_long_up_to_a_day():
    for times, hours in ((3, 1), (4, 2), (5, 4), (6, 8), (7, 16), (8, 24), (30, 24)):
        pace, now = failed(times)
        assert (pace.hold(now).reason, pace.hold(now).until - now) == (Unavailable.PUSH_PAUSED, hours * HOUR)


def test_a_pause_that_an_operator_set_to_a_day_is_no_shorter():
    pace, now = failed(5, timedelta(days=1))
    assert pace.hold(now).until - now == timedelta(days=1)


def test_only_the_open_one_counts_and_only_once():
    pace = PushPace().sending("one", START + LIFE).came_to_nothing("one", START, HOUR)
    assert pace.failed == 1
    assert pace.came_to_nothing("one", START, HOUR) == pace
    assert pace.came_to_nothing("another", START, HOUR) == pace
    assert pace.taken_back("one", START, HOUR) == pace
    assert pace.never_sent("one") == pace


def test_taking_back_is_free_until_it_has_been_done_often():
    pace = PushPace()
    for number in range(MOST_SENT - 1):
        pace = pace.sending(f"{number}", START + LIFE).taken_back(f"{number}", START, HOUR)
        assert pace.hold(START) is None
    pace = pace.sending("last", START + LIFE).taken_back("last", START, HOUR)
    assert pace.hold(START).reason is Unavailable.PUSH_RESTING


def test_what_the_vendor_never_sent_is_not_counted():
    pace = PushPace()
    for _ in range(20):
        pace = pace.sending("one", START + LIFE).never_sent("one")
    assert (pace.sent, pace.hold(START)) == (0, None)


def test_it_was_not_me_pauses_at_once_and_never_shortens_a_pause():
    pace = PushPace().sending("one", START + LIFE).disavowed(START, HOUR)
    assert (pace.hold(START).reason, pace.hold(START).until) == (Unavailable.PUSH_PAUSED, START + HOUR)
    longer, now = failed(8)
    assert longer.disavowed(now, HOUR).rests_until >= longer.rests_until


def test_it_is_remembered_for_a_day_after_the_last_rest():
    pace, now = failed(4)
    assert pace.forgotten_at(now) == now + 2 * HOUR + timedelta(days=1)


def test_a_hold_is_never_for_no_time():
    pace = PushPace().sending("one", START + timedelta(microseconds=1))
    assert pace.hold(START).seconds(START) == 1
