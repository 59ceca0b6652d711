"""What a page says of a limit: what was too much, and when it goes on."""


def too_often(seconds: int | None, *, codes: bool = False) -> str:
    """A limit has no room: what a person did too often, and when it goes on."""
    if codes:
        return f"Too many wrong codes. Try again {_later(seconds)}, or approve on your phone instead."
    return f"Too many tries, from you or from others on your network. Try again {_later(seconds)}."


def sent_too_often(seconds: int | None) -> str:
    """A text, call or push that is held back: there are other ways, and time passes."""
    return f"Too many were sent lately. Confirm another way, or try this one again {_later(seconds)}."


def _later(seconds: int | None) -> str:
    """`900` -> "in 15 minutes": rounded up, for who comes a little early is refused again."""
    if seconds is None:
        return "in a little while"
    if seconds <= 90:
        return "in a minute"
    return f"in {-(-seconds // 60)} minutes" if seconds <= 5400 else f"in {-(-seconds // 3600)} hours"
