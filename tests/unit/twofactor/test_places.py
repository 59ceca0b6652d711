"""Networks that people know by name, and nothing about any other."""

import pytest
from pydantic import ValidationError

from services.twofactor.model.places import NOT_KNOWN, parse_places
from tests.fakes.twofactor_world import TwoFactor

OURS = "10.0.0.0/8=VPN; 10.1.0.0/16 = Office Lisbon\n2001:db8::/32=Office Porto"


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("10.2.3.4", "VPN"),
        ("10.1.3.4", "Office Lisbon"),
        ("::ffff:10.1.3.4", "Office Lisbon"),
        ("2001:db8::1", "Office Porto"),
        ("203.0.113.7", NOT_KNOWN),
        ("2001:db9::1", NOT_KNOWN),
        ("", NOT_KNOWN),
    ],
)
def test_the_narrowest_network_names_the_place(address, name):
    assert parse_places(OURS).of(address) == name


def test_without_any_nothing_is_made_up():
    assert parse_places("").of("203.0.113.7") == NOT_KNOWN


@pytest.mark.parametrize(
    "text", ["10.0.0.0/8", "10.0.0.0/8=", "10.0.0.0/33=x", "10.0.0.1/8=x", "=x", "10.0.0.0/8=a\x07b"]
)
def test_what_cannot_be_read_is_said_at_the_start(text):
    with pytest.raises(ValidationError):
        TwoFactor(places=text)


async def test_the_phone_and_the_page_name_the_same_place():
    world = TwoFactor(places="203.0.113.0/24=Office Lisbon")
    challenge = await world.open(await world.person())
    assert world.provider.pushes[challenge.reference].request.details["Place"] == "Office Lisbon"
