"""A country and a number as people type it become a calling code and a national number."""

from dataclasses import dataclass

import phonenumbers

from gateway.model.errors import InvalidInput
from gateway.pages import words
from gateway.pages.countries import COUNTRIES

MAX_LENGTH = 32


@dataclass(frozen=True)
class Phone:
    """`country_code` is the calling code without plus; `number` the national significant number, digits only."""

    country_code: str
    number: str


def require_phone(region: str, typed: str) -> Phone:
    """Reads `typed` as someone in `region` would dial it, or in international form; raises `InvalidInput`."""
    if region not in COUNTRIES:
        raise InvalidInput({"country": words.wrong("country_missing")})
    try:
        parsed = phonenumbers.parse(typed[:MAX_LENGTH], region)
    except phonenumbers.NumberParseException:
        raise InvalidInput({"phone": words.wrong("phone_invalid")}) from None
    # Typing errors end here. Which numbers may be enrolled is twofactor's to say.
    if phonenumbers.is_possible_number_with_reason(parsed) != phonenumbers.ValidationResult.IS_POSSIBLE:
        raise InvalidInput({"phone": words.wrong("phone_invalid")})
    return Phone(str(parsed.country_code), phonenumbers.national_significant_number(parsed))
