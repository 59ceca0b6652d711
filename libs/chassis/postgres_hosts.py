"""PostgreSQL on several machines, of which one is the primary: whichever that is by now, within seconds."""

import asyncio
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

import asyncpg

HOST_SECONDS = 1.5
CONNECT_SECONDS = 5.0
CLOSE_SECONDS = 2.0
CHOICE = "target_session_attrs"
# This host is not the one, or not yet: the next one may be.
_NEXT = (OSError, TimeoutError, asyncpg.CannotConnectNowError, asyncpg.TargetServerAttributeNotMatched)


class AnyHost:
    """The `connect` of a pool; of several hosts, the one that was right last is asked first.

    asyncpg goes through the hosts itself, but with one time limit for all of them: a first machine that has vanished
    without a word would use it up, and the standby that took over would never be asked.
    """

    def __init__(self, url: str) -> None:
        self.urls = one_per_host(url)

    async def __call__(self, _url: str, **options: Any) -> asyncpg.Connection:
        """A connection to the first that is as `target_session_attrs` says; raises what the last one answered."""
        if len(self.urls) > 1:
            options |= {"timeout": HOST_SECONDS}
        *first, last = self.urls
        for url in first:
            with suppress(*_NEXT):
                return await self._to(url, options)
        return await self._to(last, options)

    async def _to(self, url: str, options: dict[str, Any]) -> asyncpg.Connection:
        connection = await asyncpg.connect(url, **{"timeout": CONNECT_SECONDS, **options})
        self.urls = [url, *(other for other in self.urls if other != url)]
        return connection


async def primary_of(url: str, *, patience: float = 0) -> str:
    """The address of the one host that is as asked, for programs that know only one; raises what the last answered.

    Asked again for `patience` seconds: what has just been started, or takes over, is there in a moment.
    """
    if len(one_per_host(url)) == 1:
        return _alone(url)
    find, loop = AnyHost(url), asyncio.get_running_loop()
    give_up = loop.time() + patience
    while True:
        try:
            connection = await find(url)
        except _NEXT:
            if loop.time() >= give_up:
                raise
            await asyncio.sleep(1)
        else:
            await close(connection)
            return _alone(find.urls[0])


async def close(connection: asyncpg.Connection) -> None:
    """Says good-bye, and does not wait for ever to hear it from a server that has fallen silent."""
    with suppress(TimeoutError, OSError):
        await connection.close(timeout=CLOSE_SECONDS)


def _alone(url: str) -> str:
    """Without the word that only makes sense among several, and which not every program knows."""
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    return urlunsplit(parts._replace(query=_written({k: v for k, v in query.items() if k != CHOICE}, "", "")))


def one_per_host(url: str) -> list[str]:
    """`postgresql://u:p@one,two/db` as two addresses, of the primary unless it says otherwise."""
    parts = urlsplit(url)
    login, at, hosts = parts.netloc.rpartition("@")
    query = dict(parse_qsl(parts.query))
    named = query.get("host", "").split(",") if query.get("host") else [""]
    if len(hosts.split(",")) * len(named) == 1:
        return [url]
    ports = query.pop("port", "").split(",")
    ports = ports if len(ports) == len(named) else ports[:1] * len(named)
    query = {CHOICE: "primary"} | query
    return [
        urlunsplit(parts._replace(netloc=f"{login}{at}{host}", query=_written(query, name, port)))
        for host in hosts.split(",")
        for name, port in zip(named, ports, strict=True)
    ]


def _written(query: dict[str, str], host: str, port: str) -> str:
    own = {name: value for name, value in (("host", host), ("port", port)) if value}
    return urlencode(query | own, quote_via=quote, safe="/")
