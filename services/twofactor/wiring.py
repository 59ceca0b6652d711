"""Introduces the flows to what they ask of the world. Part of the composition root: `app.py` calls it, nobody else."""

from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial

from aiohttp import web

from chassis.beside import beside, every, repeated
from chassis.clock import Clock
from chassis.metered import KEYS_AGE
from chassis.meters import METERS
from chassis.outbound import HTTP
from chassis.tracing import traceparent
from countersign import ACCESS, PARTIAL, JwksCache, Verifier
from countersign.claims import ACCESS_AUDIENCE, PARTIAL_AUDIENCE, SERVICE
from countersign.verifier import EndedSessions
from services.twofactor.api import bearer, callbacks, challenges, disavowals, factors, operators, receipts
from services.twofactor.flows.advance import Advance
from services.twofactor.flows.answer_code import AnswerCode
from services.twofactor.flows.ask_states import AskStates
from services.twofactor.flows.begin_totp import BeginTotp
from services.twofactor.flows.believe import Believe
from services.twofactor.flows.cancel import Cancel
from services.twofactor.flows.choose_factor import ChooseFactor
from services.twofactor.flows.code_at_hand import CodeAtHand
from services.twofactor.flows.confirm_at_once import ConfirmAtOnce
from services.twofactor.flows.confirm_login import ConfirmLogin
from services.twofactor.flows.confirm_totp import ConfirmTotp
from services.twofactor.flows.deliver import Deliver
from services.twofactor.flows.disavow import Disavow
from services.twofactor.flows.draft_challenge import DraftChallenge
from services.twofactor.flows.enrol_phone import EnrolPhone
from services.twofactor.flows.forget_factor import ForgetFactor
from services.twofactor.flows.hand_out_code import HandOutCode
from services.twofactor.flows.issue_receipt import IssueReceipt
from services.twofactor.flows.judge_answer import JudgeAnswer
from services.twofactor.flows.kinds import Kinds
from services.twofactor.flows.list_factors import ListFactors
from services.twofactor.flows.match_step import MatchStep
from services.twofactor.flows.may_enrol import MayEnrol
from services.twofactor.flows.new_recovery_codes import NewRecoveryCodes
from services.twofactor.flows.open_challenge import OpenChallenge
from services.twofactor.flows.read_at_end import ReadAtEnd
from services.twofactor.flows.read_back import ReadBack
from services.twofactor.flows.read_operator import ReadOperator
from services.twofactor.flows.read_token import ReadToken
from services.twofactor.flows.receive_callback import ReceiveCallback
from services.twofactor.flows.remove_factor import RemoveFactor
from services.twofactor.flows.require_challenge import RequireChallenge
from services.twofactor.flows.require_code import RequireCode
from services.twofactor.flows.require_latest import RequireLatest
from services.twofactor.flows.require_standing import RequireStanding
from services.twofactor.flows.reserve import Reserve
from services.twofactor.flows.reset_factors import ResetFactors
from services.twofactor.flows.send_challenge import Prompt, SendChallenge
from services.twofactor.flows.show_challenge import ShowChallenge
from services.twofactor.flows.void_logins import VoidLogins
from services.twofactor.model.places import parse_places
from services.twofactor.settings import Settings
from services.twofactor.wiring_kinds import make_kinds
from services.twofactor.world import World, pace_of

READ_AT_END: web.AppKey[ReadAtEnd] = web.AppKey("READ_AT_END", ReadAtEnd)
PARTIALS_KEPT = 10_000
# So often twofactor looks which pushes have come to their end.
LOOK_SECONDS = 1.0


def wire_tokens(app: web.Application, settings: Settings, ended: EndedSessions, clock: Clock) -> None:
    """Which tokens are believed: auth's, of the two kinds, in auth's algorithm, by auth's published keys."""
    issuer, algorithm = settings.public_url, settings.token_algorithm
    keys = JwksCache(app[HTTP], f"{settings.auth_url}/.well-known/jwks.json", algorithm=algorithm, clock=clock)
    app[METERS].watch_age(KEYS_AGE, clock, auth=lambda: keys.fetched_at)
    believed = partial(Verifier, issuer=issuer, keys=keys, algorithm=algorithm, clock=clock)
    app[bearer.READ_TOKEN] = ReadToken(
        partials=Believe(believed(PARTIAL, audience=PARTIAL_AUDIENCE), clock, PARTIALS_KEPT),
        sessions=believed(ACCESS, audience=ACCESS_AUDIENCE, revocations=ended),
    )
    app[operators.READ_OPERATOR] = ReadOperator(believed(SERVICE, audience=ACCESS_AUDIENCE))


def wire(app: web.Application, world: World, settings: Settings) -> Kinds:
    """All of it."""
    app[bearer.REQUIRE_STANDING], kinds = RequireStanding(world.logins), wire_kinds(world, settings)
    wire_factors(app, world, settings, kinds)
    wire_challenges(app, world, settings, kinds)
    wire_operators(app, world, kinds)
    return kinds


