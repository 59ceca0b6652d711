"""A session ends before its time: by its person, by a program that holds its token, or because a token was stolen."""

from dataclasses import dataclass

from chassis.clock import Clock
from services.auth.model.errors import SessionUnknown
from services.auth.model.events import Event, What
from services.auth.model.session import End
from services.auth.ports import Announcer, Events, Sessions


@dataclass(frozen=True)
class EndSessions:
    """Ended means: refused by ourselves at once, be it refreshed, introspected or used; and told to everybody else."""

    sessions: Sessions
    announcer: Announcer
    events: Events
    clock: Clock

    async def require_one(self, user_id: str, session_id: str) -> None:
        """A person signs one of their sessions out; raises `SessionUnknown` for anybody else's."""
        if not await self.one(user_id, session_id, End.SIGNED_OUT):
            raise SessionUnknown

    async def one(self, user_id: str, session_id: str, reason: End) -> bool:
        """Ends it if it is open."""
        async with self.events.together():
            ended = await self.sessions.end(user_id, session_id, reason, self.clock())
            if ended:
                await self.events.record(Event(What.SESSION_ENDED, user=user_id, session=session_id, reason=reason))
        if ended:
            self.announcer.soon()
        return ended

    async def betrayed(self, user_id: str, session_id: str) -> None:
        """A refresh token came back that had been replaced: two parties hold it, and neither goes on."""
        async with self.events.together():
            await self.events.record(Event(What.REFRESH_REUSED, user=user_id, session=session_id))
            await self.one(user_id, session_id, End.REFRESH_REUSED)

    async def others(self, user_id: str, session_id: str) -> None:
        """Everywhere but here."""
        await self._all(user_id, keep=session_id)

    async def everywhere(self, user_id: str) -> None:
        """Here too."""
        await self._all(user_id, keep=None)

    async def _all(self, user_id: str, *, keep: str | None) -> None:
        async with self.events.together():
            ended = await self.sessions.end_all(user_id, End.SIGNED_OUT, self.clock(), keep=keep)
            if ended:
                scope = "global" if keep is None else "others"
                await self.events.record(Event(What.SESSION_ENDED, user=user_id, reason=scope))
        if ended:
            self.announcer.soon()
