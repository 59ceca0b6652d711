"""The flows, each named with all that it stands on."""

from datetime import timedelta
from functools import cached_property

from services.auth.api.discovery import SCOPES
from services.auth.flows.announce import Announce
from services.auth.flows.authenticate import Authenticate
from services.auth.flows.begin_login import BeginLogin
from services.auth.flows.change_password import ChangePassword, ConfirmPassword, ReplacePassword
from services.auth.flows.end_sessions import EndSessions
from services.auth.flows.exchange import Exchange, Proof
from services.auth.flows.guard import Guard
from services.auth.flows.heed_disavowal import HeedDisavowal
from services.auth.flows.introspect import Introspect
from services.auth.flows.issue_grant import IssueFirstGrant, IssueGrant
from services.auth.flows.issue_service_grant import IssueServiceGrant
from services.auth.flows.lineage import Lineage
from services.auth.flows.login import Login
from services.auth.flows.new_password import NewPasswords
from services.auth.flows.open_session import DraftSession, Lifetimes, OpenSession
from services.auth.flows.pace import Pace
from services.auth.flows.read_service_token import ReadServiceToken
from services.auth.flows.read_token import ReadToken
from services.auth.flows.recognise_service import RecogniseService
from services.auth.flows.refresh import Refresh
from services.auth.flows.register import OpenAccount, Register
from services.auth.flows.renew_password import BeginRenewal, RenewPassword
from services.auth.flows.revoke import Revoke
from services.auth.readers import Readers
from services.auth.store.turns import InProcessTurns


class Parts(Readers):
    """Every flow once, made when first asked for."""

    @cached_property
    def guard(self) -> Guard:
        # Half of the free tries, shared among the workers: two such processes together stay below them.
        at_once = self.settings.login_tries // (2 * self.settings.worker_count)
        turns = InProcessTurns(max(1, at_once), self.settings.hash_queue)
        networks = InProcessTurns(self.settings.hashes_each, self.settings.hash_queue)
        return Guard(self.limiter, self.limits, self.devices, turns, networks)

    @cached_property
    def begin_login(self) -> BeginLogin:
        ttl = timedelta(seconds=self.settings.partial_ttl)
        return BeginLogin(self.own_partials, ttl, self.world.clock, self.world.new_id)

    @cached_property
    def login(self) -> Login:
        return Login(self.guard, self.users, self.passwords, self.begin_login, self.events)

    @cached_property
    def new_passwords(self) -> NewPasswords:
        return NewPasswords(self.passwords, self.strength, self.settings.service_name)

    @cached_property
    def register(self) -> Register:
        open_account = OpenAccount(self.users, self.begin_login, self.events, self.world.clock, self.world.new_id)
        return Register(self.guard, self.users, self.new_passwords, open_account)

    @cached_property
    def lifetimes(self) -> Lifetimes:
        return Lifetimes(
            timedelta(seconds=self.settings.refresh_ttl), timedelta(seconds=self.settings.refresh_idle_ttl)
        )

    @cached_property
    def issue_grant(self) -> IssueGrant:
        return IssueGrant(self.signer, self.token_life, self.world.clock, self.world.new_id)

    @cached_property
    def issue_service_grant(self) -> IssueServiceGrant:
        return IssueServiceGrant(self.signer, self.token_life, self.world.clock, self.world.new_id)

    @cached_property
    def authenticate(self) -> Authenticate:
        return Authenticate(self.clients, self.assertions, self.spent_assertions, self.events, self.world.clock)

    @cached_property
    def recognise_service(self) -> RecogniseService:
        return RecogniseService(self.read_service_token, self.events)

    @cached_property
    def exchange(self) -> Exchange:
        world = self.world
        open_session = OpenSession(self.sessions, self.draft_session)
        renewal = BeginRenewal(self.disavowals, self.renewal_signer, world.clock, world.new_id)
        proof = Proof(self.own_partials, self.receipts, self.pace)
        issue = IssueFirstGrant(self.issue_grant, self.devices)
        return Exchange(proof, open_session, renewal, issue, world.app[SCOPES], self.events)

    @cached_property
    def draft_session(self) -> DraftSession:
        return DraftSession(self.refresh_tokens, self.lifetimes, self.world.clock, self.world.new_id)

    @cached_property
    def renew_password(self) -> RenewPassword:
        return RenewPassword(
            renewals=self.renewals,
            users=self.users,
            passwords=self.new_passwords,
            pool=self.passwords,
            disavowals=self.disavowals,
            sessions=self.sessions,
            draft=self.draft_session,
            issue=IssueFirstGrant(self.issue_grant, self.devices),
            announcer=self.bell,
            events=self.events,
            clock=self.world.clock,
        )

    @cached_property
    def heed_disavowal(self) -> HeedDisavowal:
        return HeedDisavowal(self.disavowals_said, self.disavowals, self.bell, self.events, self.world.clock)

    @cached_property
    def pace(self) -> Pace:
        return Pace(self.limiter, self.limits)

    @cached_property
    def end_sessions(self) -> EndSessions:
        return EndSessions(self.sessions, self.bell, self.events, self.world.clock)

    @cached_property
    def refresh(self) -> Refresh:
        lineage = Lineage(self.families, self.refresh_tokens, self.lifetimes.idle, self.world.clock)
        return Refresh(lineage, self.pace, self.end_sessions, self.issue_grant)

    @cached_property
    def read_token(self) -> ReadToken:
        return ReadToken(self.access, self.refresh_tokens, self.sessions, self.families, self.world.clock)

    @cached_property
    def revoke(self) -> Revoke:
        return Revoke(self.read_token, self.read_service_token, self.end_sessions)

    @cached_property
    def introspect(self) -> Introspect:
        return Introspect(self.read_token, self.read_service_token)

    @cached_property
    def read_service_token(self) -> ReadServiceToken:
        return ReadServiceToken(self.services, self.clients)

    @cached_property
    def announce(self) -> Announce:
        return Announce(self.outbox, self.feed, self.token_life, self.world.clock)

    @cached_property
    def change_password(self) -> ChangePassword:
        confirm = ConfirmPassword(self.guard, self.passwords, self.events)
        replace = ReplacePassword(self.users, self.bell, self.events, self.world.clock)
        return ChangePassword(self.users, confirm, self.new_passwords, replace, self.world.clock)
