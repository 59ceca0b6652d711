"""An operator looks at the signing keys and replaces them; nobody is signed out."""

import pytest

from tests.fakes.operating import countersign
from tools.demo.story import tell_story
from tools.devstack.stack import Stack

pytestmark = pytest.mark.slow


def keys(stack: Stack, service: str, action: str) -> list[str]:
    done = countersign("keys", action, of=service, settings=stack.environments[service])
    assert done.status == 0, done.err
    return done.out.splitlines()[1:]


@pytest.mark.parametrize("service", ["auth", "twofactor"])
async def test_a_key_is_replaced_while_people_sign_in(stack: Stack, service: str) -> None:
    before = keys(stack, service, "list")
    assert "signs now" in before[-1]
    after = keys(stack, service, "rotate")
    assert len(after) == len(before) + 1
    assert "signs now" in after[-2], "the old key signs until everybody has seen the new one"
    assert after[-2].split()[-1].endswith("Z"), "and is published until what it signed is gone"
    assert "signs from" in after[-1]
    await tell_story(stack.url, stack.simulator_url, lambda *_: None)
