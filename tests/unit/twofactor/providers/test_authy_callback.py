"""What is believed of a callback, and every way in which one is not."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from multidict import CIMultiDict
from structlog.testing import capture_logs

from services.twofactor.model.errors import ForgedCallback
from services.twofactor.model.provider import PushAnswer, PushStatus
from services.twofactor.providers.authy_callback import AuthyCallbackReader
from services.twofactor.providers.authy_signature import canonical, sign, signature
from tests.fakes.clock import FakeClock

# Busy machines are slow, and that is no failure.
_AT_LEISURE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

_KEY = "a-key-of-no-account"
_URL = "https://login.example/callbacks/authy"
_UUID = "4a725520-bff5-0135-eb01-0e5d90336a8c"
_VECTORS = json.loads((Path(__file__).parents[3] / "contract/vectors/authy-signature-vectors.json").read_bytes())


def _body(**changes: Any) -> dict[str, Any]:
    transaction = {
        "details": {"Browser": "Firefox"},
        "device_details": {},
        "flagged": False,
        "hidden_details": {"challenge": "c-1", "odd": 7},
        "status": "approved",
        "uuid": _UUID,
        **changes.pop("transaction", {}),
    }
    return {
        "authy_id": 688611,
        "callback_action": "approval_request_status",
        "uuid": _UUID,
        "status": "approved",
        "approval_request": {"transaction": transaction, "logos": None, "expiration_timestamp": 1513009800},
        "device": {"os_type": "android", "enabled_unlock_methods": ["pin"]},
        **changes,
    }


def _headers(
    body: Any, clock: FakeClock, *, url: str = _URL, key: str = _KEY, nonce: str | None = None
) -> CIMultiDict[str]:
    nonce = nonce or str(int(clock().timestamp()))
    made = signature(api_key=key, nonce=nonce, method="POST", url=url, params=body)
    return CIMultiDict({"X-Authy-Signature": made, "X-Authy-Signature-Nonce": nonce, "Content-Type": "text/html"})


def _read(body: Any, *, url: str = _URL, signed_for: str = _URL, **how: Any) -> tuple[str, PushAnswer]:
    clock = FakeClock()
    reader = AuthyCallbackReader(_KEY, url, clock)
    headers = how.pop("headers", None) or _headers(body, clock, url=signed_for)
    return reader.read(
        method=how.pop("method", "POST"), headers=headers, body=how.pop("raw", json.dumps(body).encode())
    )


def _require_forged(**how: Any) -> None:
    with pytest.raises(ForgedCallback) as refused:
        _read(how.pop("body", _body()), **how)
    assert refused.value.args == ()


def test_an_approval_that_authy_signed_is_believed() -> None:
    mark, answer = _read(_body())
    assert answer == PushAnswer(_UUID, "688611", PushStatus.APPROVED, {"challenge": "c-1"})
    assert mark.partition(":")[0] == str(int(FakeClock()().timestamp()))


def test_a_denial_that_authy_signed_is_believed() -> None:
    assert _read(_body(status="denied", transaction={"status": "denied"}))[1].status is PushStatus.DENIED


def _published() -> list[dict[str, Any]]:
    """The published callbacks; in two of them the request's two ids were made anonymous in two ways before signing."""
    posts = [vector for vector in _VECTORS if vector["method"] == "POST" and "approval_request" in vector["body"]]
    return [v for v in posts if v["body"]["uuid"] == v["body"]["approval_request"]["transaction"]["uuid"]]


@pytest.mark.parametrize("vector", _published(), ids=lambda v: v["source"])
def test_a_published_callback_is_read(vector: dict[str, Any]) -> None:
    clock = FakeClock()
    clock.advance(seconds=int(vector["nonce"]) - clock().timestamp())
    reader = AuthyCallbackReader(vector["api_key"], vector["url"], clock)
    headers = {"x-authy-signature": vector["signature"], "x-authy-signature-nonce": vector["nonce"]}
    _, answer = reader.read(method="POST", headers=headers, body=json.dumps(vector["body"]).encode())
    assert (answer.reference, answer.account) == (vector["body"]["uuid"], str(vector["body"]["authy_id"]))


@pytest.mark.parametrize("account", ["688611", 688611])
def test_an_account_may_be_a_number_or_text(account: object) -> None:
    assert _read(_body(authy_id=account))[1].account == "688611"


@pytest.mark.parametrize("hidden", [None, [], "", {}, {"n": None}])
def test_hidden_details_may_be_missing(hidden: object) -> None:
    assert _read(_body(transaction={"hidden_details": hidden}))[1].hidden_details == {}


def test_members_that_nobody_knows_do_not_matter() -> None:
    assert _read(_body(novelty={"deep": [1, {"x": None}, 1.5]}))[1].reference == _UUID


@pytest.mark.parametrize("flagged", [True, "true", "false", None, 1, 0, {}])
def test_a_flagged_approval_opens_no_door(flagged: object) -> None:
    with capture_logs() as logs:
        assert _read(_body(transaction={"flagged": flagged}))[1].status is PushStatus.DENIED
    assert [line["event"] for line in logs] == ["callback_flagged"]


