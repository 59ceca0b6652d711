"""Server-sent events are read alike however the network cuts them."""

import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from countersign.sse import MAX_EVENT, Event, EventReader

STREAM = (
    b': comment\r\n\r\nid: 1\nevent: ended\ndata: {"sid":"a"}\n\nretry: 2500\rdata:first\rdata: second\r\r'
    b"event: nothing\n\nid: 2\n\ndata\n\nid: bad\0id\ndata: \xff\n\nunknown: x\ndata: last\r\n\r\n"
)  # fmt: skip
EVENTS = [
    Event("ended", '{"sid":"a"}', "1"),
    Event("message", "first\nsecond", "1"),
    Event("message", "", "2"),
    Event("message", "\ufffd", "2"),
    Event("message", "last", "2"),
]


def test_a_stream_in_one_piece() -> None:
    reader = EventReader()
    assert reader.feed(STREAM) == EVENTS
    assert (reader.last_id, reader.retry) == ("2", 2.5)


@given(st.lists(st.integers(0, len(STREAM)), max_size=40))
def test_a_stream_in_any_pieces(cuts: list[int]) -> None:
    reader, edges = EventReader(), [0, *sorted(cuts), len(STREAM)]
    found = [event for a, b in itertools.pairwise(edges) for event in reader.feed(STREAM[a:b])]
    assert found == EVENTS


def test_an_event_that_was_cut_off_comes_again() -> None:
    reader = EventReader("7")
    assert reader.feed(b"id: 8\nevent: ended\ndata: {}") == []
    assert reader.last_id == "7"


@pytest.mark.parametrize("flood", [b"x" * (MAX_EVENT + 1), b"data: " + b"x" * 100 + b"\n"])
def test_an_event_without_end_is_not_kept(flood: bytes) -> None:
    reader = EventReader()
    with pytest.raises(ValueError, match="64 KiB"):
        for _ in range(MAX_EVENT // 100 + 2):
            reader.feed(flood)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_without_a_fault(data: bytes) -> None:
    for event in EventReader().feed(data):
        json.dumps(event.data)
