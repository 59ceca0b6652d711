"""Whole logins, everybody's in turn, each by somebody else."""

from collections.abc import Sequence
from functools import partial

from aiohttp import ClientSession

from bench.login import AT_ONCE, logins
from bench.peers.contender import Contender, Member, Proof
from bench.people import NotAsExpected, client_session, side_by_side, timed_side_by_side
from bench.processes import cpu_seconds
from bench.rounds import Plan, Row, Sample, Tell

Held = list[tuple[Member, Proof]]


async def rounds(contenders: Sequence[Contender], plan: Plan, tell: Tell) -> tuple[dict[str, Row], dict[str, Held]]:
    """By name: what logins cost, and who holds which session since the last round."""
    many = logins(plan)
    rows = {each.name: Row(f"login: {each.name}") for each in contenders}
    people, held = {}, {}
    async with client_session() as http:
        for each in contenders:
            tell(f"{each.name}: people enrol")
            people[each.name] = await side_by_side([partial(each.enrol, http)] * (many * (plan.rounds + 1)), AT_ONCE)
        for number in range(plan.rounds + 1):
            for each in contenders:
                tell(f"{each.name}: logins, {f'round {number} of {plan.rounds}' if number else 'warm-up'}")
                group = people[each.name][number * many : (number + 1) * many]
                sample, held[each.name] = await _round(each, http, group)
                if number:
                    rows[each.name].samples.append(sample)
    return rows, held


async def _round(contender: Contender, http: ClientSession, group: Sequence[Member]) -> tuple[Sample, Held]:
    stories = [partial(contender.sign_in, http, member) for member in group]
    sample, proofs = await timed_side_by_side(stories, AT_ONCE, lambda: cpu_seconds(contender.processes()))
    # Once the clock has stopped: a login counts if what it brought says who it was.
    held = list(zip(group, proofs, strict=True))
    await require_known(contender, http, held)
    return sample, held


async def require_known(contender: Contender, http: ClientSession, held: Held) -> None:
    """Raises `NotAsExpected` for a session that is not its holder's."""
    for member, proof in held:
        if (told := await contender.who(http, proof)) != member.known_as:
            raise NotAsExpected(f"{contender.name} takes {member.known_as} for {told or 'nobody'}")
