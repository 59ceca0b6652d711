"""The pages over real HTTP, with auth, twofactor and the store in memory; `person` is a browser without scripts."""

import html
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from itertools import count

import pytest
from aiohttp import ClientResponse, ClientSession, CookieJar
from aiohttp.test_utils import TestServer
from yarl import URL

from chassis.bodies import BODY_PROBLEMS
from chassis.problems import Problem, refuser
from chassis.process import create_app
from gateway.api.surroundings import surroundings
from gateway.flows.exchange import Exchange
from gateway.flows.places import Places
from gateway.flows.sign_in import SignIn, SignUp
from gateway.flows.waiting import Waiting
from gateway.model.challenge import Status
from gateway.model.client import ClientContext
from gateway.model.errors import CrossSite, PeerUnavailable
from gateway.model.identity import Identity
from gateway.model.open_session import OpenSession
from gateway.model.visit import Visit
from gateway.pages.browser import SITE, Site
from gateway.pages.errors import show_errors
from gateway.pages.routes import page_routes
from gateway.pages.steps import INSIDE, STEPS, Inside, SignedIn, Steps
from gateway.pages.templating import content_hash, environment
from gateway.pages.views import Door
from tests.fakes.clock import FakeClock
from tests.fakes.signing_in import FakeCredentials, FakeNews, FakeSecondFactor, FakeVisits

PROBLEMS = {
    **BODY_PROBLEMS,
    CrossSite: Problem(403, "cross_site", "Refused."),
    PeerUnavailable: Problem(503, "unavailable", "Away."),
}
EMAIL, PASSWORD = "ana@example.com", "correct kettle orbit swan"
NAVIGATION = {"Accept": "text/html", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "same-origin"}
TITLE = re.compile(r"<title>(.*?) · Test service</title>", re.DOTALL)
CSRF = re.compile(r'name="csrf" value="([^"]*)"')


@dataclass
class Page:
    """What came back: the address after all redirects, and the document."""

    path: str
    status: int
    text: str
    headers: Mapping[str, str]

    @property
    def title(self) -> str:
        return html.unescape(TITLE.search(self.text)[1]).strip()

    @property
    def said(self) -> str:
        """The text that a person sees, spaces folded."""
        bare = re.sub(r"<head>.*?</head>|<[^>]+>", " ", self.text, flags=re.DOTALL)
        return " ".join(html.unescape(bare).split()).replace(" .", ".")


class Person:
    """Follows redirects and keeps cookies, as a browser does; sends the token of the page that is open."""

    def __init__(self, session: ClientSession, base: URL) -> None:
        self.session, self.base = session, base
        self.csrf = ""

    async def get(self, path: str, **headers: str) -> Page:
        async with self.session.get(
            self.base.join(URL(path, encoded=True)), headers={**NAVIGATION, **headers}
        ) as answer:
            return await self._open(answer)

    async def send(self, path: str, headers: Mapping[str, str] | None = None, **fields: str) -> Page:
        form = {"csrf": self.csrf, **fields}
        sent = self.session.post(self.base.join(URL(path)), data=form, headers={**NAVIGATION, **(headers or {})})
        async with sent as answer:
            return await self._open(answer)

    async def sign_up(self, **changed: str) -> Page:
        await self.get("/sign-up")
        fields = {"email": EMAIL, "password": PASSWORD, "country": "GB", "phone": "07400 123456", **changed}
        return await self.send("/sign-up", **fields)

    async def sign_in(self, email: str = EMAIL, password: str = PASSWORD, **fields: str) -> Page:
        await self.get("/sign-in")
        return await self.send("/sign-in", email=email, password=password, **fields)

    async def sign_in_wholly(self, house: "House") -> Page:
        """Both factors."""
        await self.sign_in()
        return await self.confirm(house)

    async def confirm(self, house: "House") -> Page:
        """The second factor: a push, approved."""
        await self.send("/confirm", channel="push")
        house.phone.settle(Status.APPROVED)
        return await self.get("/confirm/wait")

    @property
    def cookie(self) -> str:
        """The id of this browser's visit."""
        return self.session.cookie_jar.filter_cookies(self.base)["__Host-session"].value

    async def _open(self, answer: ClientResponse) -> Page:
        text = await answer.text()
        found = CSRF.search(text)
        self.csrf = found[1] if found else self.csrf
        return Page(answer.url.path_qs, answer.status, text, answer.headers)


@dataclass
class House:
    """Everything behind the pages; `known_over` are access tokens whose end the gateway has heard of."""

    credentials: FakeCredentials
    phone: FakeSecondFactor
    visits: FakeVisits
    clock: FakeClock
    base: URL
    known_over: set[str]


@pytest.fixture
async def house() -> AsyncIterator[House]:
    clock, news = FakeClock(), FakeNews()
    credentials, phone, visits = FakeCredentials(clock), FakeSecondFactor(clock, news), FakeVisits()
    app = create_app([surroundings((), refuser(PROBLEMS), show_errors)])
    server = TestServer(app)
    version, numbers = content_hash(), count(1)
    site = Site(
        templates=environment("Test service", version),
        origin="http://127.0.0.1",
        sessions=visits,
        client_of=lambda _request: ClientContext("203.0.113.9", "Firefox", "reference-1"),
        new_secret=lambda: f"form-{next(numbers)}",
    )
    steps = Steps(
        sign_up=SignUp(credentials, phone),
        sign_in=SignIn(credentials, phone),
        second_factor=phone,
        waiting=Waiting(phone, news, Places(8, 100), clock, lambda: 0.5),
        exchange=Exchange(phone, credentials),
        clock=clock,
    )

    async def session_of(visit: Visit) -> SignedIn | None:
        # As with a real access token, what auth has ended is believed until the gateway hears of it (`known_over`).
        session = believed(visit.tokens.access_token) if visit.tokens else None
        if visit.tokens is None or session is None or visit.tokens.access_token in known_over:
            return None
        token, (email, opened) = visit.tokens.access_token, session
        until = visit.tokens.expires_at
        return SignedIn(Identity(email, opened.id, "aal2", opened.amr, opened.authenticated_at, until), token)

    known_over: set[str] = set()
    known: dict[str, tuple[str, OpenSession]] = {}

    def believed(token: str) -> tuple[str, OpenSession] | None:
        if token in credentials.desk.by_token:
            known[token] = (credentials.desk.owners[token], credentials.desk.by_token[token])
        return known.get(token)

    app[SITE], app[STEPS] = site, steps
    app[INSIDE] = Inside(session_of, credentials, lambda _host, _identity: (Door("Ledger", "/ledger/"),))
    app.add_routes(page_routes(version))
    await server.start_server()
    yield House(credentials, phone, visits, clock, server.make_url("/"), known_over)
    await server.close()


@pytest.fixture
async def person(house: House) -> AsyncIterator[Person]:
    async with _browser(house.base) as session:
        yield Person(session, house.base)


@pytest.fixture
async def stranger(house: House) -> AsyncIterator[Person]:
    """Another browser."""
    async with _browser(house.base) as session:
        yield Person(session, house.base)


def _browser(base: URL) -> ClientSession:
    return ClientSession(cookie_jar=CookieJar(unsafe=True, treat_as_secure_origin=base.origin()))


@pytest.fixture
def enrolled(house: House) -> House:
    """The person has an account and a phone already."""
    house.credentials.accounts[EMAIL] = PASSWORD
    house.phone.enrolled = True
    return house
