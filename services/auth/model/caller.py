"""Where a request comes from, as the gateway says it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import ip_address

from chassis.limits import network_of

LONGEST_BROWSER = 256
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
        return network_of(self.address)


def caller(addresses: Iterable[str], browser: str, device: str = "") -> Caller:
    """From the first of `addresses` that is one, and a header that may hold bytes that are no text."""
    first = next(filter(None, map(_address, addresses)), NOWHERE)
    return Caller(first, "".join(sign if sign.isprintable() else "?" for sign in browser[:LONGEST_BROWSER]), device)


def _address(text: str) -> str:
    try:
        return str(ip_address(text.strip().partition("%")[0]))
    except ValueError:
        return ""
