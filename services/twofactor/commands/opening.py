"""This service's flows, opened for one command: the same ones, on the same stores, as behind HTTP."""

from collections.abc import Awaitable, Callable
from functools import cached_property
from typing import TypeVar
from uuid import UUID

from aiohttp import web

from chassis.announcing import Bell
from chassis.audit.beat import recorder_ctx
from chassis.audit.operator import at_the_command_line
from chassis.clock import system_clock
from chassis.commands import CannotDo, configure_logs, done
from chassis.keyring import KeyRing
from chassis.outbound import HTTP, client_ctx
from chassis.postgres import postgres_ctx
from chassis.process import create_app
from chassis.settings import load
from chassis.valkey import valkey_ctx
from services.twofactor.app import BACKGROUND, BELL, Roots, make_world, random_id, sealer_of
from services.twofactor.background import Tasks
from services.twofactor.flows.advance import Advance
from services.twofactor.flows.forget_factor import ForgetFactor
from services.twofactor.flows.void_logins import VoidLogins
from services.twofactor.settings import Settings
from services.twofactor.vendor import authy
from services.twofactor.wiring import wire_kinds
from services.twofactor.world import World, pace_of

T = TypeVar("T")


def our_settings() -> Settings:
    """The settings, or every fault in them and exit status 2; logs go where they say."""
    settings = load(Settings)
    configure_logs(settings.log_level, settings.log_format, "twofactor")
    return settings


class Operator:
    """What an operator may do here."""

    def __init__(self, world: World, settings: Settings) -> None:
        self.world, self.settings = world, settings

    @cached_property
    def void(self) -> VoidLogins:
        world = self.world
        advance = Advance(world.challenges, pace_of(world, self.settings), world.events, world.clock)
        return VoidLogins(world.logins, world.challenges, advance, world.events, world.clock)

    @cached_property
    def forget(self) -> ForgetFactor:
        return ForgetFactor(self.world.enrolments, wire_kinds(self.world, self.settings), self.world.events)


def answer(act: Callable[[Operator], Awaitable[T]], *, doing: str = "asking twofactor") -> T:
    """Carries a command out. Nothing waits for a store that is away, nothing goes on beside the command."""
    settings = our_settings()
    app = create_app([])
    app[BACKGROUND], app[BELL] = Tasks(), Bell()
    app.cleanup_ctx.extend(
        [
            client_ctx(),
            postgres_ctx(settings.database_url, size=2, patience=0),
            valkey_ctx(settings.redis_url),
            recorder_ctx(system_clock),
        ]
    )

    async def story() -> T:
        runner = web.AppRunner(app)
        try:
            await runner.setup()
            roots = Roots(sealer_of(settings), KeyRing(system_clock), system_clock, random_id)
            world = make_world(app, settings, roots, authy(settings, app[HTTP], system_clock))
            with at_the_command_line():
                return await act(Operator(world, settings))
        finally:
            await runner.cleanup()

    return done(story(), doing=doing)


def user_id(text: str) -> str:
    """A person's id as the stores spell it; raises `CannotDo` for what is none, an address for example."""
    try:
        return str(UUID(text))
    except ValueError as unfit:
        advice = "twofactor knows people by id only: `countersign users show EMAIL`, in auth, says it"
        raise CannotDo(f"{text} is not a person's id. {advice}") from unfit
