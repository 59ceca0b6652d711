"""The log tells what happened and nothing that opens anything or names anybody."""

import json

import structlog

from tests.fakes.twofactor_service import running_service_fixture  # noqa: F401 a fixture
from tests.fakes.twofactor_world import NUMBER


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
    told = [
        line["event"]
        for line in lines
        if "event" in line and line["event"].split("_")[0] in {"challenge", "receipt", "code"}
    ]
    assert [line["event"] for line in lines if line.get("event") == "push_number_typed"]
    assert told == [
        "challenge_opened", "challenge_approved", "receipt_issued", "challenge_opened", "code_refused", "challenge_approved",
    ]  # fmt: skip
    written = json.dumps(lines, default=str)
    (account,) = service.provider.phones
    number = service.provider.pushes[service.reference(push)].request.details[NUMBER]
    for secret in (
        number,
        token,
        again,
        receipt,
        code,
        "9876543",
        "900123",
        "eve@example.com",
        f'"{account}"',
        "203.0.113.7",
    ):
        assert secret not in written
