"""A disk that can be filled without harm: a file system of its own, in memory, where this machine lets us make one."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SIZE = "320m"


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """The data folder of the system: on a small disk, or in `folder` itself if there can be none."""
    folder.chmod(0o755)
    place = folder / "disk"
    place.mkdir(mode=0o755)
    mounted = _run("mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=755", "none", str(place))
    if not mounted:
        print("no small disk could be made here (not root?): the disk is not filled", file=sys.stderr)
    try:
        yield place / "data"
    finally:
        if mounted:
            _run("umount", str(place))


def is_small(data: Path) -> bool:
    """Whether `data` stands on such a disk."""
    return data.parent.is_mount()


def _run(*command: str) -> bool:
    try:
        return subprocess.run(command, check=False, capture_output=True).returncode == 0
    except FileNotFoundError:
        return False
