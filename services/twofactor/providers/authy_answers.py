"""What Authy's JSON says, read once and leniently: ids are numbers or text, unknown members do not matter."""

import json
from collections.abc import Mapping
from typing import NoReturn

from services.twofactor.model.provider import PushStatus

_ID_DIGITS = 20
_ID_END = 10**_ID_DIGITS
_REFERENCE_LENGTH = 64


class Nonsense(ValueError):
    """Not what Authy writes. The text names the member that is wrong and never holds a value."""


def read_object(body: bytes) -> dict[str, object]:
    """A JSON object in UTF-8, whatever the Content-Type said; raises `Nonsense`.

    `NaN` and `Infinity` are no JSON, though Python reads them; of duplicate keys the last one counts, as in Ruby.
    """
    try:
        value = json.loads(body.decode(), parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise Nonsense("body") from None
    return as_object(value, "body")


def as_object(value: object, member: str) -> dict[str, object]:
    """The object, or raises `Nonsense`."""
    if not isinstance(value, dict):
        raise Nonsense(member)
    return value


def as_id(value: object, member: str) -> str:
    """An Authy id in decimal: written as a number or as text; raises `Nonsense`."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _ID_END:
        return str(value)
    if isinstance(value, str) and is_id(value):
        return str(int(value))
    raise Nonsense(member)


def is_id(text: str) -> bool:
    """Whether the text can stand for a person in a URL."""
    return text.isascii() and text.isdigit() and len(text) <= _ID_DIGITS


def is_reference(text: str) -> bool:
    """Whether the text can stand for an approval request in a URL: a UUID in practice."""
    return text.isascii() and text.replace("-", "").isalnum() and len(text) <= _REFERENCE_LENGTH


def as_reference(value: object, member: str) -> str:
    """An approval request's id, or raises `Nonsense`."""
    if isinstance(value, str) and is_reference(value):
        return value
    raise Nonsense(member)


def as_status(value: object, member: str) -> PushStatus:
    """Where an approval request stands, or raises `Nonsense`."""
    try:
        return PushStatus(value)  # type: ignore[arg-type]  # any value may be asked for
    except ValueError:
        raise Nonsense(member) from None


def unflagged(status: PushStatus, request: Mapping[str, object]) -> PushStatus:
    """What `flagged` means is not documented; an approval that carries it does not open a door, however it came."""
    is_flagged = request.get("flagged", False) is not False
    return PushStatus.DENIED if is_flagged and status is PushStatus.APPROVED else status


def is_true(value: object) -> bool:
    """Authy writes `true` everywhere but in a good token check, where it writes `"true"`."""
    return value is True or value == "true"


def texts(value: object) -> Mapping[str, str]:
    """The string members of a map; null, a list or an empty text stand for none."""
    if not isinstance(value, dict):
        return {}
    return {key: text for key, text in value.items() if isinstance(text, str)}


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
