"""An approval request read back is judged as its callback is."""

from typing import Any

import pytest

from services.twofactor.model.provider import PushStatus
from services.twofactor.providers.authy_push import read_answer

UUID = "589d0d5a-0000-4000-8000-000000000000"


def body(**changes: Any) -> dict[str, object]:
    return {"approval_request": {"uuid": UUID, "_authy_id": "28894864", "status": "approved", **changes}}


@pytest.mark.parametrize("flagged", [True, "true", "false", None, 1, 0, {}])
def test_a_flagged_approval_opens_no_door_by_being_read_back_either(flagged: object) -> None:
    assert read_answer(body(flagged=flagged), UUID).status is PushStatus.DENIED


@pytest.mark.parametrize("flagged", [{}, {"flagged": False}])
def test_an_approval_that_is_not_flagged_is_one(flagged: dict[str, object]) -> None:
    assert read_answer(body(**flagged), UUID).status is PushStatus.APPROVED


def test_a_denial_stays_one_flagged_or_not() -> None:
    assert read_answer(body(status="denied", flagged=True), UUID).status is PushStatus.DENIED
    assert read_answer(body(status="pending", flagged=True), UUID).status is PushStatus.PENDING
