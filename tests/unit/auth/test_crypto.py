"""Passwords, signatures and refresh tokens, with the real arithmetic."""

import base64
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import jwt
import pytest

from chassis.keyring import KeyRing, new_key
from countersign import ACCESS, PARTIAL, Verifier
from countersign.claims import ACCESS_AUDIENCE, PARTIAL_AUDIENCE, AccessToken, PartialToken
from services.auth.crypto.argon2_passwords import Argon2Passwords, Cost
from services.auth.crypto.hash_pool import HashPool
from services.auth.crypto.own_keys import OwnKeys
from services.auth.crypto.refresh_tokens import HmacRefreshTokens
from services.auth.crypto.signer import TokenSigner
from services.auth.crypto.strength import PasswordStrength, read_blocklist
from services.auth.model.weakness import Weakness
from tests.fakes.auth_ids import new_id
from tests.fakes.clock import FakeClock

CHEAP = Cost(memory_kib=64, passes=1)
ISSUER = "https://id.example.test"


@pytest.fixture(scope="module")
def pool() -> Iterator[HashPool]:
    pool = HashPool(2, 100)
    yield pool
    pool.close()


@pytest.fixture
def passwords(pool: HashPool) -> Argon2Passwords:
    return Argon2Passwords(pool, CHEAP, lambda: "dummy")


@pytest.mark.parametrize(
    "password", ["wooden-lantern-9-kites", "nul\x00in the middle", "x" * 128, "\U0001f511" * 128, " " * 12]
)
async def test_a_password_matches_its_hash_whole(passwords: Argon2Passwords, password: str) -> None:
    hashed = await passwords.hash(password)
    assert hashed.startswith("$argon2id$")
    assert await passwords.matches(hashed, password)
    for other in (password[:-1], password + "x", password[:72], password.partition("\x00")[0]):
        assert other == password or not await passwords.matches(hashed, other)


async def test_two_hashes_of_one_password_differ(passwords: Argon2Passwords) -> None:
    assert await passwords.hash("same") != await passwords.hash("same")


async def test_nobody_s_password_matches_nothing(passwords: Argon2Passwords) -> None:
    assert not await passwords.matches(None, "dummy")


async def test_the_dummy_costs_what_a_hash_of_today_costs(passwords: Argon2Passwords) -> None:
    assert not passwords.needs_rehash(passwords.dummy)


@pytest.mark.parametrize(
    "broken", ["", "not a hash", "$argon2id$v=19$m=64,t=1,p=1$AAAA", "$2b$12$abcdefghijklmnopqrstuv"]
)
async def test_a_broken_hash_matches_nothing(passwords: Argon2Passwords, broken: str) -> None:
    assert not await passwords.matches(broken, "anything")


async def test_a_hash_of_other_parameters_is_noticed_and_still_matches(
    passwords: Argon2Passwords, pool: HashPool
) -> None:
    dearer = Argon2Passwords(pool, Cost(memory_kib=128, passes=2), lambda: "dummy")
    hashed = await passwords.hash("a password")
    assert not passwords.needs_rehash(hashed)
    assert dearer.needs_rehash(hashed)
    assert await dearer.matches(hashed, "a password")


def test_owasp_s_parameters_are_the_default() -> None:
    assert Cost() == Cost(memory_kib=19456, passes=2, lanes=1)


@pytest.fixture(scope="module")
def strength(pool: HashPool) -> PasswordStrength:
    return PasswordStrength(pool, read_blocklist(), 3)


@pytest.mark.parametrize(
    ("password", "weakness"),
    [
        ("password12345", Weakness.COMMON),
        ("PassWord12345", Weakness.COMMON),
        ("1qaz2wsx3edc4rfv", Weakness.COMMON),
        ("hunter2hunter2", Weakness.GUESSABLE),
        ("a" * 128, Weakness.GUESSABLE),
        ("abcdefgh" * 16, Weakness.GUESSABLE),
        ("mallorymallory", Weakness.GUESSABLE),
        ("correct horse battery staple", None),
        ("wooden-lantern-9-kites", None),
        ("\U0001f511 and eleven more words", None),
        ("nul\x00inside is no trouble", None),
        ("a" * 100 + "wooden-lantern-9-kites", None),
    ],
)
async def test_known_and_guessable_passwords_are_weak(
    strength: PasswordStrength, password: str, weakness: Weakness | None
) -> None:
    assert await strength.weakness(password, ["mallory", "eve@example.com"]) == weakness


def test_a_password_made_to_be_slow_is_judged_in_time(strength: PasswordStrength) -> None:
    """Sign by sign zxcvbn would try every reading: unbounded, this takes it several seconds of a core."""
    slow = "4@8({[</369&#!1/|0$5+7%2/" * 5
    began = time.thread_time()
    assert strength._is_strong(slow, [])
    assert time.thread_time() - began < 0.8


def test_an_operator_s_list_is_added_to_the_shipped_one(tmp_path: Path) -> None:
    more = tmp_path / "more.txt"
    more.write_text("Our Company Motto\n\n")
    known = read_blocklist(more)
    assert {"our company motto", "password12345"} <= known
    assert "" not in known


FAMILY = "00000000-0000-4000-8000-00000000abcd"
OLD, NEW = b"o" * 32, b"n" * 32


def tokens(*keys: bytes) -> HmacRefreshTokens:
    return HmacRefreshTokens(keys or (OLD,), lambda n: new_id().encode()[:n])


