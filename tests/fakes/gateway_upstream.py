"""A service behind the gateway that says what reached it."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web


@dataclass
class StubUpstream:
    headers: list[list[tuple[str, str]]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    received: int = 0
    sockets: int = 0
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    answer_headers: list[tuple[str, str]] = field(default_factory=list)

    def app(self) -> web.Application:
        app = web.Application(client_max_size=0)
        app.router.add_route("*", "/{tail:.*}", self._answer)
        return app

    def sent(self, name: str) -> list[str]:
        """The values of a header in the last request."""
        return [value for found, value in self.headers[-1] if found.lower() == name.lower()]

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.headers.append(list(request.headers.items()))
        self.paths.append(request.raw_path)
        action = getattr(self, f"_{request.path.rsplit('/', 1)[-1].replace('-', '_')}", self._echo)
        return await action(request)

    async def _echo(self, request: web.Request) -> web.Response:
        body = await request.read() if request.can_read_body else b""
        self.received += len(body)
        document: dict[str, Any] = {"method": request.method, "path": request.raw_path, "body": len(body)}
        response = web.json_response(document)
        for name, value in self.answer_headers:
            response.headers.add(name, value)
        return response

    async def _controls(self, request: web.Request) -> web.Response:
        """A header that aiohttp would not write."""
        assert request.transport is not None
        request.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Inner: a\x01b\r\n\r\nok")
        request.transport.close()
        return web.Response()

    async def _upload(self, request: web.Request) -> web.Response:
        async for piece in request.content.iter_any():
            self.received += len(piece)
        return web.json_response({"received": self.received})

    async def _download(self, request: web.Request) -> web.StreamResponse:
        size = int(request.query["size"])
        response = web.StreamResponse()
        await response.prepare(request)
        while size > 0:
            await response.write(b"x" * min(65536, size))
            size -= 65536
        await response.write_eof()
        return response

    async def _endless(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(b"data: tick\n\n")
                await asyncio.sleep(0.02)
        except ConnectionResetError:
            pass
        finally:
            self.gone.set()
        return response

    async def _broken(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000000"})
        await response.prepare(request)
        await response.write(b"half")
        assert request.transport is not None
        request.transport.abort()
        return response

    async def _status(self, request: web.Request) -> web.Response:
        status = int(request.query["code"])
        headers = {"Location": "/elsewhere"} if 300 <= status < 304 else {}
        body = None if status in {204, 304} else b'{"error": "theirs"}'
        kind = None if body is None else "application/problem+json"
        return web.Response(status=status, reason="Theirs", headers=headers, body=body, content_type=kind)

    async def _slow(self, _request: web.Request) -> web.Response:
        await asyncio.sleep(5)
        return web.Response()

    async def _ws(self, request: web.Request) -> web.StreamResponse:
        ws = web.WebSocketResponse(protocols=("chat.v2", "chat.v1"))
        await ws.prepare(request)
        self.sockets += 1
        try:
            async for message in ws:
                if message.data == "bye":
                    await ws.close(code=4321, message=b"so long")
                elif message.type is WSMsgType.BINARY:
                    await ws.send_bytes(message.data)
                else:
                    await ws.send_str(f"echo {message.data}")
        finally:
            self.sockets -= 1
            self.gone.set()
        return ws