def test_without_a_flag_an_approval_is_one() -> None:
    body = _body()
    del body["approval_request"]["transaction"]["flagged"]
    assert _read(body)[1].status is PushStatus.APPROVED


@pytest.mark.parametrize("method", ["GET", "PUT", "post", "HEAD", ""])
def test_only_a_post_is_read(method: str) -> None:
    _require_forged(method=method)


def test_a_signature_made_for_a_get_is_not_good_for_a_post() -> None:
    nonce = str(int(FakeClock()().timestamp()))
    made = signature(api_key=_KEY, nonce=nonce, method="GET", url=_URL, params=_body())
    _require_forged(headers={"X-Authy-Signature": made, "X-Authy-Signature-Nonce": nonce})


def test_a_signature_with_another_key_is_forged() -> None:
    _require_forged(headers=_headers(_body(), FakeClock(), key="another"))


def test_a_signature_for_another_url_is_forged() -> None:
    _require_forged(signed_for="https://evil.example/callbacks/authy")


def test_the_host_that_a_request_names_does_not_count() -> None:
    clock = FakeClock()
    headers = _headers(_body(), clock, url="https://evil.example/callbacks/authy")
    headers.update({"Host": "evil.example", "X-Original-Host": "evil.example", "X-Forwarded-Host": "evil.example"})
    _require_forged(headers=headers)


@pytest.mark.parametrize(
    "changed",
    [
        {"status": "denied"},
        {"uuid": "5" + _UUID[1:]},
        {"authy_id": 1},
        {"transaction": {"status": "denied"}},
        {"extra": "1"},
    ],
    ids=str,
)
def test_a_body_changed_after_signing_is_forged(changed: dict[str, Any]) -> None:
    _require_forged(raw=json.dumps(_body(**changed)).encode())


@pytest.mark.parametrize(
    "body",
    [
        _body(status="denied"),
        _body(transaction={"status": "denied"}),
        _body(transaction={"uuid": "5" + _UUID[1:]}),
        _body(uuid="5" + _UUID[1:]),
        _body(uuid=None, transaction={"uuid": None}),
        _body(uuid="../users/1", transaction={"uuid": "../users/1"}),
        _body(status="pending", transaction={"status": "pending"}),
        _body(status="expired", transaction={"status": "expired"}),
        _body(status="APPROVED", transaction={"status": "APPROVED"}),
        _body(status=["approved"], transaction={"status": ["approved"]}),
        _body(status=True, transaction={"status": True}),
        _body(callback_action="phone_verified"),
        _body(callback_action=None),
        _body(authy_id=None),
        _body(authy_id=True),
        _body(authy_id=-1),
        _body(authy_id=1.0),
        _body(authy_id="٣"),
        _body(authy_id="1" * 400),
        _body(authy_id=10**400),
        _body(approval_request=None),
        _body(approval_request="{:transaction=>{}}"),
        _body(approval_request={"transaction": []}),
        {},
    ],
    ids=lambda body: json.dumps(body)[-60:],
)
def test_a_signed_callback_that_contradicts_itself_or_makes_no_sense_is_refused(body: dict[str, Any]) -> None:
    _require_forged(body=body)


@pytest.mark.parametrize("minutes", [-5.1, 5.1, 60, -60 * 24 * 365])
def test_a_callback_of_another_time_is_refused(minutes: float) -> None:
    then = FakeClock()
    then.advance(minutes=minutes)
    _require_forged(headers=_headers(_body(), then))


@pytest.mark.parametrize("minutes", [-5, -1, 0, 4.99, 5])
def test_clocks_may_differ_by_five_minutes(minutes: float) -> None:
    then = FakeClock()
    then.advance(minutes=minutes)
    assert _read(_body(), headers=_headers(_body(), then))[1].reference == _UUID


@pytest.mark.parametrize(
    "nonce",
    [
        "",
        "now",
        "1.5",
        "-5",
        "+5",
        " 1767323045",
        "1767323045\n",
        "١٧٦٧٣٢٣٠٤٥",
        "9" * 13,
        "9" * 5000,
        "1e9",
        "0x1",
        "\udcff",
    ],
)
def test_a_nonce_that_is_no_time_is_refused(nonce: str) -> None:
    _require_forged(headers={"X-Authy-Signature": "x", "X-Authy-Signature-Nonce": nonce})


@pytest.mark.parametrize("missing", ["X-Authy-Signature", "X-Authy-Signature-Nonce"])
def test_a_callback_without_a_header_is_refused(missing: str) -> None:
    headers = _headers(_body(), FakeClock())
    del headers[missing]
    _require_forged(headers=headers)


