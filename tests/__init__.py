"""Tests. A package of its own name: an installed library ships a `tests` package that would win otherwise."""
