"""For pytest: `pytest_plugins = ["countersign.testing.fixtures"]` in your conftest.py.

countersign_issuer    an `Issuer` of its own for each test
"""

import pytest

from countersign.testing.issuer import Issuer


@pytest.fixture
def countersign_issuer() -> Issuer:
    """A Countersign for this test alone."""
    return Issuer()
