"""Serve every page and state with sample data, under the gateway's own content policy: `python -m tests.browser.preview`.

For looking at the pages while they are written; the tests walk the real ones.
"""

from dataclasses import replace
from datetime import UTC, datetime

from aiohttp import web

from gateway.pages.browser import HEADERS
from gateway.pages.countries import COUNTRIES
from gateway.pages.qr import qr_svg
from gateway.pages.showing_inside import FactorRow, SessionRow
from gateway.pages.templating import STATIC, content_hash, environment
from gateway.pages.views import Door, Ended, Field, Form, Home, Problem, Scan, Way, in_order
from gateway.pages.views_of_waiting import Again, Asking, Fact, Waiting

PHONE = "+44 ••• ••12".replace(" ", "\N{NO-BREAK SPACE}")
EMAIL = "ana.silva@example.com"
EVERYTHING = in_order(
    [
        *(Way(each, PHONE) for each in ("push", "app", "sms", "voice")),
        Way("totp", "Authenticator app"),
        Way("recovery", "Recovery codes"),
    ]
)
ALL_WORK = in_order([Way("push", PHONE, preferred=True), Way("app", PHONE), Way("sms", PHONE), Way("voice", PHONE)])
NO_APP = in_order(
    [
        Way("push", PHONE, "Needs the Authy app on this number"),
        Way("app", PHONE, "Needs the Authy app on this number"),
        Way("sms", PHONE),
        Way("voice", PHONE),
    ]
)
FACTS = (
    Fact("Service", "Northwind Ledger"),
    Fact("Place", "Office Lisbon"),
    Fact("Network", "203.0.113.24"),
    Fact("Browser", "Firefox on Windows"),
    Fact("Time", "14:03 UTC", "2026-03-09T14:03:20Z"),
)
BOUND = Waiting(PHONE, FACTS, 97, 120, wants_code=True)
WAITING = {"email": EMAIL, "waiting": BOUND, "ways": ALL_WORK[1:], "form": Form()}
GB = {"country": Field("GB"), "phone": Field("07400 123456")}
SMS = Asking(
    "sms",
    "Enter the code we sent",
    "We texted it to",
    PHONE,
    again="Send again",
    resend_in=24,
    seconds_left=97,
    lifetime=120,
)
APP = Asking(
    "app",
    "Enter your app code",
    "Open Authy on",
    PHONE,
    " and read the code for Northwind Ledger.",
    seconds_left=97,
    lifetime=120,
)
OPEN_APP = Asking(
    "sms",
    "Open your Authy app",
    "You have Authy on",
    PHONE,
    ". The code is there.",
    held_back="No text was sent: who has the app gets the code in it.",
    seconds_left=97,
    lifetime=120,
)
VOICE = Asking(
    "voice",
    "Answer your phone",
    "We are calling",
    PHONE,
    ". A voice reads out your code.",
    again="Call again",
    resend_in=0,
    seconds_left=12,
    lifetime=120,
)
DENIED = Ended(
    "Denied on your phone",
    "Nobody got in.",
    "Send a new request",
    "cross",
    "bad",
    "Was it not you who denied it?",
    "Someone else may hold your phone. Do not send another; tell whoever runs Northwind Ledger.",
    doors=(Door("See where you are signed in", "/sessions"),),
)
NO_TRIES = Ended(
    "Too many wrong codes",
    "This code is locked now, so that nobody can guess it.",
    "Get a new code",
    "cross",
    "bad",
    "Was it not you who tried?",
    "Then somebody knows your password: change it, and tell whoever runs Northwind Ledger.",
    "sms",
    (Door("Change your password", "/password"), Door("See where you are signed in", "/sessions")),
)
EXPIRED = Ended(
    "Nobody answered",
    "The request ran out after 2 minutes. Nothing has happened to your account.",
    "Send it again",
    "clock",
    "late",
)
PAUSED = "Paused, because requests were denied or not answered. Again in 1 hour"
HOME = Home(
    EMAIL,
    ("Password", "Approval on your phone"),
    "Two factors (AAL2)",
    datetime(2026, 3, 9, 14, 3, tzinfo=UTC),
    (Door("Ledger", "/ledger/"), Door("Payroll", "/payroll/")),
)
BOTH = "Password, then approval on your phone"
SINCE = datetime(2026, 3, 9, 14, 3, tzinfo=UTC)
SESSIONS = [
    SessionRow("1", "Firefox on Windows", "Network 203.0.113.0/24", BOTH, "now", SINCE, SINCE, is_current=True),
    SessionRow("2", "Safari on iPhone", "Network 198.51.100.0/24", BOTH, "12 minutes ago", SINCE, SINCE),
    SessionRow(
        "3",
        "Chrome on Android",
        "Network 2001:db8:85a3::/48",
        "Password, then code by text message",
        "3 days ago",
        SINCE,
        SINCE,
    ),
]
ROWS = [
    FactorRow("push-1", "push", PHONE, ("approval", "app code", "text", "call"), is_needed=True),
    FactorRow("push-2", "push", PHONE.replace("12", "58"), (), "Authy no longer knows this phone"),
    FactorRow("totp-3", "totp", "Authenticator app", ("code",)),
]
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
URI = f"otpauth://totp/Northwind%20Ledger:ana.silva%40example.com?secret={SECRET}&issuer=Northwind%20Ledger"
SCAN = Scan(qr_svg(URI), URI, SECRET)
CODES = [f"9F3K-7QWT-X0MB-42HD-ZEJ5-8NR{letter}" for letter in "ABCDEFGHJK"]
TOTP = Asking(
    "totp",
    "Enter your app code",
    "Open your",
    "Authenticator app",
    " and read the six digits for Northwind Ledger.",
    digits=6,
    seconds_left=97,
    lifetime=120,
)
RECOVERY = Asking(
    "recovery",
    "Enter a recovery code",
    "Any of your",
    "Recovery codes",
    " that is not used yet.",
    letters=True,
    seconds_left=97,
    lifetime=120,
)
WHY = "Before you change your password, show that it is you who sits here."
LONG = "maximiliana.von-und-zu-lichtenstein-hohenzollern@subsidiary.a-company-with-a-long-name.example"
LONG_HOME = replace(HOME, email=LONG, doors=(Door("Ledger of the subsidiary in the north", f"/{'ledger' * 9}/"),))
LONG_SESSIONS = [replace(SESSIONS[2], device="SomethingThatNobodyEverBrokeIntoWords/2026.11.24-nightly"), *SESSIONS]
ERROR = Problem(
    "This page is not here",
    "The address may be old, or mistyped.",
    "",
    "/",
    "Go to the start",
    "7f3a9c52-64c1",
)

