"""Bodies, paths and headers that nobody honest sends: a 4xx with a problem document, and nothing changes."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fakes.twofactor_service import PHONE, running_service_fixture  # noqa: F401 a fixture

JSON = {"Content-Type": "application/json"}
POSTS = ["/v1/mfa/challenges", "/v1/mfa/factors", "/v1/mfa/challenges/00000000-0000-4000-8000-000000000001/code"]


async def require_problem(answer, *statuses):
    document = await answer.json()
    assert answer.status in statuses, (answer.status, document)
    assert answer.content_type == "application/problem+json"
    assert document["status"] == answer.status
    assert {"title", "detail", "error"} <= set(document)
    return document


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"42",
        b'"text"',
        b"NaN",
        b"\xff\xfe\x00",
        b"{}",
        b'{"unknown": 1}',
        b'{"__proto__": {}}',
        b'{"code": 1234567, "channel": 1, "phone": 1}',
        b"[" * 5000,
        b'{"a":' * 5000,
        b'{"code": "\\ud800"}',
    ],
)
async def test_a_body_that_does_not_fit(running_service, path, body):
    service = await running_service()
    answer = await service.ask("POST", path, service.partial(), headers=JSON, data=body)
    document = await require_problem(answer, 400)
    assert document["error"] == "invalid_request"
    assert service.provider.calls == []


@pytest.mark.parametrize("path", POSTS)
async def test_another_content_type(running_service, path):
    service = await running_service()
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonx"):
        answer = await service.ask("POST", path, service.partial(), headers={"Content-Type": content_type}, data=b"{}")
        await require_problem(answer, 415)


@pytest.mark.parametrize("path", [*POSTS, "/callbacks/authy"])
async def test_a_huge_body(running_service, path):
    service = await running_service()
    body = b'{"code": "' + b"1" * (512 * 1024) + b'"}'
    await require_problem(await service.ask("POST", path, service.partial(), headers=JSON, data=body), 413)


@pytest.mark.parametrize(
    "phone",
    [
        {"country_code": "44", "number": "٠٧٩١١١٢٣٤٥٦"},
        {"country_code": "44", "number": "7911\x00123456"},
        {"country_code": "44", "number": "0909 8790123"},
        {"country_code": "999", "number": "7911123456"},
        {"country_code": "", "number": ""},
        {"country_code": "44", "number": "7911123456'; --"},
    ],
)
async def test_a_phone_number_that_is_none(running_service, phone):
    service = await running_service()
    answer = await service.ask("POST", "/v1/mfa/factors", service.partial(), json={"phone": phone})
    assert (await require_problem(answer, 400))["error"] == "invalid_phone"
    assert service.provider.calls == []


@pytest.mark.parametrize(
    "body",
    [
        {"factor_id": "push-1", "channel": "push"},
        {"factor_id": None, "channel": None},
        {"channel": "PUSH"},
        {"channel": "fax"},
        {"channel": ["push"]},
        {"factor_id": "x" * 65},
    ],
)
async def test_a_choice_that_is_none(running_service, body):
    service = await running_service()
    answer = await service.ask("POST", "/v1/mfa/challenges", await service.enrolled(), json=body)
    await require_problem(answer, 400)
    assert service.provider.pushes == {}


@pytest.mark.parametrize("factor_id", ["", "push", "push-1", "push-\x00", "push-" + "0" * 36, "sms-*"])
async def test_a_factor_that_is_none(running_service, factor_id):
    service = await running_service()
    token = await service.enrolled()
    answer = await service.ask("POST", "/v1/mfa/challenges", token, json={"factor_id": factor_id})
    assert (await require_problem(answer, 404))["error"] == "factor_unknown"


@pytest.mark.parametrize(
    "code", ["١٢٣٤٥٦٧", "１２３４５６７", "", "12345", "1" * 13, "123 4567", "../1234567", "\x001234567"]
)
async def test_a_code_that_is_none(running_service, code):
    service = await running_service()
    token = await service.enrolled()
    challenge = await service.opened(token, "sms")
    answer = await service.ask("POST", f"/v1/mfa/challenges/{challenge['id']}/code", token, json={"code": code})
    assert (await require_problem(answer, 400))["error"] == "code_malformed"
    assert (await service.shown(token, challenge))["tries_left"] == 5


@pytest.mark.parametrize("id_", ["x", "%00", "..%2f..", "*", "%7Btxn%7D", "a" * 5000, "%ff", "%E2%82%AC", "1%0d%0aX:1"])
async def test_a_path_that_names_nothing(running_service, id_):
    from yarl import URL

    service = await running_service()
    token = await service.enrolled()
    for method, path in (("GET", "challenges/{}"), ("DELETE", "challenges/{}"), ("POST", "challenges/{}/code")):
        address = URL(f"/v1/mfa/{path.format(id_)}", encoded=True)
        answer = await service.ask(method, address, token, json={"code": "1234567"})
        await require_problem(answer, 404)
    session = service.access()
    answer = await service.ask("DELETE", URL(f"/v1/mfa/factors/{id_}", encoded=True), session)
    await require_problem(answer, 404)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "TRACE", "PROPFIND"])
async def test_a_method_nobody_offers(running_service, method):
    service = await running_service()
    for path in (*POSTS, "/v1/mfa/factors", "/v1/mfa/receipts"):
        await require_problem(await service.ask(method, path, service.partial()), 405)
    await require_problem(await service.ask(method, "/nothing"), 404)


@pytest.mark.parametrize("given", ["evil", "1.2.3.4, 5.6.7.8", "fe80::1%Press approve", "Press approve now"])
async def test_an_address_that_is_none_gets_onto_no_phone(running_service, given):
    service = await running_service()
    token = await service.enrolled()
    headers = {"X-Forwarded-For": given, "User-Agent": "Your bank: press Approve"}
    answer = await service.ask("POST", "/v1/mfa/challenges", token, json={"channel": "push"}, headers=headers)
    assert answer.status == 201
    (push,) = service.provider.pushes.values()
    assert push.request.details["Browser"] == "another program"
    assert "Network" not in push.request.details


async def test_a_refusal_tells_nothing_of_the_code_or_the_phone(running_service):
    service = await running_service()
    token = await service.enrolled()
    challenge = await service.opened(token, "sms")
    answer = await service.ask("POST", f"/v1/mfa/challenges/{challenge['id']}/code", token, json={"code": "7654321"})
    assert "7654321" not in await answer.text()
    answer = await service.ask("POST", "/v1/mfa/factors", service.partial(), json={"phone": {**PHONE["phone"], "x": 1}})
    assert "900123" not in await answer.text()


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=6,
)
names = st.sampled_from(["factor_id", "channel", "code", "phone", "country_code", "number"]) | st.text(max_size=8)


async def test_no_document_whatsoever_makes_a_500(running_service):
    """Drawn by Hypothesis, sent over one connection."""
    import asyncio

    service = await running_service()
    token = service.partial()
    documents = []

    @settings(max_examples=150, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.dictionaries(names, values, max_size=4))
    def draw(document):
        documents.append(document)

    await asyncio.to_thread(draw)
    for document in documents:
        for path in POSTS:
            answer = await service.ask("POST", path, token, json=document)
            assert 400 <= answer.status < 500, document
