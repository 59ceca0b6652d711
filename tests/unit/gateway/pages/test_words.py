"""What is said, and where from."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import phonenumbers
import pytest

from gateway.model import errors
from gateway.model.challenge import Challenge, Status
from gateway.model.errors import InvalidInput
from gateway.model.factor import Factor
from gateway.pages import naming, notes, showing, words
from gateway.pages.countries import COUNTRIES
from gateway.pages.durations import time_left
from gateway.pages.notes import Note
from gateway.pages.phone import Phone, require_phone
from gateway.pages.refusals import detour, told
from gateway.pages.views import Way, in_order
from tests.fakes.house import House, Person

NOW = datetime(2026, 3, 9, 14, 3, tzinfo=UTC)
PUSH = Challenge(
    id="1",
    channel="push",
    status=Status.PENDING,
    updated_at=NOW,
    expires_at=NOW + timedelta(seconds=120),
    expires_in=90,
    interval=2,
    name="+44 ... 12",
    created_at=NOW,
)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 seconds"),
        (-3, "0 seconds"),
        (1, "1 second"),
        (60, "1 minute"),
        (61, "1 minute 1 second"),
        (150, "2 minutes 30 seconds"),
    ],
)
def test_time_left_in_words(seconds: int, said: str) -> None:
    assert time_left(seconds) == said


@pytest.mark.parametrize(
    ("amr", "said"),
    [
        (("pwd", "swk", "mca", "mfa"), ("Password", "Approval on your phone")),
        (("pwd", "otp", "mfa"), ("Password", "Code from an app")),
        (("pwd", "sms", "mca", "mfa"), ("Password", "Code by text message")),
        (("pwd", "tel", "mca", "mfa"), ("Password", "Code by phone call")),
        (("pwd", "from the future"), ("Password",)),
    ],
)
def test_methods_in_words(amr: tuple[str, ...], said: tuple[str, ...]) -> None:
    assert words.methods(amr) == said


def test_a_code_that_a_newer_service_sends_gets_a_plain_sentence() -> None:
    assert naming.unavailable("something_new") == "Not available right now"
    assert words.problem("something_new") == words.problem("unavailable")


def test_a_masked_number_never_breaks_over_two_lines() -> None:
    assert " " not in showing.phone_name("+44 ... 12")


def test_ways_that_work_come_first_then_the_last_used_then_the_best() -> None:
    factors = [
        Factor("v", "oob", "voice", "+44 ... 12"),
        Factor("a", "otp", "app", "+44 ... 12", available=False, reason="app_not_registered"),
        Factor("p", "oob", "push", "+44 ... 12"),
        Factor("s", "oob", "sms", "+44 ... 12", preferred=True),
        Factor("w", "webauthn", "passkey", "from a newer service"),
    ]
    assert [way.channel for way in showing.ways(factors)] == ["sms", "push", "voice", "app"]


def test_the_ring_shows_what_is_gone() -> None:
    assert showing.waiting(PUSH).spent == 25
    assert showing.waiting(replace(PUSH, created_at=None)).spent == 0


def test_a_text_can_be_sent_again_after_half_a_minute() -> None:
    text = replace(PUSH, channel="sms", delivery="sent")
    assert showing.asking(text, "Test", NOW + timedelta(seconds=10)).resend_in == 20
    assert showing.asking(text, "Test", NOW + timedelta(minutes=5)).resend_in == 0


@pytest.mark.parametrize(
    ("region", "typed", "phone"),
    [
        ("GB", "07400 123456", Phone("44", "7400123456")),
        ("GB", "+33 6 12 34 56 78", Phone("33", "612345678")),
        ("US", "(201) 555-0123", Phone("1", "2015550123")),
        ("IT", "312 345 6789", Phone("39", "3123456789")),
        ("GB", "07700 900123", Phone("44", "7700900123")),
    ],
)
def test_a_number_is_read_as_it_is_dialled_at_home(region: str, typed: str, phone: Phone) -> None:
    assert require_phone(region, typed) == phone


@pytest.mark.parametrize(
    ("region", "typed", "field"),
    [
        ("", "07400 123456", "country"),
        ("XX", "07400 123456", "country"),
        ("gb", "07400 123456", "country"),
        ("GB", "", "phone"),
        ("GB", "12", "phone"),
        ("GB", "07700 9", "phone"),
        ("GB", "call me", "phone"),
        ("GB", "0" * 500, "phone"),
    ],
)
def test_what_is_no_number_is_told_beside_its_field(region: str, typed: str, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        require_phone(region, typed)
    assert list(refused.value.errors) == [field]


def test_the_list_of_countries_is_what_phonenumbers_knows() -> None:
    # Ascension and Tristan da Cunha share their codes with Saint Helena.
    assert set(COUNTRIES) == set(phonenumbers.SUPPORTED_REGIONS) - {"AC", "TA"}
    for region, country in COUNTRIES.items():
        assert country.calling_code == str(phonenumbers.country_code_for_region(region))
        assert require_phone(region, country.example).country_code == country.calling_code


def test_a_note_that_would_not_fit_into_a_cookie_leaves_out_what_was_typed() -> None:
    written = notes.write(Note(page="/sign-in", problem="Wrong.", kept={"email": "a" * 5000}))
    assert len(written) < 4000
    assert notes.read(written, "/sign-in") == Note(page="/sign-in", problem="Wrong.")


def test_a_note_is_for_its_page_alone() -> None:
    written = notes.write(Note(page="/enrol", problem="Wrong."))
    assert notes.read(written, "/sign-in") == Note()


RAISED = [
    errors.EmailTaken(),
    errors.WeakPassword(),
    errors.InvalidInput({"email": "is wrong"}),
    errors.InvalidInput({"something.new": "is wrong"}),
    errors.LimitReached(),
    errors.InvalidCredentials(),
    errors.PeerUnavailable(),
    errors.PeerRefused("something_new"),
    errors.GrantRefused(),
    errors.TokenRefused(),
    errors.PhoneRefused(),
    errors.ProviderUnavailable(),
    errors.ChannelUnavailable("limit_reached"),
    errors.NoFactor(),
    errors.ChallengeUnknown(),
    errors.ChallengeOver(),
    errors.InvalidCode(2),
    errors.ApprovalPending(),
    errors.ApprovalDenied(),
    errors.ApprovalExpired(),
    errors.FreshLoginNeeded(),
]


@pytest.mark.parametrize("refusal", RAISED, ids=lambda refusal: type(refusal).__name__)
def test_whatever_the_ports_may_raise_a_form_has_an_answer(refusal: errors.Refusal) -> None:
    note = told(refusal)
    assert detour(refusal) or (note and (note.problem or any(note.errors.values())))


async def test_static_files_are_kept_for_good_under_their_hash_and_no_other(person: Person, house: House) -> None:
    page = await person.get("/sign-in")
    address = page.text.split('rel="stylesheet" href="')[1].split('"')[0]
    style = await person.get(address)
    assert style.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert style.headers["Content-Type"].startswith("text/css")
    assert (await person.get("/static/0000000000000000/pages.css")).status == 404
    assert (await person.get(address.replace("pages.css", "nothing.css"))).status == 404


def test_whoever_chooses_a_text_or_a_call_is_told_what_it_rests_on_and_sees_the_better_ways_first() -> None:
    ways = in_order([Way(channel, "+44 ... 12") for channel in ("voice", "sms", "app", "push", "totp")])
    assert [way.channel for way in ways][-2:] == ["sms", "voice"]
    assert all("takes over your number" in way.hint for way in ways[-2:])
    assert not any("takes over" in way.hint for way in ways[:-2])
