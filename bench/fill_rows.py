"""Rows of a system that has been in use for months: made up, but as the services would have written them."""

import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from argon2 import PasswordHasher, Type

from bench.fill_ids import dated_id, digest, plain_id
from chassis.audit.entry import BEFORE_THE_FIRST, DONE, REFUSED, Entry, Sealed, canonical
from chassis.origin import Origin
from chassis.sealing import Sealer
from services.twofactor.store.enrolments import EMAIL
from services.twofactor.store.totp_secrets import SECRET

PASSWORD = "wooden-lantern-9-kites"
TOTP_SECRET = b"a secret of a bench."
# As the settings of the measurement have it, so that nobody's hash is made anew.
HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1, hash_len=32, salt_len=16, type=Type.ID)
SESSION_LIFE, IDLE = timedelta(days=30), timedelta(days=7)
RECORD_LIFE = timedelta(days=300)
_MILLISECOND = timedelta(milliseconds=1)
BROWSERS = ("Chrome on Windows", "Safari on iPhone", "Firefox on Linux", "Chrome on Android", "Safari on macOS")
AMR = ["pwd", "otp", "mfa"]
ENDS = ("signed_out", "signed_out", "signed_out", "revoked", "password_changed", "operator")
# What one login leaves in the record of each service, with how it ends now and then.
AUTH_STORY = ("login_accepted", "session_opened", "login_accepted", "session_opened", "session_ended", "login_refused")
TWOFACTOR_STORY = ("challenge_opened", "challenge_approved", "receipt_issued", "challenge_opened", "code_refused",
                   "challenge_approved", "receipt_issued")  # fmt: skip
REASONS = {"login_refused": "wrong_password", "code_refused": "wrong"}
Rows = Iterator[tuple[Any, ...]]


@dataclass(frozen=True)
class Sizes:
    """How much there is of what grows."""

    users: int
    sessions: int
    records: int


def address(number: int) -> str:
    """Somebody's, of documentation and private ranges; people come from few places each."""
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def moments(count: int, start: datetime, span: timedelta) -> Iterator[datetime]:
    """Times in order, more of them the later it gets, as in a service that grows; in milliseconds, as ids are."""
    start = start.replace(microsecond=0)
    milliseconds = span // _MILLISECOND
    for number in range(count):
        yield start + int(milliseconds * ((number + 0.5) / count) ** 0.7) * _MILLISECOND


def users(sizes: Sizes, now: datetime) -> Rows:
    """id, email, email_key, password_hash, created_at."""
    hashed = HASHER.hash(PASSWORD)
    for number, created in enumerate(moments(sizes.users, now - 2 * RECORD_LIFE, 2 * RECORD_LIFE)):
        email = f"person{number}@example.com"
        yield plain_id("user", number), email, email, hashed, created


def _visits(sizes: Sizes, now: datetime) -> Iterator[tuple[int, int, datetime, random.Random]]:
    # Some come often, most seldom.
    chance = random.Random(1)
    for number, moment in enumerate(moments(sizes.sessions, now - SESSION_LIFE, SESSION_LIFE)):
        yield number, int(sizes.users * chance.random() ** 1.5), moment, chance


def sessions(sizes: Sizes, now: datetime) -> Rows:
    """Columns as in `SESSION_COLUMNS`: a third has ended, the rest is in use or forgotten."""
    for number, user, moment, chance in _visits(sizes, now):
        ended = moment + (now - moment) * chance.random() if chance.random() < 0.35 else None
        used = moment + ((ended or now) - moment) * chance.random() ** 3
        yield (
            dated_id("session", number, moment), plain_id("user", user), "countersign-gateway", ["session"], AMR,
            moment, moment, used, moment + SESSION_LIFE, ended, ENDS[number % len(ENDS)] if ended else None,
            address(user), BROWSERS[user % len(BROWSERS)], str(dated_id("partial", number, moment)),
            str(dated_id("challenge", number, moment)), ended, moment,
        )  # fmt: skip


def families(sizes: Sizes, now: datetime) -> Rows:
    """One for each session: id, session_id, generation, digest, rotated_at, idle_until, began_at."""
    for number, _, moment, chance in _visits(sizes, now):
        rotated = moment + (now - moment) * chance.random() ** 3
        idle = min(rotated + IDLE, moment + SESSION_LIFE)
        secret = digest("a", number) + digest("b", number)
        ids = dated_id("family", number, moment), dated_id("session", number, moment)
        yield *ids, int(chance.expovariate(0.1)), secret, rotated, idle, moment


def factors(sizes: Sizes, now: datetime, sealer: Sealer) -> Rows:
    """id, user_id, provider, account, name, email_sealed, last_channel, last_used_at, created_at."""
    for number, created in enumerate(moments(sizes.users, now - 2 * RECORD_LIFE, 2 * RECORD_LIFE)):
        own = plain_id("factor", number)
        email = sealer.seal(f"person{number}@example.com".encode(), EMAIL.place(own))
        yield own, plain_id("user", number), "totp", str(own), "Authenticator app", email, "totp", created, created


def totp_secrets(sizes: Sizes, sealer: Sealer) -> Rows:
    """factor_id, secret_sealed, last_step."""
    for number in range(sizes.users):
        own = plain_id("factor", number)
        yield own, sealer.seal(TOTP_SECRET, SECRET.place(own)), 0


def receipts(sizes: Sizes, now: datetime) -> Rows:
    """Columns as in `RECEIPT_COLUMNS`. As long as signed ones, signed by nobody: signing takes hours."""
    unsigned = "." * 620
    for number, user, moment, _ in _visits(sizes, now):
        yield (
            dated_id("challenge", number, moment), plain_id("user", user), str(plain_id("login", number)),
            str(dated_id("partial", number, moment)), plain_id("factor", user), "totp", AMR, address(user),
            BROWSERS[user % len(BROWSERS)], moment, moment + timedelta(seconds=60), unsigned, moment,
        )  # fmt: skip


def record(many: int, people: int, story: tuple[str, ...], now: datetime) -> Rows:
    """A whole chain from its first row, each hash as the service's own function would have made it."""
    chance, previous = random.Random(2), BEFORE_THE_FIRST
    user = 0
    for number, moment in enumerate(moments(many, now - RECORD_LIFE, RECORD_LIFE), 1):
        what = story[number % len(story)]
        user = int(people * chance.random() ** 1.5) if what in {story[0], "login_refused"} else user
        sealed_at = moment + timedelta(milliseconds=400)
        place = Origin(digest("request", number).hex(), address(user), BROWSERS[user % len(BROWSERS)], "")
        facts = {"session": str(plain_id("fact", number // len(story)))}
        reason = REASONS.get(what, "")
        outcome = REFUSED if reason else DONE
        entry = Entry(moment, what, outcome, str(plain_id("user", user)), reason, place, 1, facts)
        previous = hashlib.sha256(previous + canonical(Sealed(number, sealed_at, entry, b""))).digest()
        yield (
            number, sealed_at, moment, what, outcome, "", entry.user, reason, place.address, place.browser,
            place.request_id, 1, f'{{"session": "{facts["session"]}"}}', previous,
        )  # fmt: skip
