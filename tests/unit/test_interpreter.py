"""Figures say which build of Python they are of."""

import platform
import sysconfig

import pytest

from bench import interpreter

DEBIAN, OTHER = ("posix_prefix", "deb_system"), ("posix_prefix",)


@pytest.mark.parametrize(
    ("told", "schemes", "processor", "expected"),
    [
        ("'--enable-optimizations' '--with-lto'", OTHER, "riscv64", True),
        ("'--enable-shared'", DEBIAN, "x86_64", True),
        ("'--enable-shared'", DEBIAN, "riscv64", False),
        ("'--enable-shared'", OTHER, "x86_64", False),
        (None, OTHER, "x86_64", False),
    ],
)
def test_a_build_is_optimised_if_it_says_so_or_is_debians(
    told: str | None, schemes: tuple[str, ...], processor: str, expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sysconfig, "get_config_var", {"CONFIG_ARGS": told}.get)
    monkeypatch.setattr(sysconfig, "get_scheme_names", lambda: schemes)
    monkeypatch.setattr(platform, "machine", lambda: processor)
    assert interpreter.is_optimised() is expected
    assert ("make PYTHON=" in interpreter.warning()) is not expected
