"""Beside others (bench/peers): what is compared is pinned, and their answers are read as they are meant."""

import asyncio
import itertools
import json
import re
import sys
from collections.abc import Callable
from http.cookies import SimpleCookie
from pathlib import Path

import pytest

from bench.load import Load, cycle, get, post
from bench.peers import compare
from bench.peers.allauth import driver as allauth
from bench.peers.better_auth import driver as better_auth
from bench.peers.contender import Answer, Member, code_of, secret_in, step_now
from bench.peers.installing import NotInstalled, is_current, mark_current, run
from bench.people import NotAsExpected
from bench.rounds import Findings, Plan, Row, Sample

# Either would name the registry of whoever made the lock file.
ELSEWHERE = re.compile(r'"resolved"|--(?:extra-)?index-url|--find-links|file:|git\+')


def test_every_package_of_better_auth_is_pinned_by_digest_from_nowhere_in_particular() -> None:
    package, lock = (json.loads(path.read_text()) for path in better_auth.LOCK)
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in package["dependencies"].values())
    packages = {name: each for name, each in lock["packages"].items() if name}
    assert lock["packages"][""]["dependencies"] == package["dependencies"]
    assert len(packages) > 20
    assert not [name for name, each in packages.items() if not each["integrity"].startswith("sha512-")]
    assert not ELSEWHERE.search(better_auth.LOCK[1].read_text())


def test_every_package_of_allauth_is_pinned_by_digest_from_nowhere_in_particular() -> None:
    text = allauth.LOCK[0].read_text()
    pins = allauth.pinned(text)
    assert {"django", "django-allauth", "gunicorn", "psycopg", "argon2-cffi"} <= pins.keys()
    assert all(re.fullmatch(r"[\d.]+", version) for version in pins.values())
    entries = re.split(r"\n(?=[a-z])", text.partition("\n")[2].partition("\n")[2])
    assert len(entries) == len(pins)
    assert all("--hash=sha256:" in entry for entry in entries)
    assert not ELSEWHERE.search(text)
    asked = dict(line.split("==") for line in (allauth.HERE / "requirements.in").read_text().split())
    assert {pins[name.partition("[")[0]] for name in asked} == set(asked.values())


def test_a_secret_and_a_cookie_are_found_or_said_to_be_missing() -> None:
    assert secret_in("otpauth://totp/Better%20Auth:a%40example.com?secret=JBSWY3DP&issuer=x") == "JBSWY3DP"
    with pytest.raises(NotAsExpected, match=r"^no secret in otpauth://totp/x$"):
        secret_in("otpauth://totp/x?issuer=y")
    answer = Answer(None, SimpleCookie("other=1; better-auth.session_token=ab.c%3D; better-auth.session_data=d"))
    assert answer.cookie(better_auth.SESSION) == "better-auth.session_token=ab.c%3D"
    with pytest.raises(NotAsExpected, match="two_factor"):
        answer.cookie(better_auth.HALF_WAY)


def test_a_code_is_never_shown_twice() -> None:
    secret, now = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", step_now()
    assert Member("", "", secret, now + 5, "").code == code_of(secret, now + 6)
    assert Member("", "", secret, now - 5, "").code in {code_of(secret, now), code_of(secret, now + 1)}


def test_what_is_installed_is_asked_for_by_the_lock_file(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    lock.write_text("one")
    assert not is_current(tmp_path, [lock])
    mark_current(tmp_path, [lock])
    assert is_current(tmp_path, [lock])
    lock.write_text("two")
    assert not is_current(tmp_path, [lock])


def test_a_peer_is_installed_again_for_another_build_of_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mark_current(tmp_path, [])
    assert is_current(tmp_path, [])
    monkeypatch.setattr(sys, "version", "another")
    assert not is_current(tmp_path, [])


def test_what_cannot_be_run_says_why(tmp_path: Path) -> None:
    with pytest.raises(NotInstalled, match="no-such-program"):
        run(["no-such-program"], tmp_path)
    with pytest.raises(NotInstalled, match="status 3:\nits last words"):
        run(["sh", "-c", "echo its last words; exit 3"], tmp_path)


def test_without_a_peer_nothing_is_measured_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(compare, "PEERS", (better_auth,))
    told: list[str] = []
    found = compare.run(Plan(), told.append)
    assert found.unmeasured == [
        "better-auth: no node and no npm here: install Node.js 20 or newer; bars 1 and 3 beside it were not measured"
    ]
    assert not found.rows
    assert found.document()["unmeasured"] == found.unmeasured


def test_bars_are_held_to_the_median_round() -> None:
    def row(*each: float) -> Row:
        return Row("", [Sample(value, 1e6 / value, 0, 0) for value in each])

    ours, theirs = row(300, 310, 900), row(100, 100, 100)
    found = compare.verdicts({"Countersign": ours, "better-auth": theirs}, {"Countersign": ours, "better-auth": theirs})
    assert [(verdict.bar, round(verdict.value, 2), verdict.holds) for verdict in found] == [
        (1, 3.1, False),
        (1, 3.1, False),
        (3, 3.1, True),
        (3, 3.1, True),
    ]
    assert compare.verdicts({"Countersign": ours}, {"Countersign": ours}) == []
    assert Findings("peers").document()["unmeasured"] == []


async def test_answers_in_chunks_are_read_whole(free_port: Callable[[], int]) -> None:
    """Node writes them so; the chunks of one answer may come in one packet or in several."""
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for number in itertools.count():
            try:
                asked = await reader.readuntil(b"\r\n\r\n")
            except asyncio.IncompleteReadError:
                break
            assert asked.startswith(b"POST /x HTTP/1.1\r\n")
            assert await reader.readexactly(3) == b"a=b"
            parts = [head, b"4\r\nnull\r\n", b"0\r\n\r\n"]
            for part in parts if number % 2 else [b"".join(parts)]:
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(0)
        writer.close()

    port = free_port()
    async with await asyncio.start_server(answer, "127.0.0.1", port):
        asked = cycle([post("/x", {}, b"a=b")])
        tally = await Load(f"http://127.0.0.1:{port}", asked, connections=2).run(0.1)
    assert set(tally.statuses) == {200}
    assert get("/x", {}).startswith(b"GET /x HTTP/1.1\r\n")
