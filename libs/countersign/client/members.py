"""The members of an answer, read as what they must be."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NoReturn, cast

from countersign.client.errors import UnexpectedAnswer

Document = Mapping[str, Any]


def text(document: Document, name: str) -> str:
    """A text; raises `UnexpectedAnswer`, as all of these do."""
    value = document.get(name)
    return value if isinstance(value, str) else _unfit(name)


def text_or_none(document: Document, name: str) -> str | None:
    """A text, or None where it is null or absent."""
    return None if document.get(name) is None else text(document, name)


def whole(document: Document, name: str) -> int:
    """A whole number."""
    value = document.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else _unfit(name)


def flag(document: Document, name: str, default: bool | None = None) -> bool:
    """True or false; `default` where it is absent, if there is one."""
    value = document.get(name, default)
    return value if isinstance(value, bool) else _unfit(name)


def moment(document: Document, name: str) -> datetime:
    """A time of RFC 3339."""
    try:
        return datetime.fromisoformat(text(document, name))
    except ValueError:
        _unfit(name)


def texts(document: Document, name: str) -> tuple[str, ...]:
    """Several texts."""
    return tuple(each if isinstance(each, str) else _unfit(name) for each in _list(document, name))


def objects(document: Document, name: str) -> list[Document]:
    """Several objects."""
    found = _list(document, name)
    return [cast("Document", each) if isinstance(each, dict) else _unfit(name) for each in found]


def part(document: Document, name: str) -> Document:
    """An object; {} where it is null or absent."""
    value: object = document.get(name) or {}
    return cast("Document", value) if isinstance(value, dict) else _unfit(name)


def _list(document: Document, name: str) -> list[object]:
    value = document.get(name)
    return cast("list[object]", value) if isinstance(value, list) else _unfit(name)


def _unfit(name: str) -> NoReturn:
    raise UnexpectedAnswer(200, "unexpected_answer", f"The answer's `{name}` is missing or of another kind.")
