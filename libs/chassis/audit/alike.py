"""Refusals are a stranger's to make, as many as they like: those alike are one row, and rows have a limit.

The first of its kind is told at once; more of them in the same minute are one row with a number. However many kinds a
flood comes in, no more than `most` are told apart in a minute: the rest are counted by what they are alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from chassis.audit.entry import Entry
from chassis.origin import Origin

WINDOW = timedelta(minutes=1)
IPV6_SITE = 64
UNLISTED = {"unlisted": "yes"}
Kind = tuple[str, ...]


@dataclass
class _Held:
    """The first of its kind that is not told yet, and since when its kind is looked at."""

    entry: Entry
    due: datetime
    times: int = 0


class Alike:
    """Counts entries by kind until they are to be written; costs no more memory than `most` kinds."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._held: dict[Kind, _Held] = {}

    def add(self, entry: Entry) -> None:
        """Notes one."""
        kind = _kind(entry)
        if kind not in self._held and len(self._held) >= self.most:
            # Not told apart any more: whoever floods us does not choose how many rows that makes.
            entry = Entry(entry.at, entry.what, entry.outcome, "", entry.reason, Origin(), facts=UNLISTED)
            kind = ("", entry.what, entry.reason)
        held = self._held.setdefault(kind, _Held(entry, due=entry.at))
        held.entry = entry if held.times == 0 else held.entry
        held.times += 1

    def take(self, now: datetime, *, all_of_them: bool = False) -> Sequence[Entry]:
        """What is to be written now; its kind is then told again in a minute at the earliest."""
        taken = []
        for kind, held in list(self._held.items()):
            if held.due > now and not all_of_them:
                continue
            if held.times == 0:
                del self._held[kind]
                continue
            taken.append(replace(held.entry, times=held.times))
            held.times, held.due = 0, now + WINDOW
        return taken


def _kind(entry: Entry) -> Kind:
    return (entry.what, entry.reason, entry.user, _network(entry.origin.address), *sorted(entry.facts.values()))


def _network(address: str) -> str:
    # Whoever has one IPv6 address has 2^64 of them.
    if not address:
        return ""
    parsed = ip_address(address)
    return str(ip_network((int(parsed), IPV6_SITE), strict=False)) if isinstance(parsed, IPv6Address) else address
