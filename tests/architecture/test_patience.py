"""Nothing outside is waited for without end: every way out of a process is here, and says how long it takes at most.

What is waited for, how long, and what happens then: docs/operating.md.
"""

import ast
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

import pytest

from tests.architecture.test_shape import ROOT, modules, tree

OURS = ("services", "gateway", "cli", "libs")
# What every call of that name says.
NEEDS = {
    "ClientSession": {"timeout"},
    "create_pool": {"timeout", "command_timeout"},
    "urlopen": {"timeout"},
    "OTLPSpanExporter": {"timeout"},
    "ws_connect": {"heartbeat"},
}
# Each of these has its one place, and the place is tested by what it does.
ONE_PLACE = {
    "asyncpg.connect": "libs/chassis/postgres_hosts.py",
    "BlockingConnectionPool.from_url": "libs/chassis/valkey.py",
    "Redis.from_url": "nowhere",
    "Sentinel": "libs/chassis/valkey.py",
    "PatientCluster": "libs/chassis/valkey.py",
    "subprocess.run": "libs/chassis/migrate.py",
}
# Ways out that nobody here takes.
STRANGE_MODULES = {"http.client", "httpx", "requests", "urllib3", "smtplib", "ftplib", "psycopg", "grpc"}
STRANGE_CALLS = {"create_connection", "open_connection", "gethostbyname", "Popen", "create_subprocess_exec"}


class Called(NamedTuple):
    """Where, what as it is written, and the words that are said: None as such, `...` for anything else."""

    where: str
    name: str
    said: dict[str, object]


def read(module: ast.AST, where: str) -> Iterator[Called]:
    """What a module calls, and `import NAME` for what it imports."""
    for node in ast.walk(module):
        if isinstance(node, ast.Call):
            said = {word.arg: _value(word.value) for word in node.keywords if word.arg}
            yield Called(f"{where}:{node.lineno}", ast.unparse(node.func), said)
        elif isinstance(node, ast.Import):
            yield from (Called(f"{where}:{node.lineno}", f"import {alias.name}", {}) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield Called(f"{where}:{node.lineno}", f"import {node.module}", {})


def _value(node: ast.expr) -> object:
    return None if isinstance(node, ast.Constant) and node.value is None else ...


@cache
def all_calls() -> Sequence[Called]:
    return [call for path in modules(*OURS) for call in read(tree(path), str(path.relative_to(ROOT)))]


def silent_about_time(calls: Sequence[Called]) -> list[str]:
    return [
        f"{call.where} {call.name}"
        for call in calls
        if not call.said.keys() >= NEEDS.get(call.name.rpartition(".")[2], set())
    ]


def endless(calls: Sequence[Called]) -> list[str]:
    """No total; and, for streams, not how long until a connection stands and how long it may be silent.

    `sock_connect` alone does not count how long a name is looked up.
    """
    return [
        call.where
        for call in calls
        if call.name.rpartition(".")[2] == "ClientTimeout"
        and call.said.get("total") is None
        and not call.said.keys() >= {"connect", "sock_read"}
    ]


def out_of_place(calls: Sequence[Called]) -> list[str]:
    return [
        f"{call.where} {call.name}"
        for call in calls
        if call.name in ONE_PLACE and not call.where.startswith(ONE_PLACE[call.name])
    ]


def strange(calls: Sequence[Called]) -> list[str]:
    modules_of = {f"import {module}" for module in STRANGE_MODULES}
    return [
        f"{call.where} {call.name}"
        for call in calls
        if call.name in modules_of or call.name.rpartition(".")[2] in STRANGE_CALLS
    ]


LOOKS = (silent_about_time, endless, out_of_place, strange)


@pytest.mark.parametrize("look", LOOKS)
def test_nothing_outside_is_waited_for_without_end(look: Callable[[Sequence[Called]], list[str]]) -> None:
    assert look(all_calls()) == []


@pytest.mark.parametrize(
    "careless",
    [
        "http = ClientSession()",
        "timeout = ClientTimeout(total=None, sock_connect=2, sock_read=5)",
        "timeout = ClientTimeout(sock_connect=2)",
        "pool = asyncpg.create_pool(url, timeout=5)",
        "connection = asyncpg.connect(url, timeout=5)",
        "valkey = Redis.from_url(url)",
        "import httpx",
        "answer = urllib.request.urlopen(address)",
        "subprocess.run(command)",
        "reader, writer = asyncio.open_connection(host, port)",
    ],
)
def test_a_careless_line_is_found(careless: str) -> None:
    """Otherwise the silence above would say nothing."""
    assert [found for look in LOOKS for found in look(list(read(ast.parse(careless), "careless.py")))] != []
