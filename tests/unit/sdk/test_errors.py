"""Every code that the API answers is an error of a kind that says what to do next."""

import re
from pathlib import Path

import pytest

import countersign
import countersign.client
from countersign.client import ApiError, UnexpectedAnswer
from countersign.client import errors as api_errors
from countersign.client.errors import BY_CODE, kind_of

ROOT = Path(__file__).resolve().parents[3]
ROWS = re.findall(r"^\| (\d{3}) \| `(\w+)` \|", (ROOT / "docs/errors.md").read_text(), re.MULTILINE)


@pytest.mark.parametrize(("status", "code"), sorted(set(ROWS)))
def test_every_code_of_the_docs_has_a_kind(status: str, code: str) -> None:
    kind = kind_of(int(status), code)
    assert kind is not ApiError
    assert kind is not UnexpectedAnswer


def test_no_code_is_named_that_the_api_does_not_answer() -> None:
    assert set(BY_CODE) - {code for _, code in ROWS} <= {"too_many_followers"}


def test_what_the_token_endpoint_says_with_400_is_of_the_same_kind_there() -> None:
    confirming = {
        "access_denied", "authorization_pending", "challenge_over", "challenge_pending", "code_malformed", "enrolment_required",
        "expired_token", "factor_unavailable", "factor_unknown", "factor_unusable", "invalid_code", "invalid_grant",
        "login_finished",
    }  # fmt: skip
    assert confirming <= {code for _, code in ROWS}
    assert {
        code for status, code in ROWS if code in confirming and kind_of(400, code) is not kind_of(int(status), code)
    } == set()


def test_a_code_of_a_later_server_is_told_by_its_status() -> None:
    kinds = {
        status: kind_of(status, "brand_new").__name__ for status in (400, 401, 403, 404, 409, 418, 429, 500, 504, 302)
    }
    assert kinds == {
        400: "InvalidRequest", 401: "NotAuthenticated", 403: "NotPermitted", 404: "NotFound", 409: "InvalidRequest",
        418: "InvalidRequest", 429: "TooMany", 500: "Unavailable", 504: "Unavailable", 302: "UnexpectedAnswer",
    }  # fmt: skip


def test_the_trees_in_the_docstrings_hold_every_error() -> None:
    from countersign import errors

    for module, page in ((errors, countersign.__doc__), (api_errors, countersign.client.__doc__)):
        names = {
            name for name, kind in vars(module).items() if isinstance(kind, type) and kind.__module__ == module.__name__
        }
        drawn = set(re.findall(r"\w+", (page or "")))
        assert names <= drawn, names - drawn