def test_a_token_stands_for_its_family_and_generation() -> None:
    text, digest = tokens().first(FAMILY)
    presented = tokens().read(text)
    assert presented is not None
    assert (presented.family, presented.generation, presented.digest) == (FAMILY, 0, digest)


def test_the_same_parent_always_has_the_same_child_in_every_process() -> None:
    text, _ = tokens().first(FAMILY)
    parent, child = tokens().read(text), tokens().read(tokens().child(text))
    assert parent is not None
    assert child is not None
    assert tokens().child(text) == tokens().child(text) != text
    assert (child.generation, child.digest) == (1, parent.child)


def test_a_refresh_token_holds_256_bits_of_the_system_s_chance() -> None:
    asked: list[int] = []

    def random(amount: int) -> bytes:
        asked.append(amount)
        return os.urandom(amount)

    made = HmacRefreshTokens((OLD,), random)
    texts = [made.first(FAMILY)[0] for _ in range(100)]
    assert asked == [32] * 100
    assert len(set(texts)) == 100
    # Neither the family, which is known, nor the seal makes them differ: the secret does.
    assert len({base64.urlsafe_b64decode(text[4:] + "=")[20:52] for text in texts}) == 100


def test_no_other_text_is_a_token() -> None:
    text, _ = tokens().first(FAMILY)
    raw = bytearray(base64.urlsafe_b64decode(text[4:] + "="))
    for place in range(len(raw)):
        changed = bytearray(raw)
        changed[place] ^= 1
        assert tokens().read("csr_" + base64.urlsafe_b64encode(changed).rstrip(b"=").decode()) is None
    assert tokens(NEW).read(text) is None
    assert tokens().read(text + "\n") is None


def test_the_server_s_key_is_rotated_without_signing_anybody_out() -> None:
    text, _ = tokens(OLD).first(FAMILY)
    before, during = tokens(OLD), tokens(NEW, OLD)
    parent = during.read(text)
    assert parent == before.read(text)
    # The child is the same one, sealed anew: after its first use a session no longer needs the old key.
    child = tokens(NEW).read(during.child(text))
    assert child is not None
    assert parent is not None
    assert child.digest == parent.child


def test_a_refused_child_has_no_parent_of_ours() -> None:
    with pytest.raises(ValueError, match="not read"):
        tokens().child("csr_nonsense")


CLOCK = FakeClock()


def partial() -> PartialToken:
    now = CLOCK()
    return PartialToken(new_id(), new_id(), new_id(), "eve@example.com", now, now + timedelta(minutes=5))


def access() -> AccessToken:
    now = CLOCK()
    amr = ("pwd", "otp", "mfa")
    return AccessToken(
        new_id(), new_id(), new_id(), "a client", frozenset({"b", "a"}), "aal2", amr, now, now + timedelta(minutes=5)
    )


@pytest.fixture(scope="module")
def ring() -> KeyRing:
    return KeyRing(CLOCK, [new_key("first", CLOCK())])


async def test_a_partial_token_says_what_was_proved_and_no_more(ring: KeyRing) -> None:
    token = partial()
    text = TokenSigner(ring, ISSUER).partial(token)
    reader = Verifier(PARTIAL, issuer=ISSUER, audience=PARTIAL_AUDIENCE, keys=OwnKeys(ring), clock=CLOCK)
    assert await reader.verify(text) == token
    header, claims = jwt.get_unverified_header(text), jwt.decode(text, options={"verify_signature": False})
    assert header == {"alg": "ES256", "kid": "first", "typ": "mfa+jwt"}
    assert (claims["acr"], claims["amr"], claims["aud"]) == ("aal1", ["pwd"], "countersign/mfa")
    assert claims["exp"] - claims["iat"] == 300
    assert claims["auth_time"] == claims["iat"]


async def test_a_partial_token_names_a_device_that_the_account_knows(ring: KeyRing) -> None:
    token = replace(partial(), device="0a" * 16)
    reader = Verifier(PARTIAL, issuer=ISSUER, audience=PARTIAL_AUDIENCE, keys=OwnKeys(ring), clock=CLOCK)
    assert await reader.verify(TokenSigner(ring, ISSUER).partial(token)) == token
    assert "device" not in jwt.decode(TokenSigner(ring, ISSUER).partial(partial()), options={"verify_signature": False})


async def test_an_access_token_is_one_by_rfc_9068(ring: KeyRing) -> None:
    token = access()
    text = TokenSigner(ring, ISSUER).access(token, CLOCK())
    reader = Verifier(ACCESS, issuer=ISSUER, audience=ACCESS_AUDIENCE, keys=OwnKeys(ring), clock=CLOCK)
    assert await reader.verify(text) == token
    claims = jwt.decode(text, options={"verify_signature": False})
    assert set(claims) == {
        "iss",
        "sub",
        "aud",
        "client_id",
        "exp",
        "iat",
        "jti",
        "scope",
        "auth_time",
        "acr",
        "amr",
        "sid",
    }
    assert claims["scope"] == "a b"


async def test_a_withdrawn_key_is_believed_no_longer() -> None:
    clock = FakeClock()
    old = new_key("old", clock())
    ring = KeyRing(clock, [old])
    keys = OwnKeys(ring)
    assert await keys.find("old") is not None
    assert await keys.find("unknown") is None
    ring.keys = (
        type(old)(old.kid, old.private, old.signs_from, clock() + timedelta(minutes=5)),
        new_key("new", clock()),
    )
    assert await keys.find("old") is not None
    clock.advance(minutes=5)
    assert await keys.find("old") is None
    assert await keys.find("new") is not None
