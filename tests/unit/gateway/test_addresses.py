"""Where a request comes from, and what stands in its headers."""

from ipaddress import ip_network

import pytest

from gateway.model.address import Networks, client_address
from gateway.model.headers import other_cookies, own_cookie, request_headers, response_headers

TRUSTED = Networks([ip_network("10.0.0.0/8"), ip_network("2001:db8::/32")])


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.1", [], "203.0.113.1"),
        ("203.0.113.1", ["6.6.6.6"], "203.0.113.1"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["203.0.113.9"], "203.0.113.9"),
        ("10.0.0.1", ["6.6.6.6, 203.0.113.9"], "203.0.113.9"),
        ("10.0.0.1", ["6.6.6.6", "203.0.113.9, 10.0.0.7"], "203.0.113.9"),
        ("10.0.0.1", ["6.6.6.6, nonsense"], "10.0.0.1"),
        ("10.0.0.1", ["10.0.0.2,10.0.0.3"], "10.0.0.2"),
        ("::ffff:10.0.0.1", ["203.0.113.9"], "203.0.113.9"),
        ("2001:db8::1", ["2a00::1"], "2a00::1"),
        ("fe80::1%eth0", [], "fe80::1"),
        ("", ["203.0.113.9"], ""),
        ("unix", ["203.0.113.9"], ""),
    ],
)
def test_only_what_our_own_proxies_say_is_believed(peer: str, forwarded: list[str], address: str) -> None:
    assert client_address(peer, tuple(forwarded), TRUSTED) == address


def test_what_crosses_to_the_upstream() -> None:
    sent = [
        ("Accept", "a"), ("accept", "b"), ("Connection", "x-inner"), ("X-Inner", "1"), ("TE", "trailers"), ("Upgrade", "h2c"),
        ("Content-Length", "3"), ("Transfer-Encoding", "chunked"), ("Content-Type", "t"), ("Host", "h"), ("Authorization", "s"),
        ("Cookie", "c"), ("Proxy-Authorization", "p"), ("Sec-WebSocket-Key", "k"), ("X-Custom", "kept"),
    ]  # fmt: skip
    kept = [("Accept", "a"), ("accept", "b"), ("Content-Length", "3"), ("Content-Type", "t"), ("X-Custom", "kept")]
    assert request_headers(sent, ["x-inner"]) == kept


def test_what_comes_back() -> None:
    back = [
        ("Set-Cookie", "a=1"),
        ("Set-Cookie", "__Host-session=1"),
        ("Server", "s"),
        ("Keep-Alive", "1"),
        ("ETag", "e"),
    ]
    assert response_headers(back, []) == [("Set-Cookie", "a=1"), ("ETag", "e")]


def test_cookies_are_told_apart() -> None:
    header = "a=1; __Host-session=x; __Host-note=y;b=2"
    assert other_cookies(header) == "a=1; b=2"
    assert own_cookie([header], "__Host-session") == "x"
    assert own_cookie([header, "__Host-session=y"], "__Host-session") is None
    assert own_cookie([header, header], "__Host-session") == "x"
    assert own_cookie(["a=1"], "__Host-session") is None
