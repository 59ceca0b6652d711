"""One signed request, ready to be sent as often as it is needed."""

from collections.abc import Mapping
from dataclasses import dataclass

from yarl import URL

from tools.authy_simulator.answers import compact
from tools.authy_simulator.callbacks.signature import canonical, sign

HEADERS = {
    "Content-Type": "application/json",
    "User-Agent": "Authy API",
    "Accept-Encoding": "gzip",
}


@dataclass(frozen=True)
class Letter:
    """Method, address, headers with signature and nonce, and the body; a GET carries everything in its query."""

    method: str
    url: URL
    headers: Mapping[str, str]
    body: bytes | None


def write_letter(*, api_key: str, nonce: str, method: str, url: str, body: Mapping[str, object]) -> Letter:
    """Signs the body for this URL."""
    signature = sign(api_key=api_key, nonce=nonce, method=method, url=url, params=body)
    headers = HEADERS | {"X-Authy-Signature": signature, "X-Authy-Signature-Nonce": nonce}
    if method == "GET":
        return Letter(method, URL(f"{url}?{canonical(body)}", encoded=True), headers, None)
    return Letter(method, URL(url), headers, compact(body))
