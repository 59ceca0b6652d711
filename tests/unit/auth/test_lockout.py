"""How the pauses grow."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from services.auth.model.caller import caller
from services.auth.model.lockout import Limit, Tally, counted, forgiven, limits, time_to_wait

# Examples may take as long as a busy machine needs.
unhurried = settings(deadline=None)

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)
LIMIT = Limit("pair", 5, 30 * SECOND, 900 * SECOND, 3600 * SECOND)


def test_pauses_double_up_to_the_longest() -> None:
    pauses = [LIMIT.pause_after(count) / SECOND for count in range(1, 13)]
    assert pauses == [0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900]


def test_no_number_of_tries_is_too_large_to_count() -> None:
    assert LIMIT.pause_after(10**9) == LIMIT.longest_pause


def tries_let_through(limit: Limit, *, every: timedelta, during: timedelta) -> int:
    """How many tries of somebody who tries so often are counted, and not sent away."""
    tally: Tally | None = None
    now, through = NOW, 0
    while now < NOW + during:
        if not time_to_wait(tally, now):
            tally = counted(tally, limit, now)
            through += 1
        now += every
    return through


def test_a_botnet_gets_a_hundred_guesses_at_one_account_on_the_first_day_and_fifty_on_the_next() -> None:
    account = limits(pair=5, account=50, network=100, registrations=100).login_account
    first = tries_let_through(account, every=SECOND, during=timedelta(days=1))
    both = tries_let_through(account, every=SECOND, during=timedelta(days=2))
    assert first <= 105
    assert both - first <= 55


def test_a_company_whose_people_always_mistype_is_not_locked_out() -> None:
    """A hundred failures in a quarter of an hour are a rate: six a minute go on for ever."""
    network = limits(pair=5, account=50, network=100, registrations=100).login_network
    day = timedelta(days=1)
    assert tries_let_through(network, every=10 * SECOND, during=day) == day / (10 * SECOND)
    assert tries_let_through(network, every=SECOND / 10, during=day) < 100 * 4 * 24 + 200


@unhurried
@given(st.lists(st.integers(0, 4000), max_size=60))
def test_whoever_waits_as_told_is_let_in_and_nobody_before(gaps: list[int]) -> None:
    tally: Tally | None = None
    now = NOW
    for gap in gaps:
        now += gap * SECOND
        before = tally.count(LIMIT, now) if tally else 0
        if tally and time_to_wait(tally, now):
            assert tally.blocked_until
            assert not time_to_wait(tally, tally.blocked_until)
            continue
        tally = counted(tally, LIMIT, now)
        count = tally.count(LIMIT, now)
        assert count == before + 1
        assert time_to_wait(tally, now) == LIMIT.pause_after(count)


def of(count: int, wait: timedelta) -> Tally:
    return Tally(NOW + count * LIMIT.leak, NOW + wait)


def test_forgiving_lifts_a_pause_only_when_free_tries_are_left() -> None:
    assert time_to_wait(forgiven(of(5, 30 * SECOND), LIMIT, NOW), NOW) == timedelta()
    assert time_to_wait(forgiven(of(7, 120 * SECOND), LIMIT, NOW), NOW) == 120 * SECOND


def test_tries_come_back_one_by_one() -> None:
    tally = of(5, timedelta())
    counts = [tally.count(LIMIT, NOW + minutes * MINUTE) for minutes in (0, 11, 12, 24, 59, 60, 600)]
    assert counts == [5, 5, 4, 3, 1, 0, 0]


def test_networks_are_what_one_customer_has_to_himself() -> None:
    assert caller(["192.0.2.7"], "").network == "192.0.2.7"
    assert caller(["2001:db8:1:2:3:4:5:6"], "").network == "2001:db8:1:2::/64"
    assert caller(["2001:db8:1:2:ffff::1"], "").network == "2001:db8:1:2::/64"
    assert caller(["::ffff:192.0.2.7"], "").network == "192.0.2.7"


def test_what_is_no_address_becomes_that_of_who_connected() -> None:
    assert caller(["spoofed, 192.0.2.7", "198.51.100.1"], "").address == "198.51.100.1"
    assert caller(["fe80::1%eth0", ""], "").address == "fe80::1"
    assert caller(["", ""], "").network == "0.0.0.0"


def test_a_browser_s_name_is_short_and_printable() -> None:
    assert caller([], "Fire\x00fox\udc80\n").browser == "Fire?fox??"
    assert len(caller([], "x" * 5000).browser) == 256
