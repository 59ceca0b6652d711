"""Which addresses are the gateway's own, without asking the router."""

from collections.abc import Iterable

from aiohttp import web

# The last resource of all: what no other takes.
EVERY_OTHER = "/{path}"


class Ours:
    """Addresses that are answered here, and beginnings of such: no path that begins so is ever taken for another's."""

    def __init__(self, resources: Iterable[web.AbstractResource]) -> None:
        names = [each.canonical for each in resources if each.canonical != EVERY_OTHER]
        plain = [each.canonical for each in resources if isinstance(each, web.PlainResource)]
        self.plain = frozenset(plain)
        self.beginnings = tuple({name.partition("{")[0] for name in names} - self.plain)

    def has(self, path: str) -> bool:
        """Whether the path may be ours."""
        return path in self.plain or path.startswith(self.beginnings)
