"""The table of what may happen to a challenge, cell by cell."""

import itertools
from dataclasses import replace
from datetime import timedelta

import pytest

from services.twofactor.model.challenge import (
    APPROVAL_LIFE,
    Event,
    Refused,
    Status,
    Transition,
    decide,
    first_status,
)
from services.twofactor.model.channel import Channel
from tests.fakes.twofactor_drafts import a_challenge

TABLE = """
event                both        phone      code       approved   denied   expired   cancelled  consumed
provider_approves    code        approved   same       same       refuse   refuse    refuse     refuse
provider_denies      denied      denied     denied     refuse     same     refuse    refuse     refuse
right_code           phone       same       approved   same       refuse   refuse    refuse     refuse
last_wrong_code      denied      refuse     denied     refuse     refuse   refuse    refuse     refuse
person_cancels       cancelled   cancelled  cancelled  refuse     refuse   refuse    same       refuse
time_is_up           expired     expired    expired    expired    same     same      same       same
consume              refuse      refuse     refuse     consumed   refuse   refuse    refuse     same
"""
HEAD, *ROWS = [line.split() for line in TABLE.strip().splitlines()]
CELLS = [
    (Event(event), Status(status), cell) for event, *row in ROWS for status, cell in zip(HEAD[1:], row, strict=True)
]


@pytest.mark.parametrize(("event", "status", "cell"), CELLS)
def test_every_cell_of_the_table(event, status, cell):
    decision = decide(status, event)
    if cell == "refuse":
        assert decision == Refused(status, event)
    else:
        assert decision == Transition(status, status if cell == "same" else Status(cell))
        assert decision.changes == (cell != "same")


def test_the_table_is_whole():
    assert {(event, status) for event, status, _ in CELLS} == {(e, s) for e in Event for s in Status}


def test_what_is_decided_stays_decided():
    for status in (Status.DENIED, Status.EXPIRED, Status.CANCELLED, Status.CONSUMED):
        for event in Event:
            decision = decide(status, event)
            assert isinstance(decision, Refused) or decision.target is status


def test_only_an_answer_approves_and_only_an_approval_is_consumed():
    for event in Event:
        for status in Status:
            decision = decide(status, event)
            if isinstance(decision, Refused) or not decision.changes:
                continue
            if decision.target is Status.APPROVED:
                # Each answer alone approves only what lacked nothing else.
                missing = {Event.PROVIDER_APPROVES: ("phone",), Event.RIGHT_CODE: ("code",)}
                assert status.waiting_for == missing[event]
            if decision.target is Status.CONSUMED:
                assert status is Status.APPROVED


def test_an_approval_nobody_uses_lives_for_a_minute_and_never_longer_than_its_login():
    challenge = a_challenge()
    soon = challenge.created_at + timedelta(seconds=10)
    assert challenge.moved(Status.APPROVED, soon).expires_at == soon + APPROVAL_LIFE
    late = challenge.login_ends_at - timedelta(seconds=20)
    assert challenge.moved(Status.APPROVED, late).expires_at == challenge.login_ends_at


def test_time_is_up_for_what_is_open_and_for_nothing_else():
    challenge = a_challenge()
    assert not challenge.is_overdue(challenge.expires_at - timedelta(milliseconds=1))
    assert challenge.is_overdue(challenge.expires_at)
    for status in Status:
        open_ = status.is_pending or status is Status.APPROVED
        assert replace(challenge, status=status).is_overdue(challenge.expires_at) is open_


@pytest.mark.parametrize("order", [*itertools.permutations([Event.PROVIDER_APPROVES, Event.RIGHT_CODE])])
def test_a_bound_push_needs_both_in_any_order(order):
    status = first_status(Channel.PUSH, bound=True)
    for event, left in zip(order, (1, 0), strict=True):
        decision = decide(status, event)
        assert isinstance(decision, Transition)
        status = decision.target
        assert len(status.waiting_for) == left
    assert status is Status.APPROVED


def test_what_is_missing_is_nobody_s_secret_and_everybody_hears_the_same_word():
    assert {status.told for status in Status if status.waiting_for} == {"pending"}
    assert all(status.told == status.value for status in Status if not status.waiting_for)
