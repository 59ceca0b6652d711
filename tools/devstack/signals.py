"""What started processes must end them, however it is told to stop itself."""

import signal


def interrupted_by_signals() -> None:
    """SIGTERM, too, raises `KeyboardInterrupt` from here on: what was entered is left, and what was started ends.

    SIGINT as well: a shell hands it on as ignored to what it starts in the background.
    """
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, signal.default_int_handler)
