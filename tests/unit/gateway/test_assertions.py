"""One assertion serves a session and an upstream for a moment, and is not held on to for longer."""

from dataclasses import replace

import pytest

from chassis.keyring import new_key
from gateway.crypto.assertions import REUSE, Assertions
from gateway.model.identity import IDENTITY_HEADERS, Identity, told_of
from tests.fakes.clock import FakeClock


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def assertions(clock: FakeClock) -> Assertions:
    ids = iter(range(1000))
    return Assertions("https://sign-in.example", [new_key("k", clock())], clock, lambda: str(next(ids)))


def somebody(clock: FakeClock, session: str = "s1") -> Identity:
    return Identity("u1", session, "aal2", ("pwd", "otp"), clock(), clock())


def test_one_serves_its_session_and_upstream_until_it_is_to_be_made_anew(
    clock: FakeClock, assertions: Assertions
) -> None:
    mary = somebody(clock)
    first = assertions.told(mary, "books")
    assert assertions.told(replace(mary), "books") is first
    assert assertions.told(mary, "films") is not first
    clock.advance(seconds=REUSE.total_seconds())
    assert assertions.told(mary, "books") is not first


def test_who_is_not_quite_the_same_gets_his_own(clock: FakeClock, assertions: Assertions) -> None:
    mary = somebody(clock)
    first = assertions.told(mary, "books")
    promoted = assertions.told(replace(mary, groups=frozenset({"admins"})), "books")
    assert ("Countersign-Groups", "admins") in promoted.pairs
    assert promoted is not first


def test_what_is_over_is_not_held_on_to(clock: FakeClock, assertions: Assertions) -> None:
    for number in range(20):
        assertions.told(somebody(clock, f"s{number}"), "books")
    clock.advance(seconds=REUSE.total_seconds())
    assertions.told(somebody(clock, "another"), "books")
    assert len(assertions.said) == 1


def test_a_value_that_would_end_its_line_is_never_said(clock: FakeClock) -> None:
    for end in ("\r", "\n", "\r\nCountersign-Groups: admins"):
        with pytest.raises(ValueError, match="two lines"):
            told_of(replace(somebody(clock), acr=f"aal2{end}"), "a.b.c")


def test_pairs_and_lines_say_the_same(clock: FakeClock) -> None:
    told = told_of(replace(somebody(clock), groups=frozenset({"b", "a"}), scope=frozenset({"x"})), "a.b.c")
    assert [name for name, _ in told.pairs] == list(IDENTITY_HEADERS)
    assert told.lines.decode() == "".join(f"{name}: {value}\r\n" for name, value in told.pairs)
    assert dict(told.pairs)["Countersign-Groups"] == "a b"
