"""The search for secrets finds one that is planted: otherwise its silence would say nothing."""

import pytest

from tests.fakes.secret_scan import PATTERNS, Scan

PLANTED = {
    "a token": "eyJhbGciOiJFUzI1NiJ9.e30.c2ln",
    "a refresh token": "csr_3q2-7wAAAAAAAAAAAAAAAAAAAAAA",
    "a client's secret": "css_3q2-7wAAAAAAAAAAAAAAAAAAAAAA",
    "an e-mail address": "eve@example.com",
    "a phone number": "7700900123",
    "a recovery code": "ABCD-EFGH-JKMN-PQRS-TVWX-YZ01",
    "a key": "-----BEGIN PRIVATE KEY-----",
    "a password's hash": "$argon2id$v=19$m=19456",
    "a bearer header": "Authorization: Bearer abcdef",
    "a cookie": "__Host-session=abcdef",
    "a link of an authenticator app": "otpauth://totp/x",
}
CLEAN = (
    '{"event":"login_accepted","user":"8c7bb0c4-92a1-4f39-a74d-5e5d0f4d1f6b","request_id":"1f0e...","ms":12.3}\n'
    '{"what": "session_opened", "address": "192.0.2.1", "browser": "Firefox on Linux", "actor": "operator root@host"}'
)


@pytest.mark.parametrize("kind", PATTERNS)
def test_what_looks_like_a_secret_is_found(kind: str) -> None:
    text = f"{CLEAN}\n{PLANTED[kind]}\n"
    assert any(seen.startswith(kind) for seen in Scan().found(text))
    with pytest.raises(AssertionError, match="secrets were written down"):
        Scan().require_clean({"auth": text})


def test_a_secret_that_a_test_used_is_found_whatever_it_looks_like() -> None:
    scan = Scan()
    scan.note("wooden lantern kites", "short")
    with pytest.raises(AssertionError, match=r"auth.*a secret of a test"):
        scan.require_clean({"auth": f'{CLEAN}{{"reason": "wooden lantern kites"}}'})
    scan.require_clean({"auth": f"{CLEAN} short"})


def test_clean_lines_and_rows_are_clean() -> None:
    Scan().require_clean({"auth": CLEAN})
