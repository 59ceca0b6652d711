"""The record's own rules: what is hashed, what breaks a chain, how many rows a flood makes."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chassis.audit.alike import Alike
from chassis.audit.entry import BEFORE_THE_FIRST, REFUSED, Entry, Sealed, canonical, printable
from chassis.audit.lines import document, json_line, read_line, written
from chassis.audit.verify import HEAD, Head, Verification, believed, report
from chassis.keyring import KeyRing, new_key
from chassis.origin import Origin
from tests.fakes.clock import FakeClock

NOW = datetime(2026, 1, 2, 3, 4, 5, 678901, UTC)


def entry(what: str = "login_refused", *, address: str = "192.0.2.1", at: datetime = NOW, **more: str) -> Entry:
    return Entry(at, what, REFUSED, origin=Origin("request-1", address, "Firefox on Linux"), **more)  # type: ignore[arg-type]


def chain(length: int, first: int = 1, previous: bytes = BEFORE_THE_FIRST) -> list[Sealed]:
    import hashlib

    rows = []
    for number in range(first, first + length):
        bare = Sealed(number, NOW, entry(user=f"user {number}"), b"")
        row = replace(bare, hash=hashlib.sha256(previous + canonical(bare)).digest())
        rows.append(row)
        previous = row.hash
    return rows


def verified(rows: list[Sealed], heads: dict[int, bytes] | None = None, *, end: int = 0) -> list[str]:
    verification = Verification(heads or {})
    for row in rows:
        verification.add(row)
    verification.end(end)
    return [f"{fault.number}: {fault.says}" for fault in verification.faults]


def test_a_chain_as_it_was_written_is_whole() -> None:
    rows = chain(50)
    assert verified(rows, {10: rows[9].hash, 50: rows[49].hash}, end=50) == []


@pytest.mark.parametrize("change", ["what", "user", "reason", "at"])
def test_a_row_that_was_changed_is_named(change: str) -> None:
    rows = chain(9)
    value = NOW + timedelta(seconds=1) if change == "at" else "other"
    rows[4] = replace(rows[4], entry=replace(rows[4].entry, **{change: value}))
    assert verified(rows) == ["5: this row was changed, or put in place of another"]


def test_a_row_that_was_taken_out_is_missed() -> None:
    rows = chain(9)
    assert verified([*rows[:3], *rows[5:]]) == ["6: rows 4 to 5 are missing"]


def test_the_newest_rows_cannot_go_unnoticed_once_their_end_was_signed() -> None:
    rows = chain(9)
    assert verified(rows[:6], {9: rows[8].hash}) == ["7: rows 7 to 9 are missing at the end"]


def test_a_chain_that_was_written_anew_meets_the_signed_end() -> None:
    true, false = chain(9), chain(9, previous=bytes([1] * 32))
    assert verified(false, {9: true[8].hash})[-1].startswith("9: another hash was signed for this row")


def test_what_is_left_after_months_went_follows_from_a_signed_end() -> None:
    rows = chain(9)
    assert verified(rows[4:], {4: rows[3].hash}) == []
    assert verified(rows[4:])[0].startswith("5: rows before 5 are gone")
    assert verified(rows[4:], {4: bytes(32)}) == ["5: this row was changed, or put in place of another"]


def test_a_signed_end_is_believed_by_the_key_that_signed_it_and_no_other() -> None:
    clock = FakeClock()
    ring, other = KeyRing(clock, [new_key("ours", clock())]), KeyRing(clock, [new_key("ours", clock())])
    claims = {"iss": "https://id.example.com", "number": 7, "hash": "ab" * 32, "iat": 0}
    head = Head(7, bytes.fromhex("ab" * 32), NOW, ring.sign(HEAD, claims))
    keys, strange = ([json.dumps(key) for key in one.jwks()["keys"]] for one in (ring, other))
    assert believed(head, keys)
    assert not believed(head, strange)
    assert not believed(head, [])
    assert not believed(replace(head, number=8), keys)
    assert not believed(replace(head, jws=ring.sign("at+jwt", claims)), keys), "another kind of token is no signed end"
    assert not believed(replace(head, jws="no.jws"), keys)
    assert not report(Verification({}), [head])["whole"]


def test_a_row_survives_its_export() -> None:
    (row,) = chain(1)
    assert read_line(json_line(document(row))) == row
    assert "login_refused" in written(row)


@pytest.mark.parametrize("text", ["a\nb", "a\0b", "a\x1b[31m", "\ud800"])
def test_no_text_breaks_a_line_or_a_row(text: str) -> None:
    assert printable(text).isprintable()


def test_what_is_alike_is_one_row_with_a_number() -> None:
    alike = Alike(100)
    alike.add(entry(user="u"))
    assert [each.times for each in alike.take(NOW)] == [1], "the first is told at once"
    for _ in range(500):
        alike.add(entry(user="u"))
    assert alike.take(NOW + timedelta(seconds=30)) == []
    (rest,) = alike.take(NOW + timedelta(minutes=1))
    assert (rest.times, rest.user, rest.origin.address) == (500, "u", "192.0.2.1")


def test_a_flood_makes_no_more_rows_than_is_allowed_and_every_one_is_counted() -> None:
    alike = Alike(100)
    for n in range(10_000):
        alike.add(entry(user=f"u{n}", address=f"2001:db8:{n % 65000:x}::1"))
    rows = alike.take(NOW)
    assert len(rows) == 101
    assert sum(row.times for row in rows) == 10_000
    unlisted = next(row for row in rows if row.facts)
    assert (unlisted.times, unlisted.user, unlisted.origin.address) == (9900, "", "")
    assert len(alike.take(NOW, all_of_them=True)) == 0


def test_an_ipv6_site_is_one_stranger() -> None:
    alike = Alike(100)
    for n in range(50):
        alike.add(entry(address=f"2001:db8::{n:x}"))
    assert [row.times for row in alike.take(NOW)] == [50]


def test_kinds_are_forgotten_when_nothing_more_comes() -> None:
    alike = Alike(2)
    alike.add(entry(user="a"))
    alike.add(entry(user="b"))
    alike.take(NOW)
    alike.take(NOW + timedelta(minutes=2))
    alike.add(entry(user="c", at=NOW + timedelta(minutes=3)))
    assert [row.user for row in alike.take(NOW + timedelta(minutes=3))] == ["c"]
