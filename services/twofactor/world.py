"""What the flows stand on. Part of the composition root: `app.py` fills it, and tests do with fakes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from chassis.clock import Clock
from services.twofactor.flows.guard import Guard
from services.twofactor.flows.pace_pushes import PacePushes
from services.twofactor.ports import (
    Background,
    Challenges,
    Enrolments,
    Events,
    Receipts,
    ReceiptSigner,
    SeenMarks,
    StateCache,
    Turns,
)
from services.twofactor.ports_of_operators import Logins
from services.twofactor.ports_of_pushes import Announcer, BindingCodes, Disavowals, PushEnds, PushPaces
from services.twofactor.settings import Settings
from services.twofactor.vendor import Vendor
from services.twofactor.wiring_kinds import VendorFree


@dataclass(frozen=True)
class World:
    """Everything outside: stores, vendor, keys, time and chance."""

    challenges: Challenges
    guard: Guard
    logins: Logins
    paces: PushPaces
    ends: PushEnds
    enrolments: Enrolments
    receipts: Receipts
    disavowals: Disavowals
    announcer: Announcer
    seen: SeenMarks
    turns: Turns
    cache: StateCache
    signer: ReceiptSigner
    codes: BindingCodes
    events: Events
    vendor: Vendor
    vendor_free: VendorFree
    background: Background
    clock: Clock
    new_id: Callable[[], str]


def pace_of(world: World, settings: Settings) -> PacePushes:
    """How often a person's phone may be asked."""
    return PacePushes(world.paces, world.ends, timedelta(seconds=settings.push_pause), world.clock)
