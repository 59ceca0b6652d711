"""A challenge as a small hash: one letter a field and ids packed to their 16 bytes, so that 500 B hold all of it.

p partial_id   u user        e enrolment   r reference   (packed)
a account      n name        b browser     i address     (text)
c channel      d delivery    s status      y reason      g receipt
t created_at   m updated_at  x expires_at  l login_ends_at   (unix milliseconds)   k tries_left
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

from services.twofactor.model.challenge import Challenge, Status
from services.twofactor.model.channel import Channel, Delivery
from services.twofactor.model.context import Context

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
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


def milliseconds(moment: datetime) -> int:
    """Unix time in milliseconds."""
    return (moment - _EPOCH) // _MILLISECOND


def moment(written: bytes) -> datetime:
    """The moment again, to the millisecond."""
    return _EPOCH + int(written) * _MILLISECOND


def all_fields(challenge: Challenge) -> dict[str, Written]:
    """A new challenge, whole; what is not known yet has no field."""
    return {
        "p": pack(challenge.partial_id),
        "u": pack(challenge.user),
        "e": pack(challenge.enrolment),
        "a": challenge.account,
        "c": challenge.channel.value,
        "n": challenge.name,
        "b": challenge.context.browser,
        "i": challenge.context.address,
        "t": milliseconds(challenge.created_at),
        "l": milliseconds(challenge.login_ends_at),
        "k": challenge.tries_left,
        "d": challenge.delivery.value,
        **moving_fields(challenge),
    }


def moving_fields(challenge: Challenge) -> dict[str, Written]:
    """What a transition writes. Not the reference, the delivery or the tries: others write those meanwhile."""
    written: dict[str, Written] = {
        "s": challenge.status.value,
        "m": milliseconds(challenge.updated_at),
        "x": milliseconds(challenge.expires_at),
    }
    told = {"y": challenge.reason, "g": challenge.receipt}
    return {**written, **{name: text for name, text in told.items() if text}}


def read(login: str, challenge_id: str, stored: Fields) -> Challenge:
    """The challenge that `stored` holds; login and id stand in its key."""
    return Challenge(
        id=challenge_id,
        login=login,
        partial_id=unpack(stored[b"p"]),
        user=unpack(stored[b"u"]),
        enrolment=unpack(stored[b"e"]),
        account=stored[b"a"].decode(),
        channel=Channel(stored[b"c"].decode()),
        name=stored[b"n"].decode(),
        context=Context(stored[b"b"].decode(), stored[b"i"].decode()),
        created_at=moment(stored[b"t"]),
        updated_at=moment(stored[b"m"]),
        expires_at=moment(stored[b"x"]),
        login_ends_at=moment(stored[b"l"]),
        tries_left=int(stored[b"k"]),
        status=Status(stored[b"s"].decode()),
        reason=stored.get(b"y", b"").decode(),
        delivery=Delivery(stored[b"d"].decode()),
        reference=unpack(stored.get(b"r", b"")),
        receipt=stored.get(b"g", b"").decode(),
    )
