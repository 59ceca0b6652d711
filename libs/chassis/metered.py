"""What every process measures, whatever it is for."""

from chassis.meters import Kind, Meter

BUILD = Meter(
    Kind.GAUGE, "countersign_build_info", "Always 1; the labels say what runs here", ("service", "version", "python")
)
REQUESTS = Meter(
    Kind.HISTOGRAM,
    "countersign_http_request_duration_seconds",
    "Requests by route (as a pattern, never as an address) and status; streams count until they end",
    ("method", "route", "status"),
)
REFUSALS = Meter(
    Kind.COUNTER,
    "countersign_http_refusals_total",
    "Requests that were refused, by the refusal's name in the code and the log",
    ("route", "refusal"),
)
LOOP_LAG = Meter(
    Kind.HISTOGRAM, "countersign_event_loop_lag_seconds", "How late the event loop was, asked twice a second"
)
LOOP_TASKS = Meter(Kind.GAUGE, "countersign_event_loop_tasks", "Tasks of the event loop that are not done")
CHECK_UP = Meter(
    Kind.GAUGE, "countersign_check_up", "What readiness asks: 1 while it answers, 0 while it is away", ("check",)
)
NOTE_ACTIVE = Meter(
    Kind.GAUGE, "countersign_note_active", "1 while readiness says something its operator must know of", ("note",)
)
CONNECTIONS = Meter(
    Kind.GAUGE, "countersign_postgres_connections", "Connections of the pool by state (used, idle)", ("state",)
)
CONNECTIONS_MOST = Meter(Kind.GAUGE, "countersign_postgres_connections_max", "Connections that the pool may open")
KEYS_AGE = Meter(
    Kind.GAUGE,
    "countersign_jwks_age_seconds",
    "Since an issuer's public keys were last read; not there before the first time",
    ("issuer",),
)
LIMITS_HIT = Meter(
    Kind.COUNTER, "countersign_limits_hit_total", "Requests that found a limit reached, by the limit's name", ("limit",)
)
BREAKERS = Meter(
    Kind.GAUGE,
    "countersign_breaker_open",
    "1 while calls of that name are not made because they failed too often, 0.5 while one is tried",
    ("call",),
)

LIMITS_NEAR = Meter(
    Kind.COUNTER, "countersign_limits_near_total", "Times that a limit with an alarm came near its amount", ("limit",)
)

# Of those who follow the stream of ended sessions.
REVOCATIONS_CURRENT = Meter(
    Kind.GAUGE,
    "countersign_revocations_current",
    "1 while every session that ended is known here, 0 while the stream of ended sessions is away",
)
REVOCATIONS_SILENT = Meter(
    Kind.GAUGE,
    "countersign_revocations_silent_seconds",
    "Since the stream of ended sessions was last read; it is read at least every second",
)

METERS_HERE = (
    BUILD, REQUESTS, REFUSALS, LOOP_LAG, LOOP_TASKS, CHECK_UP, NOTE_ACTIVE, CONNECTIONS, CONNECTIONS_MOST, KEYS_AGE,
    LIMITS_HIT, LIMITS_NEAR, BREAKERS,
)  # fmt: skip
