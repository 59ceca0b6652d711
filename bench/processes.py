"""Processes that are measured: started on one core, read by the operating system's own accounting, and ended."""

import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import psutil

ROOT = Path(__file__).resolve().parents[1]
# As it was before anything was pinned: the driver, too, stands on a core of its own later.
CORES = sorted(os.sched_getaffinity(0)) if sys.platform == "linux" else list(range(os.cpu_count() or 1))
READY_SECONDS = 30.0
STOP_SECONDS = 15.0


class NotReady(Exception):
    """A process did not come up; its last words are in the message."""


def cpu_seconds(processes: Sequence[psutil.Process]) -> float:
    """CPU time so far, user's and system's, of all of them and their children."""
    spent = 0.0
    for process in with_children(processes):
        with suppress(psutil.NoSuchProcess):
            spent += _cpu(process)
    return spent


def _cpu(process: psutil.Process) -> float:
    """To the nanosecond where the kernel says so (Linux): `cpu_times` counts hundredths, each a dozen small answers."""
    threads = list(Path(f"/proc/{process.pid}/task").glob("*/schedstat"))
    spent = 0
    for thread in threads:
        # One that has ended since takes along what it did.
        with suppress(OSError):
            spent += int(thread.read_text().split()[0])
    times = None if threads else process.cpu_times()
    return spent / 1e9 if times is None else float(times.user + times.system)


def resident(process: psutil.Process) -> int:
    """Bytes of memory that it holds."""
    held: int = process.memory_info().rss
    return held


def with_children(processes: Sequence[psutil.Process]) -> list[psutil.Process]:
    """The processes and all that they have started."""
    return [each for process in processes for each in (process, *process.children(recursive=True))]


@dataclass(frozen=True)
class Server:
    """A running process and where it answers."""

    url: str
    process: psutil.Process


@contextmanager
def serving(
    module: str, *arguments: str, port: int, ready: str = "/", settings: Mapping[str, str] | None = None, core: int = 0
) -> Iterator[Server]:
    """`python -m module arguments`, on one core; ready once `ready` answers anything at all below 500."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("COUNTERSIGN_")}
    environment = {**plain, "PYTHONPATH": f"{ROOT}:{ROOT / 'libs'}", **(settings or {})}
    command = [sys.executable, "-m", module, *arguments]
    with running(command, ROOT, environment, port=port, ready=ready, core=core) as server:
        yield server


@contextmanager
def running(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], *, port: int, ready: str, core: int = 0
) -> Iterator[Server]:
    """Any program in that folder, as above. Raises `NotReady`."""
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
        try:
            pin(process.pid, core)
            _wait(process, url + ready, log)
            yield Server(url, psutil.Process(process.pid))
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def pin(pid: int, core: int) -> None:
    """On Linux: all its threads to this core (counted from 0, round and round); a pid of 0 is the caller's thread."""
    if sys.platform == "linux":
        for task in Path(f"/proc/{pid}/task").iterdir() if pid else (Path("0"),):
            os.sched_setaffinity(int(task.name), {CORES[core % len(CORES)]})


def unpin() -> None:
    """The caller may use all cores again, and so may what it starts."""
    if sys.platform == "linux":
        os.sched_setaffinity(0, CORES)


def _wait(process: "subprocess.Popen[bytes]", address: str, log: BinaryIO) -> None:
    try:
        answers_at(process, address)
    except NotReady:
        log.seek(0)
        raise NotReady(f"{address}\n{log.read().decode(errors='replace')[-2000:]}") from None


def answers_at(process: "subprocess.Popen[bytes]", address: str) -> None:
    """Returns once it answers there; raises `NotReady`."""
    give_up = time.monotonic() + READY_SECONDS
    while not _answers(address):
        if process.poll() is not None or time.monotonic() > give_up:
            raise NotReady(address)
        time.sleep(0.05)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2):
            return True
    except urllib.error.HTTPError as refused:
        return refused.code < 500
    except (urllib.error.URLError, OSError):
        return False
