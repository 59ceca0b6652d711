"""The issuer for tests mints what the real one mints."""

from typing import Any

import jwt
import pytest

from countersign import (
    ACCESS,
    ASSERTION,
    PARTIAL,
    RECEIPT,
    SERVICE,
    InvalidToken,
    ServiceToken,
    Verifier,
    WrongClaims,
    WrongType,
)
from countersign.claims import ACCESS_AUDIENCE, PARTIAL_AUDIENCE
from countersign.testing import Issuer, bearer, through_the_gateway
from tests.fakes.clock import FakeClock

pytest_plugins = ["countersign.testing.fixtures"]


async def test_every_kind_of_token_is_believed_by_its_verifier_and_by_no_other() -> None:
    clock = FakeClock()
    issuer = Issuer(clock=clock)
    minted = {
        ACCESS: issuer.access_token(), PARTIAL: issuer.partial_token(), RECEIPT: issuer.receipt(),
        ASSERTION: issuer.assertion("payments"), SERVICE: issuer.service_token(),
    }  # fmt: skip
    verifiers = {
        ACCESS: Verifier(ACCESS, issuer=issuer.url, audience=ACCESS_AUDIENCE, keys=issuer.auth, clock=clock),
        PARTIAL: Verifier(PARTIAL, issuer=issuer.url, audience=PARTIAL_AUDIENCE, keys=issuer.auth, clock=clock),
        RECEIPT: Verifier(RECEIPT, issuer=f"{issuer.url}/approvals", audience=issuer.url, keys=issuer.approvals, clock=clock),
        ASSERTION: Verifier(ASSERTION, issuer=f"{issuer.url}/gateway", audience="payments", keys=issuer.gateway, clock=clock),
        SERVICE: Verifier(SERVICE, issuer=issuer.url, audience=ACCESS_AUDIENCE, keys=issuer.auth, clock=clock),
    }  # fmt: skip
    for kind, token in minted.items():
        for other, verifier in verifiers.items():
            if other is kind:
                await verifier.verify(token)
            else:
                with pytest.raises(InvalidToken):
                    await verifier.verify(token)


async def test_an_issuer_signs_in_one_way_and_is_believed_in_that_one() -> None:
    clock = FakeClock()
    edwards = Issuer(algorithm="EdDSA", clock=clock)
    for token in (edwards.access_token(), edwards.assertion("payments")):
        assert jwt.get_unverified_header(token)["alg"] == "EdDSA"
    guard = edwards.guard("payments")
    assert await guard.identify(bearer(edwards.access_token()).items())
    assert await guard.identify(through_the_gateway(edwards, "payments").items())

    # The issuer's own key, and a signature that is right: but not the way that this service was told.
    pinned = Verifier(ACCESS, issuer=edwards.url, audience=ACCESS_AUDIENCE, keys=edwards.auth, clock=clock)
    with pytest.raises(WrongType):
        await pinned.verify(edwards.access_token())


@pytest.mark.parametrize("algorithm", ["HS256", "none", "RS256", ""])
def test_nobody_can_be_told_to_believe_a_weaker_way(algorithm: Any) -> None:
    with pytest.raises(ValueError, match="ES256 or EdDSA"):
        Verifier(ACCESS, issuer="x", audience="x", keys=Issuer().auth, algorithm=algorithm)


async def test_a_service_that_comes_through_the_gateway_is_a_service_and_no_person() -> None:
    clock = FakeClock()
    issuer = Issuer(clock=clock)
    headers = {"Countersign-Assertion": issuer.service_assertion("payments", "reports", scope="pay")}
    found = await issuer.guard("payments", services=True).identify(headers.items())
    assert found == ServiceToken("reports", found.id, frozenset({"pay"}), found.expires_at)
    # Whoever wants persons only is not led to think that this is one: it has no session, and says nobody's level.
    with pytest.raises(WrongClaims):
        await issuer.guard("payments").identify(headers.items())
    for claim in ({"sid": "s1"}, {"acr": "aal2"}, {"groups": ["admins"]}, {"sub": "ada"}):
        forged = {"Countersign-Assertion": issuer.service_assertion("payments", "reports", **claim)}
        with pytest.raises(WrongClaims):
            await issuer.guard("payments", services=True).identify(forged.items())


async def test_times_are_what_was_asked_for() -> None:
    clock = FakeClock()
    issuer = Issuer(clock=clock)
    guard = issuer.guard()
    found = await guard.access.verify(issuer.access_token(confirmed_ago=90, life=60))
    assert (clock() - found.authenticated_at).total_seconds() == 90  # type: ignore[union-attr]
    assert (found.expires_at - clock()).total_seconds() == 60


def test_a_test_has_an_issuer_of_its_own(countersign_issuer: Issuer) -> None:
    assert countersign_issuer.access_token().count(".") == 2
