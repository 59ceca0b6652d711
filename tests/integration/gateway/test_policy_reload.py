"""Other rules for a running gateway."""

import asyncio
from pathlib import Path

from tests.fakes.gateway_stack import Stack


async def until(stack: Stack, path: str, status: int) -> None:
    async with asyncio.timeout(4):
        while True:
            async with stack.http.get(stack.url(path)) as answer:
                if answer.status == status:
                    return
            await asyncio.sleep(0.05)


async def test_changed_rules_hold_within_seconds_and_broken_ones_never(stack: Stack, tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    before = file.read_text()
    await until(stack, "/app/public/x", 200)

    file.write_text(before.replace('require = "anonymous"', 'require = "aal2"'))
    await until(stack, "/app/public/x", 401)

    file.write_text(before.replace('require = "anonymous"', 'require = "nobody"'))
    async with asyncio.timeout(4):
        while True:
            async with stack.http.get(stack.url("/readyz")) as answer:
                document = await answer.json()
            if "notes" in document:
                break
            await asyncio.sleep(0.05)
    assert (answer.status, document["status"]) == (200, "ok")
    assert "line 12: require: must be one of" in document["notes"]["policy"]
    await until(stack, "/app/public/x", 401)

    file.write_text(before)
    await until(stack, "/app/public/x", 200)
