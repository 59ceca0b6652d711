"""A code that needs no asking: an app shows it all the time, or it was kept for this."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class CodeAtHand:
    """`code` as it was typed, of one factor: by `channel` (app, totp, recovery), or by the id `factor`.

    With neither it is the authenticator app's, or, for who has none, Authy's.
    """

    code: str = field(repr=False)
    channel: str = ""
    factor: str = ""


def without_blanks(typed: str) -> str:
    """Apps and paper show a code in groups, and so it is typed or pasted; no code has a blank in it."""
    return "".join(typed.split())
