"""Installs a peer into `.bench-peers` once, and again when its lock file or the Python that measures has changed."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.processes import ROOT

FOLDER = ROOT / ".bench-peers"
MARK = ".installed"
MOST_SECONDS = 600
LAST_WORDS = 12


class NotInstalled(Exception):
    """This peer cannot be had here; the message says what is missing."""


def is_current(folder: Path, lock: Sequence[Path]) -> bool:
    """Whether what stands there is what these files ask for, made for this Python."""
    mark = folder / MARK
    return mark.exists() and mark.read_text() == _digest(lock)


def mark_current(folder: Path, lock: Sequence[Path]) -> None:
    """The last step of an installation."""
    (folder / MARK).write_text(_digest(lock))


def run(command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None) -> str:
    """What the command has written; raises `NotInstalled` with its last words."""
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, **(environment or {})},
            check=False,
            capture_output=True,
            text=True,
            timeout=MOST_SECONDS,
        )
    except (OSError, subprocess.TimeoutExpired) as failed:
        raise NotInstalled(f"{command[0]}: {failed}") from None
    if done.returncode:
        words = "\n".join((done.stdout + done.stderr).strip().splitlines()[-LAST_WORDS:])
        raise NotInstalled(f"{' '.join(command[:3])} ended with status {done.returncode}:\n{words}")
    return done.stdout


def _digest(files: Sequence[Path]) -> str:
    # A peer in Python runs on the one that we run on: another build of it is another peer.
    return hashlib.sha256(sys.version.encode() + b"".join(path.read_bytes() for path in files)).hexdigest()
