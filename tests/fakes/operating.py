"""`countersign` as an operator runs it: a process of its own, or, where nothing is logged, in this one.

done = countersign("keys", "list", of="auth", settings={"COUNTERSIGN_PUBLIC_URL": ...})
done.document()
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from cli.installation import Installation
from cli.run import run
from tests.fakes.forking import run_cli


@dataclass(frozen=True)
class Done:
    """What a command left behind."""

    status: int
    out: str
    err: str

    def document(self) -> dict[str, Any]:
        assert self.status == 0, self.err
        answer: dict[str, Any] = json.loads(self.out)
        return answer


def countersign(*words: str, of: str, settings: Mapping[str, str], typed: str | None = None) -> Done:
    """As in the container of a service; `typed` goes to its stdin."""
    bare = {name: value for name, value in os.environ.items() if not name.startswith("COUNTERSIGN_")}
    environment = {**bare, **settings, "COUNTERSIGN_COMMANDS_OF": of}
    ended = run_cli(words, environment, typed or "")
    return Done(*ended)


def asked_here(capsys: pytest.CaptureFixture[str], *words: str, settings: Mapping[str, Mapping[str, str]]) -> Done:
    """In this process, with these settings by service."""
    before = dict(os.environ)
    capsys.readouterr()
    try:
        status = run(words, Installation(settings, lambda place, asked: f"elsewhere: {place} {asked}"))
    finally:
        os.environ.clear()
        os.environ.update(before)
    said = capsys.readouterr()
    return Done(status, said.out, said.err)
