"""Known answers from public test suites, and canonicalisation cases made with Rails itself (vectors/)."""

import json
from pathlib import Path
from typing import Any

import pytest

from services.twofactor.providers.authy_signature import canonical, signature

_VECTORS = Path(__file__).parent / "vectors"
_SIGNED: list[dict[str, Any]] = json.loads((_VECTORS / "authy-signature-vectors.json").read_bytes())
_CANONICAL: list[dict[str, Any]] = json.loads((_VECTORS / "authy-canonical-cases.json").read_bytes())


@pytest.mark.parametrize("vector", _SIGNED, ids=lambda v: v["source"])
def test_a_published_callback_has_its_published_signature(vector: dict[str, Any]) -> None:
    made = signature(
        api_key=vector["api_key"],
        nonce=vector["nonce"],
        method=vector["method"],
        url=vector["url"],
        params=vector["body"],
    )
    assert made == vector["signature"]


@pytest.mark.parametrize("case", _CANONICAL, ids=lambda c: c["note"])
def test_the_canonical_form_is_the_one_that_rails_gives(case: dict[str, Any]) -> None:
    assert canonical(case["body"]) == case["canonical"]


def test_the_vectors_are_all_there() -> None:
    assert len(_SIGNED) == 6
    assert len(_CANONICAL) == 10
