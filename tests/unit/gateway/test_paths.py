"""Paths that may be read in one way only."""

from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.model.forwarding import AmbiguousPath
from gateway.model.path import require_plain


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/a",
        "/a/",
        "/a.b/c-d_e~f",
        "/a%20b",
        "/%C3%A9",
        "/a;b=c",
        "/a@b:c",
        "/...",
        "/.well-known/x",
        "/a..b",
        "/100%25",
        "/a+b",
    ],
)
def test_plain_paths_pass_as_they_are(path: str) -> None:
    assert require_plain(path) == path


@given(st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=4))
def test_any_text_that_is_encoded_as_browsers_do_passes_or_is_one_of_the_known_tricks(segments: list[str]) -> None:
    path = "/" + "/".join(quote(segment, safe="", errors="surrogatepass") for segment in segments)
    try:
        assert require_plain(path) == path
    except AmbiguousPath:
        plain = [unquote(part, errors="surrogatepass") for part in path.split("/")[1:]]
        assert any(
            part in {".", ".."} or any(c in part for c in "/\\;?#%~") or any(ord(c) < 32 or ord(c) == 127 or 0xD800 <= ord(c) < 0xE000 for c in part)
            for part in plain
        )  # fmt: skip


@given(st.binary(max_size=30))
def test_whatever_comes_is_passed_or_refused(raw: bytes) -> None:
    text = "/" + raw.decode("utf-8", "surrogateescape")
    try:
        require_plain(text)
    except AmbiguousPath:
        return
    assert "//" not in text
    assert "/../" not in text + "/"
