"""What a soak judges: a leak is a leak however slow, and what was there before is none."""

from collections import Counter
from dataclasses import replace

import pytest

from bench.people import Person
from bench.soak import verdicts
from bench.soak_people import MOST_LEFT, ONCE, Stories, Turned, by_push, leaves_the_page
from bench.soak_watch import Look
from services.twofactor.model.push_pace import MOST_SENT

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


def test_nobody_takes_back_so_many_pushes_that_his_phone_is_not_asked_any_more() -> None:
    stories, person, in_a_row, most = Stories(), Person("somebody@example.com", "", ""), 0, 0
    for _ in range(5000):
        story = stories.of(person)
        in_a_row = {leaves_the_page: in_a_row + 1, by_push: 0}.get(story, in_a_row)
        most = max(most, in_a_row)
    assert most == MOST_LEFT
    assert MOST_LEFT + ONCE.count(leaves_the_page) < MOST_SENT