async def ends_ctx(app: web.Application) -> AsyncIterator[None]:
    """For `cleanup_ctx`: pushes are read at their end, a second after it at most."""
    async with beside(repeated(app[READ_AT_END], every(LOOK_SECONDS), "pushes_not_read_at_their_end")):
        yield


def wire_kinds(world: World, settings: Settings) -> Kinds:
    """What may be asked, and how."""
    provider = world.vendor.provider
    prompt = Prompt(settings.service_name, parse_places(settings.places), world.codes, settings.logo_url)
    pushes, events = pace_of(world, settings), world.events
    sending = SendChallenge(provider, world.challenges, world.guard, pushes, events, prompt, world.clock)
    asking, judging = AskStates(provider, world.cache, held=world.vendor.held), RequireCode(provider, world.codes)
    return make_kinds(provider, asking, sending, judging, world.vendor_free, events, world.clock)


def wire_factors(app: web.Application, world: World, settings: Settings, kinds: Kinds) -> None:
    """List, enrol, remove."""
    enrolments, own, clock, new_id = world.enrolments, world.vendor_free, world.clock, world.new_id
    standing = app[bearer.REQUIRE_STANDING]
    may, match, events = MayEnrol(enrolments, clock), MatchStep(own.totp, clock), world.events
    app[factors.SERVED] = settings.served
    app[factors.LIST] = ListFactors(standing, enrolments, kinds, world.cache, pace_of(world, settings))
    app[factors.ENROL_PHONE] = EnrolPhone(may, world.guard, world.vendor.provider, enrolments, events, new_id)
    app[factors.BEGIN_TOTP] = BeginTotp(may, world.guard, own.totp, own.pending, settings.service_name, new_id)
    app[factors.CONFIRM_TOTP] = ConfirmTotp(may, own.pending, match, own.secrets, enrolments, events)
    app[factors.NEW_CODES] = NewRecoveryCodes(enrolments, own.codes, own.new_codes, events, clock, new_id)
    app[factors.REMOVE] = RemoveFactor(enrolments, ForgetFactor(enrolments, kinds, events), clock)


def wire_challenges(app: web.Application, world: World, settings: Settings, kinds: Kinds) -> None:
    """Open, show, answer, cancel; the callback; the receipt."""
    provider, stored, clock, events = world.vendor.provider, world.challenges, world.clock, world.events
    pushes = pace_of(world, settings)
    advance = Advance(stored, pushes, events, clock)
    require = RequireChallenge(stored, advance)
    void = app[operators.VOID] = VoidLogins(world.logins, stored, advance, events, clock)
    disavow = app[disavowals.DISAVOW] = Disavow(
        world.disavowals, void, pushes, world.announcer, events, clock, settings.deny_means_not_me
    )
    judge = JudgeAnswer(stored, advance, disavow)
    life, binds = timedelta(seconds=settings.challenge_ttl), settings.push_binding == "prompt"
    draft = DraftChallenge(life, settings.code_tries, binds, clock, world.new_id, traceparent)
    reserve = Reserve(stored, advance, events, settings.challenges_per_login, world.logins)
    deliver = Deliver(kinds, advance, app[factors.LIST], world.cache)
    choose, standing = ChooseFactor(world.enrolments, kinds), app[bearer.REQUIRE_STANDING]
    app[challenges.OPEN] = OpenChallenge(world.guard, choose, pushes, draft, reserve, deliver)
    app[challenges.SHOW] = ShowChallenge(require, ReadBack(provider, world.turns, judge, clock), world.background)
    app[READ_AT_END] = ReadAtEnd(world.ends, stored, provider, judge, advance, clock)
    app[challenges.ANSWER] = AnswerCode(standing, require, stored, kinds, advance, world.guard, events)
    app[challenges.CANCEL] = Cancel(require, advance)
    app[challenges.SERVICE_NAME] = settings.service_name
    app[challenges.PLACES], app[challenges.CLOCK] = parse_places(settings.places), clock
    app[factors.CONFIRM_LOGIN] = ConfirmLogin(draft, reserve, advance)
    app[callbacks.RECEIVE] = ReceiveCallback(world.vendor.reader, world.guard, world.seen, stored, judge, events)
    latest = RequireLatest(stored, world.enrolments)
    app[receipts.ISSUE] = IssueReceipt(latest, standing, advance, world.signer, world.receipts, events, clock)
    issue, answer = app[receipts.ISSUE], app[challenges.ANSWER]
    at_once = ConfirmAtOnce(world.guard, choose, draft, reserve, answer, issue, events)
    app[receipts.CODE_AT_HAND] = CodeAtHand(issue, app[challenges.OPEN], answer, advance, at_once)


def wire_operators(app: web.Application, world: World, kinds: Kinds) -> None:
    """What auth's command line carries here."""
    own = world.vendor_free
    hand_out = HandOutCode(own.codes, own.new_codes, world.events, world.new_id)
    app[operators.RESET] = ResetFactors(app[operators.VOID], world.enrolments, kinds, hand_out, world.events)
