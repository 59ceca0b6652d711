"""Which sessions have ended: whoever is past the gateway with a stolen token is not believed here, either."""

import time
from datetime import timedelta

from aiohttp import web

from chassis.clock import Clock
from chassis.metered import REVOCATIONS_CURRENT, REVOCATIONS_SILENT
from chassis.meters import METERS
from chassis.readiness import add_note, add_readiness
from chassis.valkey import VALKEY
from services.twofactor.settings import Settings
from services.twofactor.store.ended_sessions import EndedSessions


class RevocationsAway(Exception):
    """The stream of ended sessions is away, and the setting is to believe no session without it."""


def follow_ended(app: web.Application, settings: Settings, clock: Clock) -> EndedSessions:
    """The follower, which has to be run; readiness and metrics say how far it can be relied on."""
    without = settings.without_revocations
    refuses, life = without == "refuse", timedelta(seconds=settings.access_ttl)
    ended = EndedSessions(app[VALKEY], life, settings.revocations_grace, time.monotonic, clock, refuses=refuses)

    async def check() -> None:
        if refuses and not ended.is_current:
            raise RevocationsAway

    add_readiness(app, "revocations", check)
    add_note(app, "revocations", lambda: "" if ended.is_current else f"the stream is away: {without}")
    app[METERS].watch_one(REVOCATIONS_CURRENT, lambda: float(ended.is_current))
    app[METERS].watch_one(REVOCATIONS_SILENT, lambda: ended.silent_for)
    return ended
