"""The arithmetic of docs/scaling.md."""

import json
import random
from typing import Any

import pytest

from bench.processes import ROOT
from bench.report import scaled
from bench.results import read
from bench.scaling_model import Costs, Sizes, Use, costs_of, ends, hashing, needs

COSTS = Costs(0.1, 0.3, 50.0, {"gateway": 4.0, "auth": 6.0, "twofactor": 8.0}, 500.0, 16_384.0, 40_000.0)
DAY = 86_400.0


def test_what_is_needed_grows_with_people_and_peak() -> None:
    use = Use(logins_a_day=1, peak=4, checks_a_login=100, pushes=0.5, approve_seconds=10, busy=0.5)
    found = needs(DAY * 100, use, COSTS, Sizes())
    assert found["logins/s on average"] == 100
    assert found["logins/s at the peak"] == 400
    # 400 logins at 4 ms and 40,000 checks at 0.1 ms are 5.6 cores, and half of each may be used.
    assert found["gateway processes"] == 12
    assert found["auth processes"] == 45
    assert found["twofactor processes"] == 7
    assert found["browsers waiting at the peak"] == 2000
    assert found["requests/s to the vendor at the peak"] == 400
    twice = needs(DAY * 200, use, COSTS, Sizes())
    assert twice["PostgreSQL: the record, GB"] == 2 * found["PostgreSQL: the record, GB"]


def test_two_of_everything_however_few_there_are() -> None:
    found = needs(10, Use(), COSTS, Sizes())
    assert [found[f"{name} processes"] for name in ("gateway", "auth", "twofactor")] == [2, 2, 2]


def test_what_ends_first_comes_first_and_later_if_people_come_seldom() -> None:
    often, seldom = ends(Use(), COSTS, Sizes()), ends(Use(logins_a_day=0.1), COSTS, Sizes())
    assert [people for _, people in often] == sorted(people for _, people in often)
    assert dict(seldom) == pytest.approx({what: 10 * people for what, people in often})


def test_a_login_waits_the_longer_the_fewer_processes_there_are() -> None:
    calm = hashing(100, 12, 0.05, 32, random.Random(1))
    busy = hashing(100, 6, 0.05, 32, random.Random(1))
    too_many = hashing(100, 3, 0.05, 4, random.Random(1))
    assert calm[0] < busy[0] < too_many[0] <= 4 * 0.05
    assert calm[1] == busy[1] == 0 < too_many[1]


def test_costs_are_those_of_the_last_measurement() -> None:
    results: dict[str, Any] = read()
    costs = costs_of(results)
    assert set(costs.login_ms) == {"gateway", "auth", "twofactor"}
    assert costs.hash_ms * 1000 == next(
        row["cpu_us"] for row in results["hash"]["rows"] if row["name"] == "Argon2 alone"
    )
    assert costs.check_ms < costs.proxy_ms < costs.hash_ms
    with pytest.raises(KeyError):
        costs_of({})


def test_the_page_has_the_table_of_these_results() -> None:
    text = (ROOT / "docs/scaling.md").read_text()
    assert scaled(text, json.loads((ROOT / "bench/results.json").read_text())) == text, "make bench-report"
    assert scaled(text, {}) == text
