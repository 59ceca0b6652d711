"""A challenge as a small hash: one letter a field, ids and addresses as bytes, so that 500 B hold all of it.

p partial_id   u user        e enrolment      r reference     `pack`ed
i address                                                     4 or 16 bytes, none if unknown
a account      n name        b browser        k tries_left
c channel      s status      y reason         g receipt
d delivery     its first letter, none before anything was sent
o bound        there if it is
w opened_in    trace and span                                 24 bytes, where traces are on
t created_at                                                  unix milliseconds
m updated_at   x expires_at  l login_ends_at                  milliseconds after t; no m before anything moved
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from uuid import UUID

from services.twofactor.model.challenge import Challenge, Status
from services.twofactor.model.channel import Channel, Delivery
from services.twofactor.model.context import Context

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_DELIVERIES = {delivery.value[0]: delivery for delivery in Delivery}
Fields = Mapping[bytes, bytes]
Written = bytes | str | int


def pack(text: str) -> bytes:
    """An id: `u` and 16 bytes for a UUID in its usual spelling, else `t` and the text."""
    try:
        value = UUID(text)
    except ValueError:
        return b"t" + text.encode()
    return b"u" + value.bytes if str(value) == text else b"t" + text.encode()


def unpack(packed: bytes) -> str:
    """The id again; "" for nothing."""
    return str(UUID(bytes=packed[1:])) if packed[:1] == b"u" else packed[1:].decode()


def pack_address(text: str) -> bytes:
    """An IP address as its bytes."""
    return ip_address(text).packed if text else b""


def unpack_address(packed: bytes) -> str:
    """The address again; "" for nothing."""
    return str(ip_address(packed)) if packed else ""


def delivery_letter(delivery: Delivery) -> str:
    """Its first; they differ."""
    return delivery.value[0]


def pack_trace(traceparent: str) -> bytes:
    """`00-<trace>-<span>-01` as trace and span."""
    _, trace, span, _ = traceparent.split("-")
    return bytes.fromhex(trace + span)


def unpack_trace(packed: bytes) -> str:
    """The same again; "" for nothing."""
    return f"00-{packed[:16].hex()}-{packed[16:].hex()}-01" if packed else ""


def all_fields(challenge: Challenge) -> dict[str, Written]:
    """A new challenge, whole; what is not known yet has no field."""
    moved = moving_fields(challenge)
    if challenge.updated_at == challenge.created_at:
        del moved["m"]
    return {
        "p": pack(challenge.partial_id),
        "u": pack(challenge.user),
        "e": pack(challenge.enrolment),
        "a": challenge.account,
        "c": challenge.channel.value,
        "n": challenge.name,
        "b": challenge.context.browser,
        "i": pack_address(challenge.context.address),
        "t": _since(_EPOCH, challenge.created_at),
        "l": _since(challenge.created_at, challenge.login_ends_at),
        "k": challenge.tries_left,
        **({} if challenge.delivery is Delivery.NONE else {"d": delivery_letter(challenge.delivery)}),
        **({"o": 1} if challenge.bound else {}),
        **({"w": pack_trace(challenge.opened_in)} if challenge.opened_in else {}),
        **moved,
    }


def moving_fields(challenge: Challenge) -> dict[str, Written]:
    """What a transition writes. Not the reference, the delivery or the tries: others write those meanwhile."""
    written: dict[str, Written] = {
        "s": challenge.status.value,
        "m": _since(challenge.created_at, challenge.updated_at),
        "x": _since(challenge.created_at, challenge.expires_at),
    }
    told = {"y": challenge.reason, "g": challenge.receipt}
    return {**written, **{name: text for name, text in told.items() if text}}


def read(login: str, challenge_id: str, stored: Fields) -> Challenge:
    """The challenge that `stored` holds; login and id stand in its key."""
    start = _after(_EPOCH, stored[b"t"])
    return Challenge(
        id=challenge_id,
        login=login,
        partial_id=unpack(stored[b"p"]),
        user=unpack(stored[b"u"]),
        enrolment=unpack(stored[b"e"]),
        account=stored[b"a"].decode(),
        channel=Channel(stored[b"c"].decode()),
        name=stored[b"n"].decode(),
        context=Context(stored[b"b"].decode(), unpack_address(stored[b"i"])),
        created_at=start,
        updated_at=_after(start, stored.get(b"m", b"0")),
        expires_at=_after(start, stored[b"x"]),
        login_ends_at=_after(start, stored[b"l"]),
        tries_left=int(stored[b"k"]),
        status=Status(stored[b"s"].decode()),
        bound=b"o" in stored,
        reason=stored.get(b"y", b"").decode(),
        delivery=_DELIVERIES[stored.get(b"d", b"n").decode()],
        reference=unpack(stored.get(b"r", b"")),
        receipt=stored.get(b"g", b"").decode(),
        opened_in=unpack_trace(stored.get(b"w", b"")),
    )


def _since(start: datetime, moment: datetime) -> int:
    return (moment - start) // _MILLISECOND


def _after(start: datetime, written: bytes) -> datetime:
    return start + int(written) * _MILLISECOND
