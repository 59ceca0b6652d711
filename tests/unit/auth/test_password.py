"""What a new password must be."""

import pytest

from services.auth.model.password import is_personal, length_weakness, normalised, personal_words
from services.auth.model.weakness import Weakness

WORDS = personal_words("eve.mallory@example.com", "Countersign demo")


@pytest.mark.parametrize(
    ("password", "weakness"),
    [
        ("", Weakness.TOO_SHORT),
        ("elevenchars", Weakness.TOO_SHORT),
        ("twelve chars", None),
        ("x" * 128, None),
        ("x" * 129, Weakness.TOO_LONG),
        ("\U0001f511" * 11, Weakness.TOO_SHORT),
        ("\U0001f511" * 12, None),
        ("\U0001f511" * 128, None),
        ("nul\x00is fine too", None),
        (" " * 12, None),
    ],
)
def test_length_is_counted_in_code_points(password: str, weakness: Weakness | None) -> None:
    assert length_weakness(password) == weakness


def test_the_same_looks_are_the_same_password() -> None:
    assert normalised("Cafe\u0301 au lait") == normalised("Caf\u00e9 au lait")


def test_different_characters_stay_different() -> None:
    assert normalised("\uff41bcdefghijkl") != normalised("abcdefghijkl")


def test_length_is_counted_after_composition() -> None:
    assert length_weakness(normalised("e\u0301" * 11)) is Weakness.TOO_SHORT
    assert length_weakness(normalised("e\u0301" * 128)) is None


def test_a_text_made_to_be_slow_is_not_put_in_order() -> None:
    slow = "a" + "\u0301\u0316" * 30_000
    assert normalised(slow) == slow
    assert length_weakness(slow) is Weakness.TOO_LONG


@pytest.mark.parametrize(
    "password",
    [
        "eve.mallory@example.com",
        "Eve.Mallory1",
        "malloryeveexample",
        "countersign demo",
        "COUNTERSIGN1",
        "evemallory2026",
    ],
)
def test_a_password_made_of_one_s_own_words_is_personal(password: str) -> None:
    assert is_personal(password, WORDS)


@pytest.mark.parametrize("password", ["wooden-lantern-9-kites", "mallory has nine red kites", "quiet example of rain"])
def test_a_password_with_such_a_word_in_it_is_not(password: str) -> None:
    assert not is_personal(password, WORDS)
