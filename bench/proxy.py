"""Bar 2: an authorised call through the gateway, beside the barest proxy that ClientSession makes."""

from contextlib import ExitStack

from bench.gateway_alone import gateway_alone
from bench.load import Load, cycle, get
from bench.processes import pin, serving
from bench.rounds import Case, Findings, Plan, Tell, beside_floor, measure, steps
from tools.devstack.free_port import free_port

SESSIONS = 50
OK = frozenset({200})
CASES = ("ClientSession proxy", "authorised call")


def count(plan: Plan) -> int:
    """Steps of the progress bar."""
    return steps(len(CASES), plan)


def run(plan: Plan, tell: Tell) -> Findings:
    """Both before the same upstream."""
    with gateway_alone() as alone, ExitStack() as stack:
        port = free_port()
        arguments = ("proxy", str(port), "--upstream", alone.upstream.url)
        bare = stack.enter_context(serving("bench.floors", *arguments, port=port))
        pin(0, -1)
        headers = {"User-Agent": "bench", "Accept": "*/*"}
        calls = [get("/app/x?y=1", {"Authorization": f"Bearer {t}", **headers}) for t in alone.tokens(SESSIONS)]
        cases = [
            Case(CASES[0], [bare.process], lambda: Load(bare.url, cycle(calls)), OK),
            Case(CASES[1], [alone.gateway.process], lambda: Load(alone.gateway.url, cycle(calls)), OK),
        ]
        rows = measure(cases, plan, tell)
    what = "authorised call: CPU of a bare ClientSession proxy / its own"
    verdicts = beside_floor(2, what, rows[CASES[1]], rows[CASES[0]], 0.85)
    note = "the floor passes headers and a body of one piece on, without deadline, log line, count or any decision"
    return Findings("proxy", list(rows.values()), verdicts, [note])
