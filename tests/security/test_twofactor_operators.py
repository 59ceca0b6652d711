"""An operator's word at twofactor: nobody else says it, it says one thing of one person, and it is not got around."""

from typing import Any

import pytest

from tests.fakes.twofactor_service import PHONE, Service, random_id, running_service_fixture  # noqa: F401 a fixture

OPERATOR = "countersign-operator"
BODIES = {"void": {"reason": "ticket", "by": "operator ada@host"}}
BODIES["reset"] = {**BODIES["void"], "email": "eve@example.com"}


def word(service: Service, act: str, user: str, **changes: Any) -> str:
    """What auth's command line signs."""
    claims = service.auth.access_claims(OPERATOR, client_id=OPERATOR, scope=f"{act}:{user}")
    kept = {name: value for name, value in claims.items() if name not in {"sid", "acr", "amr", "auth_time"}}
    return service.auth.ring.sign("at+jwt", {**kept, **changes})


async def say(service: Service, what: str, user: str, token: str | None, **body: Any) -> tuple[int, dict[str, Any]]:
    answer = await service.ask("POST", f"/v1/mfa/users/{user}/{what}", token, json=body or BODIES[what])
    return answer.status, await answer.json()


async def factors(service: Service, user: str) -> int:
    return len((await (await service.ask("GET", "/v1/mfa/factors", service.partial(user))).json())["factors"])


async def enrolled(service: Service) -> tuple[str, str]:
    user = random_id()
    return user, await service.enrolled(user)


async def test_a_reset_takes_every_factor_and_leaves_one_code_without_which_nobody_enrols(running_service: Any) -> None:
    service = await running_service()
    user, _ = await enrolled(service)
    other, _ = await enrolled(service)
    status, done = await say(service, "reset", user, word(service, "factors:reset", user))
    assert (status, done["factors"]) == (200, 1)
    service.clock.advance(seconds=1)
    assert (await factors(service, user), await factors(service, other) > 1) == (1, True)
    anew = service.partial(user)
    assert (await service.ask("POST", "/v1/mfa/factors", anew, json=PHONE)).status == 403
    challenge = await service.opened(anew, "recovery")
    answer = await service.ask("POST", f"/v1/mfa/challenges/{challenge['id']}/code", anew, json={"code": done["code"]})
    assert (answer.status, (await service.receipt(anew)).status) == (200, 200)
    assert (await service.ask("POST", "/v1/mfa/factors", service.access(user), json=PHONE)).status == 201


async def test_nobody_but_the_operator_resets_factors(running_service: Any) -> None:
    service = await running_service()
    user, partial = await enrolled(service)
    other = random_id()
    tries = {
        "no token": None,
        "the person's own partial token": partial,
        "the person's own session": service.access(user),
        "a session with the operator's scope": service.access(user, scope=f"factors:reset:{user}"),
        "a session that calls itself the operator": service.access(
            user, client_id=OPERATOR, scope=f"factors:reset:{user}"
        ),
        "a service that was given that scope": word(service, "factors:reset", user, client_id="billing", sub="billing"),
        "a word on another person": word(service, "factors:reset", other),
        "a word for another act": word(service, "logins:void", user),
        "a word without the person": word(service, "factors:reset", ""),
        "a word for everything": word(service, "x", user, scope=f"factors:reset:{user} logins:void:{user}"),
        "a word of yesterday": word(service, "factors:reset", user, exp=int(service.clock().timestamp()) - 1),
        "a word for another audience": word(service, "factors:reset", user, aud="countersign/mfa"),
        "a word as another kind": service.auth.ring.sign("mfa+jwt", service.auth.partial_claims(OPERATOR)),
    }
    for name, token in tries.items():
        for what in ("reset", "void"):
            if (name, what) != ("a word for another act", "void"):
                assert (await say(service, what, user, token))[0] == 401, (name, what)
    assert await factors(service, user) > 0


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"reason": "x"},
        {"reason": 7, "by": "x"},
        {"reason": "x" * 501, "by": "x"},
        {"reason": "x", "by": "x"},
        {"reason": "x", "by": "x", "email": "x@example.com", "more": 1},
    ],
)
async def test_a_word_without_a_reason_is_refused(running_service: Any, body: dict[str, Any]) -> None:
    service = await running_service()
    user, _ = await enrolled(service)
    token = word(service, "factors:reset", user)
    answer = await service.ask("POST", f"/v1/mfa/users/{user}/reset", token, json=body)
    assert answer.status == 400
    assert await factors(service, user) > 0


