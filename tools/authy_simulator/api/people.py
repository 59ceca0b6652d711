"""Whom a call is about."""

import re

from aiohttp import web

from tools.authy_simulator.errors import user_not_found
from tools.authy_simulator.keys import CLOCK, WORLD
from tools.authy_simulator.model.person import Person

AUTHY_ID = re.compile(r"[0-9]{1,18}\Z")


def find_person(request: web.Request) -> Person | None:
    """The user whose id stands in the path; None when there is none, or none any more."""
    authy_id = request.match_info["authy_id"]
    person = request.app[WORLD].people.by_id(int(authy_id)) if AUTHY_ID.match(authy_id) else None
    return person if person and person.is_known(request.app[CLOCK]()) else None


def require_person(request: web.Request) -> Person:
    """The user whose id stands in the path. Raises AuthyError 404/60026."""
    person = find_person(request)
    if person is None:
        raise user_not_found()
    return person
