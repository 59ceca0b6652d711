"""Bar 1: an authorised check costs hardly more than an empty answer."""

from collections import deque
from collections.abc import Callable
from contextlib import ExitStack

from bench.gateway_alone import Alone, gateway_alone
from bench.load import Load, cycle, get
from bench.processes import pin, serving
from bench.rounds import Case, Findings, Plan, Tell, beside_floor, measure, steps
from tools.devstack.free_port import free_port

SESSIONS, PATHS, UNSEEN = 50, 20, 50  # one request in UNSEEN comes with a token that nobody has seen
OK = frozenset({200, 204})
CASES = ("aiohttp hello", "aiohttp 204", "check", "check, 2 % unseen")


def count(plan: Plan) -> int:
    """Steps of the progress bar."""
    return steps(len(CASES), plan)


def run(plan: Plan, tell: Tell) -> Findings:
    """All on one core, in turn; floors are asked with the same headers."""
    with gateway_alone() as alone, ExitStack() as stack:
        floors = []
        for kind in ("hello", "nothing"):
            port = free_port()
            floors.append(stack.enter_context(serving("bench.floors", kind, str(port), port=port)))
        pin(0, -1)
        tokens = alone.tokens(SESSIONS)
        same = [question(token, path) for token in tokens for path in range(PATHS)]
        plain = [request.replace(b"/authz/auth-request", b"/floor") for request in same]
        gateway = [alone.gateway.process]
        cases = [
            Case(CASES[0], [floors[0].process], lambda: Load(floors[0].url, cycle(plain)), OK),
            Case(CASES[1], [floors[1].process], lambda: Load(floors[1].url, cycle(plain)), OK),
            Case(CASES[2], gateway, lambda: Load(alone.gateway.url, cycle(same)), OK),
            Case(CASES[3], gateway, lambda: Load(alone.gateway.url, _with_unseen(alone, same, plan)), OK),
        ]
        rows = measure(cases, plan, tell)
    hello, warm, unseen = rows[CASES[0]], rows[CASES[2]], rows[CASES[3]]
    verdicts = [
        *beside_floor(1, "authorised check, warm: CPU of a bare aiohttp hello / its own", warm, hello, 0.85),
        *beside_floor(1, "with 2 % of tokens unseen: CPU", unseen, hello, 0.7),
    ]
    note = f"{SESSIONS} sessions and {PATHS} paths in turn, 32 connections; floors parse the same headers"
    return Findings("check", list(rows.values()), verdicts, [note])


def question(token: str, path: int) -> bytes:
    """As nginx asks about a request."""
    return get(
        "/authz/auth-request",
        {
            "Authorization": f"Bearer {token}",
            "X-Original-Method": "GET",
            "X-Original-URI": f"/app/things/{path}?page=1",
            "X-Original-Host": "app.example",
            "X-Original-Proto": "https",
            "User-Agent": "bench",
            "Accept": "*/*",
        },
    )


def _with_unseen(alone: Alone, same: list[bytes], plan: Plan) -> Callable[[], bytes]:
    # More than one core can ask: if they ran out, the rest would be warm.
    fresh = deque(question(token, 0) for token in alone.tokens(int(plan.seconds * 20_000 / UNSEEN)))
    known, turn = cycle(same), [0]

    def next_request() -> bytes:
        turn[0] += 1
        return fresh.popleft() if turn[0] % UNSEEN == 0 and fresh else known()

    return next_request
