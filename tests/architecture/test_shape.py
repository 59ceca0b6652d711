"""How the code is built: sizes, names, the same cast of files in every service, nothing that may not be there."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PRODUCTION = ("services", "gateway", "cli", "libs", "tools")
MODULE_LINES, FUNCTION_LINES = 200, 40
BANNED_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "core", "base", "manager"}
CAST = {
    "__init__.py",
    "__main__.py",
    "app.py",
    "settings.py",
    "routes.py",
    "problems.py",
    "ports.py",
    "model",
    "flows",
    "api",
    "store",
}
SERVICES = ("services/auth", "services/twofactor", "gateway")


def modules(*roots: str) -> Iterator[Path]:
    for root in roots:
        yield from sorted((ROOT / root).rglob("*.py"))


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def test_modules_are_small() -> None:
    big = {
        str(path.relative_to(ROOT)): n
        for path in modules(*PRODUCTION)
        if (n := len(path.read_text().splitlines())) > MODULE_LINES
    }
    assert not big, f"over {MODULE_LINES} lines, each is probably two things: {big}"


def test_functions_are_small() -> None:
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    big = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in modules(*PRODUCTION)
        for node in ast.walk(tree(path))
        if isinstance(node, functions) and (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_LINES
    ]
    assert not big, f"over {FUNCTION_LINES} lines: {big}"


def test_names_say_something() -> None:
    vague = [
        str(path.relative_to(ROOT))
        for path in modules(*PRODUCTION)
        if path.stem in BANNED_NAMES or path.parent.name in BANNED_NAMES
    ]
    assert not vague


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_the_same_cast(service: str) -> None:
    present = {path.name for path in (ROOT / service).iterdir()}
    assert present >= CAST
    assert len(ast.get_docstring(tree(ROOT / service / "__init__.py")) or "") > 200, (
        "one page: what it does, where to start"
    )


@pytest.mark.parametrize("service", SERVICES)
def test_the_model_is_pure(service: str) -> None:
    allowed = {
        "collections",
        "dataclasses",
        "datetime",
        "enum",
        "typing",
        "re",
        "unicodedata",
        "math",
        "hashlib",
        "ipaddress",
        "urllib",
        "tomllib",
        "uuid",
        "hmac",
        "base64",
        "functools",
        "string",
        "itertools",
        "json",
        "http",
        "fnmatch",
    }
    strange = []
    for path in modules(f"{service}/model"):
        for node in ast.walk(tree(path)):
            names = (
                [a.name for a in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            strange += [
                f"{path.relative_to(ROOT)}: {name}"
                for name in names
                if name.partition(".")[0] not in allowed
                # Values without I/O, of which each service's table of limits is made.
                and name != "chassis.limits"
                and not name.startswith(service.replace("/", "."))
            ]
            strange += [f"{path.relative_to(ROOT)}: await"] if isinstance(node, ast.Await) else []
    assert not strange, f"the model is standard library only, without I/O: {strange}"


@pytest.mark.parametrize("service", SERVICES)
def test_flows_know_the_world_by_its_ports_only(service: str) -> None:
    package = service.replace("/", ".")
    inner = (
        f"{package}.model",
        f"{package}.flows",
        f"{package}.ports",
        "countersign",
        # The order in which ports are asked and awaited.
        "chassis.asked",
        "chassis.clock",
        # Arithmetic on ids that were handed in.
        "chassis.dated_ids",
        "chassis.limits",
        # A dictionary with a bound; the moments are handed in.
        "chassis.remembered",
        "chassis.request",
    )
    libraries = {"asyncpg", "redis", "aiohttp", "pydantic", "jwt", "argon2"}
    strange = []
    for path in modules(f"{service}/flows"):
        for node in ast.walk(tree(path)):
            name = node.module or "" if isinstance(node, ast.ImportFrom) else ""
            ours = name.startswith((package, "services", "gateway", "chassis"))
            if (ours and not name.startswith(inner)) or name.partition(".")[0] in libraries:
                strange.append(f"{path.relative_to(ROOT)}: {name}")
    assert not strange


def test_handlers_have_no_rules() -> None:
    """api/ reads, calls one flow, answers: exceptions pass through it to the table."""
    tries = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for service in ("services/auth", "services/twofactor")
        for path in modules(f"{service}/api")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Try) and node.handlers
    ]
    assert not tries


@pytest.mark.parametrize("service", SERVICES)
def test_every_refusal_stands_in_the_table(service: str) -> None:
    import importlib

    package = service.replace("/", ".")
    errors, problems = (
        importlib.import_module(f"{package}.model.errors"),
        importlib.import_module(f"{package}.problems"),
    )
    kinds = [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, Exception) and kind.__module__ == errors.__name__
    ]
    has_children = {parent for kind in kinds for parent in kind.__mro__[1:]}
    missing = [
        kind.__name__
        for kind in kinds
        if kind not in has_children and not any(parent in problems.PROBLEMS for parent in kind.__mro__)
    ]
    assert not missing


def test_every_lint_exception_has_its_reason() -> None:
    bare = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in modules("services", "gateway", "cli", "libs")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(r"#\s*(noqa(:\s*[A-Z0-9, ]+)?|type:\s*ignore(\[[^\]]*\])?)\s*$", line)
    ]
    assert not bare, f"say why: {bare}"


def test_nothing_of_a_machine_is_in_the_repository() -> None:
    machine = re.compile(rb"/work/|/root/|/home/[a-z]+/|\.\./shared")
    found = [
        str(path.relative_to(ROOT))
        for path in tracked()
        if path.name != "uv.lock" and path != Path(__file__) and machine.search(path.read_bytes())
    ]
    assert not found


def test_what_is_written_from_the_code_is_what_the_code_says() -> None:
    from tools.reference import stale

    assert not stale(), "run: python -m tools.reference"
