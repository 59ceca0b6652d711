"""The flows that only an operator has, named with all that they stand on, and one command carried out on them."""

from collections.abc import Awaitable, Callable
from functools import cached_property
from typing import Any, TypeVar

from redis.exceptions import RedisError

from chassis.commands import Away, CannotDo, done
from chassis.outbound import HTTP
from chassis.postgres import POOL
from services.auth.commands.opening import opened, our_settings, read_keys
from services.auth.flows.create_user import CreateUser
from services.auth.flows.expire_password import ExpirePassword
from services.auth.flows.find_user import FindUser
from services.auth.flows.reset_factors import ResetFactors
from services.auth.flows.set_groups import SetGroups
from services.auth.flows.shut_out import ShutOutUser
from services.auth.model.errors import Refusal, WeakPassword
from services.auth.model.operating import NotDone
from services.auth.peers.twofactor import HttpTwofactor
from services.auth.ports_of_operators import TwofactorAway
from services.auth.problems import PROBLEMS
from services.auth.store.roll import PostgresRoll
from services.auth.wiring import Parts

T = TypeVar("T")


class Operator:
    """What an operator may do, over the parts of the service."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts

    @cached_property
    def roll(self) -> PostgresRoll:
        return PostgresRoll(self.parts.world.app[POOL])

    @cached_property
    def twofactor(self) -> HttpTwofactor:
        world, address = self.parts.world, self.parts.settings.twofactor_url
        return HttpTwofactor(world.app[HTTP], address, self.parts.signer, world.clock, world.new_id)

    @cached_property
    def find(self) -> FindUser:
        return FindUser(self.parts.users, self.roll)

    @cached_property
    def create(self) -> CreateUser:
        parts = self.parts
        world = parts.world
        return CreateUser(parts.users, self.roll, parts.new_passwords, parts.events, world.clock, world.new_id)

    @cached_property
    def expire_password(self) -> ExpirePassword:
        parts = self.parts
        return ExpirePassword(self.roll, parts.bell, parts.events, parts.world.clock)

    @cached_property
    def set_groups(self) -> SetGroups:
        return SetGroups(self.parts.users, self.parts.events)

    @cached_property
    def shut_out(self) -> ShutOutUser:
        parts = self.parts
        return ShutOutUser(self.roll, self.twofactor, parts.bell, parts.events, parts.world.clock)

    @cached_property
    def reset_factors(self) -> ResetFactors:
        parts = self.parts
        return ResetFactors(self.twofactor, self.roll, parts.bell, parts.events, parts.world.clock)


def answer(act: Callable[[Operator], Awaitable[T]], *, doing: str = "asking auth") -> T:
    """Carries a command out; raises `CannotDo` for what is refused."""
    settings = our_settings()

    async def story() -> T:
        async with opened(settings) as parts:
            answered = await act(Operator(parts))
            await _announce(parts)
            return answered

    try:
        return done(story(), doing=doing)
    except NotDone as refused:
        raise CannotDo(str(refused)) from refused
    except TwofactorAway as away:
        raise Away(f"twofactor: {away}. Nothing was changed") from away
    except Refusal as refused:
        raise CannotDo(_sentence(refused)) from refused


async def sign_with_our_keys(operator: Operator) -> None:
    """For what is carried to twofactor."""
    await read_keys(operator.parts)


async def _announce(parts: Parts) -> None:
    """What ended is told at once. Without Valkey it stays in the outbox, and auth tells it when Valkey is back."""
    if not parts.bell.rung.is_set():
        return
    try:
        # What a store may have lost is looked for by those who serve.
        parts.announce.known_life = await parts.feed.life()
        await parts.announce()
    except (RedisError, OSError):
        return


def _sentence(refused: Refusal) -> str:
    problem = next((PROBLEMS[kind] for kind in type(refused).__mro__ if kind in PROBLEMS), None)
    said: Any = problem.detail if problem else type(refused).__name__
    return f"{said} ({refused.reason})" if isinstance(refused, WeakPassword) else str(said)
