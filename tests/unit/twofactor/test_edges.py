"""Texts that become types: phone numbers, browsers, addresses, factor ids, ids in small space."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.twofactor.model.challenge import Status
from services.twofactor.model.channel import Channel, Delivery
from services.twofactor.model.context import UNKNOWN_BROWSER, Context, address_of, browser_name
from services.twofactor.model.errors import PhoneInvalid
from services.twofactor.model.factor import Phone, read_factor_id
from services.twofactor.phones import parse_phone
from services.twofactor.store import challenge_codec as codec
from tests.fakes.twofactor_drafts import a_challenge


@pytest.mark.parametrize(
    ("country_code", "number", "national"),
    [
        ("44", "07911 123456", "7911123456"),
        ("44", "7911-123-456", "7911123456"),
        ("1", "(202) 555-0123", "2025550123"),
        ("1", "416.555.0123", "4165550123"),
        ("49", "0151 23456789", "15123456789"),
        ("39", "06 1234 5678", "0612345678"),
        ("7", "8 912 345-67-89", "9123456789"),
        ("44", "07700 900123", "7700900123"),
        ("1", "808 555 0199", "8085550199"),
    ],
)
def test_numbers_as_people_type_them(country_code, number, national):
    assert parse_phone(country_code, number) == Phone(int(country_code), national)


@pytest.mark.parametrize(
    ("country_code", "number"),
    [
        ("44", "٠٧٩١١١٢٣٤٥٦"),
        ("٤٤", "7911123456"),
        ("44", "0909 8790123"),
        ("1", "900 555 1234"),
        ("44", "123"),
        ("44", ""),
        ("", "7911123456"),
        ("0", "7911123456"),
        ("999", "7911123456"),
        ("+44", "7911123456"),
        ("44", "+49 151 23456789"),
        ("44", "0049 151 23456789"),
        ("44", "7911123456;ext=5"),
        ("44", "7911123456x5"),
        ("44", "7911\x00123456"),
        ("44", "7911123456\n"),
        ("800", "12345678"),
        ("44", "1" * 31),
        ("44", "(((((((("),
    ],
)
def test_what_is_no_number_or_costs_whoever_calls_is_refused(country_code, number):
    with pytest.raises(PhoneInvalid):
        parse_phone(country_code, number)


@given(st.text(max_size=8), st.text(max_size=40))
def test_no_text_breaks_the_reading_of_numbers(country_code, number):
    try:
        phone = parse_phone(country_code, number)
    except PhoneInvalid:
        return
    assert phone.number.isascii()
    assert phone.number.isdigit()


def test_a_masked_number_tells_little():
    assert Phone(44, "7911123412").masked == "+44 ... 12"


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
            "Chrome on Windows",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0",
            "Edge on Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1",
            "Safari on iPhone",
        ),
        ("curl/8.14.1", "curl"),
        ("", UNKNOWN_BROWSER),
        ("Your bank. Press Approve now", UNKNOWN_BROWSER),
    ],
)
def test_a_browser_is_named_by_us_never_by_itself(user_agent, name):
    assert browser_name(user_agent) == name


@given(st.text(max_size=300))
def test_no_word_of_a_stranger_gets_onto_the_phone(user_agent):
    assert len(browser_name(user_agent)) <= 40


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8::1", "2001:db8::1"),
        (" 203.0.113.7 ", "203.0.113.7"),
        ("203.0.113.7, 10.0.0.1", ""),
        ("call this number", ""),
        ("fe80::1%Press Approve", ""),
        ("", ""),
    ],
)
def test_an_address_is_one_address_or_nothing(text, address):
    assert address_of(text) == address


@given(st.text(max_size=80))
def test_no_text_breaks_the_reading_of_factor_ids(text):
    assert read_factor_id(text) is None or text.count("-") == 5


@given(st.text(max_size=40) | st.uuids().map(str))
def test_an_id_is_unpacked_as_it_was(text):
    assert codec.unpack(codec.pack(text)) == text
    assert codec.pack("") == b"t"


moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)).map(
    lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000)
)
lives = st.integers(0, 10**9).map(lambda milliseconds: timedelta(milliseconds=milliseconds))


@given(
    start=moments,
    after=st.tuples(lives, lives, lives),
    ids=st.tuples(*[st.uuids().map(str) | st.text(max_size=20)] * 4),
    context=st.builds(Context, st.text(max_size=40), st.just("") | st.ip_addresses().map(str)),
    words=st.tuples(st.text(max_size=20), st.text(max_size=20), st.text(max_size=20)),
    kinds=st.tuples(st.sampled_from(Channel), st.sampled_from(Delivery), st.sampled_from(Status)),
)
def test_a_challenge_is_read_as_it_was_written(start, after, ids, context, words, kinds):
    challenge = a_challenge(
        created_at=start, updated_at=start + after[0], expires_at=start + after[1], login_ends_at=start + after[2],
        partial_id=ids[0], user=ids[1], enrolment=ids[2], context=context,
        name=words[0], reason=words[1], receipt=words[2],
        channel=kinds[0], delivery=kinds[1], status=kinds[2],
    )  # fmt: skip
    written = {**codec.all_fields(challenge), "r": codec.pack(ids[3])}
    stored = {
        name.encode(): value if isinstance(value, bytes) else str(value).encode() for name, value in written.items()
    }
    assert codec.read(challenge.login, challenge.id, stored) == replace(challenge, reference=ids[3])


def test_what_is_not_known_yet_takes_no_space():
    assert not {"y", "g", "r"} & set(codec.all_fields(a_challenge()))
