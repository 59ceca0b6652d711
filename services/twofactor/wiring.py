"""Introduces the flows to what they ask of the world. Part of the composition root: `app.py` calls it, nobody else."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from aiohttp import ClientSession, web

from chassis.clock import Clock
from countersign import ACCESS, PARTIAL, JwksCache, Verifier
from countersign.claims import ACCESS_AUDIENCE, PARTIAL_AUDIENCE
from services.twofactor.api import bearer, callbacks, challenges, factors, receipts
from services.twofactor.flows.advance import Advance
from services.twofactor.flows.answer_code import AnswerCode
from services.twofactor.flows.ask_states import AskStates
from services.twofactor.flows.cancel import Cancel
from services.twofactor.flows.choose_factor import ChooseFactor
from services.twofactor.flows.deliver import Deliver
from services.twofactor.flows.draft_challenge import DraftChallenge
from services.twofactor.flows.enrol import EnrolAnother, EnrolFirst, Register
from services.twofactor.flows.issue_receipt import IssueReceipt
from services.twofactor.flows.judge_answer import JudgeAnswer
from services.twofactor.flows.list_factors import ListFactors
from services.twofactor.flows.open_challenge import OpenChallenge
from services.twofactor.flows.read_back import ReadBack
from services.twofactor.flows.read_token import ReadToken
from services.twofactor.flows.receive_callback import ReceiveCallback
from services.twofactor.flows.remove_factor import RemoveFactor
from services.twofactor.flows.require_challenge import RequireChallenge
from services.twofactor.flows.require_latest import RequireLatest
from services.twofactor.flows.reserve import Reserve
from services.twofactor.flows.send_challenge import Prompt, SendChallenge
from services.twofactor.flows.show_challenge import ShowChallenge
from services.twofactor.ports import (
    Background,
    Challenges,
    Enrolments,
    Guesses,
    Receipts,
    ReceiptSigner,
    SeenMarks,
    Sendings,
    StateCache,
    Turns,
)
from services.twofactor.settings import Settings
from services.twofactor.vendor import Vendor


@dataclass(frozen=True)
class World:
    """Everything outside: stores, vendor, keys, time and chance."""

    challenges: Challenges
    guesses: Guesses
    sendings: Sendings
    enrolments: Enrolments
    receipts: Receipts
    seen: SeenMarks
    turns: Turns
    cache: StateCache
    signer: ReceiptSigner
    vendor: Vendor
    background: Background
    clock: Clock
    new_id: Callable[[], str]


def wire_tokens(app: web.Application, settings: Settings, session: ClientSession, clock: Clock) -> None:
    """Which tokens are believed: auth's, of the two kinds, in auth's algorithm, by auth's published keys."""
    issuer, algorithm = settings.public_url, settings.token_algorithm
    keys = JwksCache(session, f"{settings.auth_url}/.well-known/jwks.json", algorithm=algorithm, clock=clock)
    believed = partial(Verifier, issuer=issuer, keys=keys, algorithm=algorithm, clock=clock)
    app[bearer.READ_TOKEN] = ReadToken(
        partials=believed(PARTIAL, audience=PARTIAL_AUDIENCE), sessions=believed(ACCESS, audience=ACCESS_AUDIENCE)
    )


def wire_factors(app: web.Application, world: World) -> ListFactors:
    """List, enrol, remove."""
    provider, enrolments = world.vendor.provider, world.enrolments
    listing = ListFactors(enrolments, AskStates(provider, world.cache))
    register = Register(provider, enrolments, world.new_id)
    app[factors.LIST] = listing
    app[factors.ENROL_FIRST] = EnrolFirst(enrolments, register)
    app[factors.ENROL_ANOTHER] = EnrolAnother(enrolments, register, world.clock)
    app[factors.REMOVE] = RemoveFactor(enrolments, provider, world.clock)
    return listing


def wire_challenges(app: web.Application, world: World, settings: Settings, listing: ListFactors) -> None:
    """Open, show, answer, cancel; the callback; the receipt."""
    provider, stored, clock = world.vendor.provider, world.challenges, world.clock
    advance = Advance(stored, clock)
    require = RequireChallenge(stored, advance)
    judge = JudgeAnswer(stored, advance)
    draft = DraftChallenge(timedelta(seconds=settings.challenge_ttl), settings.code_tries, clock, world.new_id)
    prompt = Prompt(settings.service_name, settings.logo_url)
    send = SendChallenge(provider, stored, world.sendings, prompt, clock)
    app[challenges.OPEN] = OpenChallenge(
        ChooseFactor(world.enrolments),
        draft,
        Reserve(stored, advance, settings.challenges_per_login),
        Deliver(send, advance, listing, world.cache),
    )
    app[challenges.SHOW] = ShowChallenge(require, ReadBack(provider, world.turns, judge, clock), world.background)
    app[challenges.ANSWER] = AnswerCode(require, stored, provider, advance, world.guesses)
    app[challenges.CANCEL] = Cancel(require, advance)
    app[challenges.SERVICE_NAME] = settings.service_name
    app[challenges.CLOCK] = clock
    app[callbacks.RECEIVE] = ReceiveCallback(world.vendor.reader, world.seen, stored, judge)
    latest = RequireLatest(stored, world.enrolments)
    app[receipts.ISSUE] = IssueReceipt(latest, advance, world.signer, world.receipts, clock)