COMMON: dict[str, object] = {
    "csrf": "sample",
    "return_to": "/",
    "onward": "",
    "countries": COUNTRIES.values(),
    "email": EMAIL,
    "again": False,
    "news": "",
    "problem": "",
}
PAGES: dict[str, tuple[str, dict[str, object]]] = {
    "sign-in": ("sign_in.html", {"form": Form(), "news": ""}),
    "sign-in-wrong": ("sign_in.html", {"form": Form({"email": Field(EMAIL)}, "Wrong e-mail or password."), "news": ""}),
    "signed-out": ("sign_in.html", {"form": Form(), "news": "You are signed out."}),
    "sign-up": ("sign_up.html", {"form": Form({"country": Field("GB")})}),
    "sign-up-wrong": (
        "sign_up.html",
        {
            "form": Form(
                {
                    "email": Field(EMAIL, "There is an account with this address already; you can sign in with it"),
                    "password": Field("", "This password is easy to guess. Add another word or two"),
                    "country": Field("GB"),
                    "phone": Field("07400 12", "This is not a phone number in that country"),
                }
            )
        },
    ),
    "enrol": ("enrol.html", {"form": Form(), "email": EMAIL}),
    "enrol-refused": (
        "enrol.html",
        {
            "form": Form(GB, "Authy does not answer at the moment. Your account is safe; try again in a minute."),
            "email": EMAIL,
        },
    ),
    "confirm": ("confirm.html", {"ways": ALL_WORK, "email": EMAIL, "problem": ""}),
    "confirm-no-app": (
        "confirm.html",
        {"ways": NO_APP, "email": EMAIL, "problem": "The push did not go out. Text message and call still work."},
    ),
    "confirm-everything": ("confirm.html", {"ways": EVERYTHING, "email": EMAIL, "problem": ""}),
    "wait": ("wait.html", WAITING),
    "wait-everything": ("wait.html", {**WAITING, "ways": EVERYTHING[1:]}),
    "wait-wrong": ("wait.html", {**WAITING, "form": Form({"code": Field("", "Wrong code. 2 tries left.")})}),
    "wait-approved": ("wait.html", {**WAITING, "waiting": replace(BOUND, wants_phone=False)}),
    "wait-typed": ("wait.html", {**WAITING, "waiting": replace(BOUND, wants_code=False)}),
    "denied": ("ended.html", {"ended": DENIED, "again_by": Again()}),
    "no-tries": ("ended.html", {"ended": NO_TRIES, "again_by": Again()}),
    "paused": ("ended.html", {"ended": EXPIRED, "again_by": Again(held=PAUSED)}),
    "expired": ("ended.html", {"ended": EXPIRED, "again_by": Again()}),
    "new-password": ("new_password.html", {"email": EMAIL, "form": Form()}),
    "approved": ("approved.html", {"problem": "The service does not answer."}),
    "code-sms": ("code.html", {"email": EMAIL, "form": Form(), "asking": SMS}),
    "code-wrong": (
        "code.html",
        {"email": EMAIL, "form": Form({"code": Field("", "Wrong code. 2 tries left.")}), "asking": SMS},
    ),
    "code-app": ("code.html", {"email": EMAIL, "form": Form(), "asking": APP}),
    "code-open-app": ("code.html", {"email": EMAIL, "form": Form(), "asking": OPEN_APP}),
    "code-totp": ("code.html", {"email": EMAIL, "form": Form(), "asking": TOTP}),
    "code-recovery": ("code.html", {"email": EMAIL, "form": Form(), "asking": RECOVERY}),
    "enrol-app": ("enrol_app.html", {"form": Form(), "scan": SCAN}),
    "add-app-wrong": ("add_app.html", {"form": Form({"code": Field("", "Wrong code.")}), "scan": SCAN}),
    "recovery": ("recovery.html", {"left": 3, "then": ""}),
    "recovery-offered": ("recovery.html", {"left": None, "then": "/"}),
    "recovery-codes": ("recovery_codes.html", {"codes": CODES, "then": "/"}),
    "code-voice": ("code.html", {"email": EMAIL, "form": Form(), "asking": VOICE}),
    "home": ("home.html", {"home": HOME, "news": ""}),
    "home-news": (
        "home.html",
        {"home": HOME, "news": "Your password is changed, and all your other sessions are over."},
    ),
    "home-long": ("home.html", {"home": LONG_HOME}),
    "sessions-long": ("sessions.html", {"sessions": LONG_SESSIONS}),
    "again-long": ("again.html", {"form": Form(), "why": WHY, "email": LONG}),
    "wait-long": ("wait.html", {**WAITING, "email": LONG}),
    "sessions": ("sessions.html", {"sessions": SESSIONS}),
    "sessions-one": ("sessions.html", {"sessions": SESSIONS[:1], "news": "All your other sessions are over."}),
    "sessions-away": ("sessions.html", {"sessions": SESSIONS, "problem": "That did not work just now."}),
    "password": ("password.html", {"form": Form()}),
    "password-wrong": (
        "password.html",
        {
            "form": Form(
                {
                    "current_password": Field("", "This is not your password"),
                    "password": Field("", "This password is easy to guess. Add another word or two"),
                }
            )
        },
    ),
    "again": ("again.html", {"form": Form(), "why": WHY}),
    "again-wrong": ("again.html", {"form": Form(problem="Wrong e-mail or password."), "why": WHY}),
    "confirm-again": ("confirm.html", {"ways": ALL_WORK, "again": True}),
    "factors": ("factors.html", {"rows": ROWS, "left": 7}),
    "factors-one": (
        "factors.html",
        {"rows": ROWS[:1], "left": None, "news": "It is removed, and cannot confirm for you any more."},
    ),
    "add-factor": ("add_factor.html", {"form": Form(GB)}),
    "add-factor-wrong": (
        "add_factor.html",
        {
            "form": Form(
                {"country": Field("GB"), "phone": Field("07400 12", "This is not a phone number in that country")}
            )
        },
    ),
    "remove-factor": ("remove_factor.html", {"row": ROWS[0]}),
    "error": ("error.html", {"error": ERROR}),
}


def make_app() -> web.Application:
    """The preview: `/<name>` for each sample, `/confirm/wait/*` for the waiting page's scripts."""
    version = content_hash()
    templates = environment("Northwind Ledger", version)

    async def page(request: web.Request) -> web.Response:
        template, values = PAGES[request.match_info["name"]]
        text = templates.get_template(template).render(COMMON | values)
        return web.Response(text=text, content_type="text/html", headers=HEADERS)

    async def events(request: web.Request) -> web.StreamResponse:
        stream = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await stream.prepare(request)
        await stream.write(b'event: status\ndata: {"status": "pending"}\n\n')
        return stream

    async def status(_: web.Request) -> web.Response:
        return web.json_response({"status": "pending"})

    app = web.Application()
    app.router.add_get("/confirm/wait/events", events)
    app.router.add_get("/confirm/wait/status", status)
    app.router.add_static(f"/static/{version}", STATIC)
    app.router.add_get("/{name}", page)
    return app


if __name__ == "__main__":
    web.run_app(make_app(), host="127.0.0.1", port=8099)