@pytest.mark.parametrize("doubled", ["X-Authy-Signature", "X-Authy-Signature-Nonce"])
@pytest.mark.parametrize("same", [True, False])
def test_a_header_that_comes_twice_is_refused(doubled: str, same: bool) -> None:
    headers = _headers(_body(), FakeClock())
    headers.add(doubled.lower(), headers[doubled] if same else "1")
    _require_forged(headers=headers)


@pytest.mark.parametrize(
    "presented", ["é", "\udcff\udcfe", "日本", "=", "a" * 100_000, "{good} ", "{good}=", "{short}"]
)
def test_a_signature_of_any_text_is_refused_and_breaks_nothing(presented: str) -> None:
    headers = _headers(_body(), FakeClock())
    good = headers["X-Authy-Signature"]
    headers["X-Authy-Signature"] = presented.format(good=good, short=good[:-1])
    _require_forged(headers=headers)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b"[]",
        b"1",
        b'"approved"',
        b"{",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": 1e400}',
        b'{"a": "\\ud800"}',
        b'{"\\udfff": 1}',
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"a":' * 30_000 + b"1" + b"}" * 30_000,
        b"[" * 60_000,
        b'{"a": "\xff"}',
        b"\xef\xbb\xbf{}",
        "{}".encode("utf-16"),
        b'{"%b": [%b1]}' % (b"k" * 30_000, b"1," * 15_000),
        b"status=approved&uuid=1",
    ],
    ids=lambda raw: repr(raw[:20]),
)
def test_a_body_that_is_no_sound_json_object_is_refused(raw: bytes) -> None:
    _require_forged(raw=raw)


def test_of_duplicate_members_the_last_one_counts_as_it_does_for_authy() -> None:
    raw = json.dumps(_body()).encode().replace(b'{"authy_id"', b'{"status": "denied", "authy_id"', 1)
    assert _read(_body(), raw=raw)[1].status is PushStatus.APPROVED


@pytest.mark.parametrize("tilde", ["~", "%7E"])
def test_a_tilde_may_be_escaped_or_not(tilde: str) -> None:
    body = _body(transaction={"details": {"Browser": "Mozilla ~ 5"}})
    nonce = str(int(FakeClock()().timestamp()))
    made = sign(api_key=_KEY, nonce=nonce, method="POST", url=_URL, canonical=canonical(body, tilde=tilde))
    assert _read(body, headers={"X-Authy-Signature": made, "X-Authy-Signature-Nonce": nonce})[1].reference == _UUID


@pytest.mark.parametrize(
    "signed_for", ["https://login.example:8443/callbacks/authy", "https://login.example/callbacks/authy"]
)
def test_a_port_may_be_signed_or_not(signed_for: str) -> None:
    assert _read(_body(), url="https://login.example:8443/callbacks/authy", signed_for=signed_for)[1].reference == _UUID


def test_another_port_is_another_url() -> None:
    _require_forged(
        url="https://login.example:8443/callbacks/authy", signed_for="https://login.example:9443/callbacks/authy"
    )
    _require_forged(url=_URL, signed_for="https://login.example:8443/callbacks/authy")


def test_a_host_written_as_an_ipv6_address_keeps_its_brackets() -> None:
    read = _read(_body(), url="https://[::1]:8443/cb", signed_for="https://[::1]/cb")
    assert read[1].reference == _UUID


def test_the_reason_goes_with_the_refusal_and_nothing_secret_with_it() -> None:
    with pytest.raises(ForgedCallback) as refused:
        _read(_body(), headers=_headers(_body(), FakeClock(), key="another"))
    assert (refused.value.reason, refused.value.args) == ("signature is wrong", ())
    assert _KEY not in repr(AuthyCallbackReader(_KEY, _URL, FakeClock()))


@_AT_LEISURE
@given(st.binary(max_size=200), st.text(max_size=20), st.text(max_size=20))
def test_no_callback_whatever_breaks_the_reader(raw: bytes, made: str, nonce: str) -> None:
    _require_forged(raw=raw, headers={"X-Authy-Signature": made, "X-Authy-Signature-Nonce": nonce})


@_AT_LEISURE
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda x: st.lists(x, max_size=3) | st.dictionaries(st.text(), x, max_size=3),
    )
)
def test_no_signed_transaction_whatever_breaks_the_reader(value: Any) -> None:
    raw = json.dumps(_body(approval_request=value, device=value)).encode()
    _require_forged(raw=raw)


def test_signatures_compared_with_equals_would_tell_by_their_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing but the comparison of constant time decides, and it sees every spelling, also after one that fits."""
    compared: list[bytes] = []

    def any_will_do(offered: bytes, _good: bytes) -> bool:
        compared.append(offered)
        return True

    monkeypatch.setattr("services.twofactor.providers.authy_callback.hmac.compare_digest", any_will_do)
    headers = {"X-Authy-Signature": "forged", "X-Authy-Signature-Nonce": str(int(FakeClock()().timestamp()))}
    _, answer = _read(_body(), url="https://login.example:8443/callbacks/authy", headers=headers)
    assert (answer.status, compared) == (PushStatus.APPROVED, [b"forged", b"forged"])
