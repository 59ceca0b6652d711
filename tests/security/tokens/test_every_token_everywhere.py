"""Every kind of token at every endpoint of every process: good where it belongs, and a refusal that changes nothing elsewhere."""

import asyncpg
import pytest

from tests.contract.described import PROCESSES, process
from tests.fakes.three_services import House, bearer
from tests.security.tokens.asking import ask
from tests.security.tokens.kinds import KINDS, SIGNED, Collection, types
from tests.security.tokens.standing import standing
from tests.security.tokens.table import OPEN, SPENDING, TAKES, refusal

pytestmark = pytest.mark.asyncio(loop_scope="module")
Owners = dict[str, asyncpg.Connection]
EVERYWHERE = [(process, endpoint) for process, endpoints in TAKES.items() for endpoint in endpoints]


@pytest.mark.parametrize("name", PROCESSES)
async def test_no_endpoint_is_missing_from_the_table(name: str) -> None:
    surface = process(name).surface
    served = surface.operations.keys() | surface.left_out.keys()
    assert TAKES[name].keys() == served, "say in table.py which kinds of token it takes"


async def test_no_kind_is_missing_from_the_collection(collection: Collection) -> None:
    assert collection.tokens.keys() == set(KINDS)
    assert types(collection.tokens) >= SIGNED


@pytest.mark.parametrize(("where", "endpoint"), EVERYWHERE)
async def test_every_other_kind_is_refused_and_changes_nothing(
    where: str, endpoint: str, collection: Collection, house: House, owners: Owners
) -> None:
    before, wrong = await standing(house, owners), []
    nobody = await ask(collection, where, endpoint, {})
    for kind in set(KINDS) - TAKES[where][endpoint].keys():
        status, said = await ask(collection, where, endpoint, bearer(collection.tokens[kind]))
        expected = (nobody[0], nobody[1].get("error")) if endpoint in OPEN else refusal(endpoint, kind)
        if endpoint == "GET /authz/auth-request":
            expected = (expected[0], None)
        if (status, said.get("error")) != expected:
            wrong.append(f"{kind}: {status} {said}")
    assert not wrong
    assert await standing(house, owners) == before


@pytest.mark.parametrize(("where", "endpoint"), EVERYWHERE)
async def test_each_kind_is_taken_where_it_belongs(where: str, endpoint: str, collection: Collection) -> None:
    taken = TAKES[where][endpoint]
    for kind, expected in taken.items():
        status, said = await ask(collection, where, endpoint, bearer(collection.tokens[kind]))
        assert status == expected, (kind, said)
    if endpoint in SPENDING:
        await collection.anew(taken)
