"""Names that no other test uses, on stores that all tests share."""

import uuid


def new_id() -> str:
    return str(uuid.uuid4())  # noqa: TID251 tests on one database need people of their own


def new_email() -> str:
    return f"eve-{new_id()[:13]}@example.com"
