"""Every described operation, asked as it says it may be and as it says it may not: what comes back is what is described."""

import os
import signal
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from schemathesis import engine
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events
from schemathesis.engine.recorder import ScenarioRecorder

from gateway.described import ADA
from tests.fakes.whole_system import whole_system
from tests.integration.schemathesis.world import Holder, World
from tools.devstack.stack import Stack

pytestmark = pytest.mark.slow
CHECKED = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "missing_required_header",
    "unsupported_method",
    "ignored_auth",
    "use_after_free",
)
CONFIG = {
    "generation": {"max-examples": 5, "deterministic": True, "with-security-parameters": False, "database": "none"},
    "checks": {"enabled": False, **{name: {"enabled": True} for name in CHECKED}},
    "phases": {
        "coverage": {"unexpected-methods": ["PATCH"]},
        "stateful": {"enabled": False},
    },
    # nginx asks with GET and understands 403; every other method gets that too.
    "operations": [{"include-path": "/authz/auth-request", "checks": {"unsupported_method": {"enabled": False}}}],
    "workers": 1,
    "continue-on-failure": True,
    "request-timeout": 10,
}
# What no generated request can have: a code of this minute, a signature of Authy's, an approval, the password, a proxy's word,
# an operator's.
NEVER_WELL = {
    "auth": {"POST /oauth2/token", "POST /v1/users/me/password", "POST /v1/login/password"},
    "twofactor": {
        "POST /v1/mfa/factors", "POST /v1/mfa/factors/{id}/confirmation", "POST /v1/mfa/challenges/{id}/code",
        "POST /v1/mfa/receipts", "POST /callbacks/authy", "POST /v1/mfa/users/{user}/reset", "POST /v1/mfa/users/{user}/void",
    },
    "gateway": {
        "POST /oauth2/token", "POST /v1/users/me/password", "POST /v1/mfa/factors", "POST /v1/mfa/factors/{id}/confirmation",
        "POST /v1/mfa/challenges/{id}/code", "POST /callbacks/authy", "GET /authz/auth-request", "GET /authz/forward-auth",
        "POST /v1/login/password",
    },
}  # fmt: skip
# Answers that do not end by themselves; tests of their own follow them.
ENDLESS = r"/events$|/ws$|/sessions/ended$"


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """A system of its own: the hammering is counted against addresses, which the gateway here lets a client choose."""
    with whole_system() as stack:
        _believe_addresses(stack)
        client = stack.environments["auth"]["COUNTERSIGN_SERVICE_CLIENTS"].split()[0]
        name, _, secret = client.partition(":")
        httpx.post(f"{stack.url}/v1/users", json=ADA).raise_for_status()
        yield World(stack, (name, secret))


def _believe_addresses(stack: Stack) -> None:
    told = {"COUNTERSIGN_TRUSTED_PROXIES": "127.0.0.1/32", "COUNTERSIGN_FORWARD_AUTH_PROXIES": "127.0.0.1/32"}
    stack.environments["gateway"] = {**stack.environments["gateway"], **told}
    os.kill(stack.processes["gateway"].pid, signal.SIGKILL)
    stack.processes["gateway"].wait()
    stack.start("gateway", "gateway")
    stack.wait_until_ready("gateway", f"{stack.url}/readyz")


def described(world: World, process: str) -> Any:
    address = f"http://127.0.0.1:{getattr(world.stack.ports, process)}/openapi.json"
    loaded = schemathesis.openapi.from_url(address, config=SchemathesisConfig.from_dict(CONFIG))
    loaded.auth(refresh_interval=None)(type("Holding", (Holder,), {"world": world}))
    return loaded.exclude(path_regex=ENDLESS)


@pytest.mark.parametrize("process", ["auth", "twofactor", "gateway"])
def test_what_comes_back_is_what_is_described(process: str, world: World) -> None:
    faults: list[str] = []
    well: Counter[str] = Counter()
    api = described(world, process)
    for event in engine.from_schema(api).execute():
        match event:
            case events.ScenarioFinished():
                for each in event.recorder.interactions.values():
                    well[event.recorder.label] += each.response is not None and each.response.status_code < 300
                faults += list(faults_of(event.recorder))
            case events.NonFatalError():
                faults.append(f"{event.label}: {event.value!r}")
            case events.FatalError():
                raise event.exception
    assert not faults, "\n\n".join(dict.fromkeys(faults))
    assert {label for label, count in well.items() if not count} == NEVER_WELL[process]
    # Where the description itself was read from is not asked again.
    assert well.keys() == {each.ok().label for each in api.get_all_operations()} - {"GET /openapi.json"}


def faults_of(recorder: ScenarioRecorder) -> Iterator[str]:
    for case_id, checks in recorder.checks.items():
        for check in checks:
            if check.failure_info is not None:
                case, told = recorder.cases[case_id].value, check.failure_info
                answer = recorder.interactions[case_id].response
                text = answer.content[:300] if answer else b""
                status = answer.status_code if answer else 0
                yield f"{case.operation.label} {check.name}: {told.failure.message}\n  {told.code_sample[:500]}\n  {status} {text!r}"
