"""Known answers from public test suites, and canonicalisation cases made with Rails itself (vectors/)."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.twofactor.providers.authy_signature import canonical, signature
from tools.authy_simulator.callbacks.signature import sign as simulator_sign

# Busy machines are slow, and that is no failure.
_AT_LEISURE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

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


_TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
_KEYS = _TEXT.filter(bool)
_MAPS = st.dictionaries(_KEYS, _TEXT | st.none() | st.booleans() | st.integers(), max_size=4)
_TREES = st.recursive(
    _TEXT | st.none() | st.booleans() | st.integers() | st.lists(_MAPS | _TEXT, max_size=3),
    lambda inner: st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=15,
)


@_AT_LEISURE
@given(st.dictionaries(_KEYS, _TREES, max_size=5))
def test_two_writings_of_the_contract_agree_on_any_callback(body: dict[str, Any]) -> None:
    how = {"api_key": "ключ", "nonce": "1512923419", "method": "POST", "url": "https://a.example/cb?x=1"}
    assert signature(**how, params=body) == simulator_sign(**how, params=body)
