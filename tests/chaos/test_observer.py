"""The observer can see: each promise that is broken is found.

That it sees a whole system which breaks them: `make chaos FLAWS=1`, and one of those in test_faults.py.
"""

from typing import Any

from tests.chaos.ledger import End, Ledger, Opened
from tests.chaos.observer import Stored, find_lost, find_wrongly_open

SESSION = {"id": "s", "user_id": "u", "receipt_id": "c", "partial_id": "p", "ended_at": None}
RECEIPT = {"id": "c", "user_id": "u", "login": "l", "partial_id": "p"}


def wrongly_open(*sessions: dict[str, Any], receipts: tuple[dict[str, Any], ...] = (RECEIPT,)) -> list[str]:
    stored = Stored({each["id"]: each for each in sessions}, {each["id"]: each for each in receipts})
    return find_wrongly_open(stored, Ledger(approved={"c": "p"}))


def lost(opened: Opened, *sessions: dict[str, Any], told: int = 1) -> list[str]:
    stored = Stored({each["id"]: each for each in sessions}, told=["s"] * told)
    return find_lost(stored, Ledger(opened=[opened]))


def test_a_session_of_an_approved_login_is_well() -> None:
    assert wrongly_open(SESSION) == []


def test_a_session_that_was_denied_is_found() -> None:
    denied = SESSION | {"receipt_id": "d"}
    assert "without an approval" in wrongly_open(denied, receipts=(RECEIPT | {"id": "d"},))[0]


def test_a_session_on_another_logins_approval_is_found_whatever_its_receipt_says() -> None:
    assert (
        "of another login" in wrongly_open(SESSION | {"partial_id": "x"}, receipts=(RECEIPT | {"partial_id": "x"},))[0]
    )
    assert "that very login" in wrongly_open(SESSION | {"partial_id": "another"})[1]
    assert "that very login" in wrongly_open(SESSION | {"user_id": "another"})[0]
    assert "that very login" in wrongly_open(SESSION, receipts=())[0]


def test_two_sessions_of_one_approval_are_found() -> None:
    assert "two sessions" in wrongly_open(SESSION, SESSION | {"id": "t"})[0]


def test_what_was_acknowledged_and_is_gone_is_found() -> None:
    assert lost(Opened("s", "c", "r"), SESSION) == []
    assert lost(Opened("s", "c", "r")) == ["session s"]
    assert lost(Opened("s", "c", "r", End.SAID), SESSION) == ["the end of session s"]
    assert lost(Opened("s", "c", "r"), SESSION | {"ended_at": 1}) == ["session s was ended by nobody"]
    assert lost(Opened("s", "c", "r", End.MAYBE), SESSION | {"ended_at": 1}) == []
    assert find_lost(Stored(), Ledger(registered={"a@example.com": ""})) == ["account a@example.com"]


def test_a_session_that_is_not_on_record_once_is_found() -> None:
    assert lost(Opened("s", "c", "r"), SESSION, told=0) == ["session s is 0 times on record"]
    assert lost(Opened("s", "c", "r"), SESSION, told=2) == ["session s is 2 times on record"]


def test_a_phone_that_was_acknowledged_and_is_gone_is_found() -> None:
    ledger = Ledger(enrolled={"a@example.com"})
    assert find_lost(Stored(users={"a@example.com": "u"}, enrolled=frozenset({"u"})), ledger) == []
    assert find_lost(Stored(users={"a@example.com": "u"}), ledger) == ["the phone of a@example.com"]
