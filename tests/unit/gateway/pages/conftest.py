"""The pages with everything behind them in memory."""

from tests.fakes.house import enrolled, house, person, stranger

__all__ = ["enrolled", "house", "person", "stranger"]
