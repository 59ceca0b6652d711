"""The tools of `make bench` start, and what they say is sane."""

import json
from collections.abc import Callable

import psutil
import pytest

from bench import proxy
from bench.load import Load, NotLocal, cycle, get
from bench.processes import serving
from bench.report import page
from bench.results import about_this_machine
from bench.rounds import Case, Findings, Plan, Row, Sample, Unexpected, Verdict, measure, ratio

TINY = Plan(seconds=0.15, rounds=2, warm_up=0.05, is_quick=True)
OK = frozenset({200})


def test_a_floor_is_measured_and_compared(free_port: Callable[[], int]) -> None:
    port = free_port()
    told: list[str] = []
    with serving("bench.floors", "hello", str(port), port=port) as server:
        request = cycle([get("/floor", {"Accept": "*/*"})])
        case = Case("hello", [server.process], lambda: Load(server.url, request, connections=4), OK)
        row = measure([case], TINY, told.append)["hello"]
        with pytest.raises(Unexpected):
            measure([Case("odd", [psutil.Process()], case.load, frozenset({204}))], TINY, told.append)
    assert row.median("per_second") > 50
    assert 1 < row.median("cpu_us") < 20_000
    assert 0 < row.median("p50_ms") <= row.median("p99_ms")
    assert ratio(row, row) == ratio(row, row, "cpu_us") == 1
    assert told[:3] == ["hello: warm-up", "hello: round 1 of 2", "hello: round 2 of 2"]


async def test_load_is_for_this_machine_only() -> None:
    for url in ("http://192.0.2.1:80", "http://[2001:db8::1]:80"):
        with pytest.raises(NotLocal):
            await Load(url, cycle([b""])).run(1)
    with pytest.raises(NotLocal):
        await Load("http://127.0.0.1:1", cycle([b""]), connections=100_000).run(1)


def test_what_holds_and_what_does_not_is_written_down() -> None:
    rows = [Row("floor", [Sample(100, 50, 1, 2)] * 3), Row("ours", [Sample(90, 55, 1, 3)] * 3)]
    verdicts = [Verdict(2, "much", 0.9, 0.85), Verdict(6, "memory", 95, 90, "MiB", is_most=True)]
    found = json.loads(json.dumps(Findings("proxy", rows, verdicts, ["a note"]).document()))
    machine = {**about_this_machine(), "optimised": True}
    about = {"date": "2026-01-02", "machine": machine, "plan": {"rounds": 3, "seconds": 1}}
    text = page([("proxy", {**about, **found})], {})
    assert "| 2 | much | 0.90 | at least 0.85 | holds |" in text
    assert "| 6 | memory | 95.00 MiB | at most 90 MiB | **does not hold** |" in text
    assert "| ours | 90 (90-90) | 55 (55-55) | 1 (1-1) | 3 (3-3) |" in text
    assert "(optimised)" in text
    assert proxy.count(TINY) == 6
