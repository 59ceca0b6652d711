"""Who is at the other end of a request, as far as the gateway knows."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class ClientContext:
    """`address` is the client's IP (proxies we trust are looked through), `request_id` our reference of the request.

    `device` is the token by which auth knows the device that somebody signed in on before.
    """

    address: str = ""
    user_agent: str = ""
    request_id: str = ""
    device: str = field(default="", repr=False)
