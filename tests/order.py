"""In which order files are dealt to the workers, and which of them took longest."""

from collections import Counter
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
# Those that take long first: dealt last, one of them would keep one worker at work while the others have nothing left.
DEAREST_FIRST = ("chaos", "browser", "integration", "security", "contract", "unit", "architecture")
SHOWN = 12


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Suites by what they cost; within a suite, files and tests stay as they stand."""
    items.sort(key=lambda item: _rank(item.path))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """The dearest files, with the seconds that a worker spent in each: where to look when the suite grows slow."""
    if not config.getoption("numprocesses", None):
        return
    seconds: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                seconds[report.nodeid.partition("::")[0]] += report.duration  # type: ignore[assignment]
    terminalreporter.section("dearest files")
    for file, spent in seconds.most_common(SHOWN):
        terminalreporter.write_line(f"{spent:6.1f} s  {file}")
    terminalreporter.write_line(f"{seconds.total():6.1f} s  in all files")


def _rank(path: Path) -> int:
    suite = path.relative_to(TESTS).parts[0] if path.is_relative_to(TESTS) else ""
    return DEAREST_FIRST.index(suite) if suite in DEAREST_FIRST else len(DEAREST_FIRST)
