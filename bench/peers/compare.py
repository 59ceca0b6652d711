"""Bars 1 and 3 beside others: whole logins in turn, then the question whose session it is, in turn."""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import ExitStack

from bench.load import Load, cycle, get
from bench.peers.allauth import driver as allauth
from bench.peers.better_auth import driver as better_auth
from bench.peers.contender import Contender, Peer
from bench.peers.installing import FOLDER, NotInstalled
from bench.peers.ours import SETTINGS, Ours
from bench.peers.signing_in import Held, require_known, rounds
from bench.people import client_session, system
from bench.processes import NotReady, pin, resident, serving, with_children
from bench.rounds import Case, Findings, Plan, Row, Tell, Verdict, measure, ratio, steps
from tools.devstack.free_port import free_port

PEERS: tuple[Peer, ...] = (better_auth, allauth)
SESSIONS = 50
OK = frozenset({200})
CHECKS, LOGINS = 20.0, 3.0
WHAT = (
    "each has one core for all of its processes; the driver has another, PostgreSQL what is free, and is not counted",
    "a login is password, code of an authenticator app, session: with everybody two requests",
    "everybody's hash is Argon2id, m=8 KiB t=1 p=1",
)


def count(plan: Plan) -> int:
    """Steps of the progress bar, if both peers can be had."""
    return 2 * len(PEERS) + (2 + plan.rounds) * (1 + len(PEERS)) + steps(6, plan)


def run(plan: Plan, tell: Tell) -> Findings:
    """Nothing is measured without at least one of them."""
    findings = Findings("peers")
    with ExitStack() as cleanup:
        ready = [peer for peer in PEERS if _can_be_had(peer, tell, findings.unmeasured)]
        contenders = _started(ready, cleanup, tell, findings.unmeasured) if ready else []
        if len(contenders) > 1:
            _measure(contenders, cleanup, plan, tell, findings)
            findings.notes += [peer.about() for peer in ready]
    return findings


def _can_be_had(peer: Peer, tell: Tell, unmeasured: list[str]) -> bool:
    tell(f"{peer.NAME}: installation, the first time")
    try:
        peer.install(FOLDER / peer.DATABASE)
    except NotInstalled as why:
        unmeasured.append(f"{peer.NAME}: {why}; bars 1 and 3 beside it were not measured")
        return False
    return True


def _started(ready: Sequence[Peer], cleanup: ExitStack, tell: Tell, unmeasured: list[str]) -> list[Contender]:
    """Ours, and those that came up."""
    stack = cleanup.enter_context(system(SETTINGS))
    contenders: list[Contender] = [Ours(stack)]
    for peer in ready:
        tell(f"{peer.NAME}: start")
        try:
            contenders.append(cleanup.enter_context(peer.started(FOLDER / peer.DATABASE, stack.postgres)))
        except (NotReady, NotInstalled) as why:
            unmeasured.append(f"{peer.NAME} did not start: {why}")
    return contenders


def _measure(contenders: Sequence[Contender], cleanup: ExitStack, plan: Plan, tell: Tell, findings: Findings) -> None:
    port = free_port()
    hello = cleanup.enter_context(serving("bench.floors", "hello", str(port), port=port))
    floor = Case("check: aiohttp hello", [hello.process], lambda: Load(hello.url, cycle([get("/floor", {})])), OK)
    pin(0, -1)
    signed_in, held = asyncio.run(rounds(contenders, plan, tell))
    held = {name: each[:SESSIONS] for name, each in held.items()}
    cases = asyncio.run(_cases(contenders, held))
    asked = measure([floor, *(case for each in cases.values() for case in each)], plan, tell)
    # As they were before: what was answered was the question.
    asyncio.run(_cases(contenders, held))
    checked = {name: asked[each[0].name] for name, each in cases.items()}
    findings.rows += [*signed_in.values(), *asked.values()]
    findings.verdicts += verdicts(signed_in, checked)
    findings.notes += [*WHAT, *_beside(signed_in, checked), _memory(contenders)]


async def _cases(contenders: Sequence[Contender], held: Mapping[str, Held]) -> dict[str, list[Case]]:
    async with client_session() as http:
        for each in contenders:
            await require_known(each, http, held[each.name])
        return {each.name: await each.cases(http, [proof for _, proof in held[each.name]]) for each in contenders}


def verdicts(signed_in: Mapping[str, Row], checked: Mapping[str, Row]) -> list[Verdict]:
    """The bars, which are about better-auth; none without it."""
    ours, theirs = Ours.name, better_auth.NAME
    if theirs not in signed_in:
        return []
    return [
        Verdict(1, "session checks a second / better-auth's", ratio(checked[ours], checked[theirs]), CHECKS),
        Verdict(
            1, "CPU of better-auth's session check / ours", ratio(checked[ours], checked[theirs], "cpu_us"), CHECKS
        ),
        Verdict(3, "whole logins a second / better-auth's", ratio(signed_in[ours], signed_in[theirs]), LOGINS),
        Verdict(3, "CPU of better-auth's login / ours", ratio(signed_in[ours], signed_in[theirs], "cpu_us"), LOGINS),
    ]


def _beside(signed_in: Mapping[str, Row], checked: Mapping[str, Row]) -> list[str]:
    """In words, for the peer without a bar."""
    ours, theirs = Ours.name, allauth.NAME
    if theirs not in signed_in:
        return []
    logins, checks = ratio(signed_in[ours], signed_in[theirs]), ratio(checked[ours], checked[theirs])
    return [f"beside django-allauth: {logins:.1f} times its logins and {checks:.0f} times its session checks a second"]


def _memory(contenders: Sequence[Contender]) -> str:
    held = {each.name: sum(map(resident, with_children(each.processes()))) / 2**20 for each in contenders}
    return f"resident memory afterwards: {', '.join(f'{name} {mib:.0f} MiB' for name, mib in held.items())}"
