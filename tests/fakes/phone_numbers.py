"""Phone numbers that no two people of a test run share: who shares a phone sees what is on it."""

from itertools import count

_numbers = count(1)


def new_number() -> str:
    """A British mobile number, national, in digits: ten of them."""
    return f"74001{next(_numbers):05d}"
