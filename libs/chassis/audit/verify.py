"""Whether the record is as it was written: each row follows from the one before, signed ends stand where they stood.

Rows come oldest first, from the database or from an export; keys from wherever the reader trusts them.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import jwt

from chassis.audit.entry import BEFORE_THE_FIRST, Sealed

HEAD = "audit-head+jwt"
ALGORITHMS = ["ES256", "EdDSA"]
# Of a chain that was changed thoroughly, the first rows tell enough.
MOST_FAULTS = 20
LATE = timedelta(minutes=10)
JsonWebKey = str


@dataclass(frozen=True)
class Head:
    """An end of the chain as the service signed it; `at` says when."""

    number: int
    hash: bytes
    at: datetime
    jws: str


@dataclass(frozen=True)
class Fault:
    """What is wrong, at which row."""

    number: int
    says: str


def believed(head: Head, keys: Sequence[JsonWebKey], issuer: str | None = None) -> bool:
    """Whether one of `keys` signed exactly this."""
    try:
        header = jwt.get_unverified_header(head.jws)
        jwk = next(json.loads(key) for key in keys if json.loads(key).get("kid") == header.get("kid"))
        if header.get("typ") != HEAD or header.get("alg") != jwk.get("alg"):
            return False
        claims = jwt.decode(head.jws, jwt.PyJWK(jwk), algorithms=ALGORITHMS, issuer=issuer)
    except (jwt.PyJWTError, StopIteration, ValueError):
        return False
    return bool((claims.get("number"), claims.get("hash")) == (head.number, head.hash.hex()))


@dataclass
class Verification:
    """Takes rows one after the other. `heads`: hashes by number, those that are believed."""

    heads: Mapping[int, bytes]
    faults: list[Fault] = field(default_factory=list)
    rows: int = 0
    late: int = 0
    first: int = 0
    last: int = 0
    hash: bytes = b""

    def add(self, row: Sealed) -> None:
        """The next row."""
        if not self.rows:
            self._begin(row)
        elif row.number != self.last + 1:
            self._found(row.number, f"rows {self.last + 1} to {row.number - 1} are missing")
            self.hash = b""
        if self.hash and not row.follows(self.hash):
            self._found(row.number, "this row was changed, or put in place of another")
        if self.heads.get(row.number, row.hash) != row.hash:
            self._found(row.number, "another hash was signed for this row: it, or one before it, was written anew")
        self.rows, self.last, self.hash = self.rows + 1, row.number, row.hash
        self.late += row.sealed_at - row.entry.at > LATE

    def end(self, number: int) -> None:
        """There are no more rows; `number` is the highest that the chain claims to have."""
        known = max([number, *self.heads])
        if known > self.last:
            self._found(self.last + 1, f"rows {self.last + 1} to {known} are missing at the end")

    def _begin(self, row: Sealed) -> None:
        self.first = row.number
        before = BEFORE_THE_FIRST if row.number == 1 else self.heads.get(row.number - 1)
        if before is None:
            self._found(row.number, f"rows before {row.number} are gone and no signed end vouches for where they ended")
        self.hash = before or b""

    def _found(self, number: int, says: str) -> None:
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(Fault(number, says))


def report(verification: Verification, unbelieved: Sequence[Head]) -> dict[str, Any]:
    """What there is to say, as a document."""
    faults = [Fault(head.number, "the signature of this signed end is not believed") for head in unbelieved]
    return {
        "whole": not verification.faults and not faults,
        "rows": verification.rows,
        "first": verification.first,
        "last": verification.last,
        "hash": verification.hash.hex(),
        "signed_ends": len(verification.heads),
        "recorded_late": verification.late,
        "faults": [{"number": fault.number, "says": fault.says} for fault in [*verification.faults, *faults]],
    }
