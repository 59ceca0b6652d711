"""Whether a login may ask its person: it counts for something yet, and there is room."""

from contextlib import suppress
from dataclasses import dataclass

from countersign import PartialToken
from services.twofactor.flows.guard import Guard
from services.twofactor.flows.require_standing import RequireStanding
from services.twofactor.model.context import Context
from services.twofactor.model.errors import NotAuthenticated, TooManyAttempts


@dataclass(frozen=True)
class Admit:
    """Both are asked at once."""

    standing: RequireStanding
    guard: Guard

    async def __call__(self, partial: PartialToken, context: Context) -> None:
        """Raises `NotAuthenticated`, `TooManyAttempts`."""
        standing, counted = self.standing(partial), self.guard.require_challenge(partial, context)
        try:
            await standing
        except NotAuthenticated:
            # A login that leads nowhere uses up nothing of its person's.
            with suppress(TooManyAttempts):
                await self.guard.undo(await counted)
            raise
        await counted
