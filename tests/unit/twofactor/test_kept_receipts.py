"""Receipts are believed long after they were issued, by the keys of then, and by no others."""

import json
from datetime import timedelta

import pytest

from chassis.keyring import KeyRing, new_key
from countersign.errors import InvalidToken
from services.twofactor.crypto.kept_receipts import KeptReceipts
from services.twofactor.crypto.receipts import RingSigner
from services.twofactor.model.receipt import ReceiptFacts
from tests.fakes.clock import FakeClock

ISSUER, AUDIENCE = "https://id.example.com/approvals", "https://id.example.com"


def issued(ring: KeyRing) -> str:
    now = ring.clock().replace(microsecond=0)
    amr = ("pwd", "swk", "mca", "mfa")
    return RingSigner(ring, ISSUER, AUDIENCE).sign(
        ReceiptFacts("challenge", "user", "login", "partial", amr, now, now + timedelta(seconds=60))
    )


def keys_of(*rings: KeyRing) -> list[str]:
    return [json.dumps(key.public_jwk()) for ring in rings for key in ring.keys]


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA"])
async def test_a_receipt_is_believed_years_later_and_after_its_key_has_gone(algorithm) -> None:
    clock = FakeClock()
    old = KeyRing(clock, [new_key("old", clock(), algorithm)], algorithm=algorithm)
    receipt = issued(old)
    clock.advance(days=3650)
    new = KeyRing(clock, [new_key("new", clock())])
    found = await KeptReceipts(keys_of(old, new), ISSUER, AUDIENCE).read(receipt)
    assert (found.subject, found.login, found.id) == ("user", "login", "challenge")
    with pytest.raises(InvalidToken):
        await KeptReceipts(keys_of(new), ISSUER, AUDIENCE).read(receipt)


async def test_what_is_no_receipt_of_ours_is_not_believed() -> None:
    clock = FakeClock()
    ring, thief = KeyRing(clock, [new_key("k", clock())]), KeyRing(clock, [new_key("k", clock())])
    receipt = issued(ring)
    header, payload, signature = receipt.split(".")
    kept = KeptReceipts(keys_of(ring), ISSUER, AUDIENCE)
    for text in ("", "a.b.c", f"{header}.{payload}.{signature[::-1]}", issued(thief), ring.sign("at+jwt", {"iat": 1})):
        with pytest.raises(InvalidToken):
            await kept.read(text)
    with pytest.raises(InvalidToken):
        await KeptReceipts(keys_of(ring), ISSUER, "https://elsewhere.example.com").read(receipt)
