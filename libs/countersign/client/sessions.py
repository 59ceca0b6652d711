"""A person sees where they are signed in, and signs out."""

from urllib.parse import quote

from countersign.client.calls import FREELY, Call, Calls
from countersign.client.errors import ApiError, NotAuthenticated, NotFound
from countersign.client.grants import OpenSession
from countersign.client.members import objects

SESSIONS = "/v1/sessions"


class Sessions:
    """`/v1/sessions`, with the person's access token. To end what has ended is the same as to end it once."""

    def __init__(self, calls: Calls) -> None:
        self.calls = calls

    async def list(self, access_token: str) -> tuple[OpenSession, ...]:
        """All open sessions of the person, newest first."""
        answer = await self.calls(Call("GET", SESSIONS, FREELY, token=access_token))
        return tuple(OpenSession.read(each) for each in objects(answer, "sessions"))

    async def end(self, access_token: str, session_id: str) -> None:
        """Ends one; raises `NotFound` if the person has no open session by this id."""
        await self._end(access_token, f"/{quote(session_id, safe='')}", NotFound)

    async def end_current(self, access_token: str) -> None:
        """Signs out here. `NotAuthenticated` if this session has ended already."""
        await self._end(access_token, "/current", NotAuthenticated)

    async def end_others(self, access_token: str) -> None:
        """Signs out everywhere else."""
        await self._end(access_token, "?scope=others")

    async def end_all(self, access_token: str) -> None:
        """Signs out everywhere."""
        await self._end(access_token, "?scope=global", NotAuthenticated)

    async def disavow(self, access_token: str) -> None:
        """It was not me: all sessions of the person end in a moment, and their next sign-in asks for a new password."""
        await self.calls(Call("POST", "/v1/mfa/disavowals", FREELY, token=access_token))

    async def _end(self, access_token: str, which: str, *done_if: type[ApiError]) -> None:
        await self.calls(Call("DELETE", f"{SESSIONS}{which}", FREELY, token=access_token, done_if=done_if))
