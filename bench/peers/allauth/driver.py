"""django-allauth, headless: how it is installed, started and asked."""

import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil
from aiohttp import ClientSession

from bench.load import Load, cycle, get
from bench.peers.contender import EQUAL_HASH, SECRET, Member, Proof, ask, code_of, own_database, somebody, step_now
from bench.peers.installing import NotInstalled, is_current, mark_current, run
from bench.processes import ROOT, Server, running
from bench.rounds import Case
from tools.devstack.engines import Postgres
from tools.devstack.free_port import free_port

NAME = "django-allauth"
HERE = Path(__file__).parent
PROJECT, LOCK = HERE / "project", (HERE / "requirements.txt",)
DATABASE = "allauth"
THREADS = 8
API, CHECK, TOKEN = "/_allauth/app/v1", "/_allauth/app/v1/auth/session", "X-Session-Token"
# One worker, as the others have one process. With threads, for a worker without closes each connection.
GUNICORN = ["--workers", "1", "--threads", str(THREADS), "--keep-alive", "75", "--no-control-socket", "wsgi"]


def install(folder: Path) -> None:
    """By uv, into an environment of its own, what the lock file names with its digests."""
    uv = shutil.which("uv") or shutil.which("uv", path=str(ROOT / ".venv/bin"))
    if uv is None:
        raise NotInstalled("no uv here, neither on the path nor in .venv")
    if is_current(folder, LOCK):
        return
    folder.mkdir(parents=True, exist_ok=True)
    run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder)], ROOT)
    packages = ["--require-hashes", "--only-binary", ":all:", "-r", str(LOCK[0])]
    run([uv, "pip", "install", "--quiet", "--python", str(_python(folder)), "--compile-bytecode", *packages], ROOT)
    mark_current(folder, LOCK)


def about() -> str:
    """Names and versions."""
    pins = pinned(LOCK[0].read_text())
    named = ", ".join(f"{name} {pins[name]}" for name in ("django-allauth", "django", "gunicorn", "psycopg"))
    return f"{named}, one worker with {THREADS} threads"


def pinned(requirements: str) -> dict[str, str]:
    """Version by name."""
    lines = [line.split(" ")[0] for line in requirements.splitlines() if line[:1].isalnum()]
    return {name: version for name, _, version in (line.partition("==") for line in lines)}


@contextmanager
def started(folder: Path, postgres: Postgres) -> Iterator["Allauth"]:
    """gunicorn with one worker."""
    own_database(postgres, DATABASE)
    told = {"DATABASE": DATABASE, "SOCKET": postgres.socket_dir, "SECRET": SECRET, "DJANGO_SETTINGS_MODULE": "settings"}
    told = {**EQUAL_HASH, **told, "PYTHONDONTWRITEBYTECODE": "1"}
    run([str(_python(folder)), "-m", "django", "migrate", "--verbosity", "0"], PROJECT, told)
    port = free_port()
    command = [str(_python(folder)), "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", *GUNICORN]
    with running(command, PROJECT, {**os.environ, **told}, port=port, ready=CHECK) as server:
        yield Allauth(server)


class Allauth:
    """Its API for programs: a token in a header, for a session in the database."""

    name = NAME

    def __init__(self, server: Server) -> None:
        self.server = server

    def processes(self) -> Sequence[psutil.Process]:
        return [self.server.process]

    async def enrol(self, http: ClientSession) -> Member:
        (email, password), step = somebody(), step_now()
        token = await self._post(http, "/auth/signup", 200, {"email": email, "password": password})
        # Whoever has just signed up has not signed in yet, which an enrolment asks for.
        token = await self._post(http, "/auth/reauthenticate", 200, {"password": password}, token)
        address = f"{self.server.url}{API}/account/authenticators/totp"
        # 404: there is none yet, and this would be its secret.
        secret = (await ask(http, "GET", address, 404, headers={TOKEN: token})).document["meta"]["secret"]
        await ask(http, "POST", address, 200, json={"code": code_of(secret, step)}, headers={TOKEN: token})
        return Member(email, password, secret, step, email)

    async def sign_in(self, http: ClientSession, member: Member) -> Proof:
        credentials = {"email": member.email, "password": member.password}
        # 401: the password was right, the code is still to come.
        half_way = await self._post(http, "/auth/login", 401, credentials)
        return {TOKEN: await self._post(http, "/auth/2fa/authenticate", 200, {"code": member.code}, half_way)}

    async def who(self, http: ClientSession, proof: Proof) -> str:
        found = (await ask(http, "GET", self.server.url + CHECK, 200, headers=proof)).document
        return str(found["data"]["user"]["email"]) if found["meta"]["is_authenticated"] else ""

    async def cases(self, _http: ClientSession, proofs: Sequence[Proof]) -> list[Case]:
        asked = [get(CHECK, dict(proof)) for proof in proofs]
        load = lambda: Load(self.server.url, cycle(asked))  # noqa: E731 one that is begun anew with each round
        return [Case(f"check: {NAME}", self.processes(), load, frozenset({200}))]

    async def _post(
        self, http: ClientSession, path: str, expected: int, document: dict[str, str], token: str = ""
    ) -> str:
        """The token that the answer gives, which may be a new one."""
        headers = {TOKEN: token} if token else {}
        answer = await ask(http, "POST", self.server.url + API + path, expected, json=document, headers=headers)
        return str(answer.document["meta"].get("session_token", token))


def _python(folder: Path) -> Path:
    return folder / "bin/python"
