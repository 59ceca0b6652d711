"""Which object answers which port: stores, keys and arithmetic, each once, made when first asked for."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from aiohttp import web

from chassis.announcing import Bell
from chassis.audit.beat import RECORDER
from chassis.clock import Clock
from chassis.limit_notices import count_notices
from chassis.limiter import ValkeyLimiter
from chassis.meters import METERS
from chassis.postgres import POOL
from chassis.sealing import parse_keys
from chassis.valkey import VALKEY
from services.auth.api.discovery import KEY_RING
from services.auth.crypto.argon2_passwords import Argon2Passwords, Cost
from services.auth.crypto.client_assertions import JwtAssertions
from services.auth.crypto.client_keys import decoy_key
from services.auth.crypto.hash_pool import HashPool
from services.auth.crypto.known_devices import HmacDevices
from services.auth.crypto.refresh_tokens import HmacRefreshTokens
from services.auth.crypto.renewal_tokens import RenewalSigner
from services.auth.crypto.signer import TokenSigner
from services.auth.crypto.strength import PasswordStrength, read_blocklist
from services.auth.metering import MeasuredEvents, MeasuredFamilies, MeasuredFeed, MeasuredSessions
from services.auth.model.ended import BEGINNING, Place
from services.auth.model.limits import Amounts, Limits, limits
from services.auth.settings import Settings, parse_clients
from services.auth.store.disavowals import PostgresDisavowals
from services.auth.store.ended_feed import ValkeyFeed
from services.auth.store.event_log import EventLog
from services.auth.store.outbox import PostgresOutbox
from services.auth.store.service_clients import PostgresServiceClients
from services.auth.store.spent_assertions import ValkeySpentAssertions
from services.auth.store.users import PostgresUsers

# The last place of the feed of ended sessions that this process has heard of.
LAST_HEARD: web.AppKey[Callable[[], Place]] = web.AppKey("LAST_HEARD")


@dataclass(frozen=True)
class World:
    """What is there before any flow: stores under their keys in `app`, threads, time and chance."""

    app: web.Application
    settings: Settings
    hash_pool: HashPool
    clock: Clock
    new_id: Callable[[], str]
    random: Callable[[int], bytes]
    random_text: Callable[[], str]


class Supplies:
    """What the flows ask of the world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.settings = world.settings
        self.meters = world.app[METERS]
        self.secret_keys = parse_keys(world.settings.key_encryption_key.get_secret_value())

    @cached_property
    def users(self) -> PostgresUsers:
        return PostgresUsers(self.world.app[POOL])

    @cached_property
    def sessions(self) -> MeasuredSessions:
        return MeasuredSessions(self.world.app[POOL], self.events, self.meters)

    @cached_property
    def families(self) -> MeasuredFamilies:
        return MeasuredFamilies(self.world.app[POOL], self.meters)

    @cached_property
    def events(self) -> MeasuredEvents:
        return MeasuredEvents(EventLog(self.world.app[RECORDER]), self.meters)

    @cached_property
    def signer(self) -> TokenSigner:
        return TokenSigner(self.world.app[KEY_RING], self.settings.public_url)

    @cached_property
    def refresh_tokens(self) -> HmacRefreshTokens:
        return HmacRefreshTokens(self.secret_keys, self.world.random)

    @cached_property
    def passwords(self) -> Argon2Passwords:
        cost = Cost(self.settings.argon2_memory_kib, self.settings.argon2_passes, self.settings.argon2_lanes)
        return Argon2Passwords(self.world.hash_pool, cost, self.world.random_text)

    @cached_property
    def strength(self) -> PasswordStrength:
        known = read_blocklist(self.settings.password_blocklist)
        return PasswordStrength(self.world.hash_pool, known, self.settings.password_min_score)

    @cached_property
    def clients(self) -> PostgresServiceClients:
        configured = parse_clients(self.settings.service_clients.get_secret_value())
        return PostgresServiceClients(self.world.app[POOL], configured)

    @cached_property
    def assertions(self) -> JwtAssertions:
        issuer = self.settings.public_url
        return JwtAssertions(frozenset({issuer, f"{issuer}/oauth2/token"}), decoy_key(), self.world.clock)

    @cached_property
    def spent_assertions(self) -> ValkeySpentAssertions:
        return ValkeySpentAssertions(self.world.app[VALKEY])

    @cached_property
    def limits(self) -> Limits:
        return limits(Amounts.of(self.settings))

    @cached_property
    def limiter(self) -> ValkeyLimiter:
        notice = count_notices(self.meters, self.limits)
        return ValkeyLimiter(self.world.app[VALKEY], "auth", self.secret_keys[0], self.world.clock, notice)

    @cached_property
    def devices(self) -> HmacDevices:
        return HmacDevices(self.secret_keys, self.world.random, self.world.clock)

    @cached_property
    def outbox(self) -> PostgresOutbox:
        return PostgresOutbox(self.world.app[POOL])

    @cached_property
    def disavowals(self) -> PostgresDisavowals:
        return PostgresDisavowals(self.world.app[POOL])

    @cached_property
    def renewal_signer(self) -> RenewalSigner:
        return RenewalSigner(self.world.app[KEY_RING], self.settings.public_url, self.world.clock)

    @cached_property
    def token_life(self) -> timedelta:
        return timedelta(seconds=self.settings.access_ttl)

    @cached_property
    def feed(self) -> MeasuredFeed:
        app = self.world.app
        # A command line has no ear.
        heard = app.get(LAST_HEARD, lambda: BEGINNING)
        return MeasuredFeed(ValkeyFeed(app[VALKEY], self.token_life, heard), self.meters, self.world.clock)

    @cached_property
    def bell(self) -> Bell:
        return Bell()
