"""Recovery codes: what they look like, and what is kept of them.

A code has 120 random bits (24 letters of Crockford's base32). NIST SP 800-63B-4 (look-up secrets) asks for a slow,
salted hash below 112 bits, and for any approved hash from there on: nobody goes through 2^120 codes, however fast the
hash is. So it is SHA-256: judging a guess costs nothing that an attacker could make us pay, and a stolen table is as
worthless as with Argon2. The enrolment's id goes into the hash: a digest is worth nothing in another person's row.
"""

import hashlib
import re

KIND, NAME = "recovery", "Recovery codes"
AMOUNT = 10
BITS = 120
# No I, L, O and U: nothing to take for a digit, and no words.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 24
_GROUP = 4
_CODE = re.compile(rf"[{ALPHABET}]{{{LENGTH}}}")
_TYPED = re.compile(r"[0-9A-Za-z \-]{1,64}")
# What people write for a letter that they cannot make out.
_ALIKE = str.maketrans({"I": "1", "L": "1", "O": "0", " ": None, "-": None})


def spelled(number: int) -> str:
    """A code from `BITS` random bits."""
    return "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(LENGTH)))


def grouped(code: str) -> str:
    """As it is printed: `ABCD-EFGH-...`."""
    return "-".join(code[start : start + _GROUP] for start in range(0, LENGTH, _GROUP))


def read_recovery_code(typed: str) -> str | None:
    """The code in what was typed, however it was grouped; None if it cannot be one."""
    # ASCII first: upper() knows letters of other scripts that become ours.
    if not _TYPED.fullmatch(typed):
        return None
    code = typed.upper().translate(_ALIKE)
    return code if _CODE.fullmatch(code) else None


def digest(enrolment_id: str, code: str) -> bytes:
    """What is kept of a code."""
    return hashlib.sha256(f"countersign recovery code\0{enrolment_id}\0{code}".encode()).digest()
