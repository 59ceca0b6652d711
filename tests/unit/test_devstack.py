"""What stands in the way of `make up` is said in one line, with what to do."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tools.devstack.__main__ import main
from tools.devstack.engines import DataFromAnotherVersion, PostgresFailed, start_postgres
from tools.devstack.stack import stand_back


def said_by_make_up(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    monkeypatch.setattr(sys, "argv", ["devstack", *arguments])
    with pytest.raises(SystemExit) as ended:
        sys.exit(main())
    assert ended.value.code in {1, 2}
    return capsys.readouterr().err.strip().splitlines()[-1]


@pytest.mark.parametrize("port", ["99999", "0", "-1", "8080x", "٨٠٨٠"])
def test_a_port_that_is_none(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], port: str) -> None:
    assert said_by_make_up(monkeypatch, capsys, f"--port={port}").endswith("name one from 1 to 65535")


def test_one_port_for_two_servers(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    said = said_by_make_up(monkeypatch, capsys, "--port=8090", "--simulator-port=8090")
    assert said.endswith("PORT and SIMULATOR_PORT are both 8090: two servers need two ports")


def test_a_data_folder_that_cannot_be_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    said = said_by_make_up(monkeypatch, capsys, f"--data={tmp_path / 'file'}")
    assert "cannot be the data folder" in said
    assert said.endswith("Name another that you may write to with DATA=")


def test_a_port_that_is_taken_or_not_for_everybody(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    faults = {errno.EADDRINUSE: "is taken", errno.EACCES: "is for root only"}
    for number, words in faults.items():

        def refused(*_: object, number: int = number) -> int:
            raise OSError(number, "refused")

        monkeypatch.setattr("tools.devstack.stack.take", refused)
        assert words in said_by_make_up(monkeypatch, capsys, f"--data={tmp_path}")


def test_a_folder_with_a_blank_in_its_path(tmp_path: Path) -> None:
    """pg_ctl would hand it to a shell in two halves."""
    with pytest.raises(PostgresFailed, match="Name a plain one with DATA="):
        start_postgres(tmp_path / "two words")
    assert not (tmp_path / "two words").exists()


def test_a_folder_of_another_postgresql(tmp_path: Path) -> None:
    (tmp_path / "PG_VERSION").write_text("17\n")
    with pytest.raises(DataFromAnotherVersion, match="written by PostgreSQL 17"):
        start_postgres(tmp_path)


def test_what_was_started_ends_with_who_is_told_to_stop() -> None:
    program = """
import asyncio, os, signal
from tools.devstack.signals import interrupted_by_signals
async def waits():
    try:
        asyncio.get_running_loop().call_soon(os.kill, os.getpid(), signal.SIGTERM)
        await asyncio.sleep(30)
    finally:
        print("ended", flush=True)
interrupted_by_signals()
asyncio.run(waits())
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=20, check=False)
    assert (done.stdout, done.returncode) == ("ended\n", -signal.SIGINT)


def test_a_process_that_stands_back_comes_behind_this_one() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        stand_back(process.pid, 3)
        assert os.getpriority(os.PRIO_PROCESS, process.pid) == min(19, os.getpriority(os.PRIO_PROCESS, 0) + 3)
        process.kill()
