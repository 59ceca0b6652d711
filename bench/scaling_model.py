"""Arithmetic of a deployment: what so many people need, from what one of each costs. No clock, no store, no file."""

import heapq
import math
import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

DAY = 86_400
GB = 1e9
_SHARE = re.compile(r"(gateway|auth|twofactor) ([\d.]+) ms")
_LOG = re.compile(r"writes ([\d.]+) KiB of WAL")


@dataclass(frozen=True)
class Costs:
    """Measured by `make bench` on one core: milliseconds of CPU, bytes."""

    check_ms: float
    proxy_ms: float
    hash_ms: float
    login_ms: Mapping[str, float]
    challenge_bytes: float
    waiter_bytes: float
    log_bytes: float


@dataclass(frozen=True)
class Use:
    """How people behave, and how much of a machine may be used at the peak. Each can be changed on the command line."""

    logins_a_day: float = 1.0
    peak: float = 5.0
    checks_a_login: float = 200.0
    pushes: float = 0.8
    approve_seconds: float = 15.0
    session_days: float = 1.0
    keep_days: float = 400.0
    busy: float = 0.6


@dataclass(frozen=True)
class Sizes:
    """Bytes of a row with its indexes, as `bench.fill` fills them; and of what lies in Valkey, by its fields."""

    person: float = 900.0
    session: float = 750.0
    receipt: float = 950.0
    record_row: float = 570.0
    rows_a_login: float = 5.5
    browser_session: float = 1500.0


# What there is one of in a system. Rows: one process at a time continues a chain, 0.26 ms a row (decision 21), and
# twofactor has three a login. Publications: every gateway process hears all, two of each push; at 25 us each (an
# estimate) that takes a fifth of a core.
CHAIN_ROWS_A_SECOND, ROWS_IN_ONE_CHAIN = 3800.0, 3.0
HEARD_A_SECOND, PUBLICATIONS_A_LOGIN = 8000.0, 2.0
# A primary on good local disks writes more; one on network disks often less.
LOG_BYTES_A_SECOND = 50e6
VALKEY_BYTES = 16 * GB


def costs_of(results: Mapping[str, Any]) -> Costs:
    """From bench/results.json. Raises `KeyError` for a measurement that is missing there."""
    # Of the dearer way, which is last: most logins are by push.
    login = results["login"]["notes"][-1]
    history = " ".join(results["history"]["notes"]) if "history" in results else ""
    written = _LOG.search(history)
    return Costs(
        check_ms=_row(results, "check", "check, 2 % unseen") / 1e3,
        proxy_ms=_row(results, "proxy", "authorised call") / 1e3,
        hash_ms=_row(results, "hash", "Argon2 alone") / 1e3,
        login_ms={name: float(share) for name, share in _SHARE.findall(login)},
        challenge_bytes=_verdict(results, "rest", "a pending challenge"),
        waiter_bytes=_verdict(results, "callback", "memory a waiter") * 1024,
        log_bytes=float(written[1]) * 1024 if written else 40 * 1024,
    )


def _row(results: Mapping[str, Any], measurement: str, name: str) -> float:
    return next(float(row["cpu_us"]) for row in results[measurement]["rows"] if row["name"] == name)


def _verdict(results: Mapping[str, Any], measurement: str, start: str) -> float:
    found = results[measurement]["verdicts"]
    return next(float(verdict["value"]) for verdict in found if verdict["what"].startswith(start))


def needs(people: float, use: Use, costs: Costs, sizes: Sizes) -> dict[str, float]:
    """Figures by name; processes are cores, for each uses one."""
    mean = people * use.logins_a_day / DAY
    logins = mean * use.peak
    checks = logins * use.checks_a_login
    waiting = logins * use.pushes * use.approve_seconds
    cores = {
        "gateway": checks * costs.check_ms + logins * costs.login_ms["gateway"],
        "auth": logins * (costs.login_ms["auth"] + costs.hash_ms),
        "twofactor": logins * costs.login_ms["twofactor"],
    }
    kept_logins = people * use.logins_a_day * use.keep_days
    # A day's table goes a day after its last session has ended.
    kept_sessions = use.logins_a_day * (use.session_days + 2)
    valkey = logins * 390 * costs.challenge_bytes + people * min(1, use.session_days) * sizes.browser_session
    return {
        "logins/s on average": mean,
        "logins/s at the peak": logins,
        "checks/s at the peak": checks,
        **{f"{name} processes": float(max(2, math.ceil(ms / 1e3 / use.busy))) for name, ms in cores.items()},
        "browsers waiting at the peak": waiting,
        "memory of those, GB": waiting * costs.waiter_bytes / GB,
        "Valkey memory, GB": valkey / GB,
        "Valkey primaries": float(math.ceil(valkey / VALKEY_BYTES)),
        "PostgreSQL log at the peak, MB/s": logins * costs.log_bytes / 1e6,
        "rows of the record/s at the peak": logins * sizes.rows_a_login,
        "PostgreSQL: people and sessions, GB": people * (sizes.person + kept_sessions * sizes.session) / GB,
        "PostgreSQL: receipts, GB": kept_logins * sizes.receipt / GB,
        "PostgreSQL: the record, GB": kept_logins * sizes.rows_a_login * sizes.record_row / GB,
        "requests/s to the vendor at the peak": logins * use.pushes * 2,
    }  # fmt: skip


def ends(use: Use, costs: Costs, sizes: Sizes) -> list[tuple[str, float]]:
    """What one system has one of, and how many people it is enough for; the first to end comes first."""
    a_person = use.logins_a_day * use.peak / DAY
    limits = [
        ("the record's chain (one process seals at a time)", CHAIN_ROWS_A_SECOND / ROWS_IN_ONE_CHAIN),
        ("publications (every gateway process hears all)", HEARD_A_SECOND / PUBLICATIONS_A_LOGIN),
        ("PostgreSQL's log (one primary)", LOG_BYTES_A_SECOND / costs.log_bytes),
    ]
    kept = use.logins_a_day * use.keep_days * (sizes.receipt + sizes.rows_a_login * sizes.record_row)
    return sorted([*((what, rate / a_person) for what, rate in limits), ("10 TB of receipts and record", 10e12 / kept)],
                  key=lambda limit: limit[1])  # fmt: skip


def hashing(rate: float, processes: int, seconds: float, queue: int, chance: random.Random) -> tuple[float, float]:
    """A second of the peak, played: p99 of the wait for a hash (seconds), and the share that is refused.

    Logins come as they like (Poisson), each process computes one hash at a time and lets `queue` wait.
    """
    free: list[float] = [0.0] * processes
    now, waits, refused = 0.0, list[float](), 0
    for _ in range(max(2000, min(50_000, int(rate * 10)))):
        now += chance.expovariate(rate)
        # Not the least busy of all: of two that were looked at, for connections fall where they fall.
        at = heapq.nsmallest(1, chance.sample(range(processes), min(2, processes)), key=lambda place: free[place])[0]
        wait = max(0.0, free[at] - now)
        if wait > queue * seconds:
            refused += 1
            continue
        waits.append(wait)
        free[at] = max(free[at], now) + seconds
    return percentile(waits, 0.99), refused / (refused + len(waits))


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
