"""The body of an approval request, taken apart and judged (contract section 6.1)."""

from tools.authy_simulator.bodies import Tree, text_of
from tools.authy_simulator.errors import request_not_valid
from tools.authy_simulator.model.approval import DEFAULT_LIFE, ApprovalDraft, Logo

RESOLUTIONS = frozenset({"default", "low", "med", "high"})
LONGEST_LOGO_URL = 500
LONGEST_LIFE = 10 * 365 * DEFAULT_LIFE


def read_draft(body: Tree) -> ApprovalDraft:
    """What is asked for. Raises AuthyError 60080 with the reason."""
    message = body.get("message")
    if not isinstance(message, str) or not message.strip():
        raise request_not_valid("message can't be blank")
    return ApprovalDraft(
        message=message,
        details=read_map(body, "details"),
        hidden_details=read_map(body, "hidden_details"),
        logos=read_logos(body),
        seconds_to_expire=read_seconds(body),
    )


def read_map(body: Tree, name: str) -> dict[str, str]:
    """A flat map of text; whole numbers become text."""
    found = body.get(name) or {}
    if not isinstance(found, dict):
        raise request_not_valid(f"{name} must be a map")
    flat = {key: text_of(found, key) for key in found}
    missing = [key for key, value in flat.items() if value is None]
    if missing:
        raise request_not_valid(f"{name}[{missing[0]}] must be text")
    return {key: value for key, value in flat.items() if value is not None}


def read_logos(body: Tree) -> tuple[Logo, ...]:
    """The logos; when there are any, ``default`` is among them."""
    found = body.get("logos") or []
    if not isinstance(found, list):
        raise request_not_valid("logos must be a list")
    logos = tuple(read_logo(item) for item in found)
    if logos and not any(logo.res == "default" for logo in logos):
        raise request_not_valid("logos must include the default resolution")
    return logos


def read_logo(item: object) -> Logo:
    """One logo with a known resolution and a URL of the web."""
    fields: Tree = item if isinstance(item, dict) else {}
    res, url = text_of(fields, "res") or "", text_of(fields, "url") or ""
    if res not in RESOLUTIONS:
        raise request_not_valid("logos have a res of default, low, med or high")
    if not url.startswith(("https://", "http://")) or len(url) > LONGEST_LOGO_URL:
        raise request_not_valid("logos have a url")
    return Logo(res, url)


def read_seconds(body: Tree) -> int:
    """Seconds to expire: a day unless told, 0 for never."""
    if body.get("seconds_to_expire") is None:
        return DEFAULT_LIFE
    text = text_of(body, "seconds_to_expire") or ""
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(LONGEST_LIFE)) and int(text) <= LONGEST_LIFE):
        raise request_not_valid("seconds_to_expire must be a whole number")
    return int(text)