async def test_a_login_that_was_begun_enrols_nothing_after_a_reset(running_service: Any) -> None:
    """Whoever holds a partial token, and not the password, would set up their own phone as the person's only one."""
    service = await running_service()
    user, _ = await enrolled(service)
    stolen = service.partial(user)
    await say(service, "reset", user, word(service, "factors:reset", user))
    answer = await service.ask("POST", "/v1/mfa/factors", stolen, json=PHONE)
    assert (answer.status, (await answer.json())["error"]) == (401, "invalid_token")
    service.clock.advance(seconds=1)
    assert await factors(service, user) == 1, "the code that the operator hands over"


async def test_a_session_of_before_the_word_changes_no_factor(running_service: Any) -> None:
    """Whatever the gateway lets through: who was shut out a moment ago holds a token that looks fresh."""
    service = await running_service()
    user, _ = await enrolled(service)
    session = service.access(user)
    listed = await (await service.ask("GET", "/v1/mfa/factors", session)).json()
    assert await say(service, "void", user, word(service, "logins:void", user)) == (200, {"voided": True})
    tries = [
        ("GET", "/v1/mfa/factors", None),
        ("POST", "/v1/mfa/factors", PHONE),
        ("POST", "/v1/mfa/factors", {"totp": {}}),
        ("DELETE", f"/v1/mfa/factors/{listed['factors'][0]['id']}", None),
        ("POST", "/v1/mfa/recovery-codes", None),
    ]
    for method, path, body in tries:
        assert (await service.ask(method, path, session, json=body)).status == 401, path
    service.clock.advance(seconds=1)
    assert (await service.ask("POST", "/v1/mfa/factors", service.access(user), json={"totp": {}})).status == 202


async def test_a_voided_login_asks_nobody_and_its_approval_is_worth_nothing(running_service: Any) -> None:
    service = await running_service()
    user, approved = await enrolled(service)
    await service.press("approve", await service.opened(approved))
    waiting = service.partial(user)
    challenge = await service.opened(waiting)
    assert await say(service, "void", user, word(service, "logins:void", user)) == (200, {"voided": True})

    assert (await service.receipt(approved)).status == 401
    shown = await service.shown(waiting, challenge)
    assert (shown["status"], shown["reason"]) == ("cancelled", "operator_cancelled")
    late = await service.press("approve", challenge, proof="late")
    assert late.status == 200, "the phone comes too late, which is no fault of the vendor's"
    assert (await service.shown(waiting, challenge))["status"] == "cancelled"
    # Whatever it asks, and however badly.
    for body in ({"channel": "push"}, {"channel": "pigeon"}, {}):
        assert (await service.ask("POST", "/v1/mfa/challenges", waiting, json=body)).status == 401, body

    service.clock.advance(seconds=1)
    anew = service.partial(user)
    await service.press("approve", await service.opened(anew), proof="anew")
    assert (await service.receipt(anew)).status == 200


async def test_voiding_one_person_s_logins_leaves_everybody_else_s(running_service: Any) -> None:
    service = await running_service()
    user, _ = await enrolled(service)
    _, other_partial = await enrolled(service)
    challenge = await service.opened(other_partial)
    await say(service, "void", user, word(service, "logins:void", user))
    assert (await service.shown(other_partial, challenge))["status"] == "pending"


async def test_an_id_that_is_none_reaches_no_store(running_service: Any) -> None:
    service = await running_service()
    for user in ("x", "..%2f..", "a%20b", "%00", "'", "\u00fc"):
        answer = await service.ask(
            "POST", f"/v1/mfa/users/{user}/reset", word(service, "factors:reset", user), json=BODIES["reset"]
        )
        assert answer.status in {401, 404}, user
