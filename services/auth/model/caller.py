"""Where a request comes from, as the gateway says it."""

from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network

IPV6_SITE = 64


@dataclass(frozen=True)
class Caller:
    """`address`: an IP address. `browser`: the User-Agent, shortened, printable."""

    address: str
    browser: str = ""

    @property
    def network(self) -> str:
        """What attempts are counted by: an IPv4 address, or the /64 that one IPv6 customer has to himself."""
        address = ip_address(self.address)
        if isinstance(address, IPv6Address):
            if address.ipv4_mapped is not None:
                return str(address.ipv4_mapped)
            return str(ip_network((int(address), IPV6_SITE), strict=False))
        return str(address)
