"""Every limit of this service, in one table. docs/limits.md is written from it.

A try is counted before what it tries is looked at, so parallel guesses cannot slip through, and it is not counted while
there is no room, so a person's impatience lengthens nothing. Windows grow with the tries: a few mistakes cost a minute,
a machine's patience costs a day.
"""

from dataclasses import dataclass
from datetime import timedelta

from chassis.limits import Away, FromSettings, Limit, Table, Window

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NOBODY_GETS_IN = "a guess that cannot be counted is not looked at: sign-in answers 503"


@dataclass(frozen=True)
class Amounts(FromSettings):
    """What an operator decides about them, as the settings name and describe it."""

    login_tries: int
    login_tries_account: int
    login_tries_network: int
    register_tries_network: int
    registrations_network: int
    registrations: int


@dataclass(frozen=True)
class Limits(Table):
    """The limits of this service."""

    login_network: Limit
    login_pair: Limit
    login_account: Limit
    login_device: Limit
    confirm_session: Limit
    register_failed: Limit
    register_network: Limit
    register_everybody: Limit
    grant_network: Limit
    exchange_account: Limit
    refresh_session: Limit


def limits(amounts: Amounts) -> Limits:
    """The table."""
    return Limits(**_of_guesses(amounts), **_of_owners(amounts), **_of_registrations(amounts), **_of_grants())


def _slowing_down(tries: int) -> tuple[Window, ...]:
    return Window(tries, MINUTE), Window(2 * tries, 15 * MINUTE), Window(6 * tries, DAY)


def _of_guesses(amounts: Amounts) -> dict[str, Limit]:
    account, network = amounts.login_tries_account, amounts.login_tries_network
    return {
        "login_network": Limit(
            "login_network",
            "a client network, whichever account; a right password is given back",
            (Window(network, 15 * MINUTE), Window(10 * network, DAY)),
            "a list of stolen passwords tried on many accounts, each once. A rate rather than a lock: a whole company"
            " may share a network, and some of them always mistype",
            Away.REFUSE,
            NOBODY_GETS_IN,
            setting="login_tries_network",
            is_told=True,
        ),
        "login_pair": Limit(
            "login_pair",
            "an account from one network; a right password clears it",
            _slowing_down(amounts.login_tries),
            "guessing one account's password. An attacker elsewhere shuts out himself, not the owner",
            Away.REFUSE,
            NOBODY_GETS_IN,
            setting="login_tries",
        ),
        "login_account": Limit(
            "login_account",
            "an account from everywhere but devices that it knows; a right password is given back",
            (Window(account, HOUR), Window(2 * account, DAY)),
            "guessing one account's password from many networks (NIST SP 800-63B section 3.2.2: at most a hundred). It"
            " is never in the way of a device on which the owner has signed in before",
            Away.REFUSE,
            NOBODY_GETS_IN,
            setting="login_tries_account",
        ),
    }


def _of_owners(amounts: Amounts) -> dict[str, Limit]:
    return {
        "login_device": Limit(
            "login_device",
            "a device that the account knows, in place of the two above; a right password clears it",
            _slowing_down(amounts.login_tries),
            "the owner's own way in while others guess at the account; and whoever stole the device guesses no faster",
            Away.REFUSE,
            NOBODY_GETS_IN,
            setting="login_tries",
        ),
        "confirm_session": Limit(
            "confirm_session",
            "a session that asks for another password; the right current one clears it",
            _slowing_down(amounts.login_tries),
            "guessing the current password from a session that was found open. By session, so that a botnet at the"
            " sign-in page cannot keep the owner from changing the password",
            Away.REFUSE,
            NOBODY_GETS_IN,
            setting="login_tries",
        ),
    }


def _of_registrations(amounts: Amounts) -> dict[str, Limit]:
    opened, everybody = amounts.registrations_network, amounts.registrations
    return {
        "register_failed": Limit(
            "register_failed",
            "a client network, registrations that were refused",
            (Window(amounts.register_tries_network, HOUR),),
            "asking which addresses have an account here, or how strong some text is",
            Away.REFUSE,
            "nobody registers uncounted",
            setting="register_tries_network",
            is_told=True,
        ),
        "register_network": Limit(
            "register_network",
            "a client network, accounts that were opened",
            (Window(opened, HOUR), Window(3 * opened, DAY)),
            "accounts made by a machine, each of which costs a hash, a row and perhaps a text message. Raise it for"
            " the day on which a whole company signs up behind one address",
            Away.REFUSE,
            "nobody registers uncounted",
            setting="registrations_network",
            is_told=True,
        ),
        "register_everybody": Limit(
            "register_everybody",
            "the whole installation, accounts that were opened",
            (Window(everybody, HOUR),),
            "the same from a botnet: the database does not fill up overnight, and the alarm comes before",
            Away.REFUSE,
            "nobody registers uncounted",
            setting="registrations",
            alarm=0.8,
        ),
    }


def _of_grants() -> dict[str, Limit]:
    return {
        "grant_network": Limit(
            "grant_network",
            "a client network, token requests that were refused (grant, receipt or client), counted afterwards",
            (Window(300, 15 * MINUTE),),
            "a machine that tries tokens. They cannot be guessed, so a right one is never turned away for the wrong"
            " ones before it; what is saved is work and log lines",
            Away.ALLOW,
            "the refusal stands without it",
            is_told=True,
        ),
        "exchange_account": Limit(
            "exchange_account",
            "an account, sessions opened",
            (Window(120, HOUR),),
            "a program that signs in over and over instead of refreshing; and a thief who makes himself many sessions",
            Away.ALLOW,
            "an approval of just now is worth more than the count",
            is_told=True,
        ),
        "refresh_session": Limit(
            "refresh_session",
            "a session, refreshes",
            (Window(120, MINUTE),),
            "a program that refreshes in a loop. A hundred tabs that wake up at once stay below",
            Away.ALLOW,
            "sessions already open go on without Valkey",
            is_told=True,
        ),
    }
