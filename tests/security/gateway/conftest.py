"""The gateway between its stubs, for every test here."""

from tests.fakes.gateway_stack import stack

__all__ = ["stack"]
