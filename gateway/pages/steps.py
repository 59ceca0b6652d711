"""What the pages walk through: the flows on the way in, and what there is inside."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from aiohttp import web

from chassis.clock import Clock
from gateway.flows.exchange import Exchange
from gateway.flows.sign_in import SignIn, SignUp
from gateway.flows.waiting import Waiting
from gateway.model.identity import Identity
from gateway.model.visit import Visit
from gateway.pages.views import Door
from gateway.ports import Credentials
from gateway.ports_of_second_factor import SecondFactor


@dataclass(frozen=True)
class Steps:
    """Everything between "who are you" and "you are in"."""

    sign_up: SignUp
    sign_in: SignIn
    second_factor: SecondFactor
    waiting: Waiting
    exchange: Exchange
    clock: Clock


@dataclass(frozen=True)
class SignedIn:
    """Who is signed in, and the access token that says so to auth and twofactor."""

    identity: Identity
    token: str = field(repr=False)


SessionOf = Callable[[Visit], Awaitable[SignedIn | None]]
"""Reads the session of a visit, kept alive if need be; None when there is none, or it is over."""

DoorsOf = Callable[[str, Identity], tuple[Door, ...]]
"""What this host has behind the gateway for this person."""


@dataclass(frozen=True)
class Inside:
    """What a signed-in person meets."""

    session_of: SessionOf
    credentials: Credentials
    doors_of: DoorsOf


STEPS = web.AppKey("STEPS", Steps)
INSIDE = web.AppKey("INSIDE", Inside)
