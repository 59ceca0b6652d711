"""What must not get into a log does not."""

import logging
import os
from collections.abc import Iterator
from datetime import UTC, datetime

import orjson
import pytest
from aiohttp import web
from aiohttp.http_exceptions import BadHttpMessage, LineTooLong

from chassis import logs
from chassis.lines import LineLogger, Lines
from chassis.request import REFERENCE

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
SERVER = logging.getLogger("aiohttp.server")


@pytest.fixture
def server_log() -> Iterator[None]:
    SERVER.addFilter(logs.without_the_request)
    yield
    SERVER.removeFilter(logs.without_the_request)


@pytest.mark.parametrize(
    "fault",
    [
        BadHttpMessage("Invalid header value char:\n\n b'Cookie: s=secret\\x01'"),
        LineTooLong(b"secret", 8190),
        web.RequestPayloadError("secret"),
    ],
)
def test_a_request_that_cannot_be_parsed_is_logged_without_its_words(
    server_log: None, caplog: pytest.LogCaptureFixture, fault: Exception
) -> None:
    SERVER.error("Error handling request from %s", "192.0.2.1", exc_info=fault)
    assert type(fault).__name__ in caplog.text
    assert "secret" not in caplog.text


def test_a_fault_of_ours_keeps_its_trace(server_log: None, caplog: pytest.LogCaptureFixture) -> None:
    try:
        raise ZeroDivisionError
    except ZeroDivisionError:
        SERVER.exception("Error handling request")
    assert "Traceback" in caplog.text


def said(level: str, **event: object) -> dict[str, str]:
    whole: dict[str, str] = orjson.loads(logs.in_one_step("tea", lambda: START)(None, level, dict(event)))
    return whole


def test_a_line_says_who_and_when_and_of_which_request_and_nothing_secret() -> None:
    token = REFERENCE.set("0123456789")
    line = said("info", event="poured", user="u1", mfa_token="secret", Password="secret")
    REFERENCE.reset(token)
    assert line == {
        "service": "tea", "event": "poured", "user": "u1", "mfa_token": "[redacted]", "Password": "[redacted]",
        "request_id": "0123456789", "level": "info", "timestamp": "2026-01-01T12:00:00Z",
    }  # fmt: skip


def test_a_line_about_a_fault_holds_its_trace() -> None:
    try:
        raise ZeroDivisionError
    except ZeroDivisionError as fault:
        assert "ZeroDivisionError" in said("error", event="unexpected", exc_info=fault)["exception"]


def test_a_warning_is_written_at_once_and_takes_what_waits_along() -> None:
    read, write = os.pipe()
    lines = LineLogger(Lines(write))
    lines.info(b"without a loop nothing waits\n")
    lines.warning(b"warned\n")
    assert os.read(read, 100) == b"without a loop nothing waits\nwarned\n"
    os.close(read)
    os.close(write)
