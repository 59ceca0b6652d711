"""A process that has imported all that `countersign` may need, and forks for each command line: a second less for each.

What forks is as bare as a fresh process: nothing has run in it but imports. That `python -m cli` itself starts is held by
whatever migrates a database here, and by tests/integration/system/test_audit.py.

    python -m tests.fakes.forking    {"words": [...], "environment": {...}, "folder": "/tmp/x"} -> 0, line by line
"""

import atexit
import gc
import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from tools.devstack.engines import ROOT

IN, OUT, ERR = "in", "out", "err"
LONGEST_SECONDS = 60
_one_at_a_time = threading.Lock()


class Ended(NamedTuple):
    """How a process ended, and what it wrote."""

    status: int
    out: str
    err: str


def run_cli(words: Sequence[str], environment: Mapping[str, str], typed: str) -> Ended:
    """`countersign words` in a process of its own with this environment; `typed` is its stdin."""
    with tempfile.TemporaryDirectory(prefix="cs-cli-") as name, _one_at_a_time:
        folder = Path(name)
        (folder / IN).write_text(typed)
        asked = {"words": list(words), "environment": dict(environment), "folder": name}
        stem = _stem()
        assert stem.stdin is not None
        assert stem.stdout is not None
        stem.stdin.write(json.dumps(asked) + "\n")
        stem.stdin.flush()
        status = int(stem.stdout.readline())
        return Ended(status, (folder / OUT).read_text(), (folder / ERR).read_text())


@cache
def _stem() -> "subprocess.Popen[str]":
    """It ends when its stdin does: with this process, however this ends."""
    command = [sys.executable, "-m", "tests.fakes.forking"]
    path = {"PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "libs")])}
    bare = {name: value for name, value in os.environ.items() if not name.startswith("COUNTERSIGN_")}
    return subprocess.Popen(
        command, cwd=ROOT, env={**bare, **path}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def _serve() -> None:
    importlib.import_module("cli.run")
    for module in importlib.import_module("cli.catalogue").MODULES.values():
        importlib.import_module(module)
    gc.freeze()
    while line := sys.stdin.readline():
        child = os.fork()
        if child == 0:
            _become(json.loads(line))
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def _become(asked: dict[str, Any]) -> NoReturn:
    """From here on this is the command: as `cli/__main__.py` is."""
    signal.alarm(LONGEST_SECONDS)
    folder = Path(asked["folder"])
    writing = os.O_WRONLY | os.O_CREAT
    for number, name, how in ((0, IN, os.O_RDONLY), (1, OUT, writing), (2, ERR, writing)):
        os.dup2(os.open(folder / name, how, 0o600), number)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 for as long as the process lives
    os.environ.clear()
    os.environ.update(asked["environment"])
    sys.argv = ["countersign", *asked["words"]]
    from cli.installation import from_environment
    from cli.run import run

    try:
        status = run(asked["words"], from_environment())
    except SystemExit as left:
        status = left.code if isinstance(left.code, int) else 1
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    # Not by sys.exit: taking all those modules down takes ten times as long as most commands.
    os._exit(status)


if __name__ == "__main__":
    _serve()
