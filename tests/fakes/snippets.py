"""The Python that stands in a page of the docs, by the heading above it."""

import ast
import inspect
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
_PIECE = re.compile(r"^## (?P<heading>[^\n]+)$|^```python\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)


def snippets(page: str) -> dict[str, str]:
    """Heading -> code; one snippet under each."""
    found: dict[str, str] = {}
    heading = ""
    for piece in _PIECE.finditer((ROOT / page).read_text()):
        if piece["heading"]:
            heading = piece["heading"]
        else:
            assert heading not in found, f"two snippets under {heading}"
            found[heading] = piece["code"]
    return found


async def run(code: str, **given: Any) -> dict[str, Any]:
    """Runs a snippet, `await` at its top level included; answers its names."""
    names: dict[str, Any] = {"__name__": "snippet", **given}
    compiled = compile(code, "<snippet>", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    running = eval(compiled, names)
    if inspect.isawaitable(running):
        await running
    return names
