"""One mailbox, one spelling."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.auth.model.email import LONGEST, parse_email
from services.auth.model.errors import InvalidEmail

# Examples may take as long as a busy machine needs.
unhurried = settings(deadline=None)


@pytest.mark.parametrize(
    ("typed", "address", "key"),
    [
        ("eve@example.com", "eve@example.com", "eve@example.com"),
        ("  Eve@Example.COM \t", "Eve@example.com", "eve@example.com"),
        ("o'hara+news@mail.example.co.uk", "o'hara+news@mail.example.co.uk", "o'hara+news@mail.example.co.uk"),
        ("eve@bücher.example", "eve@xn--bcher-kva.example", "eve@xn--bcher-kva.example"),
        ("eve@BÜCHER.example", "eve@xn--bcher-kva.example", "eve@xn--bcher-kva.example"),
        ("eve@xn--bcher-kva.example", "eve@xn--bcher-kva.example", "eve@xn--bcher-kva.example"),
        ("eve@例え。テスト", "eve@xn--r8jz45g.xn--zckzah", "eve@xn--r8jz45g.xn--zckzah"),
        ("Jürgen@example.com", "Jürgen@example.com", "jürgen@example.com"),
        ("Ju\u0308rgen@example.com", "Jürgen@example.com", "jürgen@example.com"),
        ("STRASSE@example.com", "STRASSE@example.com", "strasse@example.com"),
        ("straße@example.com", "straße@example.com", "strasse@example.com"),
        ("\uff45ve@example.com", "\uff45ve@example.com", "eve@example.com"),
    ],
)
def test_what_people_type_becomes_one_spelling(typed: str, address: str, key: str) -> None:
    email = parse_email(typed)
    assert (email.address, email.key) == (address, key)


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "@",
        "eve",
        "eve@",
        "@example.com",
        "eve@localhost",
        "eve@example",
        "eve@@example.com",
        "eve@bob@example.com",
        ".eve@example.com",
        "eve.@example.com",
        "e..ve@example.com",
        '"eve"@example.com',
        "eve mallory@example.com",
        "eve@exa mple.com",
        "eve@-example.com",
        "eve@example-.com",
        "eve@example..com",
        "eve@.example.com",
        "eve@example.com.",
        "eve@[127.0.0.1]",
        "eve@127.0.0.1",
        "eve@example.123",
        "eve@exam_ple.com",
        "eve@" + "a" * 64 + ".com",
        "a" * 65 + "@example.com",
        "é" * 33 + "@example.com",
        "eve@" + "a." * 130 + "com",
        "Eve <eve@example.com>",
        "eve@example.com,bob@example.com",
        "eve@stra\u00dfe.example",
        "eve@exam\u200dple.com",
    ],
)
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(InvalidEmail):
        parse_email(typed)


@pytest.mark.parametrize(
    "typed",
    [
        "eve@example.com\r\nBcc: all@example.com",
        "eve\n@example.com",
        "eve@example.com\n",
        "eve\x00@example.com",
        "eve@example\x00.com",
        "e\u200bve@example.com",
        "e\u202eve@example.com",
        "eve\u2028@example.com",
        "eve\uff20evil.com@example.com",
        "eve@evil.com\uff20example.com",
        "eve\ufe55com@example.com\u0000",
        "e\ud800ve@example.com",
        "eve@exam\ud800ple.com",
        "eve@example\uff0fcom.example\u2044",
    ],
)
def test_no_character_that_could_end_a_header_line_or_hide_gets_in(typed: str) -> None:
    with pytest.raises(InvalidEmail):
        parse_email(typed)


def test_the_longest_address_fits_and_a_longer_one_does_not() -> None:
    local, domain = "a" * 64, ".".join(["b" * 61] * 3) + ".com"
    longest = f"{local}@{domain}"
    assert len(longest) == LONGEST
    assert parse_email(longest).address == longest
    with pytest.raises(InvalidEmail):
        parse_email(f"{local}@b{domain}")


def outcome(typed: str) -> tuple[str, str] | None:
    try:
        email = parse_email(typed)
    except InvalidEmail:
        return None
    return email.address, email.key


LOCALS = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20)
DOMAINS = st.from_regex(r"[a-z][a-z0-9]{0,8}\.[a-z]{2,5}", fullmatch=True)


@unhurried
@given(st.text(max_size=300))
def test_any_text_is_an_address_or_is_refused(typed: str) -> None:
    outcome(typed)


@unhurried
@given(LOCALS, DOMAINS)
def test_reading_an_address_again_changes_nothing(local: str, domain: str) -> None:
    first = outcome(f"{local}@{domain}")
    if first:
        assert outcome(first[0]) == first
        again = outcome(first[1])
        assert again is None or again[1] == first[1]


@unhurried
@given(LOCALS, DOMAINS)
def test_case_and_form_never_make_a_second_account(local: str, domain: str) -> None:
    first = outcome(f"{local}@{domain}")
    for other in (f"{local}@{domain.upper()}", f" {unicodedata.normalize('NFD', local)}@{domain}"):
        second = outcome(other)
        assert first is None or second is None or first[1] == second[1]


@unhurried
@given(LOCALS, DOMAINS)
def test_an_accepted_address_holds_nothing_invisible(local: str, domain: str) -> None:
    found = outcome(f"{local}@{domain}")
    if found:
        assert all(unicodedata.category(sign)[0] not in "CZ" for text in found for sign in text)
        assert all(text.count("@") == 1 for text in found)
