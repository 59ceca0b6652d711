"""Networks that people know by name: "the office in Lisbon". Nothing is said of any other, for nothing is known of it.

A city guessed from an address is wrong often enough that people learn to ignore it, and an attacker may choose his
exit. What an operator has named is true.
"""

from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

NOT_KNOWN = "not known"
LONGEST_NAME = 40


@dataclass(frozen=True)
class Places:
    """`named`: the narrowest network first."""

    named: tuple[tuple[IPv4Network | IPv6Network, str], ...] = ()

    def of(self, address: str) -> str:
        """The name of the narrowest network that an address is in; "not known" for any other, and for no address."""
        known = ip_address(address) if address else None
        mapped = getattr(known, "ipv4_mapped", None) or known
        return next((name for network, name in self.named if mapped is not None and mapped in network), NOT_KNOWN)


def parse_places(text: str) -> Places:
    """From `192.0.2.0/24=Office Lisbon; 2001:db8::/48=Office Lisbon`; raises ValueError with what is wrong."""
    named = [_parsed(part) for part in text.replace("\n", ";").split(";") if part.strip()]
    return Places(tuple(sorted(named, key=lambda each: each[0].prefixlen, reverse=True)))


def _parsed(part: str) -> tuple[IPv4Network | IPv6Network, str]:
    network, equals, name = (side.strip() for side in part.partition("="))
    if not equals or not name or len(name) > LONGEST_NAME or not name.isprintable():
        msg = f"must be network=name, the name 1 to {LONGEST_NAME} characters, separated by semicolons"
        raise ValueError(msg)
    return ip_network(network), name
