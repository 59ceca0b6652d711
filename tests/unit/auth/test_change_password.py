"""Another password, without I/O; and what is told of sessions that ended."""

from datetime import timedelta

import pytest

from services.auth.model.caller import Caller
from services.auth.model.device import UNKNOWN, device, place
from services.auth.model.ended import BEGINNING, Place, place_of
from services.auth.model.errors import InvalidCredentials, InvalidGrant, NotFresh, WeakPassword, WrongPassword
from services.auth.model.events import What
from services.auth.model.session import Session
from services.auth.model.weakness import Weakness
from tests.unit.auth.conftest import EMAIL, HERE, PASSWORD, House

NEW = "another-lantern-7-kites"


async def signed_in(house: House, *, again: bool = False) -> Session:
    login = await house.login(EMAIL, PASSWORD, HERE) if again else await house.account()
    grant = await house.exchange(await house.ask(login))
    return house.sessions.rows[house.signer.accesses[grant.access_token].session].session


async def test_another_password_ends_the_other_sessions_and_keeps_this_one(house: House) -> None:
    here, there = await signed_in(house), await signed_in(house, again=True)
    await house.change_password(here, PASSWORD, NEW, HERE)
    assert [session.id for session in await house.sessions.of_user(here.user_id, house.clock())] == [here.id]
    assert house.sessions.rows[there.id].reason == "password_changed"
    assert house.announcer.rung == 1
    assert house.events.whats()[-1] is What.PASSWORD_CHANGED
    with pytest.raises(InvalidCredentials):
        await house.login(EMAIL, PASSWORD, HERE)
    assert await house.login(EMAIL, NEW, HERE)


async def test_a_login_begun_with_the_password_before_opens_nothing(house: House) -> None:
    here = await signed_in(house)
    thief = await house.ask(await house.login(EMAIL, PASSWORD, HERE))
    house.clock.advance(seconds=2)
    await house.change_password(here, PASSWORD, NEW, HERE)
    with pytest.raises(InvalidGrant):
        await house.exchange(thief)


async def test_an_old_second_factor_is_not_enough(house: House) -> None:
    here = await signed_in(house)
    house.clock.advance(minutes=5)
    with pytest.raises(NotFresh) as refused:
        await house.change_password(here, PASSWORD, NEW, HERE)
    assert 'max_age="300"' in refused.value.headers["WWW-Authenticate"]
    assert house.passwords.verifications == 0


async def test_a_session_is_no_place_to_guess_the_password(house: House) -> None:
    here = await signed_in(house)
    for _ in range(5):
        with pytest.raises(WrongPassword):
            await house.change_password(here, "a guess", NEW, HERE)
    with pytest.raises(WrongPassword):
        await house.change_password(here, PASSWORD, NEW, HERE)
    assert house.passwords.verifications == 6, "also the locked one costs what a wrong one does"
    assert await house.login(EMAIL, PASSWORD, HERE), "and nobody is locked out of signing in by it"


async def test_a_botnet_at_the_sign_in_does_not_keep_the_owner_from_another_password(house: House) -> None:
    here = await signed_in(house)
    for network in range(10):
        with pytest.raises(InvalidCredentials):
            await house.login(EMAIL, "a guess", Caller(f"203.0.113.{network}"))
    await house.change_password(here, PASSWORD, NEW, HERE)


async def test_a_weak_password_changes_nothing(house: House) -> None:
    here = await signed_in(house)
    house.strength.weak["easily-guessed-thing"] = Weakness.GUESSABLE
    for weak in ("short", "easily-guessed-thing"):
        with pytest.raises(WeakPassword):
            await house.change_password(here, PASSWORD, weak, HERE)
    assert await house.login(EMAIL, PASSWORD, HERE)


async def test_what_could_not_be_told_is_told_later_and_nothing_that_is_too_old(house: House) -> None:
    here = await signed_in(house)
    house.feed.away = ConnectionError()
    await house.end.everywhere(here.user_id)
    with pytest.raises(ConnectionError):
        await house.announce()
    house.feed.away = None
    await house.announce()
    assert [ended.session_id for ended in house.feed.told] == [here.id]
    await house.announce()
    assert len(house.feed.told) == 1
    house.feed.name = "second"
    await house.announce()
    assert len(house.feed.told) == 2, "a feed that came back may have forgotten it"
    house.clock.advance(minutes=5)
    house.feed.name = "third"
    await house.announce()
    assert len(house.feed.told) == 2
    assert house.announce.token_life == timedelta(minutes=5)


@pytest.mark.parametrize(
    ("browser", "words"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.0 Safari/605.1.15", "Safari on macOS"),
        ("curl/8.5.0", "curl"),
        ("", UNKNOWN),
        ("<script>alert(1)</script>", UNKNOWN),
    ],
)
def test_a_session_is_named_in_words_of_ours(browser: str, words: str) -> None:
    assert device(browser) == words


def test_a_place_names_a_network_and_nobody_in_it() -> None:
    assert place("203.0.113.77") == place("::ffff:203.0.113.77") == "203.0.113.0/24"
    assert place("2001:db8:1:2:3:4:5:6") == "2001:db8:1::/48"
    assert place("0.0.0.0") == ""


def test_places_in_the_feed_are_ordered_as_they_came() -> None:
    assert place_of("5-1") > place_of("5-0") > place_of("4-9") > BEGINNING
    assert str(Place(5, 1)) == "5-1"
    assert place_of("") == place_of("five") == place_of("1") == BEGINNING
