"""The threat model names, for each threat, a test that exists, or says plainly that there is none and why."""

import re
from functools import cache
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
PAGE = (TESTS.parent / "docs/threat-model.md").read_text()
REFERENCE = re.compile(r"`([\w/]+\.py)::(test_\w+)`")
ADMITTED = re.compile(r"not (?:held|met|applicable): \w.{10,}")


def rows_of_threats() -> list[str]:
    """Give the last cell of each row of every table whose last column is called `test`."""
    cells, judged = [], False
    for line in PAGE.splitlines():
        last = line.rstrip("| ").rsplit("| ", 1)[-1]
        if not line.startswith("|"):
            judged = False
        elif last == "test":
            judged = True
        elif judged and not line.startswith("|---"):
            cells.append(last)
    return cells


@cache
def known_in(file: str) -> frozenset[str]:
    path = TESTS / file
    return (
        frozenset(re.findall(r"^(?:async )?def (test_\w+)", path.read_text(), re.MULTILINE))
        if path.is_file()
        else frozenset()
    )


def test_every_test_that_the_threat_model_names_exists() -> None:
    named = REFERENCE.findall(PAGE)
    assert len(named) > 100
    assert [f"{file}::{test}" for file, test in named if test not in known_in(file)] == []


def test_nothing_that_looks_like_a_test_is_left_unread() -> None:
    assert PAGE.count("::test_") == len(REFERENCE.findall(PAGE))


def test_every_threat_has_its_test_or_says_why_not() -> None:
    rows = rows_of_threats()
    assert len(rows) > 120
    assert [row for row in rows if not (REFERENCE.search(row) or ADMITTED.match(row))] == []
