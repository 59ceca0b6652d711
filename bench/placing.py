"""Who computes on which cores: the product on some, whoever asks it and whatever stores for it on the others."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Placement:
    """Cores by number. None of `others`: there is only one, or nothing can be held to a core here."""

    ours: frozenset[int]
    others: frozenset[int]

    @property
    def told(self) -> str:
        """For whoever reads the figures."""
        if not self.others:
            return "drivers and stores share the product's cores: there is one core, or this is not Linux"
        ours, all_of_them = len(self.ours), len(self.ours) + len(self.others)
        return (
            f"gateway, auth and twofactor are held to {ours} of {all_of_them} cores, drivers, stores and simulator "
            "to the rest"
        )


def placement() -> Placement:
    """Half of the cores that we may use for the product, the smaller half if they are odd."""
    if sys.platform != "linux":
        return Placement(frozenset(range(os.cpu_count() or 1)), frozenset())
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) == 1:
        return Placement(frozenset(cores), frozenset())
    half = len(cores) // 2
    return Placement(frozenset(cores[:half]), frozenset(cores[half:]))


def hold(pid: int, cores: frozenset[int]) -> None:
    """On Linux: all threads of the process to these cores; threads and children that it begins later go along."""
    if sys.platform == "linux" and cores:
        for thread in Path(f"/proc/{pid}/task").iterdir():
            os.sched_setaffinity(int(thread.name), cores)


def hold_this_thread(cores: frozenset[int]) -> None:
    """The same for whoever calls."""
    if sys.platform == "linux" and cores:
        os.sched_setaffinity(0, cores)


@contextmanager
def aside(placed: Placement) -> Iterator[None]:
    """This process, and what it starts, on the cores that are not the product's; everywhere again afterwards."""
    hold(os.getpid(), placed.others)
    try:
        yield
    finally:
        hold(os.getpid(), placed.ours | placed.others)
