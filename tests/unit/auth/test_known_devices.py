"""Devices that an account knows."""

from datetime import timedelta
from itertools import count

import pytest

from services.auth.crypto.known_devices import LIFE, HmacDevices
from services.auth.model.email import parse_email
from tests.fakes.clock import FakeClock

EVE, BOB = parse_email("Eve@Example.com"), parse_email("bob@example.com")
OLD, NEW = bytes(32), bytes(range(32))


def devices(clock: FakeClock, *keys: bytes) -> HmacDevices:
    numbers = count()
    return HmacDevices(keys or (OLD,), lambda size: next(numbers).to_bytes(size), clock)


def test_a_device_is_known_to_the_account_that_signed_in_on_it_and_to_no_other() -> None:
    known = devices(FakeClock())
    token = known.remember(EVE)
    assert known.known(token, parse_email("EVE@example.com"))
    assert not known.known(token, BOB)


def test_each_sign_in_makes_a_device_of_its_own() -> None:
    known = devices(FakeClock())
    assert known.known(known.remember(EVE), EVE) != known.known(known.remember(EVE), EVE)


def test_a_device_is_forgotten_in_the_end() -> None:
    clock = FakeClock()
    token = devices(clock).remember(EVE)
    clock.now += LIFE - timedelta(seconds=1)
    assert devices(clock).known(token, EVE)
    clock.advance(seconds=1)
    assert not devices(clock).known(token, EVE)


def test_a_device_outlives_a_rotation_of_the_key_but_not_the_key() -> None:
    clock = FakeClock()
    token = devices(clock, OLD).remember(EVE)
    assert devices(clock, NEW, OLD).known(token, EVE)
    assert not devices(clock, NEW).known(token, EVE)


@pytest.mark.parametrize("text", ["", "csd_", "csd_" + "A" * 48, "x" * 5000, "csd_" + "\u0661" * 48, "csd_\x00"])
def test_made_up_devices_are_unknown(text: str) -> None:
    assert not devices(FakeClock()).known(text, EVE)


def test_no_letter_of_a_token_can_be_changed() -> None:
    known = devices(FakeClock())
    token = known.remember(EVE)
    for place in range(4, len(token)):
        other = "A" if token[place] != "A" else "B"
        assert not known.known(token[:place] + other + token[place + 1 :], EVE)
