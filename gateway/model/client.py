"""Who is at the other end of a request, as far as the gateway knows."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ClientContext:
    """`address` is the client's IP (proxies we trust are looked through), `request_id` our reference of the request."""

    address: str = ""
    user_agent: str = ""
    request_id: str = ""
