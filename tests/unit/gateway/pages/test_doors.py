"""What the home page lists as open, out of a policy with all kinds of rules."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gateway.model.identity import Identity
from gateway.model.policy import Policy, Require, Route
from gateway.pages.doors import doors_of

NOW = datetime(2026, 3, 9, 14, 3, tzinfo=UTC)
ANA = Identity("ana", "s", "aal2", ("pwd",), NOW, NOW + timedelta(minutes=5), scope=frozenset({"read"}))
LEDGER = Route("/ledger", "http://ledger", "the-ledger", Require.AAL2)


@pytest.mark.parametrize(
    ("route", "door"),
    [
        (LEDGER, ("The ledger", "/ledger/")),
        (replace(LEDGER, require=Require.ANONYMOUS), ("The ledger", "/ledger/")),
        (replace(LEDGER, exact=True), ("The ledger", "/ledger")),
        (replace(LEDGER, max_age=60), ("The ledger", "/ledger/")),
        (replace(LEDGER, scopes=frozenset({"read"})), ("The ledger", "/ledger/")),
        (replace(LEDGER, scopes=frozenset({"write"})), None),
        (replace(LEDGER, require=Require.CLIENT, clients=frozenset({"robot"})), None),
        (replace(LEDGER, methods=frozenset({"POST"})), None),
        (replace(LEDGER, host="books.example"), None),
        (replace(LEDGER, prefix="/"), None),
    ],
)
def test_only_what_opens_to_this_person_is_a_door(route: Route, door: tuple[str, str] | None) -> None:
    found = doors_of(Policy([route]), "app.example", ANA, NOW + timedelta(minutes=2))
    assert [(one.name, one.href) for one in found] == ([door] if door else [])


def test_each_place_is_one_door_and_a_host_has_its_own() -> None:
    policy = Policy(
        [
            LEDGER,
            replace(LEDGER, methods=frozenset({"DELETE"}), scopes=frozenset({"admin"})),
            replace(LEDGER, prefix="/archive"),
            replace(LEDGER, prefix="/books", host="books.example"),
        ]
    )
    assert [door.href for door in doors_of(policy, "app.example", ANA, NOW)] == ["/archive/", "/ledger/"]
    assert [door.href for door in doors_of(policy, "books.example", ANA, NOW)] == ["/books/"]
