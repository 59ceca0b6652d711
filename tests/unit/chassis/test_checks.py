"""What a doctor makes of what it sees."""

from datetime import UTC, datetime, timedelta

import pytest

from chassis.checks import Check, Ill, examined_settings, looked_at, moment, require_same_time
from chassis.settings import ProcessSettings

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize("theirs", [NOW, NOW + SECOND / 2, NOW + SECOND, NOW - 2 * SECOND, NOW + 3 * SECOND])
def test_clocks_that_may_be_the_same_or_nearly_are_well(theirs: datetime) -> None:
    assert require_same_time(theirs, NOW, NOW + SECOND)


@pytest.mark.parametrize("theirs", [NOW - 3 * SECOND, NOW + 5 * SECOND])
def test_clocks_that_are_apart_are_said_to_be(theirs: datetime) -> None:
    with pytest.raises(Ill) as ill:
        require_same_time(theirs, NOW, NOW + SECOND)
    assert "NTP" in ill.value.advice
    assert ill.value.found in {"3.0 s apart", "4.0 s apart"}


def test_a_clock_in_whole_seconds_is_given_the_second_that_it_does_not_tell() -> None:
    assert require_same_time(NOW - 3 * SECOND, NOW, NOW, grain=SECOND) == "2.0 s apart"


def test_valkey_s_time_is_read() -> None:
    assert moment(int(NOW.timestamp()), 500_000) == NOW + SECOND / 2


@pytest.mark.parametrize("fault", [OSError("no route"), TimeoutError(), ConnectionRefusedError()])
async def test_a_store_that_is_away_is_a_finding_and_no_error(fault: Exception) -> None:
    async def look() -> str:
        raise fault

    found = await looked_at("Valkey", look, away="start it")
    assert (found.name, found.advice, found.is_well) == ("Valkey", "start it", False)
    assert found.found.startswith("does not answer")


async def test_what_is_well_asks_for_nothing() -> None:
    async def look() -> str:
        return "fine"

    assert await looked_at("Valkey", look, away="start it") == Check("Valkey", "fine")


@pytest.mark.parametrize(
    ("address", "well"),
    [
        ("https://id.example.com", True),
        ("http://127.0.0.1:8080", True),
        ("http://localhost:8080", True),
        ("http://id.example.com", False),
        ("http://localhost.example.com", False),
    ],
)
def test_an_address_without_tls_is_found(monkeypatch: pytest.MonkeyPatch, address: str, well: bool) -> None:
    monkeypatch.setenv("COUNTERSIGN_PUBLIC_URL", address)
    monkeypatch.setenv("COUNTERSIGN_PORT", "1")
    settings, found = examined_settings(ProcessSettings)
    assert settings is not None
    assert found[-1].is_well is well


def test_every_fault_in_the_settings_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNTERSIGN_PORT", "70000")
    monkeypatch.delenv("COUNTERSIGN_PUBLIC_URL", raising=False)
    settings, found = examined_settings(ProcessSettings)
    assert settings is None
    assert [check.is_well for check in found] == [False, False]
    assert "COUNTERSIGN_PUBLIC_URL: is not set" in " ".join(check.found for check in found)
