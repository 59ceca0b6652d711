"""A phone number as people type it, parsed once."""

import re

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType

from services.twofactor.model.errors import CountryNotServed, PhoneInvalid
from services.twofactor.model.factor import Phone

# ASCII on purpose: phonenumbers also reads the digits of other scripts, which a person would not recognise in a log.
_COUNTRY = re.compile(r"[1-9][0-9]{0,2}")
_NUMBER = re.compile(r"[0-9][0-9 ().\-]{2,30}|\([0-9][0-9 ().\-]{2,30}")
# Calling these costs whoever calls, and earns whoever owns them: the oldest fraud there is.
_COSTLY = {PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST}
# Numbers that regulators keep for examples and films: they ring nobody, so documents and demonstrations may use them.
_FICTION = {44: re.compile(r"7700900[0-9]{3}"), 1: re.compile(r"[2-9][0-9]{2}55501[0-9]{2}")}


def parse_regions(text: str) -> frozenset[str]:
    """Countries by their ISO 3166 codes, `GB, DE`; raises ValueError for one that has no phones."""
    regions = frozenset(part.strip().upper() for part in text.split(",") if part.strip())
    unknown = regions - phonenumbers.SUPPORTED_REGIONS
    if unknown:
        msg = f"must be ISO 3166 country codes: {', '.join(sorted(unknown))} is none"
        raise ValueError(msg)
    return regions


def calling_codes(regions: frozenset[str]) -> frozenset[int] | None:
    """Their calling codes; None, for all there are, if no country is named."""
    return frozenset(map(phonenumbers.country_code_for_region, regions)) or None


def parse_phone(country_code: str, number: str, served: frozenset[str] = frozenset()) -> Phone:
    """A number that can exist in that country; separators and the national zero may be there.

    Raises `PhoneInvalid`; `CountryNotServed` if `served` names countries and not this one.
    """
    if not (_COUNTRY.fullmatch(country_code) and _NUMBER.fullmatch(number)):
        raise PhoneInvalid
    code = int(country_code)
    try:
        parsed = phonenumbers.parse(number, phonenumbers.region_code_for_country_code(code))
    except NumberParseException as unfit:
        raise PhoneInvalid from unfit
    national = phonenumbers.national_significant_number(parsed)
    if parsed.country_code != code or not _can_be_reached(parsed, national):
        raise PhoneInvalid
    # By the number, not by its calling code: +1 is two dozen countries, and not all of them cost the same.
    region = phonenumbers.region_code_for_number(parsed) or phonenumbers.region_code_for_country_code(code)
    if served and region not in served:
        raise CountryNotServed
    return Phone(code, national)


def _can_be_reached(parsed: phonenumbers.PhoneNumber, national: str) -> bool:
    fiction = _FICTION.get(parsed.country_code or 0)
    if fiction and fiction.fullmatch(national):
        return True
    return phonenumbers.is_valid_number(parsed) and phonenumbers.number_type(parsed) not in _COSTLY
