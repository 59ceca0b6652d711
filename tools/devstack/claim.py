"""A data folder belongs to one stack at a time, also when the one before was killed and left its processes behind."""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

STOP_SECONDS = 10.0


class DataInUse(Exception):
    """Another stack runs on this folder."""


@contextmanager
def claimed(data: Path) -> Iterator["Claim"]:
    """The folder, ours until we are done; raises `DataInUse`. What a killed stack left running on it is ended first."""
    with (data / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DataInUse(f"{data} is in use by another make up. Stop that one, or name another with DATA=") from None
        claim = Claim(data / "processes.json")
        claim.end_leftovers()
        yield claim


class Claim:
    """Remembers which processes are ours: by number and by when they began, since numbers are used again."""

    def __init__(self, record: Path) -> None:
        self.record = record

    def note_children(self) -> None:
        """Writes down every process that this one has started."""
        children = psutil.Process().children(recursive=True)
        self.record.write_text(json.dumps([[child.pid, child.create_time()] for child in children]))

    def end_leftovers(self) -> None:
        """Ends what is written down and still runs."""
        noted = json.loads(self.record.read_text()) if self.record.exists() else []
        left = [process for pid, began in noted if (process := _same(pid, began)) is not None]
        for process in left:
            with suppress(psutil.NoSuchProcess):
                process.terminate()
        _, alive = psutil.wait_procs(left, timeout=STOP_SECONDS)
        for process in alive:
            process.kill()
        self.record.unlink(missing_ok=True)


def _same(pid: int, began: float) -> psutil.Process | None:
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        return process if abs(process.create_time() - began) < 1 else None
    return None
