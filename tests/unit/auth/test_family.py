"""What a presented refresh token means to its family."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from services.auth.crypto.refresh_tokens import HmacRefreshTokens
from services.auth.model.family import GRACE, Expired, Family, Presented, Replay, Reuse, Rotate, judge

# Examples may take as long as a busy machine needs.
unhurried = settings(deadline=None)

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
IDLE, WHOLE = timedelta(hours=1), timedelta(hours=24)
SECOND = timedelta(seconds=1)
FAMILY = Family("a family", 3, b"third", NOW, NOW + IDLE, NOW + WHOLE)
NEWEST = Presented("a family", 3, b"third", b"fourth")
PARENT = Presented("a family", 2, b"second", b"third")
GRANDPARENT = Presented("a family", 1, b"first", b"second")


def test_the_newest_rotates() -> None:
    assert judge(FAMILY, NEWEST, NOW + SECOND) == Rotate()


def test_the_immediate_parent_at_once_is_a_replay() -> None:
    assert judge(FAMILY, PARENT, NOW) == Replay()
    assert judge(FAMILY, PARENT, NOW + GRACE) == Replay()


def test_the_parent_later_is_reuse() -> None:
    assert judge(FAMILY, PARENT, NOW + GRACE + SECOND / 1000) == Reuse()


def test_a_grandparent_is_reuse_at_any_time() -> None:
    assert judge(FAMILY, GRANDPARENT, NOW) == Reuse()


def test_another_token_of_the_same_generation_is_reuse() -> None:
    """Such tokens exist only if the store was set back to an earlier state: the safe answer is to end the family."""
    assert judge(FAMILY, replace(NEWEST, digest=b"another third"), NOW) == Reuse()
    assert judge(FAMILY, replace(PARENT, child=b"another third"), NOW) == Reuse()
    assert judge(FAMILY, replace(NEWEST, generation=9), NOW) == Reuse()


def test_a_family_ends_by_rest_by_age_and_with_its_session() -> None:
    assert judge(FAMILY, NEWEST, NOW + IDLE) == Expired()
    assert judge(replace(FAMILY, idle_until=NOW + 2 * WHOLE), NEWEST, NOW + WHOLE) == Expired()
    assert judge(replace(FAMILY, is_open=False), NEWEST, NOW) == Expired()


def test_rotating_never_moves_the_end() -> None:
    late = NOW + WHOLE - SECOND
    rotated = FAMILY.rotated(b"fourth", late, IDLE)
    assert rotated.idle_until == rotated.expires_at == FAMILY.expires_at
    assert rotated.generation == 4


@unhurried
@given(st.data())
def test_however_often_tokens_are_replaced_at_most_one_rotates_and_an_old_one_ends_the_family(
    data: st.DataObject,
) -> None:
    tokens = HmacRefreshTokens([bytes(32)], lambda n: b"r" * n)
    family_id = "00000000-0000-4000-8000-000000000001"
    text, digest = tokens.first(family_id)
    family = Family(family_id, 0, digest, NOW, NOW + IDLE, NOW + WHOLE)
    known, now = [text], NOW
    for _ in range(data.draw(st.integers(1, 25))):
        now += timedelta(seconds=data.draw(st.integers(0, 1200)))
        shown = data.draw(st.sampled_from(known))
        presented = tokens.read(shown)
        assert presented is not None
        verdict = judge(family, presented, now)
        assert (verdict == Rotate()) == (shown == known[-1] and family.is_open and now < family.idle_until)
        match verdict:
            case Rotate():
                family = family.rotated(presented.child, now, IDLE)
                known.append(tokens.child(shown))
            case Replay():
                assert tokens.child(shown) == known[-1]
                assert shown == known[-2]
                assert now - family.rotated_at <= GRACE
            case Reuse():
                assert shown != known[-1]
                family = replace(family, is_open=False)
            case Expired():
                assert not family.is_open or now >= family.idle_until
