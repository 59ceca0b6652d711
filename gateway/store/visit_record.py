"""A visit as bytes, without what the cookie or the other field already holds."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

import orjson

from gateway.model.enrolling import PendingApp
from gateway.model.tokens import PartialLogin, Tokens
from gateway.model.visit import Visit


def write_visit(visit: Visit) -> bytes:
    """All but the tokens and the ids."""
    return orjson.dumps(
        {
            "email": visit.email,
            "partial": asdict(visit.partial) if visit.partial else None,
            "challenge_id": visit.challenge_id,
            "return_to": visit.return_to,
            "notice": visit.notice,
            "app": asdict(visit.app) if visit.app else None,
            "renewal": visit.renewal,
        }
    )


def read_visit(cookie: str, record: bytes, tokens: Tokens | None) -> Visit:
    """The visit of this cookie; raises KeyError, TypeError or ValueError if another version wrote it."""
    found: dict[str, Any] = orjson.loads(record)
    partial, app = found["partial"], found.get("app")
    return Visit(
        cookie=cookie,
        email=found["email"],
        partial=PartialLogin(**_with_moment(partial)) if partial else None,
        challenge_id=found["challenge_id"],
        tokens=tokens,
        return_to=found["return_to"],
        notice=found["notice"],
        app=PendingApp(**_with_moment(app)) if app else None,
        renewal=found.get("renewal", ""),
    )


def write_tokens(tokens: Tokens | None) -> bytes:
    """The session's tokens, or that there are none."""
    return orjson.dumps(asdict(tokens) if tokens else None)


def read_tokens(record: bytes) -> Tokens | None:
    """The counterpart of `write_tokens`."""
    found = orjson.loads(record)
    return Tokens(**_with_moment(found)) if found else None


def _with_moment(found: dict[str, Any]) -> dict[str, Any]:
    return {**found, "expires_at": datetime.fromisoformat(found["expires_at"])}
