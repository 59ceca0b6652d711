"""docs/limits.md: the services' tables of limits, in words."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

import services.auth.settings
import services.twofactor.settings
from chassis.limits import Limit, Window
from services.auth.model import limits as auth
from services.twofactor.model import limits as twofactor

TABLES: Mapping[str, Iterable[Limit]] = {
    "auth": auth.limits(auth.Amounts.of(services.auth.settings.Settings.model_construct())),
    "twofactor": twofactor.limits(twofactor.Amounts.of(services.twofactor.settings.Settings.model_construct())),
}
INTRODUCTION = """# Limits

Every limit is a sliding window: no stretch of time as long as the window holds more than the amount. A try is counted
before what it tries is looked at, in one atomic step, so a burst of a hundred parallel guesses is as many as are left;
what is refused is not counted. A network is an IPv4 address or an IPv6 /64, seen through trusted proxies only.

A refusal is 429 with `Retry-After`; `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10) say
which limit it was, on successes also how much is left: `"register_network-3600";r=57;t=140`. Limits marked as not told
stand in no answer, because they would say something about an account: a locked one looks like a wrong password. Where a
person has other ways (text messages, say), the refusal is that of the way, with the others beside it.

Texts and calls go to the countries in `COUNTERSIGN_COUNTRIES` alone, if there are any. A country is a territory with
an ISO 3166 code of its own, not a calling code: `GB` does not take phones of Jersey, Guernsey and the Isle of Man,
though they begin with +44, nor `US` those of the Caribbean behind +1. They have carriers and prices of their own, and
are where pumped texts go; name them (`GB,JE,GG,IM`) to take them. Of a phone that is enrolled only the mask is kept:
what was enrolled before the list was made shorter is judged by its calling code.

The limits below hold for the whole installation: all processes count in one Valkey. Four things are each process's
own, so that several processes allow as many more: the circuit breakers around Authy (each process finds out for itself,
by five failures in a row, that it is away), the places to wait for a phone (`COUNTERSIGN_WAITERS`,
`COUNTERSIGN_WAITERS_PER_LOGIN`), the queue for hashing (`COUNTERSIGN_HASH_QUEUE`), and the kinds of refusal on record
in a minute (`COUNTERSIGN_AUDIT_REFUSALS_PER_MINUTE`). What is divided among workers stands in
[operating.md](operating.md#more-than-one-process).

How many sessions one account may have at once is what `exchange_account` lets be opened, 120 in an hour, for as long as
they live, a day (`COUNTERSIGN_REFRESH_TTL`): fewer than 3,000. One more is refused with 429; none of the others is
ended for it, so that a thief who signs in puts nobody out. All are seen and ended on `/sessions`.

Each limit that refuses writes `limit_reached`, one with an alarm writes `limit_near` at that share of its amount,
before anybody is refused. While Valkey is away each does what the last column says.

<!-- Written by `python -m tools.reference`. -->
"""
# Largest first.
_UNITS = ((timedelta(days=1), "day"), (timedelta(hours=1), "hour"), (timedelta(minutes=1), "minute"))


def limits_page() -> str:
    """docs/limits.md."""
    lines = [INTRODUCTION.rstrip("\n")]
    for service, table in TABLES.items():
        lines += ["", f"## {service}", ""]
        lines += ["| limit | of | amount | why | told | alarm | Valkey away |", "|---|---|---|---|---|---|---|"]
        lines += [_row(limit) for limit in table]
    return "\n".join([*lines, ""])


def _row(limit: Limit) -> str:
    amount = ", ".join(map(_in_words, limit.windows))
    setting = f" (`COUNTERSIGN_{limit.setting.upper()}`)" if limit.setting else ""
    told, alarm = "yes" if limit.is_told else "no", f"at {limit.alarm:.0%}" if limit.alarm else ""
    away = f"{limit.away}: {limit.away_reason}"
    return f"| `{limit.name}` | {limit.of} | {amount}{setting} | {limit.reason} | {told} | {alarm} | {away} |"


def _in_words(window: Window) -> str:
    length, name = next((unit, name) for unit, name in _UNITS if not window.length % unit)
    number = window.length // length
    article = "an" if name == "hour" else "a"
    return f"{window.amount} in {article} {name}" if number == 1 else f"{window.amount} in {number} {name}s"
