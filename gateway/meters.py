"""What the gateway measures besides its requests, by name; read when somebody looks."""

from aiohttp import web

from chassis.clock import Clock
from chassis.metered import REVOCATIONS_CURRENT, REVOCATIONS_SILENT
from chassis.meters import METERS, Kind, Meter
from gateway.flows.places import Places
from gateway.store.ended_sessions import EndedSessions
from gateway.store.news import ChallengeNewsHub

REVOCATION_LAG = Meter(
    Kind.HISTOGRAM,
    "countersign_revocation_lag_seconds",
    "From the end of a session, by auth's clock, until it was known here, by ours",
)
ENDED_KEPT = Meter(Kind.GAUGE, "countersign_ended_sessions_kept", "Ended sessions that are kept in memory")
NEWS_CONNECTED = Meter(
    Kind.GAUGE,
    "countersign_challenge_news_connected",
    "1 while changes of challenges are heard at once, 0 while waiting browsers are told late",
)
WAITERS = Meter(Kind.GAUGE, "countersign_waiters", "Connections that wait for a challenge to be settled")

METERS_HERE = (
    REVOCATIONS_CURRENT, REVOCATIONS_SILENT, REVOCATION_LAG, ENDED_KEPT, NEWS_CONNECTED, WAITERS,
)  # fmt: skip


def watch_revocations(app: web.Application, ended: EndedSessions, clock: Clock) -> None:
    """How far behind this process is."""
    meters = app[METERS]
    lag = meters.histogram(REVOCATION_LAG)()
    ended.on_news = lambda at: lag.observe(max(0.0, clock().timestamp() - at))
    meters.watch_one(REVOCATIONS_CURRENT, lambda: float(ended.is_current))
    meters.watch_one(REVOCATIONS_SILENT, lambda: ended.silent_for)
    meters.watch_one(ENDED_KEPT, lambda: len(ended.ended))


def watch_waiting(app: web.Application, hub: ChallengeNewsHub, places: Places) -> None:
    """Who waits, and whether they hear."""
    app[METERS].watch_one(NEWS_CONNECTED, lambda: float(hub.connected.is_set()))
    app[METERS].watch_one(WAITERS, lambda: places.total)
