"""What this service measures, by name. `metering.py` counts."""

from chassis.meters import Kind, Meter

LOGINS = Meter(
    Kind.COUNTER,
    "countersign_logins_total",
    "Passwords that were judged, by what came of it: accepted, or the reason that only the record tells",
    ("outcome",),
)
REGISTRATIONS = Meter(Kind.COUNTER, "countersign_registrations_total", "Accounts that were opened")
EXCHANGES = Meter(
    Kind.COUNTER,
    "countersign_exchanges_total",
    "Token exchanges that held both proofs, by outcome: opened, or the reason against them",
    ("outcome",),
)
SESSIONS_OPENED = Meter(
    Kind.COUNTER, "countersign_sessions_opened_total", "Sessions by what confirmed them (RFC 8176)", ("factor",)
)
SESSIONS_ENDED = Meter(
    Kind.COUNTER,
    "countersign_sessions_ended_total",
    "Sessions that ended before their time, by reason; all of a person at once count once",
    ("reason",),
)
REFRESHES = Meter(
    Kind.COUNTER,
    "countersign_refreshes_total",
    "Refresh tokens by what they led to: rotated, raced (another request was faster), reused (the session ended)",
    ("outcome",),
)
PASSWORD_CHANGES = Meter(
    Kind.COUNTER, "countersign_password_changes_total", "Changes of a password by outcome", ("outcome",)
)
CLIENTS_REFUSED = Meter(
    Kind.COUNTER, "countersign_clients_refused_total", "Service clients whose proof was refused, by reason", ("reason",)
)
HASH_PLACES = Meter(
    Kind.GAUGE, "countersign_hash_pool_places_used", "Places of the hash pool and its queue that are taken"
)
HASH_PLACES_MOST = Meter(Kind.GAUGE, "countersign_hash_pool_places_max", "Places of the hash pool and its queue")
HASH_REFUSED = Meter(
    Kind.COUNTER, "countersign_hash_pool_refused_total", "Sign-ins that found no place and were answered 503"
)
ANNOUNCED = Meter(
    Kind.HISTOGRAM,
    "countersign_revocation_announce_seconds",
    "From the end of a session until the feed was told of it",
)

METERS_HERE = (
    LOGINS, REGISTRATIONS, EXCHANGES, SESSIONS_OPENED, SESSIONS_ENDED, REFRESHES, PASSWORD_CHANGES, CLIENTS_REFUSED,
    HASH_PLACES, HASH_PLACES_MOST, HASH_REFUSED, ANNOUNCED,
)  # fmt: skip
