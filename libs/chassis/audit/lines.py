"""Rows as lines: of JSON, for programs and for keeping elsewhere, and of text, for people."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from chassis.audit.entry import Entry, Sealed
from chassis.audit.verify import Head
from chassis.origin import Origin
from chassis.responses import rfc3339


def document(row: Sealed) -> dict[str, Any]:
    """Everything that is hashed, and the hash: to the microsecond, or the hash could not be made again."""
    entry, place = row.entry, row.entry.origin
    return {
        "number": row.number,
        "sealed_at": row.sealed_at.isoformat(),
        "at": entry.at.isoformat(),
        "what": entry.what,
        "outcome": entry.outcome,
        "actor": place.actor,
        "user": entry.user,
        "reason": entry.reason,
        "address": place.address,
        "browser": place.browser,
        "request_id": place.request_id,
        "times": entry.times,
        "facts": dict(entry.facts),
        "hash": row.hash.hex(),
    }


def json_line(said: Mapping[str, Any]) -> str:
    """One line."""
    return orjson.dumps(said).decode() + "\n"


def head_document(head: Head) -> dict[str, Any]:
    """A signed end, between the rows of an export."""
    return {"head": head.number, "hash": head.hash.hex(), "at": head.at.isoformat(), "jws": head.jws}


def read_line(line: str) -> Sealed | Head | None:
    """A row or a signed end of an export; None for anything else that stands there. Raises `ValueError`, `KeyError`."""
    said = json.loads(line)
    if "head" in said:
        return Head(said["head"], bytes.fromhex(said["hash"]), datetime.fromisoformat(said["at"]), said["jws"])
    if "number" not in said:
        return None
    origin = Origin(said["request_id"], said["address"], said["browser"], said["actor"])
    at, sealed_at = datetime.fromisoformat(said["at"]), datetime.fromisoformat(said["sealed_at"])
    entry = Entry(at, said["what"], said["outcome"], said["user"], said["reason"], origin, said["times"], said["facts"])
    return Sealed(said["number"], sealed_at, entry, bytes.fromhex(said["hash"]))


def written(row: Sealed) -> str:
    """One line for a person."""
    entry, place = row.entry, row.entry.origin
    facts = {
        "user": entry.user,
        "by": place.actor,
        "from": place.address,
        "with": place.browser,
        **entry.facts,
        "request": place.request_id,
    }
    said = " ".join(f"{name}={fact}" for name, fact in facts.items() if fact)
    reason = f" ({entry.reason})" if entry.reason else ""
    times = f" x{entry.times}" if entry.times > 1 else ""
    return f"{row.number:>8} {rfc3339(entry.at)} {entry.what}{reason}{times} {said}"
