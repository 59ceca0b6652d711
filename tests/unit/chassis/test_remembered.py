"""What is remembered is bounded, and what is over is not held on to."""

from datetime import UTC, datetime, timedelta

from chassis.remembered import Remembered

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def test_the_oldest_makes_room() -> None:
    kept: Remembered[str, int] = Remembered(2)
    for number, name in enumerate("abc"):
        kept.put(name, number, after(60), NOW)
    assert dict(kept) == {"b": (1, after(60)), "c": (2, after(60))}


def test_what_is_found_out_again_is_young_again() -> None:
    kept: Remembered[str, int] = Remembered(2)
    for name in "abac":
        kept.put(name, 0, after(60), NOW)
    assert list(kept) == ["a", "c"]


def test_what_is_over_goes_when_something_new_comes() -> None:
    kept: Remembered[int, int] = Remembered(20_000)
    for second in range(1000):
        kept.put(second, second, after(second + 20), after(second))
    assert list(kept) == list(range(980, 1000))


def test_what_is_over_from_the_beginning_is_not_remembered() -> None:
    kept: Remembered[str, int] = Remembered(2)
    kept.put("a", 0, NOW, NOW)
    assert not kept
