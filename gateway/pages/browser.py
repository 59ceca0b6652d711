"""The browser at the other end of a request: what it brought, and how it is answered."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import jinja2
from aiohttp import web

from gateway.model.client import ClientContext
from gateway.model.errors import ChallengeUnknown, NotSignedIn
from gateway.model.tokens import PartialLogin
from gateway.model.visit import COOKIE_NAME, DEVICE_COOKIE, Visit
from gateway.pages import notes, words
from gateway.pages.guard import FORM_COOKIE, form_token, is_own_form
from gateway.pages.notes import Note
from gateway.pages.return_to import HOME, local_path, sign_in_path
from gateway.pages.steps import INSIDE, STEPS, Inside, SignedIn, Steps
from gateway.ports import BrowserSessions

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    # Not "no-referrer": browsers would then say `Origin: null` of our own forms.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
# Seconds that cookies live; the others end with the browser. 400 days is as long as browsers allow.
AGES = {notes.COOKIE: notes.SECONDS, DEVICE_COOKIE: 400 * 24 * 3600}


@dataclass(frozen=True)
class Site:
    """What all pages share. `origin` is the public scheme, host and port; `new_secret` makes 256 bits as text."""

    templates: jinja2.Environment
    origin: str
    sessions: BrowserSessions
    client_of: Callable[[web.Request], ClientContext]
    new_secret: Callable[[], str]

    @property
    def service(self) -> str:
        """The name that stands over every page."""
        return str(self.templates.globals["service"])


SITE = web.AppKey("SITE", Site)


@dataclass
class Browser:
    """One request of one browser. `visit` is what we remember about it; cookies are set on whatever it is answered.

    `is_over`: it came with a session that has ended.
    """

    request: web.Request
    site: Site
    visit: Visit
    client: ClientContext
    note: Note
    form_cookie: str
    cookies: dict[str, str | None] = field(default_factory=dict)
    is_over: bool = False

    @property
    def steps(self) -> Steps:
        """The flows behind the pages."""
        return self.request.app[STEPS]

    @property
    def inside(self) -> Inside:
        """What a signed-in person meets."""
        return self.request.app[INSIDE]

    async def session(self) -> SignedIn | None:
        """Who is signed in here; None when nobody is. A visit whose session is over is forgotten."""
        here = await self.inside.session_of(self.visit)
        if here is None and self.visit.cookie is not None and self.visit.is_signed_in:
            # Its id is worth nothing any more; a form that still carried its token would be refused.
            await self.site.sessions.end(self.visit.cookie)
            self.visit, self.is_over = Visit(), True
        return here

    def require_login(self) -> PartialLogin:
        """The login under way; raises `NotSignedIn` when there is none (never begun, or over in another tab)."""
        if self.visit.partial is None:
            raise NotSignedIn
        return self.visit.partial

    def require_challenge(self) -> str:
        """The challenge under way; raises `ChallengeUnknown`."""
        if self.visit.challenge_id is None:
            raise ChallengeUnknown
        return self.visit.challenge_id

    def owns(self, token: str) -> bool:
        """Whether a form with this token was shown to this browser."""
        return is_own_form(self.visit, self.form_cookie, token)

    async def become(self, visit: Visit) -> None:
        """Remembers `visit` from now on, under a new id if its privileges changed."""
        if visit == self.visit:
            return
        cookie = await self.site.sessions.save(visit)
        if cookie != self.visit.cookie:
            self.cookies[COOKIE_NAME] = cookie
        self.visit = replace(visit, cookie=cookie, superseded=None)

    def remember_device(self, device: str) -> None:
        """Somebody signed in here with both factors: at the next sign-in this browser is no stranger to the account."""
        if device:
            self.cookies[DEVICE_COOKIE] = device

    async def begin(self, partial: PartialLogin, email: str, return_to: str) -> None:
        """The password was right: from here on this browser is in the middle of a login.

        Whoever is signed in and does it again stays signed in meanwhile.
        """
        here = await self.session()
        is_again = here is not None and here.identity.subject == partial.user_id
        begun = self.visit.with_login_again(partial) if is_again else self.visit.with_login(partial, email)
        await self.become(replace(begun, return_to=local_path(return_to)))

    async def leave(self) -> None:
        """Forgets the visit, here and in the browser."""
        if self.visit.cookie is not None:
            await self.site.sessions.end(self.visit.cookie)
        self.visit = Visit()
        self.cookies[COOKIE_NAME] = None

    def show(self, template: str, status: int = 200, **values: object) -> web.Response:
        """A page. Its note is shown once."""
        if not self.visit.csrf and not self.form_cookie:
            self.form_cookie = self.cookies[FORM_COOKIE] = self.site.new_secret()
        if self.note != Note():
            self.cookies[notes.COOKIE] = None
        given = {
            "csrf": form_token(self.visit, self.form_cookie),
            "email": self.visit.email,
            "again": self.visit.is_confirming_again,
            "news": self.note.news or (words.news("session_over") if self.is_over else ""),
            **values,
        }
        text = self.site.templates.get_template(template).render(given)
        return self._with_cookies(web.Response(text=text, status=status, content_type="text/html", headers=HEADERS))

    def go(self, path: str, note: Note | None = None) -> web.Response:
        """On to another page; 303, so that reload and the back button repeat nothing (RFC 9110 section 15.4.4)."""
        if note is not None:
            self.cookies[notes.COOKIE] = notes.write(replace(note, page=path.partition("?")[0]))
        elif self.note != Note():
            self.cookies[notes.COOKIE] = None
        return self._with_cookies(web.Response(status=303, headers={**HEADERS, "Location": path}))

    def go_and_sign_in(self, return_to: str = HOME) -> web.Response:
        """To the sign-in page, and back; who was signed in hears that this is over."""
        return self.go(sign_in_path(return_to), Note(news=words.news("session_over")) if self.is_over else None)

    def _with_cookies(self, response: web.Response) -> web.Response:
        for name, value in self.cookies.items():
            # `__Host-` (RFC 6265bis section 4.1.3): Secure, no Domain, the whole host; so no other host can set it.
            age = AGES.get(name)
            response.set_cookie(
                name,
                value or "",
                max_age=age if value else 0,
                path="/",
                secure=True,
                httponly=True,
                samesite="Lax",
            )
        return response
