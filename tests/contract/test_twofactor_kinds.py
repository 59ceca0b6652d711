"""What every kind of factor promises the flows, whatever it is made of."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from services.twofactor.model.challenge import Challenge
from services.twofactor.model.channel import Channel, amr
from services.twofactor.model.errors import CodeMalformed, ProviderUnavailable, Refusal, WrongCode
from services.twofactor.model.factor import Enrolment
from services.twofactor.ports_of_kinds import Kind
from tests.fakes.twofactor_world import TwoFactor

WRONG = {"authy": "0000000", "totp": "000000", "recovery": "0" * 24}


@dataclass
class Case:
    """A person who has one of this kind, and a challenge to it."""

    world: TwoFactor
    kind: Kind
    enrolment: Enrolment
    challenge: Challenge
    right_code: str


async def with_phone(world: TwoFactor) -> tuple[str, Channel, str]:
    partial = await world.person()
    account = (await world.enrolment(partial.subject)).account
    return partial.subject, Channel.APP, world.provider.app_token(account)


async def with_app(world: TwoFactor) -> tuple[str, Channel, str]:
    partial, app = await world.person_with_app()
    return partial.subject, Channel.TOTP, app.code()


async def with_codes(world: TwoFactor) -> tuple[str, Channel, str]:
    partial = await world.person()
    codes = await world.recovery_codes(world.session(partial.subject))
    return partial.subject, Channel.RECOVERY, codes[0]


MAKERS: dict[str, Callable[[TwoFactor], Awaitable[tuple[str, Channel, str]]]] = {
    "authy": with_phone,
    "totp": with_app,
    "recovery": with_codes,
}


@pytest.fixture(params=MAKERS)
async def case(request: pytest.FixtureRequest) -> Case:
    world = TwoFactor()
    user, channel, right = await MAKERS[request.param](world)
    challenge = await world.open(world.partial(user), channel.value)
    enrolment = next(e for e in await world.enrolments.of_user(user) if e.id == challenge.enrolment)
    return Case(world, world.kinds.of(enrolment), enrolment, challenge, right)


def test_every_kind_is_held_to_this() -> None:
    known = TwoFactor().kinds.known
    assert {kind.name for kind in known} == set(MAKERS)
    channels = [channel for kind in known for channel in kind.channels]
    assert sorted(channels) == sorted(Channel), "each channel belongs to one kind, and none to nobody"


async def test_it_is_found_by_its_enrolments_and_by_its_channels(case: Case) -> None:
    assert case.kind.name == case.enrolment.provider
    assert all(case.world.kinds.by(channel) is case.kind for channel in case.kind.channels)


async def test_it_tells_of_its_own_channels_and_all_of_them(case: Case) -> None:
    word = await case.kind.states(case.enrolment, None)
    assert word.states is not None
    assert {state.channel for state in word.states} == set(case.kind.channels)


async def test_what_is_at_hand_is_told_without_asking_anybody(case: Case) -> None:
    calls = list(case.world.provider.calls)
    await case.kind.at_hand(case.enrolment, None)
    assert case.world.provider.calls == calls


async def test_a_vendor_that_is_away_hides_no_other_kind(case: Case) -> None:
    for method in ("channels", "push", "send_code", "require_code"):
        case.world.provider.fail(method, ProviderUnavailable())
    shown = {f["channel"]: f for f in await case.world.factors(case.enrolment.user)}
    assert all(shown[channel.value]["available"] for channel in case.kind.channels)


async def test_a_code_has_one_spelling(case: Case) -> None:
    code = case.kind.read_code(case.right_code)
    assert case.kind.read_code(code) == code


@pytest.mark.parametrize("typed", ["", "\x00", "1", "\N{FULLWIDTH DIGIT ONE}" * 6, "../" * 8, "9" * 65])
async def test_what_is_no_code_is_refused_before_it_is_counted(case: Case, typed: str) -> None:
    with pytest.raises(CodeMalformed):
        case.kind.read_code(typed)


async def test_the_right_code_passes_once(case: Case) -> None:
    code = case.kind.read_code(case.right_code)
    await case.kind.require_code(case.challenge, code)
    with pytest.raises(WrongCode):
        await case.kind.require_code(case.challenge, code)


async def test_a_wrong_code_is_wrong(case: Case) -> None:
    with pytest.raises(WrongCode):
        await case.kind.require_code(case.challenge, case.kind.read_code(WRONG[case.kind.name]))


async def test_when_the_enrolment_is_gone_its_codes_let_nobody_in(case: Case) -> None:
    code = case.kind.read_code(case.right_code)
    await case.world.reset(case.enrolment.user)
    with pytest.raises(Refusal):
        await case.kind.require_code(case.challenge, code)


async def test_forgetting_succeeds_whatever_the_vendor_says(case: Case) -> None:
    case.world.provider.fail("remove", ProviderUnavailable())
    await case.kind.forget(case.enrolment)


async def test_each_way_has_its_words_for_whoever_relies_on_it(case: Case) -> None:
    said = amr(case.challenge.channel, case.challenge.delivery)
    assert said[0] == "pwd"
    assert said[-1] == "mfa"
    assert len(said) >= 3
