"""What an operator asks about the rules, and what is answered."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.operating import Done, asked_here
from tests.unit.gateway.test_policy import RULES


def policy(capsys: pytest.CaptureFixture[str], *words: str) -> Done:
    return asked_here(capsys, "policy", *words, settings={"gateway": {}})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "policy.toml"
    path.write_text(RULES)
    return path


def told(capsys: pytest.CaptureFixture[str], file: Path, *arguments: str) -> dict[str, Any]:
    return policy(capsys, "explain", *arguments, "--file", str(file), "--json").document()


def test_a_good_file_is_called_good(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert policy(capsys, "check", str(file)) == Done(0, f"{file}: 5 rules, nothing wrong\n", "")


def test_a_file_without_rules_is_not_called_good_but_said_to_refuse(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text("# all of it commented out\n")
    said = f"{file}: 0 rules: whatever the gateway does not answer itself is refused\n"
    assert policy(capsys, "check", str(file)) == Done(0, said, "")


def test_every_mistake_is_said_with_its_line(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(RULES.replace("aal2", "aal3").replace("/books", "books"))
    found = policy(capsys, "check", str(file))
    said = [line.removeprefix(f"countersign: {file}: ").partition(":")[0] for line in found.err.splitlines()]
    assert (found.status, said) == (1, ["line 10", "line 16", "line 27", "line 29"])
    found = policy(capsys, "check", str(file), "--json")
    assert (found.status, found.err) == (1, "")
    assert [fault["line"] for fault in json.loads(found.out)["faults"]] == [10, 16, 27, 29]
    file.write_text("[[route]\n")
    assert json.loads(policy(capsys, "check", str(file), "--json").out)["faults"][0]["line"] == 1


def test_a_file_that_is_not_there_is_said_to_be_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (
        ["check", str(tmp_path / "none.toml")],
        ["explain", "GET", "/", "--file", str(tmp_path / "none.toml")],
    ):
        found = policy(capsys, *words)
        assert (found.status, found.out, len(found.err.splitlines())) == (1, "", 1)
        assert "cannot be read: No such file" in found.err


def test_the_file_of_the_gateway_s_settings_is_meant_when_none_is_named(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = {"gateway": {"COUNTERSIGN_POLICY_FILE": str(file)}}
    assert asked_here(capsys, "policy", "check", settings=settings).out == f"{file}: 5 rules, nothing wrong\n"


@pytest.mark.parametrize(
    ("arguments", "outcome", "line", "error"),
    [
        (["GET", "/x"], "passes", 2, None),
        (["GET", "/app/x"], "refused", 13, "sign_in_required"),
        (["GET", "/app/x?a=1", "--browser"], "signs_in", 13, None),
        (["get", "/app/x", "--user", "ada", "--age", "9999"], "passes", 13, None),
        (["POST", "/app/x", "--user", "ada", "--age", "901"], "refused", 7, "insufficient_user_authentication"),
        (["POST", "/app/x", "--user", "ada", "--age", "899"], "passes", 7, None),
        (["GET", "/app/x", "--user", "ada", "--acr", "aal1"], "refused", 13, "insufficient_user_authentication"),
        (["DELETE", "/app/health"], "refused", None, "method_not_allowed"),
        (["GET", "https://ledger.example:8443/books/1", "--user", "ada"], "refused", 25, "insufficient_scope"),
        (["GET", "https://ledger.example/books/1", "--user", "ada", "--scope", "a ledger:read"], "passes", 25, None),
        (["GET", "https://ledger.example/books/1", "--client", "billing", "--scope", "ledger:read"], "passes", 25, None),
        (["GET", "https://ledger.example/books/1", "--client", "other", "--scope", "ledger:read"], "refused", 25, "caller_refused"),
        (["GET", "https://ledger.example/app", "--user", "ada"], "refused", None, "not_found"),
        (["GET", "/app/../x"], "refused", None, "ambiguous_path"),
        (["GET", "/APP"], "refused", None, "ambiguous_path"),
    ],
)  # fmt: skip
def test_the_rule_that_decides_is_named_and_what_it_decides(
    file: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    outcome: str,
    line: int | None,
    error: str | None,
) -> None:
    document = told(capsys, file, *arguments)
    assert (document["outcome"], document.get("error")) == (outcome, error)
    assert (document["rule"] or {}).get("line") == line
    assert document["why"]


def test_the_explanation_reads_like_one(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("explain", "POST", "/app/x", "--user", "ada", "--age", "901", "--file", str(file))
    assert policy(capsys, *words).out.splitlines() == [
        "host: the rules without a host, for none names any",
        "path: prefix /app (line 13) is the most specific that takes /app/x, before prefix / (line 2)",
        "method: POST among GET HEAD (line 13); any other (line 7)",
        "line 7 decides: require aal2, confirmed within 900 s",
        "=> the request is refused: 401 insufficient_user_authentication",
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        ["explain"],
        ["explain", "GET"],
        ["check", "a", "b"],
        ["explain", "GET", "/", "--age", "x"],
        ["explain", "GET", "http://[::1"],
    ],
)
def test_a_question_that_is_none_is_refused_in_a_line(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    found = policy(capsys, *wrong)
    assert (found.status, found.out, len(found.err.splitlines())) == (2, "", 1)


def test_whose_groups_decide_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "groups.toml"
    path.write_text('[[route]]\nprefix = "/"\nname = "x"\nrequire = "aal2"\ngroups = ["ops", "audit"]\n')
    in_it = told(capsys, path, "GET", "/", "--user", "ada", "--groups", "sales audit")
    assert (in_it["outcome"], in_it["why"][-1]) == (
        "passes",
        "line 1 decides: require aal2, one of the groups audit ops",
    )
    for groups in ("", "sales"):
        assert told(capsys, path, "GET", "/", "--user", "ada", "--groups", groups)["error"] == "caller_refused"
