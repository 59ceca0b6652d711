"""Request bodies, as Authy reads them: forms with Rails' bracket keys, or JSON with the same tree."""

import json
import re
from urllib.parse import parse_qsl

from aiohttp import web

from tools.authy_simulator.errors import known_error

KEY = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)\Z")
BRACKET = re.compile(r"\[([^\[\]]*)\]")
Tree = dict[str, object]


async def read_body(request: web.Request) -> Tree:
    """The parameters as a tree. Raises AuthyError: 60005 not UTF-8, 60002 neither form nor JSON object."""
    raw = await request.read()
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise known_error("60005") from None
    if not text.strip():
        return {}
    return from_json(text) if request.content_type == "application/json" else from_form(text)


def from_json(text: str) -> Tree:
    """A JSON object."""
    try:
        found = parse_json(text)
    except ValueError:
        raise known_error("60002") from None
    if not isinstance(found, dict):
        raise known_error("60002")
    return found


def parse_json(text: str | bytes) -> object:
    """Any JSON that can be written again. Raises ValueError, for half a surrogate pair and a bottomless tree too."""
    try:
        found: object = json.loads(text)
        json.dumps(found, ensure_ascii=False).encode()
    except RecursionError:
        raise ValueError("nested too deep") from None
    return found


def from_form(text: str) -> Tree:
    """``details[A]=1&logos[][res]=default``, as Rack parses it."""
    tree: Tree = {}
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=1000)
    except ValueError:
        raise known_error("60002") from None
    for name, value in pairs:
        matched = KEY.match(name)
        if matched:
            place(tree, matched[1], BRACKET.findall(matched[2]), value)
    return tree


def place(tree: Tree, key: str, path: list[str], value: str) -> None:
    """Puts one value at ``key`` followed by ``path``, where an empty name stands for a list."""
    if not path:
        tree[key] = value
    elif path[0]:
        place(branch(tree, key), path[0], path[1:], value)
    else:
        items = tree.setdefault(key, [])
        if not isinstance(items, list):
            raise known_error("60002")
        append(items, path[1:], value)


def branch(tree: Tree, key: str) -> Tree:
    """The map under ``key``, made when missing."""
    found = tree.setdefault(key, {})
    if not isinstance(found, dict):
        raise known_error("60002")
    return found


def append(items: list[object], path: list[str], value: str) -> None:
    """Adds to a list; a map that lacks the name is filled on, one that has it is followed by the next."""
    if not path:
        items.append(value)
        return
    last = items[-1] if items else None
    if not isinstance(last, dict) or path[0] in last:
        last = {}
        items.append(last)
    place(last, path[0], path[1:], value)


def text_of(tree: Tree, key: str) -> str | None:
    """The value as text, when it is text or a whole number; else None."""
    value = tree.get(key)
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value)


def is_true(value: object) -> bool:
    """``true`` in JSON or the word in lower case; nothing else (contract section 4.1)."""
    return value is True or value == "true"
