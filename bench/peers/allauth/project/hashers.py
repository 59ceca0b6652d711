"""Argon2id at the cost that everybody has here."""

import os

from django.contrib.auth.hashers import Argon2PasswordHasher


class EqualArgon2(Argon2PasswordHasher):  # type: ignore[misc]  # Django stands in an environment of its own
    """Django's own, with other parameters."""

    time_cost = int(os.environ["PASSES"])
    memory_cost = int(os.environ["MEMORY_KIB"])
    parallelism = 1
