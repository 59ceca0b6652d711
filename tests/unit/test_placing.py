"""What is measured and who measures it do not share cores, as far as there are cores."""

import os
import sys

import pytest

from bench.placing import aside, hold_this_thread, placement

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux holds a thread to cores")


@pytest.mark.parametrize(("cores", "ours", "others"), [({3}, {3}, set()), ({0, 1}, {0}, {1}), ({2, 4, 6}, {2}, {4, 6})])
def test_the_product_has_cores_of_its_own(
    cores: set[int], ours: set[int], others: set[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: cores)
    placed = placement()
    assert (placed.ours, placed.others) == (ours, others)
    assert ("share" in placed.told) is not bool(others)


def test_whoever_measures_stands_aside_and_comes_back() -> None:
    allowed = os.sched_getaffinity(0)
    placed = placement()
    with aside(placed):
        assert os.sched_getaffinity(0) == (placed.others or allowed)
        hold_this_thread(placed.ours)
        assert os.sched_getaffinity(0) == placed.ours
    assert os.sched_getaffinity(0) == allowed
