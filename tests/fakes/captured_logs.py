"""Searches what every test writes to a log for secrets: services that run in the test's own process write there too.

pytest keeps whatever a test, its fixtures and their children write to stdout, stderr and `logging`: structlog, as no
process has set it up here, prints every line of every level, and redacts nothing. So the search is stricter than a log.
What a test itself prints counts as well. With `-s` nothing is kept, and nothing is searched.

Lines that a test takes for itself (structlog's `capture_logs`) reach nobody else: they are kept here on their way.
"""

import logging
from collections.abc import Generator

import pytest
from structlog.testing import LogCapture
from structlog.typing import EventDict, WrappedLogger

from chassis.logs import without_the_request
from tests.fakes.secret_scan import SECRETS

TAKEN: list[str] = []
_capture = LogCapture.__call__


def _take(capture: LogCapture, logger: WrappedLogger, method: str, line: EventDict) -> None:
    TAKEN.append(repr(line))
    _capture(capture, logger, method, line)


def pytest_configure() -> None:
    """As in every process of ours: aiohttp says of a request that cannot be parsed that it could not be parsed."""
    logging.getLogger("aiohttp.server").addFilter(without_the_request)
    LogCapture.__call__ = _take  # type: ignore[method-assign,assignment]  # whatever they capture, it is seen here


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """The last report of a test holds all that was kept of it; a secret in there is an error of this very test."""
    report = yield
    if report.when == "teardown" and report.passed:
        found = SECRETS.found("\n".join([*(text for _, text in report.sections), *TAKEN]))
        TAKEN.clear()
        if found:
            report.outcome = "failed"
            report.longrepr = f"{item.nodeid} wrote secrets down: {found}"
    return report
