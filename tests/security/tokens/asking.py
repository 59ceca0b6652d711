"""An endpoint of the table, asked about what is there."""

from typing import Any

from tests.fakes.three_services import Json
from tests.security.tokens.kinds import Collection
from tests.security.tokens.table import OF_THE_POLICY, SENT

HOST = "id.example.test"
# What a proxy says that it was asked for.
ASKED = {
    "Host": HOST,
    **{f"X-{word}-{name}": said for word in ("Original", "Forwarded") for name, said in (("Method", "GET"), ("Host", HOST), ("Proto", "http"))},
    "X-Original-URI": "/app/x",
    "X-Forwarded-Uri": "/app/x",
}  # fmt: skip
HANDSHAKE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
}


async def ask(
    collection: Collection, where: str, endpoint: str, headers: dict[str, str], **more: Any
) -> tuple[int, Json]:
    """The endpoint, about what is there, with all that it needs but a token."""
    method, path = endpoint.split(" ")
    kept = {
        "confirmation": collection.begun,
        "challenges": collection.challenge,
        "factors": collection.factor,
        "sessions": collection.session,
    }
    id_ = next((each for name, each in kept.items() if name in path.split("/")), "")
    path = path.format(id=id_, sid=id_, user=collection.person, path="app/x")
    said = {**(ASKED if endpoint in OF_THE_POLICY else {}), **(HANDSHAKE if path.endswith("/ws") else {}), **headers}
    sent = {**SENT.get(endpoint, {}), **more}
    return await collection.house.ask(where, method.replace("*", "GET"), path, headers=said, **sent)
