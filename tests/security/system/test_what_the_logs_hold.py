"""Nothing secret and nobody's address, after all that was done to the system: here, and in every test before."""

import json

import pytest
from aiohttp import ClientSession

from tests.fakes.secret_scan import OURS, PATTERNS
from tests.security.system.attacker import EXCHANGE, MFA_RECOVERY_CODE, Victim, lines, raw
from tests.security.system.tab import Tab
from tools.authy_simulator import API_KEY
from tools.devstack.stack import Stack


def logs(stack: Stack) -> dict[str, str]:
    return {name: (stack.data / "logs" / f"{name}.log").read_text(errors="replace") for name in OURS}


async def test_a_day_of_use_and_abuse_leaves_no_secret_in_any_log(
    stack: Stack, victim: Victim, http: ClientSession
) -> None:
    secrets = [victim.password, victim.email, victim.number, victim.number.replace(" ", ""), API_KEY]
    partial = await victim.approved()
    tokens = (await victim.exchange(partial))[1]
    secrets += [partial[-40:], tokens["access_token"][-40:], tokens["refresh_token"]]
    await victim.refresh(tokens["refresh_token"])
    secrets.append("canary-4217-wrong-password")
    await victim.ask("POST", "/v1/login", json={"email": victim.email, "password": secrets[-1]})
    tab = Tab(http, stack.url)
    await tab.get("/sign-in")
    await tab.send("/sign-in", email=victim.email, password=victim.password)
    secrets += [tab.session, tab.cookies.get("__Host-form", "no form cookie")]
    await tab.get("/confirm")
    await tab.send("/confirm", channel="app")
    secrets.append("4217421")
    await tab.get("/confirm/code")
    await tab.send("/confirm/code", code=secrets[-1])
    secrets += ["4217422", "CANARYCANARYCANARY421742", "2247124"]
    partial = await victim.partial()
    await victim.confirm(partial, secrets[-3])
    await victim.confirm(partial, f"{secrets[-1][:3]} {secrets[-1][3:]}")
    await victim.token({"grant_type": MFA_RECOVERY_CODE, "mfa_token": partial, "recovery_code": secrets[-2]})
    # Where nothing should be written, it is written again: addresses, headers that break the parser, bodies.
    canary = "canary-8061"
    secrets.append(canary)
    for path in (
        f"/sign-in?password={canary}",
        f"/demo/{canary}?token={canary}",
        f"/v1/mfa/challenges/{canary}",
        f"/{canary}",
    ):
        await victim.ask("GET", path, f"{canary}.{canary}.{canary}")
    for broken in (
        f"Authorization: Bearer {canary}\x01",
        f"Cookie: x={canary}\x00",
        f"{canary} x: y",
        "C: " + canary * 900,
    ):
        await raw(stack.ports.gateway, lines("GET /demo/hello HTTP/1.1", broken), seconds=1)
    await raw(stack.ports.gateway, lines(f"GET /demo/hello?{canary}\x01 HTTP/1.1"), seconds=1)
    await raw(stack.ports.gateway, lines(f"{canary} / HTTP/1.1"), seconds=1)
    for form in ({"grant_type": canary, "subject_token": canary}, {**EXCHANGE, "subject_token": canary}):
        await victim.token(form)
    await victim.ask("POST", "/v1/users", json={"email": f"{canary}@", "password": canary, canary: canary})
    await victim.ask("POST", "/callbacks/authy", json={canary: canary}, headers={"X-Authy-Signature": canary})
    for name, text in logs(stack).items():
        assert not [secret for secret in secrets if secret in text], name


@pytest.mark.parametrize("what", PATTERNS)
def test_nothing_that_looks_like_a_secret_is_in_any_log(stack: Stack, what: str) -> None:
    for name, text in logs(stack).items():
        seen = [text[max(0, found.start() - 200) : found.end() + 40] for found in PATTERNS[what].finditer(text)]
        assert not seen, (name, seen[:3])


def test_nobody_broke_anything(stack: Stack) -> None:
    """Of all that was tried, nothing met an error that is ours."""
    for name, text in logs(stack).items():
        events = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
        assert not [event for event in events if event.get("event") == "unexpected"], name
        assert not [event for event in events if event.get("status") == 500], name
        assert "Traceback" not in text, name
        assert "never retrieved" not in text, name


def test_no_log_line_can_be_forged(stack: Stack) -> None:
    """What is a line of ours is JSON of ours; the rest is a warning of a library, without a word from outside."""
    for name, text in logs(stack).items():
        strange = [
            line for line in text.splitlines() if not line.startswith(("{", "WARNING ", "ERROR aiohttp.server: "))
        ]
        assert not strange, (name, strange[:3])
