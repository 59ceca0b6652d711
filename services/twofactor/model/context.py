"""What a person compares on the phone with what is in front of them: from where somebody is signing in."""

from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address

from chassis.limits import network_of

# What a User-Agent says is the stranger's own text, and the phone shows it: only names that we know get there.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Opera", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
    ("curl/", "curl"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)
UNKNOWN_BROWSER = "another program"


@dataclass(frozen=True)
class Context:
    """`browser` as a person would say it, `address` an IP address or ""."""

    browser: str
    address: str

    @property
    def network(self) -> str:
        """What limits count by."""
        return network_of(self.address)


# The same few come with every request of a login, twice.
@lru_cache(maxsize=256)
def browser_name(user_agent: str) -> str:
    """`Firefox on Linux`; never a word of the stranger's own."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), UNKNOWN_BROWSER)
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    return f"{browser} on {system}" if system else browser


@lru_cache(maxsize=256)
def address_of(text: str) -> str:
    """The one IP address that `text` is, "" for anything else: none of it gets onto a phone."""
    # An IPv6 scope (`::1%anything`) is free text: an address that carries one is not one that we show.
    if "%" in text:
        return ""
    try:
        return str(ip_address(text.strip()))
    except ValueError:
        return ""
