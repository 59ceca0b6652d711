"""Secrets at rest, and signing keys that are replaced without a pause."""

from datetime import timedelta

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jwt import PyJWKSet

from chassis.keyring import KeyRing, new_key, read_key
from chassis.sealing import Sealer, Unsealable, parse_keys
from tests.fakes.clock import FakeClock

OLD, NEW = b"o" * 32, b"n" * 32


@given(st.binary(max_size=100), st.text(max_size=30))
def test_what_is_sealed_opens_in_its_place_only(plain: bytes, place: str) -> None:
    sealer = Sealer([OLD])
    sealed = sealer.seal(plain, place)
    assert sealer.open(sealed, place) == plain
    with pytest.raises(Unsealable):
        sealer.open(sealed, place + "x")


def test_a_new_sealing_key_opens_what_the_old_one_sealed() -> None:
    sealed = Sealer([OLD]).seal(b"secret", "t.c.1")
    assert Sealer([NEW, OLD]).open(sealed, "t.c.1") == b"secret"
    with pytest.raises(Unsealable):
        Sealer([NEW]).open(sealed, "t.c.1")


@pytest.mark.parametrize("sealed", [b"", b"short", bytes(12), bytes(40)])
def test_garbage_does_not_open(sealed: bytes) -> None:
    with pytest.raises(Unsealable):
        Sealer([OLD]).open(sealed, "t.c.1")


@pytest.mark.parametrize("text", ["", "c2hvcnQ=", "not base64!", "e" * 44])
def test_a_bad_sealing_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must be"):
        parse_keys(text)


def test_a_key_survives_storage() -> None:
    clock = FakeClock()
    key = new_key("k1", clock())
    again = read_key("k1", key.private_bytes(), clock(), None)
    assert again.public_jwk() == key.public_jwk()


def test_a_new_key_is_published_before_it_signs_and_the_old_one_while_its_tokens_live() -> None:
    clock = FakeClock()
    old = new_key("old", clock())
    ring = KeyRing(clock, [old])
    clock.advance(days=1)
    new = new_key("new", clock() + timedelta(minutes=2))
    retiring = read_key("old", old.private_bytes(), old.signs_from, clock() + timedelta(minutes=12))
    ring.keys = (retiring, new)
    assert _published(ring) == {"old", "new"}
    assert jwt.get_unverified_header(ring.sign("t+jwt", {}))["kid"] == "old"
    clock.advance(minutes=2)
    assert jwt.get_unverified_header(ring.sign("t+jwt", {}))["kid"] == "new"
    assert _published(ring) == {"old", "new"}
    clock.advance(minutes=10)
    assert _published(ring) == {"new"}


def test_a_process_whose_clock_is_behind_signs_with_the_first_key() -> None:
    clock = FakeClock()
    first, next_one = new_key("k1", clock() + timedelta(minutes=1)), new_key("k2", clock() + timedelta(minutes=3))
    ring = KeyRing(clock, [next_one, first])
    assert ring.signer() is first
    clock.advance(minutes=3)
    assert ring.signer() is next_one


def test_nothing_private_is_published() -> None:
    clock = FakeClock()
    ring = KeyRing(clock, [new_key("k1", clock())])
    assert set(ring.jwks()["keys"][0]) == {"kty", "crv", "x", "y", "kid", "use", "alg"}
    assert PyJWKSet.from_dict(ring.jwks()).keys[0].key_id == "k1"


def _published(ring: KeyRing) -> set[str]:
    return {key["kid"] for key in ring.jwks()["keys"]}
