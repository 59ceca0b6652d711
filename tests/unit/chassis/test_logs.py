"""What must not get into a log does not."""

import logging
from collections.abc import Iterator

import pytest
from aiohttp import web
from aiohttp.http_exceptions import BadHttpMessage, LineTooLong

from chassis import logs

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
