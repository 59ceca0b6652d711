"""One suite for what the kinds without a vendor stand on, in memory and in PostgreSQL and Valkey."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import asyncpg
import pytest
import redis.asyncio

from chassis.sealing import Sealer
from services.twofactor.model.factor import Enrolment
from services.twofactor.model.totp import PendingSecret, TotpSecret
from services.twofactor.store.enrolments import PostgresEnrolments
from services.twofactor.store.pending_secrets import ValkeyPendingSecrets
from services.twofactor.store.recovery_codes import PostgresRecoveryCodes
from services.twofactor.store.totp_secrets import PostgresTotpSecrets
from tests.fakes.clock import FakeClock
from tests.fakes.twofactor_drafts import an_id
from tests.fakes.twofactor_kinds import FakePendingSecrets, FakeRecoveryCodes, FakeTotpSecrets
from tests.fakes.twofactor_stores import FakeEnrolments

SEALER = Sealer([b"k" * 32])
LIFE = timedelta(minutes=10)
DIGESTS = [bytes([n]) * 32 for n in range(10)]


@pytest.fixture
async def pool(postgres):
    made = await asyncpg.create_pool(postgres.url("twofactor"), min_size=8, max_size=8)
    yield made
    await made.close()


@pytest.fixture
async def valkey(valkey_url):
    client = redis.asyncio.Redis.from_url(valkey_url)
    yield client
    await client.aclose()


@pytest.fixture(params=["fake", "real"])
def stores(request):
    if request.param == "fake":
        enrolments = FakeEnrolments()
        return SimpleNamespace(
            enrolments=enrolments,
            secrets=FakeTotpSecrets(enrolments),
            codes=FakeRecoveryCodes(enrolments),
            pending=FakePendingSecrets(FakeClock()),
        )
    enrolments = PostgresEnrolments(request.getfixturevalue("pool"), SEALER)
    return SimpleNamespace(
        enrolments=enrolments,
        secrets=PostgresTotpSecrets(enrolments),
        codes=PostgresRecoveryCodes(enrolments),
        pending=ValkeyPendingSecrets(request.getfixturevalue("valkey"), SEALER),
    )


def an_app(user=None, name="Authenticator app"):
    id_ = an_id()
    return Enrolment(id_, user or an_id(), "totp", id_, name)


def a_set(user=None):
    id_ = an_id()
    return Enrolment(id_, user or an_id(), "recovery", id_, "Recovery codes")


def a_secret(enrolment, *, step=100, secret=b"s" * 20):
    return PendingSecret(enrolment.id, enrolment.user, "login 1", secret, step)


async def added(stores, enrolment, *, only_first=False, **facts):
    assert await stores.secrets.add(
        enrolment, a_secret(enrolment, **facts), email="eve@example.com", only_first=only_first
    )
    return enrolment


async def test_a_secret_comes_back_with_the_step_that_confirmed_it(stores):
    app = await added(stores, an_app(), only_first=True)
    assert await stores.secrets.of(app.id) == TotpSecret(b"s" * 20, 100)
    assert list(await stores.enrolments.of_user(app.user)) == [app]
    assert await stores.enrolments.email_of(app.user) == "eve@example.com"
    assert await stores.secrets.of(an_id()) is None


async def test_the_same_secret_again_is_the_same_row(stores):
    app = await added(stores, an_app(), only_first=True)
    await stores.secrets.spend(app.id, 200)
    await added(stores, app, only_first=True)
    assert (await stores.secrets.of(app.id)).last_step == 200, "nor does it bring used codes back"


async def test_a_step_is_good_once_and_none_before_it(stores):
    app = await added(stores, an_app())
    outcomes = [await stores.secrets.spend(app.id, step) for step in (100, 101, 101, 100, 103, 102)]
    assert outcomes == [False, True, False, False, True, False]


async def test_of_many_that_spend_one_step_at_once_one_does(stores):
    app = await added(stores, an_app())
    assert sorted(await asyncio.gather(*(stores.secrets.spend(app.id, 101) for _ in range(8)))) == [False] * 7 + [True]


async def test_of_many_apps_that_are_first_at_once_one_is_and_the_others_leave_nothing(stores):
    user = an_id()
    apps = [an_app(user, str(n)) for n in range(8)]
    tries = [stores.secrets.add(app, a_secret(app), email="e@example.com", only_first=True) for app in apps]
    outcomes = await asyncio.gather(*tries)
    assert sorted(outcomes) == [False] * 7 + [True]
    left = [await stores.secrets.of(app.id) for app in apps]
    assert sum(secret is not None for secret in left) == 1


async def test_a_secret_goes_with_its_factor(stores):
    app = await added(stores, an_app())
    await added(stores, an_app(app.user, "Another app"))
    await stores.enrolments.remove(app)
    assert await stores.secrets.of(app.id) is None
    assert not await stores.secrets.spend(app.id, 500)


async def test_a_set_of_codes_takes_the_place_of_the_one_before(stores):
    old = a_set()
    await stores.codes.replace(old, DIGESTS, email="eve@example.com")
    assert await stores.codes.left(old.id) == 10
    new = a_set(old.user)
    await stores.codes.replace(new, DIGESTS[:3], email="eve@example.com")
    assert list(await stores.enrolments.of_user(old.user)) == [new]
    assert (await stores.codes.left(old.id), await stores.codes.left(new.id)) == (0, 3)
    assert await stores.codes.spend(old.id, DIGESTS[0]) is None


async def test_of_two_sets_made_at_once_one_is_left_and_whole(stores):
    user = an_id()
    sets = [a_set(user) for _ in range(4)]
    await asyncio.gather(*(stores.codes.replace(each, DIGESTS, email="e@example.com") for each in sets))
    (kept,) = await stores.enrolments.of_user(user)
    assert await stores.codes.left(kept.id) == 10


async def test_a_code_is_good_once_for_its_own_set(stores):
    mine, theirs = a_set(), a_set()
    for each, digests in ((mine, DIGESTS[:2]), (theirs, DIGESTS[2:4])):
        await stores.codes.replace(each, digests, email="e@example.com")
    assert await stores.codes.spend(mine.id, DIGESTS[2]) is None
    assert await stores.codes.spend(mine.id, DIGESTS[0]) == 1
    assert await stores.codes.spend(mine.id, DIGESTS[0]) is None
    assert await stores.codes.spend(mine.id, DIGESTS[1]) == 0


async def test_of_many_that_spend_one_code_at_once_one_does(stores):
    mine = a_set()
    await stores.codes.replace(mine, DIGESTS, email="e@example.com")
    outcomes = await asyncio.gather(*(stores.codes.spend(mine.id, DIGESTS[0]) for _ in range(8)))
    assert sum(outcome is not None for outcome in outcomes) == 1
    assert await stores.codes.left(mine.id) == 9


async def test_a_reset_removes_everything_of_one_person(stores):
    app = await added(stores, an_app())
    codes, other = a_set(app.user), await added(stores, an_app())
    await stores.codes.replace(codes, DIGESTS, email="e@example.com")
    phone, shared = (Enrolment(an_id(), app.user, "authy", account, "+44 ... 23") for account in (an_id(), "shared"))
    for each in (phone, shared, replace(shared, id=an_id(), user=other.user)):
        await stores.enrolments.add(each, email="e@example.com", only_first=False)
    removed = {enrolment.id: is_last for enrolment, is_last in await stores.enrolments.remove_all(app.user)}
    assert removed == {app.id: True, codes.id: True, phone.id: True, shared.id: False}
    assert list(await stores.enrolments.of_user(app.user)) == []
    assert await stores.secrets.of(app.id) is None
    assert len(await stores.enrolments.of_user(other.user)) == 2
    assert await stores.enrolments.remove_all(app.user) == []


async def test_a_pending_secret_is_there_until_it_is_forgotten(stores):
    pending = PendingSecret(an_id(), an_id(), "session 1", b"s" * 20)
    await stores.pending.keep(pending, LIFE)
    assert await stores.pending.by_id(pending.id) == pending
    await stores.pending.forget(pending.id)
    assert await stores.pending.by_id(pending.id) is None


async def test_a_pending_secret_goes_by_itself_and_is_read_by_nobody(valkey):
    store = ValkeyPendingSecrets(valkey, SEALER)
    pending = PendingSecret(an_id(), an_id(), "session 1", b"a secret of twenty b")
    await store.keep(pending, LIFE)
    key = f"twofactor:pending:{pending.id}"
    kept = await valkey.get(key)
    assert b"secret" not in kept
    assert pending.user.encode() not in kept
    assert 590_000 < await valkey.pttl(key) <= 600_000
    moved = an_id()
    await valkey.set(f"twofactor:pending:{moved}", kept)
    assert await store.by_id(moved) is None, "what stands under another id does not open"
    await valkey.delete(key, f"twofactor:pending:{moved}")


@pytest.mark.parametrize("id_", ["", "*", "x:y", "\x00", "../" * 12, "guesses:1"])
async def test_what_is_no_id_names_no_key(valkey, id_):
    assert await ValkeyPendingSecrets(valkey, SEALER).by_id(id_) is None


async def test_a_secret_is_sealed_in_its_place(pool):
    store = PostgresTotpSecrets(PostgresEnrolments(pool, SEALER))
    one, two = an_app(), an_app()
    for app in (one, two):
        await store.add(app, a_secret(app), email="eve@example.com", only_first=False)
    sealed = await pool.fetchval("SELECT secret_sealed FROM totp_secrets WHERE factor_id = $1", one.id)
    assert b"s" * 20 not in sealed
    # An attacker who writes to the table swaps a secret of his own into another's row.
    await pool.execute("UPDATE totp_secrets SET secret_sealed = $2 WHERE factor_id = $1", two.id, sealed)
    assert await store.of(two.id) is None


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM totp_secrets",
        "UPDATE totp_secrets SET factor_id = NULL",
        "TRUNCATE totp_secrets",
        "UPDATE recovery_codes SET digest = ''",
        "TRUNCATE recovery_codes",
    ],
)
async def test_this_service_may_do_no_more_than_it_needs(pool, statement):
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await pool.execute(statement)
