"""What one page wants to say on the next: every POST answers with a redirect, and this crosses it in a brief cookie.

The cookie holds nothing secret: what the person typed (never a password) and sentences about it. `__Host-` keeps other
hosts from planting one; it is shown once, escaped like everything else.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from gateway.pages.views import Field, Form

COOKIE = "__Host-note"
SECONDS = 120
# Browsers drop a cookie of more than 4096 bytes, and base64 takes a third.
MAX_LENGTH = 3800


@dataclass(frozen=True)
class Note:
    """`page` is the path it is meant for; `errors` and `kept` are by field; `problem` and `news` are sentences."""

    page: str = ""
    problem: str = ""
    news: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    kept: Mapping[str, str] = field(default_factory=dict)

    def form(self, **defaults: str) -> Form:
        """The form of the page as it was left; `defaults` fill what was not typed."""
        values = {**defaults, **self.kept}
        names = {*values, *self.errors}
        fields = {name: Field(values.get(name, ""), self.errors.get(name, "")) for name in names}
        return Form(fields, self.problem)


def write(note: Note) -> str:
    """The cookie's value; what was kept is left out if it would not fit."""
    value = _encode(asdict(note))
    return value if len(value) <= MAX_LENGTH else _encode({**asdict(note), "kept": {}})


def read(value: str | None, page: str) -> Note:
    """The note for this page; an empty one if there is none, or none that we wrote."""
    try:
        found = json.loads(base64.urlsafe_b64decode(value or ""))
        note = Note(
            page=str(found["page"]),
            problem=str(found["problem"]),
            news=str(found["news"]),
            errors=_texts(found["errors"]),
            kept=_texts(found["kept"]),
        )
    except (binascii.Error, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Note()
    return note if note.page == page else Note()


def _encode(document: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(document, separators=(",", ":")).encode()).decode()


def _texts(found: Mapping[object, object]) -> dict[str, str]:
    return {str(name): str(text) for name, text in found.items()}
