"""The two pages: all phones side by side, and one phone with what lies behind it."""

from urllib.parse import urlsplit

import aiohttp_jinja2
from aiohttp import web

from tools.authy_simulator.faults.rule import ENDPOINT_NAMES, CallbackFault, Fault
from tools.authy_simulator.keys import CALLBACKS, CLOCK, FAULTS, SETTINGS, WORLD
from tools.authy_simulator.model.phone import Phone
from tools.authy_simulator.phone.faults import WORDING
from tools.authy_simulator.phone.screen import Screen, screen_of

# More phones than these do not fit on any desk; the newest stay.
SIDE_BY_SIDE = 12


async def wall(request: web.Request) -> web.Response:
    """Every phone, the newest first."""
    screens = all_screens(request.app)
    return page(request, "wall.html", screens, {"screens": screens[:SIDE_BY_SIDE]})


async def one_phone(request: web.Request) -> web.Response:
    """One phone; 404 when nobody has it."""
    phone = Phone.parse(request.match_info["phone"])
    person = request.app[WORLD].people.by_phone(phone) if phone else None
    screens = all_screens(request.app)
    if person is None:
        return page(request, "nobody.html", screens, {}, status=404)
    screen = screen_of(request.app[WORLD], person, request.app[CLOCK]())
    uuids = {each.uuid for each in request.app[WORLD].approvals.of(person.phone)}
    deliveries = [each for each in request.app[CALLBACKS].deliveries if each.uuid in uuids][:6]
    return page(request, "one.html", screens, {"screen": screen, "deliveries": deliveries})


def all_screens(app: web.Application) -> list[Screen]:
    """The screens of the newest phones; the switcher shows no more of them either."""
    people = app[WORLD].people.all()[:SIDE_BY_SIDE]
    return [screen_of(app[WORLD], person, app[CLOCK]()) for person in people]


def page(
    request: web.Request, template: str, screens: list[Screen], context: dict[str, object], status: int = 200
) -> web.Response:
    """One page with what all of them have: the switcher, the faults, the clock."""
    app, now = request.app, request.app[CLOCK]()
    frame: dict[str, object] = {
        "app_name": app[SETTINGS].app_name,
        "application_url": app[SETTINGS].application_url or origin(app[SETTINGS].callback_url),
        "callback_url": app[SETTINGS].callback_url,
        "switcher": screens,
        "waiting": sum(len(screen.pending) for screen in screens),
        "rules": app[FAULTS].in_force(),
        "wording": WORDING,
        "answer_faults": list(Fault),
        "callback_faults": list(CallbackFault),
        "endpoints": ENDPOINT_NAMES,
        "here": request.path,
        "now": now,
        "now_ms": int(now.timestamp() * 1000),
    }
    return aiohttp_jinja2.render_template(template, request, frame | context, status=status)


def origin(callback_url: str) -> str:
    """Where the application is, as far as its callback tells."""
    parts = urlsplit(callback_url)
    return f"{parts.scheme}://{parts.netloc}/"
