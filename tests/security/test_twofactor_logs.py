"""The log tells what happened and nothing that opens anything or names anybody."""

import json

import structlog

from tests.fakes.twofactor_service import running_service_fixture  # noqa: F401 a fixture


async def test_a_login_leaves_a_line_per_step_and_no_secret(running_service):
    service = await running_service()
    with structlog.testing.capture_logs() as lines:
        token = await service.enrolled()
        push = await service.opened(token)
        await service.press("approve", push)
        receipt = (await (await service.receipt(token)).json())["receipt"]
        again = service.partial()
        await service.ask(
            "POST", "/v1/mfa/factors", again, json={"phone": {"country_code": "44", "number": "7700900123"}}
        )
        text = await service.opened(again, "sms")
        code = service.provider.sent[-1].code
        for typed in ("9876543", code):
            await service.ask("POST", f"/v1/mfa/challenges/{text['id']}/code", again, json={"code": typed})
    moves = [(line["source"], line["target"]) for line in lines if line["event"] == "challenge_moved"]
    assert moves == [("pending", "approved"), ("approved", "consumed"), ("pending", "approved")]
    assert sum(line["event"] == "challenge_opened" for line in lines) == 2
    written = json.dumps(lines, default=str)
    (account,) = service.provider.phones
    for secret in (token, again, receipt, code, "9876543", "900123", "eve@example.com", f'"{account}"', "203.0.113.7"):
        assert secret not in written
