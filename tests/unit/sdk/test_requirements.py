"""What a caller has, against what a handler asks."""

from datetime import timedelta

import pytest

from countersign import (
    GroupRequired,
    InsufficientAuthentication,
    InsufficientScope,
    InvalidToken,
    KeysUnavailable,
    PersonRequired,
    Requirements,
    RevocationsStale,
    ServiceToken,
)
from countersign.client import ApiError
from countersign.refusal import refusal_of
from countersign.requirements import Identity
from countersign.testing import Issuer, bearer
from tests.fakes.clock import FakeClock


async def person(**claims: object) -> tuple[Identity, FakeClock]:
    clock = FakeClock()
    issuer = Issuer(clock=clock)
    found = await issuer.guard().identify(bearer(issuer.access_token(**claims)).items())  # type: ignore[arg-type]
    assert not isinstance(found, ServiceToken)
    return found, clock


@pytest.mark.parametrize(
    ("level", "wanted", "suffices"),
    [
        ("aal2", "aal2", True), ("aal3", "aal2", True), ("aal1", "aal2", False), ("", "aal1", False),
        ("phr", "phr", True), ("phr", "aal1", False), ("aal3", "phr", False), ("AAL2", "aal2", False),
    ],
)  # fmt: skip
async def test_a_stronger_level_satisfies_a_weaker_one(level: str, wanted: str, suffices: bool) -> None:
    if not level:
        with pytest.raises(InvalidToken):
            await person(acr=level)
        return
    found, clock = await person(acr=level)
    if suffices:
        Requirements.of(acr=wanted).require(found, clock())
    else:
        with pytest.raises(InsufficientAuthentication):
            Requirements.of(acr=wanted).require(found, clock())


async def test_a_confirmation_ages_to_the_second() -> None:
    found, clock = await person(confirmed_ago=100)
    Requirements.of(max_age=100).require(found, clock())
    with pytest.raises(InsufficientAuthentication):
        Requirements.of(max_age=100).require(found, clock() + timedelta(seconds=1))


async def test_nobody_is_asked_for_their_phone_who_would_be_refused_with_it() -> None:
    found, clock = await person(acr="aal1", scope="read")
    with pytest.raises(InsufficientScope):
        Requirements.of("aal2", "read write", 0).require(found, clock())


async def test_one_of_the_groups_is_enough_and_asked_before_the_phone() -> None:
    found, clock = await person(groups=["ops", "audit"], confirmed_ago=100)
    Requirements.of(groups="audit accounting").require(found, clock())
    Requirements.of(groups=["ops"]).require(found, clock())
    for wanted in ("Audit", "aud", ["accounting"]):
        with pytest.raises(GroupRequired):
            Requirements.of(groups=wanted, max_age=0).require(found, clock())
    nobody, clock = await person()
    with pytest.raises(GroupRequired) as refused:
        Requirements.of(groups="audit").require(nobody, clock())
    refusal = refusal_of(refused.value, "payments")
    assert refusal.status == 403
    assert b"audit" not in refusal.body + repr(refusal.headers).encode(), "which groups would do is nobody's business"


async def test_a_service_cannot_confirm() -> None:
    clock = FakeClock()
    service = ServiceToken("reports", "t1", frozenset({"read"}), clock())
    Requirements.of(scope="read").require(service, clock())
    for requirements in (Requirements.of(acr="aal1"), Requirements.of(max_age=10**9), Requirements.of(groups="a")):
        with pytest.raises(PersonRequired):
            requirements.require(service, clock())


@pytest.mark.parametrize(
    "wrong", [{"acr": 'aal2" x="'}, {"scope": ["a b"]}, {"scope": ["\n"]}, {"max_age": -1}, {"acr": ""}]
)
def test_requirements_that_cannot_be_said_in_a_header_are_a_mistake_at_once(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"ASCII|seconds"):
        Requirements.of(**wrong)  # type: ignore[arg-type]


def test_a_scope_is_one_text_or_several() -> None:
    assert Requirements.of(scope="b a") == Requirements.of(scope=("a", "b"))


@pytest.mark.parametrize("error", [KeysUnavailable("x"), RevocationsStale(), ApiError(200, "x")])
def test_what_cannot_be_told_is_503_and_never_let_in(error: KeysUnavailable) -> None:
    refusal = refusal_of(error, "payments")
    assert (refusal.status, dict(refusal.headers)["Retry-After"]) == (503, "1")
    assert "WWW-Authenticate" not in dict(refusal.headers)
