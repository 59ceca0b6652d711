"""Which object answers which port: read from the bottom, each flow is named with all that it stands on."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from aiohttp import web

from chassis.clock import Clock
from chassis.outbound import HTTP
from chassis.postgres import POOL
from chassis.sealing import parse_keys
from chassis.valkey import VALKEY
from countersign import ACCESS, PARTIAL, RECEIPT, JwksCache, Verifier
from countersign.claims import ACCESS_AUDIENCE, PARTIAL_AUDIENCE, AccessToken, PartialToken, Receipt
from services.auth.api.discovery import KEY_RING, SCOPES
from services.auth.crypto.argon2_passwords import Argon2Passwords, Cost
from services.auth.crypto.hash_pool import HashPool
from services.auth.crypto.own_keys import OwnKeys
from services.auth.crypto.refresh_tokens import HmacRefreshTokens
from services.auth.crypto.signer import TokenSigner
from services.auth.crypto.strength import PasswordStrength, read_blocklist
from services.auth.flows.begin_login import BeginLogin
from services.auth.flows.end_sessions import EndSessions
from services.auth.flows.exchange import Exchange, Proof
from services.auth.flows.guard import Guard
from services.auth.flows.introspect import Introspect
from services.auth.flows.issue_grant import IssueGrant
from services.auth.flows.lineage import Lineage
from services.auth.flows.login import Login
from services.auth.flows.new_password import NewPasswords
from services.auth.flows.open_session import Lifetimes, OpenSession
from services.auth.flows.read_token import ReadToken
from services.auth.flows.refresh import Refresh
from services.auth.flows.register import OpenAccount, Register
from services.auth.flows.revoke import Revoke
from services.auth.model.lockout import Limits, limits
from services.auth.settings import Settings
from services.auth.store.attempts import ValkeyAttempts
from services.auth.store.event_log import EventLog
from services.auth.store.families import PostgresFamilies
from services.auth.store.sessions import PostgresSessions
from services.auth.store.turns import AccountTurns
from services.auth.store.users import PostgresUsers


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


class Parts:
    """Every part once, made when first asked for."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.settings = world.settings
        self.secret_keys = parse_keys(world.settings.key_encryption_key.get_secret_value())

    # What answers the ports.

    @cached_property
    def users(self) -> PostgresUsers:
        return PostgresUsers(self.world.app[POOL])

    @cached_property
    def sessions(self) -> PostgresSessions:
        return PostgresSessions(self.world.app[POOL])

    @cached_property
    def families(self) -> PostgresFamilies:
        return PostgresFamilies(self.world.app[POOL])

    @cached_property
    def events(self) -> EventLog:
        return EventLog()

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

    # Who believes what.

    @cached_property
    def own_keys(self) -> OwnKeys:
        return OwnKeys(self.world.app[KEY_RING])

    @cached_property
    def partials(self) -> Verifier[PartialToken]:
        issuer = self.settings.public_url
        return Verifier(PARTIAL, issuer=issuer, audience=PARTIAL_AUDIENCE, keys=self.own_keys, clock=self.world.clock)

    @cached_property
    def access(self) -> Verifier[AccessToken]:
        issuer = self.settings.public_url
        return Verifier(ACCESS, issuer=issuer, audience=ACCESS_AUDIENCE, keys=self.own_keys, clock=self.world.clock)

    @cached_property
    def receipts(self) -> Verifier[Receipt]:
        # Read from services/twofactor itself: keys relayed by the gateway would let the gateway approve.
        url = f"{self.settings.twofactor_url}/.well-known/jwks.json"
        keys = JwksCache(self.world.app[HTTP], url, clock=self.world.clock)
        issuer = f"{self.settings.public_url}/approvals"
        return Verifier(RECEIPT, issuer=issuer, audience=self.settings.public_url, keys=keys, clock=self.world.clock)

    # The flows.

    @cached_property
    def limits(self) -> Limits:
        return limits(
            pair=self.settings.login_tries,
            account=self.settings.login_tries_account,
            network=self.settings.login_tries_network,
            registrations=self.settings.register_tries_network,
        )

    @cached_property
    def guard(self) -> Guard:
        attempts = ValkeyAttempts(self.world.app[VALKEY], self.secret_keys[0])
        # Half of the free tries: two processes together stay below them.
        turns = AccountTurns(max(1, self.settings.login_tries // 2), self.settings.hash_queue)
        return Guard(attempts, turns, self.limits, self.world.clock)

    @cached_property
    def begin_login(self) -> BeginLogin:
        ttl = timedelta(seconds=self.settings.partial_ttl)
        return BeginLogin(self.signer, ttl, self.world.clock, self.world.new_id)

    @cached_property
    def login(self) -> Login:
        return Login(self.guard, self.users, self.passwords, self.begin_login, self.events)

    @cached_property
    def register(self) -> Register:
        passwords = NewPasswords(self.passwords, self.strength, self.settings.service_name)
        open_account = OpenAccount(self.users, self.begin_login, self.events, self.world.clock, self.world.new_id)
        return Register(self.guard, self.users, passwords, open_account)

    @cached_property
    def lifetimes(self) -> Lifetimes:
        return Lifetimes(
            timedelta(seconds=self.settings.refresh_ttl), timedelta(seconds=self.settings.refresh_idle_ttl)
        )

    @cached_property
    def issue_grant(self) -> IssueGrant:
        ttl = timedelta(seconds=self.settings.access_ttl)
        return IssueGrant(self.signer, ttl, self.world.clock, self.world.new_id)

    @cached_property
    def exchange(self) -> Exchange:
        world = self.world
        open_session = OpenSession(self.sessions, self.refresh_tokens, self.lifetimes, world.clock, world.new_id)
        proof = Proof(self.partials, self.receipts)
        return Exchange(proof, open_session, self.issue_grant, world.app[SCOPES], self.events)

    @cached_property
    def end_sessions(self) -> EndSessions:
        return EndSessions(self.sessions, self.events, self.world.clock)

    @cached_property
    def refresh(self) -> Refresh:
        lineage = Lineage(self.families, self.refresh_tokens, self.lifetimes.idle, self.world.clock)
        return Refresh(lineage, self.end_sessions, self.issue_grant)

    @cached_property
    def read_token(self) -> ReadToken:
        return ReadToken(self.access, self.refresh_tokens, self.sessions, self.families, self.world.clock)

    @cached_property
    def revoke(self) -> Revoke:
        return Revoke(self.read_token, self.end_sessions)

    @cached_property
    def introspect(self) -> Introspect:
        return Introspect(self.read_token)
