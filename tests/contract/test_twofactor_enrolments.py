"""One suite for enrolments and receipts in memory and in PostgreSQL."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import asyncpg
import pytest

from chassis.sealing import Sealer, Unsealable
from services.twofactor.model.channel import Channel
from services.twofactor.model.errors import AccessDenied, LastFactor
from services.twofactor.model.events import What, of_challenge
from services.twofactor.model.factor import Enrolment
from services.twofactor.model.receipt import ReceiptFacts
from services.twofactor.store.enrolments import PostgresEnrolments
from services.twofactor.store.receipts import PostgresReceipts
from tests.fakes.twofactor_drafts import START, a_challenge, an_id
from tests.fakes.twofactor_stores import FakeEnrolments, FakeReceipts, RecordedEvents

SEALER = Sealer([b"k" * 32])


@pytest.fixture
async def pool(postgres):
    made = await asyncpg.create_pool(postgres.url("twofactor"), min_size=8, max_size=8)
    owner = await asyncpg.connect(postgres.owner_url("twofactor"))
    await owner.execute("TRUNCATE factors, issued_receipts CASCADE")
    await owner.close()
    yield made
    await made.close()


@pytest.fixture(params=["fake", "postgres"])
def stores(request):
    if request.param == "fake":
        enrolments = FakeEnrolments()
        return enrolments, FakeReceipts(enrolments)
    pool = request.getfixturevalue("pool")
    return PostgresEnrolments(pool, SEALER), PostgresReceipts(pool, RecordedEvents())


def an_enrolment(user=None, account="1001"):
    return Enrolment(an_id(), user or an_id(), "authy", account, "+44 ... 23")


async def added(store, enrolment, *, email="eve@example.com", only_first=False):
    assert await store.add(enrolment, email=email, only_first=only_first)
    return enrolment


async def test_what_is_added_is_found_by_its_owner_only(stores):
    store, _ = stores
    enrolment = await added(store, an_enrolment())
    assert list(await store.of_user(enrolment.user)) == [enrolment]
    assert await store.by_id(enrolment.user, enrolment.id) == enrolment
    assert await store.by_id(an_id(), enrolment.id) is None
    assert await store.by_id(enrolment.user, an_id()) is None
    assert list(await store.of_user(an_id())) == []


async def test_the_same_phone_again_is_the_same_row(stores):
    store, _ = stores
    first = await added(store, an_enrolment(), only_first=True)
    assert await store.add(replace(first, id=an_id()), email="new@example.com", only_first=True)
    assert [row.id for row in await store.of_user(first.user)] == [first.id]
    assert await store.email_of(first.user) == "eve@example.com"


async def test_only_the_first_may_be_the_first(stores):
    store, _ = stores
    first = await added(store, an_enrolment(), only_first=True)
    assert not await store.add(an_enrolment(first.user, "1002"), email="e@example.com", only_first=True)
    await added(store, an_enrolment(first.user, "1002"), email="later@example.com")
    assert [row.account for row in await store.of_user(first.user)] == ["1001", "1002"]
    assert await store.email_of(first.user) == "later@example.com"


async def test_of_many_phones_that_are_first_at_once_one_is(stores):
    store, _ = stores
    user = an_id()
    tries = [store.add(an_enrolment(user, str(n)), email="e@example.com", only_first=True) for n in range(8)]
    assert sorted(await asyncio.gather(*tries)) == [False] * 7 + [True]
    assert len(await store.of_user(user)) == 1


async def test_of_one_phone_that_is_added_many_times_at_once_there_is_one(stores):
    store, _ = stores
    user = an_id()
    tries = [store.add(an_enrolment(user), email="e@example.com", only_first=True) for n in range(8)]
    assert all(await asyncio.gather(*tries))
    assert len(await store.of_user(user)) == 1


async def test_who_removes_the_last_of_an_account_is_told(stores):
    store, _ = stores
    one, two = await added(store, an_enrolment()), await added(store, an_enrolment())
    for each in (one, two):
        await added(store, an_enrolment(each.user, "another"))
    assert not await store.remove(one)
    assert await store.remove(two)
    assert len(await store.of_user(two.user)) == 1


async def test_of_two_that_are_removed_at_the_same_moment_one_stays(stores):
    store, _ = stores
    user = an_id()
    theirs = [await added(store, an_enrolment(user, number)) for number in ("1", "2")]
    done = await asyncio.gather(*(store.remove(each) for each in theirs), return_exceptions=True)
    assert sum(isinstance(each, LastFactor) for each in done) == 1
    (left,) = await store.of_user(user)
    with pytest.raises(LastFactor):
        await store.remove(left)
    assert await store.of_user(user) == [left]


async def test_nobody_removes_anothers(stores):
    store, _ = stores
    enrolment = await added(store, an_enrolment())
    await store.remove(replace(enrolment, user=an_id()))
    assert await store.by_id(enrolment.user, enrolment.id) == enrolment


async def test_a_receipt_is_recorded_once_and_its_channel_remembered(stores):
    store, receipts = stores
    enrolment = await added(store, an_enrolment())
    challenge = a_challenge(user=enrolment.user, enrolment=enrolment.id, channel=Channel.SMS)
    facts = ReceiptFacts(
        challenge.id,
        challenge.user,
        challenge.login,
        challenge.partial_id,
        ("pwd", "sms"),
        START,
        START + timedelta(seconds=60),
    )
    opened, late = (of_challenge(what, challenge) for what in (What.CHALLENGE_OPENED, What.CHALLENGE_APPROVED))
    assert await receipts.record(facts, challenge, [opened])
    assert not await receipts.record(facts, challenge, [late])
    assert receipts.events.whats() == [What.CHALLENGE_OPENED, What.RECEIPT_ISSUED, What.CHALLENGE_APPROVED]
    used = await store.by_id(enrolment.user, enrolment.id)
    assert (used.last_channel, used.last_used_at) == (Channel.SMS, START)


async def test_a_factor_that_was_removed_after_the_approval_lets_nobody_in(stores):
    store, receipts = stores
    first, second = await added(store, an_enrolment()), an_enrolment()
    await added(store, replace(second, user=first.user, account="another"))
    challenge = a_challenge(user=first.user, enrolment=first.id)
    facts = ReceiptFacts(challenge.id, challenge.user, challenge.login, challenge.partial_id, (), START, START)
    stranger = a_challenge(enrolment=second.id)
    await store.remove(first)
    for gone in (challenge, stranger):
        with pytest.raises(AccessDenied):
            await receipts.record(
                replace(facts, id=gone.id, user=gone.user), gone, [of_challenge(What.CHALLENGE_OPENED, gone)]
            )
    assert receipts.events.all == []
    assert [used.last_used_at for used in await store.of_user(first.user)] == [None]


async def test_the_row_holds_what_was_approved(pool):
    receipts = PostgresReceipts(pool, RecordedEvents())
    enrolment = await added(PostgresEnrolments(pool, SEALER), an_enrolment())
    challenge = a_challenge(user=enrolment.user, enrolment=enrolment.id)
    facts = ReceiptFacts(
        challenge.id,
        challenge.user,
        challenge.login,
        challenge.partial_id,
        ("pwd", "swk"),
        START,
        START + timedelta(seconds=60),
    )
    await receipts.record(facts, challenge)
    await receipts.record(replace(facts, amr=("forged",)), challenge)
    (row,) = await pool.fetch("SELECT * FROM issued_receipts")
    assert (str(row["id"]), row["amr"], row["channel"]) == (challenge.id, ["pwd", "swk"], "push")
    assert (row["browser"], row["address"]) == ("Chrome on Windows", "203.0.113.177")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE issued_receipts SET login = ''",
        "DELETE FROM issued_receipts",
        "TRUNCATE issued_receipts",
        "DROP TABLE issued_receipts",
        "UPDATE receipts SET login = ''",
        "DELETE FROM receipts",
        "SELECT * FROM receipts_months()",
    ],
)
async def test_this_service_cannot_rewrite_what_was_approved(pool, statement):
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await pool.execute(statement)


@pytest.mark.parametrize("column", ["account", "user_id"])
async def test_this_service_cannot_hand_a_phone_to_another(pool, column):
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await pool.execute(f"UPDATE factors SET {column} = NULL")


async def test_an_address_is_sealed_in_its_place(pool):
    store = PostgresEnrolments(pool, SEALER)
    one, two = await added(store, an_enrolment()), await added(store, an_enrolment(), email="zoe@example.com")
    rows = await pool.fetch("SELECT id, email_sealed FROM factors")
    assert not any(b"example" in row["email_sealed"] for row in rows)
    sealed = {str(row["id"]): row["email_sealed"] for row in rows}
    with pytest.raises(Unsealable):
        SEALER.open(sealed[one.id], f"factors.email_sealed.{two.id}")
