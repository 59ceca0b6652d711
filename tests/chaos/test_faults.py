"""The worst of them, briefly: people sign in while a process or a store is killed. All of them: `make chaos`."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.faults import FAULTS
from tests.chaos.flaws import FLAWS
from tests.chaos.ledger import Ledger
from tests.chaos.proving import prove
from tests.chaos.run import suffer
from tests.chaos.system import System
from tests.fakes.secret_scan import require_clean_stack

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def system() -> Iterator[System]:
    with tempfile.TemporaryDirectory(prefix="cs-chaos-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        with System.on(Path(folder) / "data") as system:
            yield system


@pytest.fixture(scope="module")
def ledger() -> Ledger:
    return Ledger()


@pytest.mark.parametrize("name", ["all three killed at once", "Valkey restarted empty", "PostgreSQL killed (-9)"])
async def test_nobody_gets_in_and_nothing_is_lost(system: System, ledger: Ledger, name: str) -> None:
    outcome = await suffer(system, name, FAULTS[name], ledger, crowd_size=3)
    assert outcome.finding.admitted == []
    assert outcome.finding.lost == []
    assert outcome.finding.other == []
    assert outcome.recovery is not None
    assert outcome.signed_in > 0


def test_nothing_secret_was_written_down_meanwhile(system: System) -> None:
    require_clean_stack(system.stack)


async def test_a_broken_product_is_seen(system: System) -> None:
    """Otherwise the silence above would say nothing. The last one here: all others are `make chaos FLAWS=1`."""
    name = "two sessions of one approval: the proofs are not unique"
    proof = await prove(system, name, FLAWS[name], crowd_size=0)
    assert proof.is_seen
