"""Server-sent events, read from bytes as they come (WHATWG HTML section 9.2.6)."""

from dataclasses import dataclass
from typing import Final

MAX_EVENT: Final = 64 * 1024


@dataclass(frozen=True)
class Event:
    """One event: `name` is `message` where the server gives none, `id` the last id seen on this stream."""

    name: str
    data: str
    id: str


class EventReader:
    """Bytes in, whole events out: `reader.feed(piece)`.

    `last_id` and `retry` (seconds; None if it was never said) are what the stream said last.
    """

    def __init__(self, last_id: str = "") -> None:
        self.last_id = last_id
        self.retry: float | None = None
        self._buffer, self._id = b"", last_id
        self._name, self._data = "", list[str]()
        self._size = 0
        self._is_after_return = False

    def feed(self, piece: bytes) -> list[Event]:
        """The events that this piece completes; raises ValueError for one that is larger than 64 KiB."""
        self._buffer += piece
        found: list[Event] = []
        while (line := self._line()) is not None:
            self._size += len(line)
            event = self._read(line.decode("utf-8", "replace"))
            found += [event] if event else []
            if self._size > MAX_EVENT:
                raise ValueError("an event is larger than 64 KiB")
        if len(self._buffer) > MAX_EVENT:
            raise ValueError("a line is larger than 64 KiB")
        return found

    def _line(self) -> bytes | None:
        # Lines end with CR LF, LF or CR; the LF after a CR may come in the next piece.
        if self._is_after_return and self._buffer:
            self._buffer = self._buffer.removeprefix(b"\n")
            self._is_after_return = False
        ends = [end for end in (self._buffer.find(b"\n"), self._buffer.find(b"\r")) if end >= 0]
        if not ends:
            return None
        end = min(ends)
        line, self._is_after_return = self._buffer[:end], self._buffer[end : end + 1] == b"\r"
        self._buffer = self._buffer[end + 1 :]
        return line

    def _read(self, line: str) -> Event | None:
        if not line:
            return self._dispatch()
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        match name:
            case "event":
                self._name = value
            case "data":
                self._data.append(value)
            case "id" if "\0" not in value:
                self._id = value
            case "retry" if value.isascii() and value.isdigit() and len(value) <= 9:
                self.retry = int(value) / 1000
            case _:
                # A comment, or a field of a later standard.
                pass
        return None

    def _dispatch(self) -> Event | None:
        name, data = self._name or "message", self._data
        self._name, self._data, self._size = "", [], 0
        # Only now: an event that a broken connection cut in half has to come again.
        self.last_id = self._id
        return Event(name, "\n".join(data), self.last_id) if data else None
