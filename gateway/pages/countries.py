"""Countries with their calling codes, for the phone field.

`countries.csv` is made from the `phonenumbers` metadata; it stands here as a file because importing that package's
country names alone costs 200 MiB and three seconds.
"""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_FILE = Path(__file__).with_name("countries.csv")
_REGION = re.compile(r"[A-Za-z]{2,3}-(?:[A-Za-z]{4}-)?([A-Za-z]{2})\b")


@dataclass(frozen=True)
class Country:
    """A row of the picker: ISO 3166 region, calling code without plus, English name, an example in national form."""

    region: str
    calling_code: str
    name: str
    example: str


def _read() -> Mapping[str, Country]:
    with _FILE.open(encoding="utf-8", newline="") as lines:
        return {row["region"]: Country(**row) for row in csv.DictReader(lines)}


COUNTRIES: Mapping[str, Country] = _read()


def likely_region(accept_language: str) -> str:
    """The region that the browser's languages name first (RFC 9110 section 12.5.4), or "" when none does."""
    for region in _REGION.findall(accept_language):
        if region.upper() in COUNTRIES:
            return str(region).upper()
    return ""
