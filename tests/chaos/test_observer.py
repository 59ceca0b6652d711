"""The observer can see: each promise that is broken is found."""

from typing import Any

from tests.chaos.ledger import End, Ledger, Opened
from tests.chaos.observer import find_lost, find_wrongly_open

SESSION = {"id": "s", "user_id": "u", "receipt_id": "c", "partial_id": "p", "ended_at": None}
RECEIPT = {"id": "c", "user_id": "u", "login": "l", "partial_id": "p"}


def wrongly_open(*sessions: dict[str, Any], receipts: tuple[dict[str, Any], ...] = (RECEIPT,)) -> list[str]:
    ledger = Ledger(approved={"c"}, denied={"d"})
    return find_wrongly_open({each["id"]: each for each in sessions}, {each["id"]: each for each in receipts}, ledger)


def lost(opened: Opened, *sessions: dict[str, Any]) -> list[str]:
    return find_lost({each["id"]: each for each in sessions}, set(), Ledger(opened=[opened]))


def test_a_session_of_an_approved_login_is_well() -> None:
    assert wrongly_open(SESSION) == []


def test_a_session_that_was_denied_is_found() -> None:
    denied = SESSION | {"receipt_id": "d"}
    assert "without an approval" in wrongly_open(denied, receipts=(RECEIPT | {"id": "d"},))[0]


def test_a_session_on_another_logins_approval_is_found() -> None:
    assert "that very login" in wrongly_open(SESSION | {"partial_id": "another"})[0]
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
    assert find_lost({}, set(), Ledger(registered={"a@example.com": ""})) == ["account a@example.com"]
