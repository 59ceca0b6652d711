"""Seconds in words."""


def roughly(seconds: int) -> str:
    """A wait as people say it, rather too long than too short: `3599` -> "1 hour"."""
    for length, noun in ((3_600, "hour"), (60, "minute")):
        if seconds >= length:
            return count(-(-seconds // length), noun)
    return count(seconds, "second")


def time_left(seconds: int) -> str:
    """`100` -> "1 minute 40 seconds"."""
    minutes, rest = divmod(max(seconds, 0), 60)
    parts = [count(minutes, "minute")] if minutes else []
    parts += [count(rest, "second")] if rest or not minutes else []
    return " ".join(parts)


def ago(seconds: int) -> str:
    """`7300` -> "2 hours ago"."""
    for length, noun in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= length:
            return f"{count(seconds // length, noun)} ago"
    return "just now"


def count(number: int, noun: str) -> str:
    """`(2, "try")` -> "2 tries"."""
    many = f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"
    return f"{number} {noun if number == 1 else many}"
