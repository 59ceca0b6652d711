"""A browser's tab without a browser: cookies, forms, and what a browser says of where a request comes from."""

import re
from collections.abc import Mapping
from html import unescape

from aiohttp import ClientSession

FROM_OUR_PAGE = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate", "Accept": "text/html"}
FROM_ELSEWHERE = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example", "Referer": "https://evil.example/"}


class Tab:
    """Follows no redirect; `cookies` are what the browser holds, `page` is what it shows."""

    def __init__(self, http: ClientSession, url: str) -> None:
        self.http, self.url = http, url
        self.cookies: dict[str, str] = {}
        self.page = ""
        self.headers: dict[str, str] = {}
        self.set_cookies: list[str] = []

    async def get(self, path: str, headers: dict[str, str] | None = None) -> int:
        return await self._ask("GET", path, headers, None)

    async def post(self, path: str, headers: dict[str, str] | None = None, **fields: str) -> int:
        return await self._ask("POST", path, headers, fields)

    async def send(self, path: str, **fields: str) -> str:
        """A form of the page that is shown; answers where it leads."""
        assert await self.post(path, None, **{"csrf": self.csrf, **fields}) == 303, self.page
        return self.headers["Location"]

    @property
    def csrf(self) -> str:
        found = re.search(r'name="csrf" value="([^"]*)"', self.page)
        return unescape(found.group(1)) if found else ""

    @property
    def session(self) -> str:
        return self.cookies.get("__Host-session", "")

    async def _ask(
        self, method: str, path: str, headers: dict[str, str] | None, fields: Mapping[str, str] | None
    ) -> int:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = {**(headers or FROM_OUR_PAGE), **({"Cookie": cookie} if cookie else {})}
        async with self.http.request(
            method, self.url + path, headers=sent, data=fields, allow_redirects=False
        ) as answer:
            self.page, self.headers = await answer.text(), dict(answer.headers)
            self.set_cookies = answer.headers.getall("Set-Cookie", [])
            for name, morsel in answer.cookies.items():
                self.cookies[name] = morsel.value
            self.cookies = {name: value for name, value in self.cookies.items() if value}
            return answer.status
