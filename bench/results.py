"""Results as JSON, measurement by measurement: a run of one replaces that one."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench.interpreter import is_optimised
from bench.processes import ROOT
from bench.rounds import Findings, Plan

RESULTS = Path("bench/results.json")
LIBRARIES = ("aiohttp", "uvloop", "pyjwt", "redis", "asyncpg", "argon2-cffi")


def about_this_machine() -> dict[str, Any]:
    """What whoever compares must know; nothing that names the machine."""
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count() or 1,
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "optimised": is_optimised(),
        "versions": {name: version(name) for name in LIBRARIES},
        "load": [round(value, 1) for value in os.getloadavg()],
    }


def keep(found: Sequence[Findings], plan: Plan) -> dict[str, Any]:
    """Writes what was found beside what was found before; answers all of it. What found nothing is left out."""
    document = read()
    moment = datetime.now(UTC).strftime("%Y-%m-%d")  # noqa: TID251 the date of a measurement is what it says
    for findings in found:
        if findings.is_empty:
            continue
        about = {"date": moment, "machine": about_this_machine(), "plan": asdict(plan)}
        document[findings.measurement] = {**about, **findings.document()}
    (ROOT / RESULTS).write_text(json.dumps(document, indent=1) + "\n")
    return document


def read() -> dict[str, Any]:
    """What is known so far."""
    path = ROOT / RESULTS
    return json.loads(path.read_text()) if path.exists() else {}


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or "unknown"
