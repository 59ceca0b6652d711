"""How Authy signs a callback: HMAC-SHA256 over nonce, method, URL and the canonical form of the body.

    text      = nonce | METHOD | url | canonical          joined by "|"
    signature = base64(HMAC-SHA256(key = API key, text))

The canonical form is what `Hash#to_query` of Rails gives. Standard library only; no I/O.
"""

import base64
import hashlib
import hmac
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote_plus

# A callback is 1-2 kB and four levels deep. Each leaf repeats its whole path, so without a bound a small body
# with one long key over many leaves would grow into hundreds of megabytes, before anything is proven.
MAX_DEPTH = 32
MAX_LENGTH = 256 * 1024


class Unsignable(ValueError):
    """No signer could have signed this: too deep, too long, not a JSON value, or not text in UTF-8."""


def signature(*, api_key: str, nonce: str, method: str, url: str, params: Mapping[str, object]) -> str:
    """The signature in base64, as the header `X-Authy-Signature` carries it.

    `url` is the one configured at Authy; its query and fragment are not signed. Raises `Unsignable`.
    """
    return sign(api_key=api_key, nonce=nonce, method=method, url=url, canonical=canonical(params))


def sign(*, api_key: str, nonce: str, method: str, url: str, canonical: str) -> str:
    """The same over a body that is canonical already (for GET: the raw query)."""
    text = "|".join((nonce, method.upper(), without_query(url), canonical))
    digest = hmac.new(_utf8(api_key), _utf8(text), hashlib.sha256).digest()
    return base64.b64encode(digest).decode("ascii")


def canonical(params: Mapping[str, object], *, tilde: str = "~") -> str:
    """The body as a sorted query string; `tilde` is how "~" is written (`%7E` before Ruby 2.5). Raises `Unsignable`."""
    if not isinstance(params, Mapping):
        raise Unsignable("only an object is signed")
    return _Query(tilde).of_map(None, params, depth=1)


def without_query(url: str) -> str:
    """Scheme, host and path."""
    return url.partition("#")[0].partition("?")[0]


@dataclass
class _Query:
    """One canonicalisation; `room` is how many characters may still be written."""

    tilde: str
    room: int = MAX_LENGTH

    def of(self, key: str, value: object, depth: int) -> str:
        if depth > MAX_DEPTH:
            raise Unsignable("nested too deeply")
        self.spend(len(key))
        if isinstance(value, Mapping):
            return self.of_map(key, value, depth)
        if isinstance(value, list | tuple):
            return self.of_list(f"{key}[]", value, depth)
        pair = f"{self.escaped(key)}={self.escaped(_text(value))}"
        self.spend(len(pair))
        return pair

    def of_map(self, path: str | None, values: Mapping[str, object], depth: int) -> str:
        parts = [
            self.of(str(key) if path is None else f"{path}[{key}]", value, depth + 1)
            for key, value in values.items()
            if not _is_empty(value)
        ]
        # Finished strings are sorted, not keys: "a1=" comes before "a=". Below a list Rails keeps the order.
        return "&".join(parts if path and "[]" in path else sorted(parts))

    def of_list(self, path: str, items: Sequence[object], depth: int) -> str:
        # A list inside a list may be empty: Rails then writes "path[]=".
        return "&".join(self.of(path, item, depth + 1) for item in items or [None])

    def escaped(self, text: str) -> str:
        try:
            escaped = quote_plus(text, safe="")
        except UnicodeEncodeError as error:
            raise Unsignable("not UTF-8") from error
        return escaped if self.tilde == "~" else escaped.replace("~", self.tilde)

    def spend(self, length: int) -> None:
        self.room -= length + 1
        if self.room < 0:
            raise Unsignable("too long")


def _is_empty(value: object) -> bool:
    return isinstance(value, Mapping | list | tuple) and not value


def _text(value: object) -> str:
    """A leaf as Ruby's `to_s` writes it."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case int():
            return _decimal(value)
        case float() if math.isfinite(value):
            return _ruby_float(value)
        case _:
            raise Unsignable("not a JSON value")


def _decimal(value: int) -> str:
    try:
        return str(value)
    except ValueError as error:  # Python refuses to print more than 4300 digits
        raise Unsignable("number too long") from error


def _ruby_float(value: float) -> str:
    """Both languages print the shortest digits; Ruby writes `1.0e+16` where Python writes `1e+16`."""
    mantissa, exponent, power = repr(value).partition("e")
    return f"{mantissa}{'' if '.' in mantissa else '.0'}{exponent}{power}"


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise Unsignable("not UTF-8") from error
