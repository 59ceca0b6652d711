"""An operator says which groups a person belongs to."""

from collections.abc import Iterable
from dataclasses import dataclass

from services.auth.model.events import Event, What
from services.auth.model.groups import groups_named
from services.auth.ports import Events, Users


@dataclass(frozen=True)
class SetGroups:
    """These in place of all before. Tokens that are out keep theirs; every refresh and introspection has the new."""

    users: Users
    events: Events

    async def __call__(self, user_id: str, names: Iterable[str]) -> bool:
        """False if there is nobody by that id; raises `Ungroupable`."""
        groups = groups_named(names)
        async with self.events.together():
            found = await self.users.set_groups(user_id, groups)
            if found:
                await self.events.record(Event(What.GROUPS_CHANGED, user=user_id))
        return found
