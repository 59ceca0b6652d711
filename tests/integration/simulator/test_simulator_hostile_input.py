"""Whatever is sent, the simulator answers with a status below 500 and goes on."""

import json
from io import BytesIO
from typing import Any

import pytest

from tests.integration.simulator.outside import ADA, ADAS_PHONE, Caller

LONG = "9" * 5_000
HALF = "\\ud800"
USER = "/protected/json/users/{id}"
PUSH = "/onetouch/json/users/{id}/approval_requests"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", f"/protected/json/users/{LONG}/status", None),
        ("GET", f"/protected/json/verify/1234567/{LONG}", None),
        ("GET", f"/protected/json/verify/{LONG}/{{id}}?force=true", None),
        ("GET", "/protected/json/verify/%00%ff/{id}?force=true", None),
        ("GET", "/protected/json/sms/{id}?force=true&action=%ED%A0%80&action_message=%ff", None),
        ("GET", "/onetouch/json/approval_requests/%ED%A0%80", None),
        ("GET", "/onetouch/json/approval_requests/..%2F..%2Fetc", None),
        ("GET", "/control/phones/%ED%A0%80", None),
        ("GET", "/phones/%ED%A0%80", None),
        ("GET", "/static/..%2F..%2Fapp.py", None),
        ("POST", "/protected/json/users/new", json.dumps({"user": {**ADA, "country_code": LONG}})),
        ("POST", "/protected/json/users/new", json.dumps({"user": {**ADA, "cellphone": LONG}})),
        ("POST", "/protected/json/users/new", f'{{"user": {{"country_code": {LONG}}}}}'),
        ("POST", "/protected/json/users/new", f'{{"user": {{"email": "{HALF}@b.co"}}}}'),
        ("POST", PUSH, f'{{"message": "{HALF}"}}'),
        ("POST", PUSH, f'{{"message": "a", "details": {{"{HALF}": "b"}}}}'),
        ("POST", PUSH, '{"message": "a", "seconds_to_expire": NaN}'),
        ("POST", PUSH, '{"message": "a", "seconds_to_expire": 1e400}'),
        ("POST", f"{USER}/register_activity", '{"type": {"a": 1}}'),
        ("POST", f"{USER}/update", '{"email": ["a"]}'),
        ("PUT", "/control/faults", f'{{"rules": [{{"fault": "html", "body": "{HALF}"}}]}}'),
        ("PUT", "/control/faults", '{"rules": [{"fault": "slow", "seconds": NaN}]}'),
        ("PUT", "/control/faults", '{"rules": [{"fault": ["slow"]}]}'),
        ("PUT", "/control/faults", "[" * 100_000),
        ("PATCH", f"/control/phones/{ADAS_PHONE}", "[" * 100_000),
        ("POST", f"/phones/{ADAS_PHONE}/app", "registered"),
        ("POST", "/faults", f"fault=slow&count={LONG}"),
    ],
)
async def test_nothing_that_a_stranger_sends_is_a_server_error(
    authy: Caller, method: str, path: str, body: str | None
) -> None:
    authy_id = await authy.ada()
    headers = {"X-Authy-API-Key": authy.key}
    if body:
        is_json = body.startswith(("{", "["))
        headers["Content-Type"] = "application/json" if is_json else "application/x-www-form-urlencoded"
    more: dict[str, Any] = {"data": body} if body else {}
    async with authy.http.request(method, path.replace("{id}", str(authy_id)), headers=headers, **more) as answer:
        await answer.read()
    assert answer.status < 500
    await authy.control("DELETE", "faults")
    await authy.phone()
    async with authy.http.get("/") as page:
        assert page.status == 200


async def test_a_body_of_megabytes_is_not_read(authy: Caller) -> None:
    answer = await authy.call("POST", "/protected/json/users/new", data=BytesIO(b"a" * 2_000_000))
    assert answer.status == 413
