"""The search for secrets finds one that is planted: otherwise its silence would say nothing."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes.secret_scan import PATTERNS, TYPED, Scan
from tools.devstack.engines import ROOT

PLANTED = {
    "a token": "eyJhbGciOiJFUzI1NiJ9.e30.c2ln",
    "a refresh token": "csr_3q2-7wAAAAAAAAAAAAAAAAAAAAAA",
    "a client's secret": "css_3q2-7wAAAAAAAAAAAAAAAAAAAAAA",
    "an e-mail address": "eve@example.com",
    "a phone number": "+447700900123",
    "a code": "typed=123456",
    "a recovery code": "ABCD-EFGH-JKMN-PQRS-TVWX-YZ01",
    "a key": "-----BEGIN PRIVATE KEY-----",
    "a password's hash": "$argon2id$v=19$m=19456",
    "a bearer header": "Authorization: Bearer abcdef",
    "a cookie": "__Host-session=abcdef",
    "a link of an authenticator app": "otpauth://totp/x",
    "a secret of an authenticator app": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
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


def test_every_password_that_a_test_types_is_looked_for() -> None:
    constant = re.compile(r'^(?:PASSWORD|WRONG|NEW|ANOTHER) = "([^"]{8,})"', re.MULTILINE)
    texts = [path.read_text() for path in (ROOT / "tests").rglob("*.py")]
    typed = {found for text in texts for found in constant.findall(text)}
    assert len(typed) > 4
    assert typed <= TYPED


LEAKS = """
import logging, os, pytest, structlog
from structlog.testing import capture_logs

log = structlog.get_logger()

def test_a_line_of_ours():
    log.info("seen", header="Bearer abcdef")

def test_a_line_of_a_library():
    logging.getLogger("aiohttp.server").warning("7700900123")

@pytest.fixture
def careless():
    yield
    os.write(2, b"eyJhbGciOiJFUzI1NiJ9.e30.c2ln")

def test_what_goes_on_after_it(careless): pass

def test_a_line_that_it_takes_for_itself():
    with capture_logs() as lines:
        log.info("sent", to="+44 7400 100123")
    assert lines

def test_a_line_of_a_library_that_it_takes_for_itself(caplog):
    logging.getLogger("aiohttp.server").warning("typed 123456")
    assert "typed" in caplog.text

def test_nothing():
    log.info("seen", user="8c7bb0c4-92a1-4f39-a74d-5e5d0f4d1f6b")
"""


def test_a_test_that_leaves_a_secret_in_a_log_of_its_own_process_fails(tmp_path: Path) -> None:
    (tmp_path / "test_leaks.py").write_text(LEAKS)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.fakes.captured_logs", "-p", "no:cacheprovider"]
    ran = subprocess.run(
        [*command, f"--rootdir={tmp_path}", str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert "6 passed, 5 errors" in ran.stdout, ran.stdout
    assert {word for word in ("test_nothing",) if f"ERROR test_leaks.py::{word}" in ran.stdout} == set()
