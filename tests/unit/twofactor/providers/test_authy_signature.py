"""Canonicalisation holds for any JSON, and hostile JSON is refused without harm."""

import contextlib
import json
import random
from typing import Any
from urllib.parse import parse_qsl, quote_plus

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.twofactor.providers.authy_signature import MAX_DEPTH, Unsignable, canonical, sign, signature

# Busy machines are slow, and that is no failure.
_AT_LEISURE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

_LEAVES = st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8"), max_size=12)
_KEYS = st.text(st.characters(codec="utf-8"), max_size=8) | st.sampled_from(
    ["a", "a1", "A", "a b", "a[]", "[", "~", ""]
)


def _nested(leaves: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=4),
        max_leaves=12,
    )


_BODIES = st.dictionaries(_KEYS, _nested(_LEAVES), max_size=5)
_ANYTHING = _nested(
    _LEAVES | st.floats() | st.text(max_size=5) | st.integers(min_value=10**4400, max_value=10**4401) | st.binary()
)


def _rails(value: Any, key: str | None = None) -> str:
    """`to_query` of ActiveSupport, line by line and without a bound."""
    if isinstance(value, dict):
        parts = [
            _rails(item, name if key is None else f"{key}[{name}]")
            for name, item in value.items()
            if not (isinstance(item, dict | list) and not item)
        ]
        return "&".join(parts if "[]" in (key or "") else sorted(parts))
    if isinstance(value, list):
        return "&".join(_rails(item, f"{key}[]") for item in value or [None])
    text = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    return f"{quote_plus(key or '')}={quote_plus(text)}"


def _shuffled(value: Any, chance: random.Random) -> Any:
    """Maps in another order; Rails keeps the order below a list, and takes any path that holds "[]" for one."""
    if isinstance(value, dict) and all(key and not set(key) & set("[]") for key in value):
        pairs = list(value.items())
        chance.shuffle(pairs)
        return {key: _shuffled(item, chance) for key, item in pairs}
    return value


@_AT_LEISURE
@given(_BODIES)
def test_any_body_is_written_as_rails_writes_it(body: dict[str, Any]) -> None:
    assert canonical(body) == _rails(body)


@_AT_LEISURE
@given(_BODIES, st.randoms())
def test_the_order_in_which_members_arrive_does_not_matter(body: dict[str, Any], chance: random.Random) -> None:
    assert canonical(_shuffled(body, chance)) == canonical(body)


@_AT_LEISURE
@given(st.dictionaries(st.text(st.characters(codec="utf-8"), min_size=1), st.text(st.characters(codec="utf-8"))))
def test_a_flat_map_can_be_read_back(body: dict[str, str]) -> None:
    text = canonical(body)
    assert text.isascii()
    assert dict(parse_qsl(text, keep_blank_values=True)) == body


@_AT_LEISURE
@given(st.dictionaries(st.text(max_size=5), _ANYTHING, max_size=4))
def test_whatever_is_in_the_body_it_is_signed_or_refused(body: dict[str, Any]) -> None:
    with contextlib.suppress(Unsignable):
        assert canonical(body).isascii()


@_AT_LEISURE
@given(_BODIES)
def test_another_key_nonce_method_or_url_is_another_signature(body: dict[str, Any]) -> None:
    signed = {"api_key": "k", "nonce": "1", "method": "POST", "url": "https://a.example/cb"}
    other = {"api_key": "l", "nonce": "2", "method": "GET", "url": "https://b.example/cb"}
    made = signature(**signed, params=body)
    assert all(signature(**signed | {name: value}, params=body) != made for name, value in other.items())


@pytest.mark.parametrize("url", ["https://a.example/cb?x=1", "https://a.example/cb#x?y", "https://a.example/cb?x#y"])
def test_query_and_fragment_of_the_url_are_not_signed(url: str) -> None:
    plain = signature(api_key="k", nonce="1", method="POST", url="https://a.example/cb", params={})
    assert signature(api_key="k", nonce="1", method="post", url=url, params={}) == plain


def test_a_raw_query_is_signed_as_it_stands() -> None:
    params = {"a": {"b": "x y"}}
    raw = sign(api_key="k", nonce="1", method="GET", url="https://a.example/", canonical="a%5Bb%5D=x+y")
    assert signature(api_key="k", nonce="1", method="GET", url="https://a.example/", params=params) == raw


@pytest.mark.parametrize(
    ("value", "written"),
    [(1.0, "1.0"), (0.1, "0.1"), (1e16, "1.0e%2B16"), (1.5e-7, "1.5e-07"), (-0.0, "-0.0"), (10**30, "1" + "0" * 30)],
)
def test_numbers_are_written_as_ruby_writes_them(value: float, written: str) -> None:
    assert canonical({"n": value}) == f"n={written}"


def test_a_tilde_can_be_written_as_old_ruby_wrote_it() -> None:
    # Sorted after it is written: "~" is the last of all characters, "%" one of the first.
    assert canonical({"a~": "1", "ab": "~"}) == "ab=~&a~=1"
    assert canonical({"a~": "1", "ab": "~"}, tilde="%7E") == "a%7E=1&ab=%7E"


def _deep(levels: int) -> dict[str, Any]:
    body: dict[str, Any] = {"leaf": 1}
    for _ in range(levels):
        body = {"d": body}
    return body


@pytest.mark.parametrize(
    "body",
    [
        _deep(MAX_DEPTH),
        _deep(900),
        {"a": json.loads("[" * 900 + "]" * 900)},
        {"k" * 30_000: list(range(15_000))},
        {"k" * 30_000: [[{}]] * 8_000},
        {"n": float("nan")},
        {"n": float("inf")},
        {"n": 10**5000},
        {"s": "\ud800"},
        {"\udfff": "s"},
        {"s": b"bytes"},
        {"s": object()},
        [],
        "text",
        None,
    ],
    ids=lambda body: repr(type(body)),
)
def test_hostile_bodies_are_refused(body: Any) -> None:
    with pytest.raises(Unsignable):
        canonical(body)


def test_a_nonce_that_is_no_text_is_refused() -> None:
    with pytest.raises(Unsignable):
        signature(api_key="k", nonce="\udcff", method="POST", url="https://a.example/", params={})


def test_a_body_as_deep_as_allowed_is_signed() -> None:
    assert canonical(_deep(MAX_DEPTH - 2)).endswith("=1")
