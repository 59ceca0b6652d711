"""Where a request comes from, as the gateway says it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import ip_address

from chassis.limits import network_of

LONGEST_BROWSER = 256
# RFC 4291 section 2.2: an IPv6 address that ends in an IPv4 one, written out. What is longer is none, and is not kept.
LONGEST_ADDRESS = 45
# The same addresses come with each request of a login, and with the next login from there.
KEPT = 4096
NOWHERE = "0.0.0.0"  # noqa: S104 said of an address that is not known, not bound to


@dataclass(frozen=True)
class Caller:
    """`address`: an IP address. `browser`: the User-Agent, short and printable. `device`: what it shows to be known."""

    address: str
    browser: str = ""
    device: str = field(default="", repr=False, compare=False)

    @property
    def network(self) -> str:
        """What limits count by."""
        return _network(self.address)


def caller(addresses: Iterable[str], browser: str, device: str = "") -> Caller:
    """From the first of `addresses` that is one, and a header that may hold bytes that are no text."""
    first = next(filter(None, map(_address, addresses)), NOWHERE)
    shown = browser[:LONGEST_BROWSER]
    if not shown.isprintable():
        shown = "".join(sign if sign.isprintable() else "?" for sign in shown)
    return Caller(first, shown, device)


def _address(text: str) -> str:
    bare = text.strip().partition("%")[0]
    return _spelled(bare) if len(bare) <= LONGEST_ADDRESS else ""


@lru_cache(KEPT)
def _spelled(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError:
        return ""


_network = lru_cache(KEPT)(network_of)
