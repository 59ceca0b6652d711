"""`audit export`: rows, signed ends and public keys as lines of JSON, with a sign of how far it is."""

import json
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any, TextIO

from rich.console import Console
from rich.progress import Progress

from chassis.audit.lines import document, head_document, json_line
from chassis.audit.trail import Trail, Wanted
from chassis.commands import CannotDo


async def export_rows(trail: Trail, wanted: Wanted, output: Path | None) -> None:
    """Never over a file that is there: it may be the only copy of what it holds."""
    try:
        with output.open("x") if output else nullcontext(sys.stdout) as file:
            await _write(trail, wanted, file)
    except FileExistsError as taken:
        raise CannotDo(f"{output} is there already: name a new file") from taken


async def _write(trail: Trail, wanted: Wanted, file: TextIO) -> None:
    last, _ = await trail.end()
    file.writelines(json_line({"key": json.loads(key)}) for key in await trail.keys())
    with Progress(console=Console(stderr=True), transient=True) as progress:
        bar = progress.add_task("exporting", total=last)
        first = 0
        async for row in trail.all(wanted):
            first = first or row.number
            file.write(json_line(document(row)))
            progress.update(bar, completed=row.number)
    # Those of rows that are in it, and the one that vouches for where it begins.
    heads: list[Any] = [head for head in await trail.heads() if first - 1 <= head.number]
    file.writelines(json_line(head_document(head)) for head in heads)
