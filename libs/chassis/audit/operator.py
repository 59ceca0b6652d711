"""Who acts when a command is typed: the account on the machine, as far as anybody can say."""

import getpass
import secrets
import socket
from contextlib import AbstractContextManager

from chassis.origin import Origin, coming_from


def at_the_command_line() -> AbstractContextManager[None]:
    """What is recorded inside was done by an operator; all of one command carries one reference."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        # A container's user may have no name.
        name = "unknown"
    return coming_from(Origin(secrets.token_hex(16), actor=f"operator {name}@{socket.gethostname()}"))
