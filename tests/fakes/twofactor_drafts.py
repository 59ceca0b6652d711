"""Challenges for tests that need one and do not care which."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from services.twofactor.model.challenge import Challenge, first_status
from services.twofactor.model.channel import Channel
from services.twofactor.model.context import Context

_numbers = itertools.count(1)
START = datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)


def an_id() -> str:
    """Another UUID every time."""
    return str(UUID(int=(0xC0FFEE << 100) | (4 << 76) | (2 << 62) | next(_numbers)))


def a_challenge(**facts: Any) -> Challenge:
    """A pending challenge, a plain push if nothing else is said, opened at `START`, two minutes to live, in a login of five."""
    challenge = Challenge(
        id=an_id(),
        login=an_id(),
        partial_id=an_id(),
        user=an_id(),
        enrolment=an_id(),
        account="28894864",
        channel=facts.get("channel", Channel.PUSH),
        name="+44 ... 23",
        context=Context("Chrome on Windows", "203.0.113.177"),
        created_at=START,
        updated_at=START,
        expires_at=START + timedelta(seconds=120),
        login_ends_at=START + timedelta(seconds=290),
        tries_left=5,
        status=first_status(facts.get("channel", Channel.PUSH), bound=facts.get("bound", False)),
    )
    return replace(challenge, **facts)
