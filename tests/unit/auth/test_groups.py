"""Groups: who gives them, what they may be called, and when they count."""

import pytest

from chassis.keyring import KeyRing, new_key
from countersign import ACCESS, Verifier
from countersign.claims import ACCESS_AUDIENCE, AccessToken
from services.auth.crypto.own_keys import OwnKeys
from services.auth.crypto.signer import TokenSigner
from services.auth.flows.set_groups import SetGroups
from services.auth.model.events import What
from services.auth.model.grant import RefreshRequest
from services.auth.model.groups import LONGEST, MOST, Ungroupable, groups_named
from tests.fakes.auth_ids import new_id
from tests.fakes.clock import FakeClock
from tests.unit.auth.conftest import House


async def test_a_change_is_in_the_next_token_and_not_in_those_that_are_out(house: House) -> None:
    first = await house.session()
    user = house.signer.accesses[first.access_token].subject
    set_groups = SetGroups(house.users, house.events)
    assert await set_groups(user, ["ops", "audit"])
    second = await house.refresh(RefreshRequest(first.refresh_token, "countersign-gateway", None))
    assert await set_groups(user, [])
    third = await house.refresh(RefreshRequest(second.refresh_token, "countersign-gateway", None))
    seen = [house.signer.accesses[grant.access_token].groups for grant in (first, second, third)]
    assert seen == [frozenset(), {"ops", "audit"}, frozenset()]
    assert house.events.whats().count(What.GROUPS_CHANGED) == 2


async def test_nobody_s_groups_are_not_recorded(house: House) -> None:
    assert not await SetGroups(house.users, house.events)(new_id(), ["ops"])
    assert house.events.whats() == []


@pytest.mark.parametrize("name", ["", "a b", "a,b", "-a", "é", "a\n", 'a"', "a" * (LONGEST + 1)])
async def test_a_name_that_could_not_stand_in_a_header_is_refused_and_changes_nothing(house: House, name: str) -> None:
    user = house.signer.accesses[(await house.session()).access_token].subject
    with pytest.raises(Ungroupable):
        await SetGroups(house.users, house.events)(user, ["good", name])
    assert house.users.find(user).groups == frozenset()
    assert What.GROUPS_CHANGED not in house.events.whats()


def test_too_many_groups_are_refused() -> None:
    assert len(groups_named(f"g{n}" for n in range(MOST))) == MOST
    with pytest.raises(Ungroupable):
        groups_named(f"g{n}" for n in range(MOST + 1))


async def test_whoever_is_in_as_many_groups_as_can_be_is_not_shut_out_by_the_size_of_the_token() -> None:
    clock = FakeClock()
    groups = groups_named(f"{n:02}-".ljust(LONGEST, "x") for n in range(MOST))
    scope = frozenset({"session", "a-longer-scope:read"})
    amr = ("pwd", "swk", "mca", "mfa")
    token = AccessToken(new_id(), new_id(), new_id(), "x" * 63, scope, "aal2", amr, clock(), clock(), groups)
    ring = KeyRing(clock, [new_key(new_id(), clock())])
    issuer = "https://countersign.a-long-subdomain.example.com:8443"
    text = TokenSigner(ring, issuer).access(token, clock())
    verifier = Verifier(ACCESS, issuer=issuer, audience=ACCESS_AUDIENCE, keys=OwnKeys(ring), clock=clock)
    clock.advance(seconds=-1)
    assert (await verifier.verify(text)).groups == groups
