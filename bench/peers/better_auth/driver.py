"""better-auth: how it is installed, started and asked."""

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import quote

import psutil
from aiohttp import ClientSession

from bench.load import Load, cycle, get
from bench.peers.contender import (
    EQUAL_HASH,
    SECRET,
    Answer,
    Member,
    Proof,
    ask,
    code_of,
    own_database,
    secret_in,
    somebody,
    step_now,
)
from bench.peers.installing import NotInstalled, is_current, mark_current, run
from bench.processes import Server, running
from bench.rounds import Case
from tools.devstack.engines import PASSWORD, Postgres
from tools.devstack.free_port import free_port

NAME = "better-auth"
HERE = Path(__file__).parent
LOCK = (HERE / "package.json", HERE / "package-lock.json")
OLDEST_NODE = 20
DATABASE = "better_auth"
API, CHECK = "/api/auth", "/api/auth/get-session"
SESSION, CACHED, HALF_WAY = ".session_token", ".session_data", ".two_factor"


def install(folder: Path) -> None:
    """By npm, what the lock file names; scripts of packages are not run."""
    missing = [tool for tool in ("node", "npm") if shutil.which(tool) is None]
    if missing:
        raise NotInstalled(f"no {' and no '.join(missing)} here: install Node.js {OLDEST_NODE} or newer")
    if int(_node_version().split(".")[0]) < OLDEST_NODE:
        raise NotInstalled(f"Node.js {OLDEST_NODE} or newer is needed, this is {_node_version()}")
    folder.mkdir(parents=True, exist_ok=True)
    if not is_current(folder, LOCK):
        for file in LOCK:
            shutil.copy(file, folder)
        run(["npm", "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"], folder)
        mark_current(folder, LOCK)
    # A module finds its packages from where it stands itself.
    shutil.copy(HERE / "server.mjs", folder)


def about() -> str:
    """Names and versions."""
    wanted = json.loads(LOCK[0].read_text())["dependencies"]
    return f"better-auth {wanted['better-auth']} with pg {wanted['pg']} on Node.js {_node_version()}, one process"


@contextmanager
def started(folder: Path, postgres: Postgres) -> Iterator["BetterAuth"]:
    """Twice, for its cache of sessions is a setting; the second one is asked in that one case alone."""
    own_database(postgres, DATABASE)
    address = f"postgresql://{DATABASE}:{PASSWORD}@/{DATABASE}?host={quote(postgres.socket_dir, safe='/')}"
    told = {**os.environ, **EQUAL_HASH, "DATABASE_URL": address, "SECRET": SECRET, "NODE_ENV": "production"}
    with ExitStack() as servers:
        plain, caching = (
            servers.enter_context(
                running(
                    ["node", "server.mjs"],
                    folder,
                    {**told, "PORT": str(port), "COOKIE_CACHE": cache},
                    port=port,
                    ready=f"{API}/ok",
                )
            )
            for port, cache in ((free_port(), ""), (free_port(), "1"))
        )
        yield BetterAuth(plain, caching)


class BetterAuth:
    """One process each."""

    name = NAME

    def __init__(self, plain: Server, caching: Server) -> None:
        self.plain, self.caching = plain, caching

    def processes(self) -> Sequence[psutil.Process]:
        return [self.plain.process]

    async def enrol(self, http: ClientSession) -> Member:
        (email, password), step = somebody(), step_now()
        who = {"email": email, "password": password, "name": email}
        session = (await self._post(http, "/sign-up/email", who)).cookie(SESSION)
        begun = await self._post(http, "/two-factor/enable", {"password": password}, session)
        secret = secret_in(begun.document["totpURI"])
        await self._post(http, "/two-factor/verify-totp", {"code": code_of(secret, step)}, session)
        return Member(email, password, secret, step, email)

    async def sign_in(self, http: ClientSession, member: Member) -> Proof:
        credentials = {"email": member.email, "password": member.password}
        half_way = (await self._post(http, "/sign-in/email", credentials)).cookie(HALF_WAY)
        answer = await self._post(http, "/two-factor/verify-totp", {"code": member.code}, half_way)
        return {"Cookie": answer.cookie(SESSION)}

    async def who(self, http: ClientSession, proof: Proof) -> str:
        document = (await ask(http, "GET", self.plain.url + CHECK, 200, headers=proof)).document
        return str(document["user"]["email"]) if document else ""

    async def cases(self, http: ClientSession, proofs: Sequence[Proof]) -> list[Case]:
        asked = [get(CHECK, dict(proof)) for proof in proofs]
        cached = [get(CHECK, await self._with_cache(http, proof)) for proof in proofs]
        plain, caching, ok = self.plain, self.caching, frozenset({200})
        return [
            Case(f"check: {NAME}", [plain.process], lambda: Load(plain.url, cycle(asked)), ok),
            Case(f"check: {NAME}, cookie cache", [caching.process], lambda: Load(caching.url, cycle(cached)), ok),
        ]

    async def _with_cache(self, http: ClientSession, proof: Proof) -> dict[str, str]:
        """The session's cookie and that which says for an hour who it is."""
        answer = await ask(http, "GET", self.caching.url + CHECK, 200, headers=proof)
        return {"Cookie": f"{proof['Cookie']}; {answer.cookie(CACHED)}"}

    async def _post(self, http: ClientSession, path: str, document: dict[str, str], cookie: str = "") -> Answer:
        headers = {"Origin": self.plain.url, **({"Cookie": cookie} if cookie else {})}
        return await ask(http, "POST", self.plain.url + API + path, 200, json=document, headers=headers)


def _node_version() -> str:
    return run(["node", "--version"], HERE).strip().removeprefix("v")
