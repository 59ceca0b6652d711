"""An e-mail address: what people type becomes one spelling, so that one mailbox is one account."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from services.auth.model.errors import InvalidEmail

# RFC 5321 section 4.5.3.1: 256 octets with the brackets around it; the part before the @ has 64.
LONGEST = 254
LONGEST_LOCAL = 64
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]"
_SIGN, _ATOMS = re.compile(_ATOM), re.compile(rf"{_ATOM}+(?:\.{_ATOM}+)*\Z")
_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]\Z")
_BLANKS = " \t\u00a0\u3000"
# The four characters that old and new IDNA read differently could lead to another owner's domain: write it as xn--.
_AMBIGUOUS = frozenset("\u00df\u03c2\u200c\u200d")


@dataclass(frozen=True)
class Email:
    """`address` is what is written to; `key` is what is compared, and unique."""

    address: str
    key: str


def parse_email(typed: str) -> Email:
    """The address in `typed`, at most 254 octets, internationalised or not (RFC 6531); raises `InvalidEmail`."""
    text = typed.strip(_BLANKS)
    if len(text) > LONGEST:
        raise InvalidEmail
    local, at, domain = text.rpartition("@")
    if not at:
        raise InvalidEmail
    host = _require_domain(domain)
    mailbox = _require_local(unicodedata.normalize("NFC", local))
    key = _require_local(_folded(mailbox))
    address = f"{mailbox}@{host}"
    if len(address.encode()) > LONGEST:
        raise InvalidEmail
    return Email(address, f"{key}@{host}")


def _require_local(local: str) -> str:
    """The dot-atom of RFC 5322 section 3.2.3: no quoted strings, nothing that could end a header line."""
    if not (_ATOMS.match(local) if local.isascii() else _are_atoms(local)):
        raise InvalidEmail
    if len(local.encode()) > LONGEST_LOCAL:
        raise InvalidEmail
    return local


def _are_atoms(local: str) -> bool:
    return all(local.split(".")) and all(_is_atom(sign) for sign in local.replace(".", ""))


def _is_atom(sign: str) -> bool:
    # Beyond ASCII: no controls, invisible or unassigned characters (C), no blanks of any width (Z).
    return bool(_SIGN.match(sign)) if sign.isascii() else unicodedata.category(sign)[0] not in "CZ"


# Few, and the same with every login.
@lru_cache(1024)
def _require_domain(domain: str) -> str:
    """In its ASCII form (RFC 5891), lower case, at least two labels."""
    if _AMBIGUOUS & set(domain):
        raise InvalidEmail
    try:
        host = unicodedata.normalize("NFKC", domain).casefold().replace("\u3002", ".").encode("idna").decode("ascii")
    except UnicodeError as unfit:
        raise InvalidEmail from unfit
    if not _DOMAIN.match(host):
        raise InvalidEmail
    return host


def _folded(local: str) -> str:
    """Without case and compatibility forms (Unicode's NFKC_Casefold: repeated until nothing changes)."""
    if local.isascii():
        return local.lower()
    for _ in range(3):
        local = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", local).casefold())
    return local
