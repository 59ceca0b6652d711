"""The signature of a callback, written from the contract's section 7 and from nothing else.

The services verify with a writing of their own. Two that agree are evidence; one shared by both would prove nothing.
"""

import base64
import hmac
from collections.abc import Mapping
from urllib.parse import quote_plus, urlsplit, urlunsplit


def sign(*, api_key: str, nonce: str, method: str, url: str, params: Mapping[str, object]) -> str:
    """Base64 of HMAC-SHA256 over ``nonce|METHOD|url|canonical``, keyed with the application's API key."""
    text = "|".join((nonce, method.upper(), without_query(url), canonical(params)))
    return base64.b64encode(hmac.digest(api_key.encode(), text.encode(), "sha256")).decode()


def without_query(url: str) -> str:
    """Scheme, host and path; query and fragment are not signed."""
    scheme, host, path, _, _ = urlsplit(url)
    return urlunsplit((scheme, host, path, "", ""))


def canonical(params: Mapping[str, object]) -> str:
    """What Rails' ``Hash#to_query`` makes of the parameters; it is also the query of a GET callback."""
    return _map(params, "")


def _map(value: Mapping[str, object], key: str) -> str:
    parts = [_any(item, f"{key}[{name}]" if key else name) for name, item in value.items() if not _is_empty(item)]
    # Finished strings are sorted, not keys. Maps inside a list keep their order.
    return "&".join(parts if "[]" in key else sorted(parts))


def _any(value: object, key: str) -> str:
    if isinstance(value, Mapping):
        return _map(value, key)
    if isinstance(value, list | tuple):
        return "&".join(_any(item, f"{key}[]") for item in value)
    return f"{quote_plus(key)}={quote_plus(_text(value))}"


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case _:
            return str(value)


def _is_empty(value: object) -> bool:
    return isinstance(value, Mapping | list | tuple) and not value
