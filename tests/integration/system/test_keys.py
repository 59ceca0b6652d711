"""An operator looks at the signing keys and replaces them; nobody is signed out."""

import os
import subprocess
import sys

import pytest

from tools.demo.story import tell_story
from tools.devstack.engines import ROOT
from tools.devstack.stack import Stack

pytestmark = pytest.mark.slow


def keys(stack: Stack, service: str, action: str) -> list[str]:
    command = [sys.executable, "-m", f"services.{service}", "keys", action]
    environment = {**os.environ, **stack.environments[service]}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


@pytest.mark.parametrize("service", ["auth", "twofactor"])
async def test_a_key_is_replaced_while_people_sign_in(stack: Stack, service: str) -> None:
    before = keys(stack, service, "list")
    assert before[-1].endswith("signs now")
    after = keys(stack, service, "rotate")
    assert len(after) == len(before) + 1
    assert "signs now, published until" in after[-2], "the old key signs until everybody has seen the new one"
    assert "signs from" in after[-1]
    await tell_story(stack.url, stack.simulator_url, lambda *_: None)
