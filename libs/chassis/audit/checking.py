"""`audit verify`, over the database or over an export, with the keys and ends that the operator trusts."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from chassis.audit.lines import read_line
from chassis.audit.trail import Trail, Wanted
from chassis.audit.verify import Head, JsonWebKey, Verification, believed, report
from chassis.commands import CannotDo


async def check_rows(trail: Trail, jwks: Path | None, witnesses: Sequence[str]) -> dict[str, Any]:
    """The whole record of a service. The end is read first: what comes meanwhile is not missed."""
    number, _ = await trail.end()
    keys = read_jwks(jwks) if jwks else await trail.keys()
    good, bad = _sorted(await trail.heads(), keys)
    verification = Verification({**good, **_witnessed(witnesses)})
    async for row in trail.all(Wanted()):
        verification.add(row)
    verification.end(number)
    return report(verification, bad)


def check_export(file: Path, jwks: Path | None, witnesses: Sequence[str]) -> dict[str, Any]:
    """An export. Without `jwks` it is believed by its own keys: it then is consistent, and no more."""
    try:
        lines = file.read_text().splitlines()
        keys = read_jwks(jwks) if jwks else [key for line in lines if (key := _key(line))]
        found = [read_line(line) for line in lines]
    except (OSError, ValueError, KeyError) as unreadable:
        raise CannotDo(f"{file} is not an export: {unreadable}") from unreadable
    good, bad = _sorted([each for each in found if isinstance(each, Head)], keys)
    verification = Verification({**good, **_witnessed(witnesses)})
    for row in found:
        if row is not None and not isinstance(row, Head):
            verification.add(row)
    verification.end(verification.last)
    return report(verification, bad)


def read_jwks(file: Path) -> Sequence[JsonWebKey]:
    """The keys of a JWKS (RFC 7517 section 5), each as text of JSON."""
    try:
        return [json.dumps(key) for key in json.loads(file.read_text())["keys"]]
    except OSError as unreadable:
        raise CannotDo(f"{file}: {unreadable.strerror}") from unreadable
    except (ValueError, KeyError, TypeError) as malformed:
        raise CannotDo(f"{file} is not a JWKS") from malformed


def verdict(found: dict[str, Any]) -> str:
    """For a person."""
    faults = [f"row {fault['number']}: {fault['says']}" for fault in found["faults"]]
    state = "whole" if found["whole"] else "BROKEN"
    ends = f"{found['signed_ends']} signed ends, the last hash is {found['hash']}"
    return "\n".join([f"{state}: {found['rows']} rows, {found['first']} to {found['last']}, {ends}", *faults])


def _sorted(heads: Sequence[Head], keys: Sequence[JsonWebKey]) -> tuple[dict[int, bytes], list[Head]]:
    bad = [head for head in heads if not believed(head, keys)]
    return {head.number: head.hash for head in heads if head not in bad}, bad


def _witnessed(witnesses: Sequence[str]) -> dict[int, bytes]:
    try:
        pairs = [witness.split(":", 1) for witness in witnesses]
        return {int(number): bytes.fromhex(digest) for number, digest in pairs}
    except ValueError as malformed:
        raise CannotDo("--head is NUMBER:HASH, as in a line `audit_head` of the logs") from malformed


def _key(line: str) -> JsonWebKey | None:
    said = json.loads(line)
    return json.dumps(said["key"]) if "key" in said else None
