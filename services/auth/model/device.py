"""What a person recognises a session by: "Firefox on Linux", and the network it came from. It decides nothing."""

from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network

from services.auth.model.caller import NOWHERE

# In this order: most browsers also name those whose pages they want to be shown.
_PROGRAMS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Vivaldi/", "Vivaldi"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
    ("Python/", "a Python program"),
    ("python-requests/", "a Python program"),
    ("python-httpx/", "a Python program"),
    ("Go-http-client/", "a Go program"),
    ("okhttp/", "an Android app"),
    ("CFNetwork/", "an Apple app"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
)
UNKNOWN = "an unknown program"
IPV4_PLACE, IPV6_PLACE = 24, 48


@lru_cache(1024)
def device(browser: str) -> str:
    """A User-Agent in words."""
    program = next((name for sign, name in _PROGRAMS if sign in browser), UNKNOWN)
    system = next((name for sign, name in _SYSTEMS if sign in browser), "")
    return f"{program} on {system}" if system else program


def place(address: str) -> str:
    """The network of an address, without who in it: an IPv4 /24 or an IPv6 /48; empty if the address is not known."""
    if address == NOWHERE:
        return ""
    parsed = ip_address(address)
    known = (parsed.ipv4_mapped or parsed) if isinstance(parsed, IPv6Address) else parsed
    bits = IPV6_PLACE if isinstance(known, IPv6Address) else IPV4_PLACE
    return str(ip_network((known, bits), strict=False))
