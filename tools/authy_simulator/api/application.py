"""The application itself: details and monthly statistics (contract section 3.7)."""

from aiohttp import web

from tools.authy_simulator.answers import answer
from tools.authy_simulator.keys import CLOCK, SETTINGS, WORLD
from tools.authy_simulator.model.application import APP_SERIAL_ID, PLAN


async def details(request: web.Request) -> web.Response:
    """``app/details``: every channel is on."""
    app = {
        "app_id": APP_SERIAL_ID,
        "name": request.app[SETTINGS].app_name,
        "plan": PLAN,
        "sms_enabled": True,
        "onetouch_enabled": True,
        "phone_calls_enabled": True,
    }
    return answer({"app": app, "message": "Application information.", "success": True})


async def stats(request: web.Request) -> web.Response:
    """``app/stats``: one month, counted from what the simulator remembers."""
    now, world = request.app[CLOCK](), request.app[WORLD]
    channels = [message.channel.value for message in world.inbox.all()]
    month = {
        "api_calls_count": 0,
        "auths_count": sum(1 for approval in world.approvals.all() if approval.answer),
        "calls_count": channels.count("voice"),
        "month": now.strftime("%B"),
        "sms_count": channels.count("sms"),
        "users_count": world.people.count(),
        "year": now.year,
    }
    return answer(
        {
            "app_id": APP_SERIAL_ID,
            "count": 1,
            "message": "Monthly statistics.",
            "stats": [month],
            "total_users": world.people.count(),
            "success": True,
        }
    )
