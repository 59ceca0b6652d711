"""It was not me: whoever waits with the stolen password at that moment waits for nothing."""

from typing import Any

from tests.fakes.twofactor_service import PHONE, Service, random_id, running_service_fixture  # noqa: F401 a fixture


async def disavow(service: Service, user: str) -> None:
    """The person says it, from a session of theirs."""
    assert (await service.ask("POST", "/v1/mfa/disavowals", service.access(user))).status == 202


async def test_a_partial_token_from_before_is_worth_nothing(running_service: Any) -> None:
    """The attacker has the password and a code that was read aloud to them: all of it was theirs a moment ago."""
    service = await running_service()
    user = random_id()
    await service.enrolled(user)
    waiting = service.partial(user)
    challenge = await service.opened(waiting, "app")
    await disavow(service, user)

    shown = await service.shown(waiting, challenge)
    assert (shown["status"], shown["reason"]) == ("cancelled", "disavowed")
    code = {"code": service.provider.app_token(next(iter(service.provider.phones)))}
    for method, path, body in (
        ("POST", f"/v1/mfa/challenges/{challenge['id']}/code", code),
        ("GET", "/v1/mfa/factors", None),
        ("POST", "/v1/mfa/factors", PHONE),
        ("POST", "/v1/mfa/challenges", {"channel": "app"}),
        ("POST", "/v1/mfa/receipts", None),
    ):
        answer = await service.ask(method, path, waiting, json=body)
        assert (answer.status, (await answer.json())["error"]) == (401, "invalid_token"), path


async def test_an_approval_that_was_not_used_yet_is_worth_nothing(running_service: Any) -> None:
    service = await running_service()
    user = random_id()
    await service.enrolled(user)
    approved = service.partial(user)
    await service.press("approve", await service.opened(approved))
    await disavow(service, user)
    assert (await service.receipt(approved)).status == 401


async def test_a_denial_ends_every_other_login_and_its_own_hears_denied(running_service: Any) -> None:
    service = await running_service()
    user = random_id()
    await service.enrolled(user)
    other, denied = service.partial(user), service.partial(user)
    by_app = await service.opened(other, "app")
    push = await service.opened(denied)
    await service.press("deny", push)
    assert (await service.shown(denied, push))["status"] == "denied"
    assert (await service.shown(other, by_app))["reason"] == "disavowed"
    assert (await (await service.receipt(denied)).json())["error"] == "access_denied"
    for token in (other, denied):
        assert (await service.ask("POST", "/v1/mfa/challenges", token, json={"channel": "app"})).status == 401


async def test_who_signs_in_afterwards_goes_on(running_service: Any) -> None:
    service = await running_service()
    user = random_id()
    await service.enrolled(user)
    await disavow(service, user)
    service.clock.advance(seconds=1)
    anew = service.partial(user)
    challenge = await service.opened(anew, "app")
    code = {"code": service.provider.app_token(next(iter(service.provider.phones)))}
    answer = await service.ask("POST", f"/v1/mfa/challenges/{challenge['id']}/code", anew, json=code)
    assert (answer.status, (await service.receipt(anew)).status) == (200, 200)


async def test_a_stolen_session_says_it_once_and_not_whenever_the_owner_signs_in(running_service: Any) -> None:
    service = await running_service()
    user = random_id()
    await service.enrolled(user)
    stolen = service.access(user)
    assert (await service.ask("POST", "/v1/mfa/disavowals", stolen)).status == 202
    service.clock.advance(seconds=1)
    anew = service.partial(user)
    challenge = await service.opened(anew, "app")
    assert (await service.ask("POST", "/v1/mfa/disavowals", stolen)).status == 202
    assert (await service.shown(anew, challenge))["status"] == "pending"


async def test_a_denial_that_only_denies_ends_no_other_login(running_service: Any) -> None:
    service = await running_service(deny_means_not_me=False)
    user = random_id()
    await service.enrolled(user)
    other, denied = service.partial(user), service.partial(user)
    by_app = await service.opened(other, "app")
    await service.press("deny", await service.opened(denied))
    assert (await service.shown(other, by_app))["status"] == "pending"
    assert (await service.ask("POST", "/v1/mfa/challenges", denied, json={"channel": "app"})).status == 201
