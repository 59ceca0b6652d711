"""Searches all logs and all rows of the record that a run of the suite leaves, for what the tests used as secrets.

    SECRETS.note(victim.password)            wherever a test or its stand-in makes one up
    require_clean_stack(stack)               when a stack stops (`whole_system`, `tests/chaos`): its logs and its stores', its record
    require_clean_postgres(server)           when the session's PostgreSQL stops: its log, its record
    `captured_logs`                          when a test ends: what services in its own process wrote

Each worker of pytest-xdist has a stack and a PostgreSQL of its own and searches those, after the last of its tests.
What every secret of one kind looks like (tokens carry a mark, so do client secrets) is searched for by pattern.
"""

import asyncio
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg

from tools.authy_simulator import API_KEY
from tools.devstack.engines import Postgres
from tools.devstack.stack import Stack

PATTERNS = {
    "a token": re.compile(r"eyJ[A-Za-z0-9_-]{8,}"),
    "a refresh token": re.compile(r"csr_[A-Za-z0-9_-]{20,}"),
    "a client's secret": re.compile(r"css_[A-Za-z0-9_-]{20,}"),
    "an e-mail address": re.compile(r"[A-Za-z0-9._%+-]+(@|%40)[A-Za-z0-9-]+\.(com|example)"),
    "a phone number": re.compile(
        r"(?<![0-9A-Za-z])(\+?44|0)?[ -]?7(700[ -]?900[ -]?\d{3}|400[ -]?1\d\d[ -]?\d{3})(?!\w)"
    ),
    # Of an app, a text, a push: no line and no row has a number of six to eight digits that is none.
    # (A brace follows where a full disk has cut an id off.)
    "a code": re.compile(r"(?<![\w.:+-])\d{6,8}(?![\w.:{-])"),
    "a recovery code": re.compile(
        r"\b([0-9A-HJKMNP-TV-Z]{4}-){5}[0-9A-HJKMNP-TV-Z]{4}\b|\b(?=[0-9]*[A-Z])[0-9A-HJKMNP-TV-Z]{24}\b"
    ),
    "a key": re.compile(r"PRIVATE KEY|redis://[a-z]+:|postgresql://[a-z]+:"),
    "a password's hash": re.compile(r"\$argon2"),
    "a bearer header": re.compile(r"[Bb]earer [A-Za-z0-9]"),
    "a cookie": re.compile(r"__Host-[a-z]+=\w"),
    "a link of an authenticator app": re.compile(r"otpauth://"),
    "a secret of an authenticator app": re.compile(r"\b[A-Z2-7]{32}\b"),
}
# What tests of all suites type as passwords; a test holds this list to them.
TYPED = {
    "correct kettle orbit swan", "seven lamps under water", "seven lamps under water 7", "wooden-lantern-9-kites",
    "another-lantern-7-kites", "correct horse battery", "not-the-password-at-all", "a-long-service-secret",
}  # fmt: skip
# Shorter ones stand in any text by chance.
SHORTEST = 8
SERVICES = ("auth", "twofactor")
OURS = (*SERVICES, "gateway")
ROWS = """
SELECT what, outcome, actor, user_id, reason, address, browser, request_id, facts FROM audit_events ORDER BY number
"""


@dataclass
class Scan:
    """Texts that are known to be secret, and a search for them and for what looks like one."""

    known: set[str] = field(default_factory=lambda: {API_KEY, *TYPED})

    def note(self, *secrets: object) -> None:
        """What a test made up, was answered, or typed."""
        self.known.update(str(secret) for secret in secrets if len(str(secret)) >= SHORTEST)

    def found(self, text: str) -> list[str]:
        """What is in `text` that should not be, with a little of what stands around it."""
        seen = [("a secret of a test", text.find(secret)) for secret in self.known if secret in text]
        seen += [(kind, hit.start()) for kind, pattern in PATTERNS.items() if (hit := pattern.search(text))]
        return [f"{kind}: ...{text[max(0, at - 120) : at + 60]}..." for kind, at in seen]

    def require_clean(self, texts: Mapping[str, str]) -> None:
        """Raises `AssertionError`: where, and what."""
        found = {place: seen for place, text in texts.items() if (seen := self.found(text))}
        assert not found, f"secrets were written down: {found}"


SECRETS = Scan()


def require_clean_stack(stack: Stack) -> None:
    """The logs of our processes and of the stores, and the record of both services."""
    SECRETS.note(*((path.read_text().strip()) for path in (stack.data / "secrets").iterdir()))
    logs = {name: (stack.data / "logs" / f"{name}.log").read_text(errors="replace") for name in OURS}
    SECRETS.require_clean(logs | {file.name: _of_a_store(file) for file in (stack.data / "valkey").glob("*.log")})
    SECRETS.require_clean({"PostgreSQL": _of_a_store(Path(stack.postgres.server.log))})
    require_clean_record(lambda service: stack.environments[service]["COUNTERSIGN_DATABASE_URL"])


def require_clean_postgres(server: Postgres) -> None:
    """Its own log, and the record of both services."""
    SECRETS.require_clean({"PostgreSQL": _of_a_store(Path(server.server.log))})
    require_clean_record(server.url)


def require_clean_record(url_of: Callable[[str], str]) -> None:
    """The record of both services; `url_of` answers how a service's runtime role connects."""
    records = asyncio.run(_records([url_of(service) for service in SERVICES]))
    SECRETS.require_clean(dict(zip(SERVICES, records, strict=True)))


def _of_a_store(log: Path) -> str:
    """Without its numbers, of processes, offsets and builds: they would look like codes."""
    return PATTERNS["a code"].sub("", log.read_text(errors="replace"))


async def _records(urls: Iterable[str]) -> list[str]:
    return [await _record(url) for url in urls]


async def _record(url: str) -> str:
    connection = await asyncpg.connect(url)
    try:
        while await connection.fetchval("SELECT audit_seal(10000)"):
            pass
        rows = await connection.fetch(ROWS)
    finally:
        await connection.close()
    return "\n".join(json.dumps(dict(row), default=str, ensure_ascii=False) for row in rows)
