"""How the pauses grow."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from services.auth.model.caller import caller
from services.auth.model.lockout import Limit, Tally, counted, forgiven, limits, time_to_wait

# Examples may take as long as a busy machine needs.
unhurried = settings(deadline=None)

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SECOND = timedelta(seconds=1)
LIMIT = Limit("pair", 5, 30 * SECOND, 900 * SECOND, 3600 * SECOND)


def test_pauses_double_up_to_the_longest() -> None:
    pauses = [LIMIT.pause_after(count) / SECOND for count in range(1, 13)]
    assert pauses == [0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900]


def test_no_number_of_tries_is_too_large_to_count() -> None:
    assert LIMIT.pause_after(10**9) == LIMIT.longest_pause


def test_a_botnet_is_slowed_to_one_guess_an_hour_before_its_sixtieth() -> None:
    """NIST SP 800-63B section 3.2.2: at most 100 consecutive failures; here the last forty take forty hours."""
    account = limits(pair=5, account=50, network=100, registrations=60).login_account
    assert account.pause_after(49) == timedelta()
    assert account.pause_after(56) == account.longest_pause == timedelta(hours=1)


@unhurried
@given(st.lists(st.integers(0, 400), max_size=60))
def test_whoever_waits_as_told_is_let_in_and_nobody_else(gaps: list[int]) -> None:
    tally: Tally | None = None
    now = NOW
    for gap in gaps:
        now += gap * SECOND
        tally = tally.remembered_at(now) if tally else None
        if time_to_wait(tally, now):
            assert tally is not None
            assert not time_to_wait(tally, tally.blocked_until)
            continue
        tally = counted(tally, LIMIT, now)
        assert tally.blocked_until - now == LIMIT.pause_after(tally.count)


def test_forgiving_lifts_a_pause_only_when_free_tries_are_left() -> None:
    at_limit = Tally(5, NOW + 30 * SECOND, NOW + 3630 * SECOND)
    assert time_to_wait(forgiven(at_limit, LIMIT), NOW) == timedelta()
    over = Tally(7, NOW + 120 * SECOND, NOW + 3630 * SECOND)
    assert time_to_wait(forgiven(over, LIMIT), NOW) == 120 * SECOND


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
