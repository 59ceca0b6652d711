"""Several processes of one service on one port: a master that serves nothing, and workers that it keeps alive.

The master forks when the application is built and nothing of it has started, so that workers share what they never
change. Between them the kernel divides the connections (SO_REUSEPORT); a worker that dies is followed by another, later
each time if it dies young. Each worker is a process like any other: it has its own followers, stores and keys.
"""

import ctypes
import gc
import os
import signal
import sys
import time
from dataclasses import dataclass, field

import structlog

log = structlog.get_logger()
BACK_OFF = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0)
# A worker that lived so long (seconds) has started well.
YOUNG = 10.0
# So often in a row a worker may die young before all of it is given up: something stands in the way of every start.
PATIENCE = 6
# After the drain, so many seconds until a worker that does not end is ended.
MERCY = 5.0
STOP = frozenset({signal.SIGTERM, signal.SIGINT})
HEARD = STOP | {signal.SIGCHLD}
PR_SET_PDEATHSIG = 1


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


@dataclass
class Worker:
    """One place among the workers, whoever fills it now."""

    index: int
    pid: int = 0
    began: float = 0.0
    due: float = 0.0
    died_young: int = 0


@dataclass
class Master:
    """Keeps `count` workers alive until it is told to stop; then lets each drain for `drain_seconds`."""

    count: int
    drain_seconds: float
    workers: list[Worker] = field(default_factory=list)
    kill_at: float | None = None
    status: int = 0

    def run(self) -> int | None:
        """In a worker: its index, from 0. In the master: None, when all workers have ended."""
        signal.pthread_sigmask(signal.SIG_BLOCK, HEARD)
        self.workers = [Worker(index) for index in range(self.count)]
        while True:
            worker = self._start_one()
            if worker is not None:
                return worker.index
            heard = signal.sigtimedwait(HEARD, self._seconds_until_something_is_due())
            if heard is not None and heard.si_signo in STOP:
                self._stop()
            self._bury()
            if self._is_over():
                return None

    @property
    def alive(self) -> list[Worker]:
        return [worker for worker in self.workers if worker.pid]

    def _start_one(self) -> Worker | None:
        """Fills the places that are due; answers, in the process that was made for it, the worker."""
        for worker in self.workers:
            if worker.pid or self.kill_at is not None or worker.due > time.monotonic():
                continue
            worker.pid, worker.began = os.fork(), time.monotonic()
            if not worker.pid:
                _become_a_worker()
                return worker
        return None

    def _bury(self) -> None:
        for worker in self.alive:
            pid, status = os.waitpid(worker.pid, os.WNOHANG)
            if pid:
                self._note_death(worker, os.waitstatus_to_exitcode(status))

    def _note_death(self, worker: Worker, code: int) -> None:
        worker.pid = 0
        if self.kill_at is not None:
            return
        lived = time.monotonic() - worker.began
        worker.died_young = worker.died_young + 1 if lived < YOUNG else 0
        worker.due = time.monotonic() + BACK_OFF[min(worker.died_young, len(BACK_OFF) - 1)]
        log.error("worker_died", worker=worker.index, status=code, seconds=round(lived, 1))
        if worker.died_young >= PATIENCE:
            self.status = code if code > 0 else 1
            self._stop()

    def _stop(self) -> None:
        if self.kill_at is None:
            self.kill_at = time.monotonic() + self.drain_seconds + MERCY
        for worker in self.alive:
            os.kill(worker.pid, signal.SIGTERM)

    def _is_over(self) -> bool:
        if self.kill_at is None or not self.alive:
            return self.kill_at is not None
        if time.monotonic() >= self.kill_at:
            for worker in self.alive:
                os.kill(worker.pid, signal.SIGKILL)
        return False

    def _seconds_until_something_is_due(self) -> float:
        waits = [worker.due for worker in self.workers if not worker.pid and self.kill_at is None]
        return max(0.05, min([*waits, time.monotonic() + 1.0]) - time.monotonic())


def _become_a_worker() -> None:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, HEARD)
    # A master that is killed takes its workers along: nobody else would tell them to stop.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def divide(count: int, drain_seconds: float) -> int:
    """Becomes the master of `count` workers; comes back in each worker, with its index. Of one there is no master.

    The master ends the process when all workers have ended.
    """
    if count == 1:
        return 0
    if sys.platform != "linux":
        raise SystemExit("COUNTERSIGN_WORKERS: more than one only on Linux, where the kernel divides the connections")
    # What is there already stays for good: workers share its pages as long as no collector writes into them.
    gc.collect()
    gc.freeze()
    master = Master(count, drain_seconds)
    index = master.run()
    if index is None:
        raise SystemExit(master.status)
    return index
