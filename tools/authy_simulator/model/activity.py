"""What an application may report of a user (contract section 3.5)."""

ACTIVITIES = frozenset({"password_reset", "banned", "unbanned", "cookie_login"})
