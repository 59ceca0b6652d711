"""What a soak judges: a leak is a leak however slow, and what was there before is none."""

from collections import Counter
from dataclasses import replace

import pytest

from bench.soak import verdicts
from bench.soak_people import Turned
from bench.soak_watch import Look

BEFORE = Look(
    memory={"gateway": 90.0, "auth": 95.0, "twofactor": 90.0},
    tasks=50,
    descriptors=90,
    threads=17,
    database_connections=9,
    valkey_clients=12,
    keys=700,
    keys_without_end=1,
)
WELL = Counter({Turned.WELL: 9000, Turned.REFUSED: 10})


def failing(after: Look, turned: Counter[Turned] = WELL) -> list[str]:
    return [verdict.what for verdict in verdicts(BEFORE, after, turned) if not verdict.holds]


def test_a_system_that_is_as_it_was_holds() -> None:
    assert failing(BEFORE) == []


@pytest.mark.parametrize(
    ("leak", "said"),
    [
        ({"memory": {**BEFORE.memory, "auth": 120.0}}, "memory of auth after / before"),
        ({"tasks": 56}, "tasks, more than before"),
        ({"descriptors": 120}, "descriptors, more than before"),
        ({"threads": 20}, "threads, more than before"),
        ({"database_connections": 16}, "database connections, more than before"),
        ({"valkey_clients": 20}, "valkey clients, more than before"),
        ({"keys": 720}, "keys, more than before"),
        ({"keys_without_end": 4}, "keys without end, more than before"),
    ],
)
def test_what_was_not_given_back_is_named(leak: dict[str, object], said: str) -> None:
    assert failing(replace(BEFORE, **leak)) == [said]  # type: ignore[arg-type] # one field at a time


def test_one_story_that_ends_wrongly_is_too_many_and_so_are_many_refusals() -> None:
    assert failing(BEFORE, WELL + Counter({Turned.WRONG: 1})) == ["stories that ended as they must not"]
    assert failing(BEFORE, Counter({Turned.WELL: 90, Turned.REFUSED: 10})) == ["stories refused for too much"]
