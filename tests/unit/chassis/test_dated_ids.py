"""Ids that carry their time."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from chassis.dated_ids import EVER, dated, dated_like, moment_of, span_of
from tests.fakes.auth_ids import new_id

MOMENT = datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)


def test_an_id_carries_its_time_and_nothing_else_of_it_changes() -> None:
    plain = new_id()
    made = UUID(dated(plain, MOMENT + timedelta(microseconds=999)))
    assert (made.version, made.variant) == (7, UUID(plain).variant)
    assert made.int & ((1 << 76) - 1) == UUID(plain).int & ((1 << 76) - 1)
    assert moment_of(str(made)) == MOMENT
    assert span_of(str(made)) == (MOMENT, MOMENT)


def test_later_ids_come_later_in_any_order_of_uuids() -> None:
    ids = [dated(new_id(), MOMENT + timedelta(milliseconds=n)) for n in range(50)]
    assert sorted(ids) == ids


def test_a_time_is_taken_over_from_an_id_that_has_one() -> None:
    plain, other = new_id(), dated(new_id(), MOMENT)
    assert moment_of(dated_like(plain, other)) == MOMENT
    assert dated_like(plain, new_id()) == plain


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "0f0e7a1c-5b1d-4c3e-9a52-7d1f6c2b8e90",
        "ffffffff-ffff-7fff-8fff-ffffffffffff",
        "00000000-0000-7000-0000-000000000000",
    ],
)
def test_what_somebody_made_up_carries_no_time_and_raises_nothing(text: str) -> None:
    assert moment_of(text) is None
    assert span_of(text) == EVER
