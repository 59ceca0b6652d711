"""`make PYTHON=...`: `.venv` stands on the Python that was named."""

import fcntl
import os
import sys
from pathlib import Path

import pytest

from tools import bootstrap


@pytest.fixture
def python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where `.venv` has its Python, if there is a `.venv`."""
    monkeypatch.setattr(bootstrap, "VENV", str(tmp_path))
    return tmp_path / "bin" / "python"


def test_an_environment_of_this_python_is_kept(python: Path) -> None:
    python.parent.mkdir()
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    assert bootstrap.stands_on_this_python()


def test_the_same_version_in_another_build_is_another_python(python: Path) -> None:
    python.parent.mkdir()
    python.write_text(f"#!/bin/sh\necho {sys.base_prefix} {sys.version_info[0]}.{sys.version_info[1]} by somebody\n")
    python.chmod(0o755)
    assert not bootstrap.stands_on_this_python()


def test_an_environment_without_a_python_or_with_a_broken_one_is_none(python: Path) -> None:
    assert not bootstrap.stands_on_this_python()
    python.parent.mkdir()
    python.symlink_to("/nowhere/python3")
    assert not bootstrap.stands_on_this_python()


def test_nobody_else_installs_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bootstrap, "HERE", str(tmp_path))
    other = os.open(tmp_path, os.O_RDONLY)
    with bootstrap.one_at_a_time(), pytest.raises(BlockingIOError):
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(other)
