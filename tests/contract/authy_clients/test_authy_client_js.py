"""npm ``authy-client`` 1.1.4 with its own ``verifyCallback``: one journey in node, looked at from here."""

import fcntl
import hashlib
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.authy_clients.conftest import Running, StartSimulator
from tools.authy_simulator import API_KEY

NODE = Path(__file__).parent / "node"
# libphonenumber finds numbers of the drama range 7700 900 invalid, and the client asks it.
NUMBER = "7400123456"
MANIFESTS = ("package.json", "package-lock.json")
# One worker runs all of these: the journey is walked once.
pytestmark = pytest.mark.xdist_group("authy_client_js")


@pytest.fixture(scope="module")
def installed(request: pytest.FixtureRequest) -> Path:
    """The client with what it needs, installed once for each lock file into pytest's cache."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("node is not on this machine: authy-client's own verifyCallback was not tried")
    lock = hashlib.sha256((NODE / "package-lock.json").read_bytes()).hexdigest()[:16]
    cache = request.config.cache
    assert cache is not None
    folder = cache.mkdir("authy_client_js") / lock
    # Two workers may come at once: the second waits, and finds it installed.
    with (folder.parent / f"{lock}.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not (folder / "ready").exists():
            install(folder)
    shutil.copy(NODE / "journey.js", folder)
    return folder


def install(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    for name in MANIFESTS:
        shutil.copy(NODE / name, folder)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=240, check=False)
    assert ran.returncode == 0, f"npm ci failed:\n{ran.stdout}\n{ran.stderr}"
    (folder / "ready").touch()


@pytest.fixture(scope="module")
def seen(installed: Path, own_simulator: Running, callback_port: int) -> dict[str, Any]:
    """What the journey saw."""
    return walk(installed, own_simulator, callback_port)


def walk(installed: Path, simulator: Running, callback_port: int) -> dict[str, Any]:
    command = ["node", "journey.js", simulator.url, API_KEY, str(callback_port), NUMBER]
    ran = subprocess.run(command, cwd=installed, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 0, f"{ran.stdout}\n{ran.stderr}"
    found: dict[str, Any] = json.loads(ran.stdout)
    return found


@pytest.fixture(scope="module")
def callback_port(free_port: Callable[[], int]) -> int:
    return free_port()


@pytest.fixture(scope="module")
def own_simulator(start_simulator: StartSimulator, callback_port: int) -> Iterator[Running]:
    """A simulator whose callbacks go to node."""
    with start_simulator(callback_url=f"http://127.0.0.1:{callback_port}/callbacks/authy?ours=1") as running:
        yield running


def test_users_are_created_and_described(seen: dict[str, Any]) -> None:
    assert seen["status"]["authy_id"] == seen["authyId"]
    assert (seen["status"]["registered"], seen["status"]["phone_number"]) == (True, "XXX-XXX-3456")
    assert seen["application"]["name"] == "Countersign"
    assert (seen["statistics"], seen["activity"], seen["deleted"]) == (1, "Activity was created.", True)


def test_texts_are_ignored_and_tokens_verified(seen: dict[str, Any]) -> None:
    assert seen["ignoredSms"] is seen["ignoredCall"] is True
    assert seen["verified"] == "is valid"
    assert (seen["usedToken"]["code"], seen["usedToken"]["body"]["error_code"]) == (401, "60019")
    assert (seen["wrongToken"]["code"], seen["wrongToken"]["body"]["error_code"]) == (401, "60020")


def test_errors_are_http_errors(seen: dict[str, Any]) -> None:
    assert (seen["unknownUser"]["code"], seen["unknownUser"]["body"]["error_code"]) == (404, "60026")
    assert (seen["wrongKey"]["code"], seen["wrongKey"]["body"]["error_code"]) == (401, "60001")


@pytest.mark.parametrize("answer", ["approved", "denied"])
def test_verify_callback_accepts_what_the_simulator_signed(seen: dict[str, Any], answer: str) -> None:
    assert seen[answer] == {"before": "pending", "after": answer, "refused": None}


@pytest.mark.parametrize("fault", ["forged", "badlySigned"])
def test_verify_callback_refuses_what_it_did_not(seen: dict[str, Any], fault: str) -> None:
    assert seen[fault]["name"] == "ValidationFailedError"


def test_verify_callback_refuses_the_number_that_authy_itself_sends(
    installed: Path, start_simulator: StartSimulator, free_port: Callable[[], int]
) -> None:
    """The reason for writing ``device_uuid`` as text: captures since 2017 hold a number, which the client refuses."""
    port = free_port()
    with start_simulator(callback_url=f"http://127.0.0.1:{port}/callbacks/authy", device_uuid="number") as running:
        seen = walk(installed, running, port)
    assert seen["approved"]["refused"]["name"] == "ValidationFailedError"
