"""`countersign receipts verify|keys`: what was approved, checked long afterwards and without this system running."""

import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from chassis.audit.checking import read_jwks
from chassis.commands import AsJson, CannotDo, done, group, say
from chassis.postgres import connect
from countersign.claims import Receipt
from countersign.errors import InvalidToken
from services.twofactor.commands.opening import our_settings
from services.twofactor.crypto.kept_receipts import KeptReceipts, refusal
from services.twofactor.settings import Settings
from services.twofactor.store.receipt_rows import ReceiptRow, ReceiptRows

MOST_FAULTS = 20
File = Annotated[Path | None, typer.Argument(help="A file with the receipt, a compact JWS; - is stdin.")]
Id = Annotated[str | None, typer.Option("--id", help="The row of this receipt (the id of its challenge).")]
All = Annotated[bool, typer.Option("--all", help="Every row.")]
Jwks = Annotated[Path | None, typer.Option("--jwks", help="Public keys (JWKS) that you trust; no database is asked.")]

app = group("What was approved. Every receipt is kept as it was signed, and so is every public key that ever signed.")


@app.command()
def verify(file: File = None, id_: Id = None, every: All = False, jwks: Jwks = None, as_json: AsJson = False) -> int:
    """Whether a receipt was signed by this service and says what its row says; exit status 1 if not.

    A file with --jwks needs no store at all. Rows are looked up, and compared with what was signed.
    """
    if (file is not None) + (id_ is not None) + every != 1:
        raise CannotDo("name one of: a file, --id, --all")
    settings = our_settings()
    if file is not None and jwks is not None:
        found = done(_check_text(_text(file), _kept(read_jwks(jwks), settings)))
    else:
        found = done(_check_stored(settings, file, id_, jwks))
    say(found, _written, as_json=as_json)
    return 0 if found["good"] else 1


@app.command()
def keys(as_json: AsJson = True) -> None:
    """The public keys of all receipts, as a JWKS: kept elsewhere, they vouch for receipts whatever happens here."""
    del as_json  # there is no other form
    document = done(_keys(our_settings()))
    say(document, str, as_json=True)


async def _keys(settings: Settings) -> dict[str, Any]:
    async with _rows(settings) as rows:
        return {"keys": [json.loads(key) for key in await rows.keys()]}


async def _check_stored(settings: Settings, file: Path | None, id_: str | None, jwks: Path | None) -> dict[str, Any]:
    async with _rows(settings) as rows:
        kept = _kept(read_jwks(jwks) if jwks else await rows.keys(), settings)
        if file is not None:
            return await _check_text(_text(file), kept)
        if id_ is not None:
            row = await rows.by_id(_uuid(id_))
            if row is None:
                raise CannotDo(f"there is no receipt {id_}")
            return _document([await _fault(row, kept)], row.facts.id)
        checked, faults = 0, []
        async for row in rows.all():
            checked += 1
            faults.append(await _fault(row, kept))
            faults = [fault for fault in faults if fault][:MOST_FAULTS]
        return {**_document(faults), "receipts": checked}


async def _check_text(text: str, kept: KeptReceipts) -> dict[str, Any]:
    try:
        receipt = await kept.read(text)
    except InvalidToken as refused:
        return _document([refusal(refused)])
    return {**_document([]), **_stated(receipt)}


async def _fault(row: ReceiptRow, kept: KeptReceipts) -> str:
    if not row.jws:
        return f"{row.facts.id}: it was issued before signatures were kept"
    try:
        receipt = await kept.read(row.jws)
    except InvalidToken as refused:
        return f"{row.facts.id}: {refusal(refused)}"
    facts = row.facts
    said = (receipt.id, receipt.subject, receipt.login, receipt.partial_id, receipt.amr)
    same = said == (facts.id, facts.user, facts.login, facts.partial_id, facts.amr)
    same = same and (receipt.issued_at, receipt.expires_at) == (facts.issued_at, facts.expires_at)
    return "" if same else f"{facts.id}: the row says something else than what was signed"


def _document(faults: list[str], receipt_id: str | None = None) -> dict[str, Any]:
    named = {"id": receipt_id} if receipt_id else {}
    return {"good": not any(faults), **named, "faults": [fault for fault in faults if fault]}


def _stated(receipt: Receipt) -> dict[str, Any]:
    return {
        "id": receipt.id,
        "user": receipt.subject,
        "login": receipt.login,
        "amr": list(receipt.amr),
        "issued_at": receipt.issued_at,
    }


def _written(found: dict[str, Any]) -> str:
    stated = [
        f"{name}: {found[name]}" for name in ("id", "user", "login", "amr", "issued_at", "receipts") if name in found
    ]
    return "\n".join(["good" if found["good"] else "NOT GOOD", *stated, *found["faults"]])


@asynccontextmanager
async def _rows(settings: Settings) -> AsyncIterator[ReceiptRows]:
    pool = await connect(settings.database_url, size=1, patience=0)
    try:
        yield ReceiptRows(pool)
    finally:
        await pool.close()


def _kept(keys: Any, settings: Settings) -> KeptReceipts:
    return KeptReceipts(keys, settings.issuer, settings.public_url)


def _text(file: Path) -> str:
    try:
        return (sys.stdin.read() if str(file) == "-" else file.read_text()).strip()
    except (OSError, UnicodeDecodeError) as unreadable:
        raise CannotDo(f"{file}: {unreadable}") from unreadable


def _uuid(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError as malformed:
        raise CannotDo(f"{text} is no id of a receipt") from malformed
