"""Ports for servers that start in a moment, of a range that the system gives to no outgoing connection.

A port that the system itself chooses may be a client's own by the time that a server listens there, or while one is
away that is started again: so these are drawn below Linux' range (from 32768) and macOS' (from 49152).
"""

import itertools
import random
import socket

_FROM, _TO = 20_000, 32_000
# One after the other from anywhere: nothing is handed out twice before its server has come to listen there.
_turn = itertools.count(random.SystemRandom().randrange(_TO - _FROM))


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on. Raises `OSError` if a thousand are taken."""
    for _ in range(1000):
        port = _FROM + next(_turn) % (_TO - _FROM)
        if is_free(port):
            return port
    raise OSError(f"no port between {_FROM} and {_TO} is free")


def is_free(port: int) -> bool:
    """Whether a server could listen there now."""
    try:
        take(port)
    except OSError:
        return False
    return True


def take(port: int) -> int:
    """The port again. Raises `OSError` if somebody has it."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
    return port
