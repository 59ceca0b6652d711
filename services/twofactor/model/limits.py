"""Every limit of this service, in one table. docs/limits.md is written from it.

A text message and a call cost money, and are the one thing here that a stranger can earn from: who owns numbers of an
expensive country has texts sent to many of them (SMS pumping). So they are counted per phone, per country and in all,
and phones that have never confirmed a sign-in apart from those that have: strangers who use up the one budget leave
the owners of phones the other.
"""

from dataclasses import dataclass
from datetime import timedelta

from chassis.limits import Away, FromSettings, Limit, Table, Window

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
ALARM = 0.8
CHALLENGES = (Window(60, HOUR), Window(200, DAY))
# Whose messages to a phone are counted together.
OWN = "once its owner has confirmed with it, the owner's alone, and those asked for on devices of theirs apart"
UNJUDGED = "a code that cannot be counted is not looked at"
UNCOUNTED = "nothing is sent uncounted; a challenge needs Valkey in any case"


@dataclass(frozen=True)
class Amounts(FromSettings):
    """What an operator decides about them, as the settings name and describe it."""

    challenges_network: int
    sendings_per_hour: int
    texts_per_phone: int
    texts_per_country: int
    texts: int
    wrong_codes_per_hour: int


@dataclass(frozen=True)
class Limits(Table):
    """The limits of this service."""

    challenge_person: Limit
    challenge_device: Limit
    challenge_network: Limit
    push_phone: Limit
    text_phone: Limit
    text_country: Limit
    text_everybody: Limit
    call_phone: Limit
    call_country: Limit
    call_everybody: Limit
    code_person: Limit
    code_device: Limit
    enrol_person: Limit
    enrol_network: Limit
    callback_network: Limit


def limits(amounts: Amounts) -> Limits:
    """The table."""
    return Limits(
        **_of_challenges(amounts),
        **_of_messages("text", "texts", amounts),
        **_of_messages("call", "calls", amounts),
        **_of_codes(amounts),
        **_of_strangers(amounts),
    )


def _of_challenges(amounts: Amounts) -> dict[str, Limit]:
    return {
        "challenge_person": Limit(
            "challenge_person",
            "a person, challenges over all logins but those on devices that the account knows",
            CHALLENGES,
            "who has the password begins logins without end",
            Away.REFUSE,
            UNCOUNTED,
            is_told=True,
        ),
        "challenge_device": Limit(
            "challenge_device",
            "a device that the account knows, in place of the one above",
            CHALLENGES,
            "the owner's own way in while others use the password up; and whoever stole the device asks no more often",
            Away.REFUSE,
            UNCOUNTED,
            is_told=True,
        ),
        "challenge_network": Limit(
            "challenge_network",
            "a client network, challenges of all people",
            (Window(amounts.challenges_network, 15 * MINUTE),),
            "a list of stolen passwords, and every phone on it rings at once",
            Away.REFUSE,
            UNCOUNTED,
            setting="challenges_network",
            is_told=True,
        ),
        "push_phone": Limit(
            "push_phone",
            f"a phone, pushes; {OWN}",
            (Window(amounts.sendings_per_hour, HOUR),),
            "asking until somebody presses Approve. Codes from an app go on",
            Away.REFUSE,
            UNCOUNTED,
            setting="sendings_per_hour",
        ),
    }


def _of_messages(kind: str, words: str, amounts: Amounts) -> dict[str, Limit]:
    phone, country = amounts.texts_per_phone, amounts.texts_per_country
    return {
        f"{kind}_phone": Limit(
            f"{kind}_phone",
            f"a phone, {words}; {OWN}",
            (Window(-(-phone // 2), HOUR), Window(phone, DAY)),
            "a stranger's phone enrolled under many names and bombed",
            Away.REFUSE,
            UNCOUNTED,
            setting="texts_per_phone",
        ),
        f"{kind}_country": Limit(
            f"{kind}_country",
            f"a calling code, {words}; phones that have confirmed a sign-in apart from those that have not",
            (Window(country, DAY),),
            "pumping: many numbers of one expensive country, each asked for once",
            Away.REFUSE,
            UNCOUNTED,
            setting="texts_per_country",
            alarm=ALARM,
        ),
        f"{kind}_everybody": Limit(
            f"{kind}_everybody",
            f"the whole installation, {words}; again in two halves",
            (Window(amounts.texts, DAY),),
            "the most that a day may cost",
            Away.REFUSE,
            UNCOUNTED,
            setting="texts",
            alarm=ALARM,
        ),
    }


def _of_codes(amounts: Amounts) -> dict[str, Limit]:
    windows = Window(amounts.wrong_codes_per_hour, HOUR), Window(2 * amounts.wrong_codes_per_hour, DAY)
    return {
        "code_person": Limit(
            "code_person",
            "a person, codes as above; a right one, and one that the vendor never judged, is given back",
            windows,
            "guessing codes over many logins: each login has its own five tries. A push goes on being an answer",
            Away.REFUSE,
            UNJUDGED,
            setting="wrong_codes_per_hour",
            is_told=True,
        ),
        "code_device": Limit(
            "code_device",
            "a device that the account knows, in place of the one above",
            windows,
            "the owner's own codes go on while others guess; and whoever stole the device guesses no faster",
            Away.REFUSE,
            UNJUDGED,
            setting="wrong_codes_per_hour",
            is_told=True,
        ),
    }


def _of_strangers(amounts: Amounts) -> dict[str, Limit]:
    return {
        "enrol_person": Limit(
            "enrol_person",
            "a person, phones and apps enrolled or begun with",
            (Window(10, HOUR),),
            "each asks the vendor, whose answer says something about the number, or leaves a secret in Valkey",
            Away.REFUSE,
            "nothing is enrolled uncounted",
            is_told=True,
        ),
        "enrol_network": Limit(
            "enrol_network",
            "a client network, phones and apps enrolled or begun with by all people",
            (Window(amounts.challenges_network, HOUR),),
            "the same under many fresh accounts",
            Away.REFUSE,
            "nothing is enrolled uncounted",
            setting="challenges_network",
            is_told=True,
        ),
        "callback_network": Limit(
            "callback_network",
            "a client network, callbacks that the vendor did not sign, counted afterwards",
            (Window(60, MINUTE),),
            "a flood of forgeries: they are refused either way, and beyond this without a line in the log. A genuine"
            " one is never refused for those beside it, even from the same address",
            Away.ALLOW,
            "the refusal stands without it",
        ),
    }
