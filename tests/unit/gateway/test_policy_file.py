"""The file changes under a running gateway."""

import os
from pathlib import Path

import pytest

from gateway.model.policy_text import PolicyFault
from gateway.store.policy_file import PolicyFile
from tests.unit.gateway.test_policy import GOOD


def rules(file: PolicyFile) -> list[str]:
    return [route.prefix for route in file.current.routes]


def settle(file: PolicyFile) -> None:
    """Nobody writes between two looks."""
    file.look()
    file.look()


def test_new_rules_are_taken_and_broken_ones_are_not(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(GOOD)
    file = PolicyFile(path)
    path.write_text(GOOD.replace("/app", "/other"))
    settle(file)
    assert (rules(file), file.note) == (["/other"], "")

    path.write_text(GOOD.replace("aal2", "aal9"))
    settle(file)
    assert rules(file) == ["/other"]
    assert (
        file.note
        == "the file is broken, the rules before it hold: line 6: require: must be one of: anonymous, aal2, client"
    )

    path.write_bytes(b"\xff\xfe")
    settle(file)
    path.unlink()
    settle(file)
    assert (rules(file), "No such file" in file.note) == (["/other"], True)

    path.write_text(GOOD)
    settle(file)
    assert (rules(file), file.note) == (["/app"], "")


def test_a_file_that_is_half_written_is_not_taken(tmp_path: Path) -> None:
    """What is there of it already is right, but lets everybody in where the rest does not."""
    path = tmp_path / "policy.toml"
    path.write_text(GOOD)
    file = PolicyFile(path)
    open_to_all = GOOD.replace('"/app"', '"/other"').replace("aal2", "anonymous")
    path.write_text(open_to_all)
    file.look()
    assert rules(file) == ["/app"]
    strict = GOOD.replace('"/app"', '"/other/strict"').replace('"app"', '"strict"')
    path.write_text(f"{open_to_all}\n{strict}")
    file.look()
    assert rules(file) == ["/app"]
    file.look()
    assert sorted(rules(file)) == ["/other", "/other/strict"]


def test_a_file_that_comes_back_as_it_was_is_well_again(tmp_path: Path) -> None:
    path, aside = tmp_path / "policy.toml", tmp_path / "aside"
    path.write_text(GOOD)
    file = PolicyFile(path)
    path.rename(aside)
    settle(file)
    assert "No such file" in file.note
    aside.rename(path)
    settle(file)
    assert (rules(file), file.note) == (["/app"], "")


def test_a_file_that_another_takes_the_place_of_is_read(tmp_path: Path) -> None:
    """As editors and Kubernetes do it: same size, same time, another file."""
    path, other = tmp_path / "policy.toml", tmp_path / "new"
    path.write_text(GOOD)
    file = PolicyFile(path)
    other.write_text(GOOD.replace("/app", "/abc"))
    found = path.stat()
    os.utime(other, ns=(found.st_atime_ns, found.st_mtime_ns))
    other.replace(path)
    settle(file)
    assert rules(file) == ["/abc"]


def test_a_gateway_does_not_begin_with_a_broken_file(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    with pytest.raises(OSError, match="No such file"):
        PolicyFile(path)
    path.write_text("x = 1")
    with pytest.raises(PolicyFault):
        PolicyFile(path)
