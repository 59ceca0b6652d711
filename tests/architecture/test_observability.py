"""Alerts, dashboard, scrape configuration and runbooks, against what is there: metrics, commands, settings, pages."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml
from typer.core import TyperGroup

from chassis.meters import Kind, Meter
from cli.front import front
from cli.installation import Installation, in_compose
from services.twofactor.model.challenge import Status
from services.twofactor.model.channel import Channel
from tests.fakes.promql import OF_THE_TARGET, Asked, asked_by
from tools.limits_page import TABLES
from tools.metrics_reference import METERS
from tools.reference import SETTINGS

ROOT = Path(__file__).resolve().parents[2]
HERE = ROOT / "deploy/observability"
ALERTS: list[dict[str, Any]] = [
    rule for group in yaml.safe_load((HERE / "alerts.yml").read_text())["groups"] for rule in group["rules"]
]
DASHBOARD: dict[str, Any] = json.loads((HERE / "grafana/countersign.json").read_text())
DRAWN = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
EXPRESSIONS = [rule["expr"] for rule in ALERTS] + [
    target["expr"] for panel in DASHBOARD["panels"] for target in panel.get("targets", [])
]
RUNBOOKS = sorted((ROOT / "docs/runbooks").glob("*.md"))
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SUFFIXES = {Kind.HISTOGRAM: ("_bucket", "_count", "_sum"), Kind.COUNTER: ("",), Kind.GAUGE: ("",)}
# Of Prometheus itself and of prometheus-client.
GIVEN = {"up": set(), "process_resident_memory_bytes": set()}


def shown() -> dict[str, set[str]]:
    """Every series that a process can show, with its labels."""
    meters: list[Meter] = [meter for several in METERS.values() for meter in several]
    return {
        f"{meter.name}{suffix}": {*meter.labels, *({"le"} if suffix == "_bucket" else set())}
        for meter in meters
        for suffix in SUFFIXES[meter.kind]
    } | GIVEN


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_expression_asks_for_what_is_counted(expression: str) -> None:
    known = shown()
    for asked in asked_by(expression):
        assert asked.metric in known, asked.metric
        assert asked.labels <= known[asked.metric] | OF_THE_TARGET, asked


def test_an_expression_that_asks_for_nothing_of_ours_is_seen() -> None:
    assert asked_by('sum by (x) (rate(a_total{b="c"}[5m])) > d') == [
        Asked("a_total", frozenset({"b", "x"})),
        Asked("d", frozenset()),
    ]


CALLBACKS = (ROOT / "services/twofactor/providers/authy_callback.py").read_text()
LIMITS = [limit for table in TABLES.values() for limit in table]
# What the labels may be that an expression picks out: one that matches none of them never rings.
WORDS: dict[tuple[str, str], set[str]] = {
    ("limits_near_total", "limit"): {limit.name for limit in LIMITS if limit.alarm},
    ("challenges_moved_total", "channel"): {channel.value for channel in Channel},
    ("approval_seconds", "channel"): {channel.value for channel in Channel},
    ("challenges_moved_total", "status"): {status.told for status in Status},
    ("callbacks_total", "outcome"): {"effective", "genuine", "replayed", "forged"},
    ("callbacks_total", "reason"): set(re.findall(r'_Forged\("([^"]+)"', CALLBACKS)),
    ("vendor_call_duration_seconds", "outcome"): {"ok", "refused", "misconfigured", "unavailable", "cancelled"},
    ("logins_total", "outcome"): {"accepted", "wrong_password", "unknown", "locked", "disabled"},
    ("refreshes_total", "outcome"): {"rotated", "raced", "reused"},
    ("check_up", "check"): {"valkey", "postgres", "revocations"},
    ("note_active", "note"): {"policy", "revocations"},
    ("postgres_connections", "state"): {"idle", "used"},
    ("http_request_duration_seconds", "status"): {"200", "500", "503"},
    ("http_request_duration_seconds", "route"): {"/v1/login"},
}
ALTERNATIVES = re.compile(r"(?:[a-z_]+\|)*[a-z_]+")


def picked() -> list[tuple[str, str, str, str]]:
    """Metric, label, operator and value of every matcher."""
    found = []
    for expression in EXPRESSIONS:
        for metric, matchers in re.findall(r"countersign_(\w+)\{([^}]*)\}", expression):
            family = re.sub(r"_(bucket|count|sum)\Z", "", metric)
            found += [(family, *each) for each in re.findall(r'(\w+)(=~|!~|!=|=)"([^"]*)"', matchers)]
    return sorted(set(found))


@pytest.mark.parametrize(("metric", "label", "operator", "value"), picked())
def test_an_expression_picks_out_what_there_can_be(metric: str, label: str, operator: str, value: str) -> None:
    known = WORDS[metric, label]
    pattern = value if operator in {"=~", "!~"} else re.escape(value)
    assert any(re.fullmatch(pattern, word) for word in known) == (not operator.startswith("!")), known
    if operator == "=~" and ALTERNATIVES.fullmatch(value):
        assert set(value.split("|")) <= known


def test_every_meter_is_looked_at_or_told_in_the_table() -> None:
    table = (ROOT / "docs/metrics.md").read_text()
    assert all(f"`{meter.name}`" in table for several in METERS.values() for meter in several)


@pytest.mark.parametrize("meter", [meter for several in METERS.values() for meter in several], ids=lambda m: m.name)
def test_names_are_as_prometheus_has_them(meter: Meter) -> None:
    assert re.fullmatch(r"countersign_[a-z_]+", meter.name)
    assert meter.name.endswith("_total") == (meter.kind is Kind.COUNTER)
    assert meter.name.endswith("_seconds") or meter.kind is not Kind.HISTOGRAM
    assert meter.about[0].isupper() or meter.about[0] == "1"
    assert not meter.about.endswith(".")


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_every_alert_has_its_runbook(rule: dict[str, Any]) -> None:
    assert (ROOT / rule["annotations"]["runbook"]).is_file()
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert rule["annotations"]["summary"]


def test_prometheus_itself_finds_nothing() -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("no promtool here; the expressions are parsed above")
    for words in (["check", "config", "prometheus.yml"], ["test", "rules", "alerts_test.yml"]):
        done = subprocess.run([promtool, *words], cwd=HERE, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


def test_what_is_scraped_is_what_compose_shows() -> None:
    (job,) = yaml.safe_load((HERE / "prometheus.yml").read_text())["scrape_configs"]
    scraped = {entry["labels"]["service"]: entry["targets"][0] for entry in job["static_configs"]}
    for name, target in scraped.items():
        told = COMPOSE["services"][name]["environment"]
        assert target == f"{told['COUNTERSIGN_METRICS_HOST']}:{told['COUNTERSIGN_METRICS_PORT']}"
    assert set(scraped) == {"auth", "twofactor", "gateway"}


def test_prometheus_stands_on_the_network_without_a_way_out() -> None:
    watchers = yaml.safe_load((HERE / "compose.yml").read_text())["services"]
    assert watchers["prometheus"]["networks"] == ["backend"]
    assert "ports" not in watchers["prometheus"]
    assert all(port.startswith("127.0.0.1:") for port in watchers["grafana"]["ports"])
    mounted = [volume for watcher in watchers.values() for volume in watcher["volumes"] if volume.startswith("./")]
    assert all((ROOT / volume.split(":")[0]).is_file() for volume in mounted)


def test_the_dashboard_asks_whichever_prometheus_there_is() -> None:
    """Imported into somebody's own Grafana, it has no data source of ours by name: the variable offers theirs."""
    assert [(each["type"], each["query"]) for each in DASHBOARD["templating"]["list"]] == [("datasource", "prometheus")]
    assert {panel["datasource"]["uid"] for panel in DRAWN} == {"${datasource}"}


@pytest.mark.parametrize("panel", DRAWN, ids=lambda panel: str(panel["title"]))
def test_a_panel_says_what_its_lines_are_and_in_what_they_are_counted(panel: dict[str, Any]) -> None:
    unit = panel["fieldConfig"]["defaults"]["unit"]
    assert unit in {"reqps", "s", "short", "bytes"}
    for target in panel["targets"]:
        told, expression = set(re.findall(r"{{(\w+)}}", target["legendFormat"])), target["expr"]
        kept = {name.strip() for names in re.findall(r"\bby \(([^)]*)\)", expression) for name in names.split(",")}
        if kept:
            assert told == kept - {"le"}, "a label that is kept and not told makes lines of one name"
        if unit == "reqps":
            assert "rate(" in expression
        if unit == "s":
            assert "seconds" in expression
        if unit == "bytes":
            assert "bytes" in expression


def test_no_two_panels_lie_on_each_other() -> None:
    taken = [(p["gridPos"]["x"], p["gridPos"]["y"]) for p in DASHBOARD["panels"]]
    assert len(set(taken)) == len(taken)
    assert len({p["id"] for p in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])


@pytest.mark.parametrize("page", RUNBOOKS, ids=lambda page: page.stem)
def test_a_runbook_says_the_four_things(page: Path) -> None:
    headings = re.findall(r"^## (.+)$", page.read_text(), re.MULTILINE)
    assert headings == ["What people see", "Make sure", "What to do", "How to know it is over"]


@pytest.mark.parametrize("page", RUNBOOKS, ids=lambda page: page.stem)
def test_what_a_runbook_names_is_there(page: Path) -> None:
    text = page.read_text()
    for target in re.findall(r"\]\(([^)#]+\.md)\)", text):
        assert (page.parent / target).is_file(), target
    metrics = set(re.findall(r"countersign_[a-z_]+", text)) - {"countersign_valkey"}
    names = {meter.name for several in METERS.values() for meter in several}
    assert metrics <= names, metrics - names
    settings = {f"COUNTERSIGN_{name.upper()}" for each in SETTINGS.values() for name in each.model_fields}
    for setting in re.findall(r"COUNTERSIGN_[A-Z0-9_]+", text):
        assert any(known == setting or (setting.endswith("_") and known.startswith(setting)) for known in settings)
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert set(re.findall(r"`?\bmake ([a-z]+)`?(?=\s{2,}|`)", text)) <= set(targets)
    for service in re.findall(r"docker compose (?:exec|run --rm|restart|stop)(?: -T)? ([a-z]+)", text):
        assert service in COMPOSE["services"], service


@pytest.mark.parametrize("page", RUNBOOKS, ids=lambda page: page.stem)
def test_every_command_that_a_runbook_names_exists(page: Path) -> None:
    typed = re.findall(
        r"(?:compose (?:exec|run --rm) (?P<place>[a-z]+) |`)countersign (?P<words>[a-z][^`\n#]*)", page.read_text()
    )
    for place, words in typed:
        places = [place] if place else ["auth", "twofactor", "gateway", "migrate"]
        assert any(is_command(each, words.split()) for each in places), f"{place} countersign {words}"


def is_command(place: str, words: list[str]) -> bool:
    """Whether the container of `place` has a command of these words, which knows the options."""
    command = typer.main.get_command(front(Installation({place: {}}, in_compose)))
    rest = list(words)
    while isinstance(command, TyperGroup):
        if not rest or rest[0] not in command.commands:
            return False
        command = command.commands[rest.pop(0)]
    if command.hidden or "ignore_unknown_options" in (command.context_settings or {}):
        return False
    options = {name for parameter in command.params for name in parameter.opts}
    return {word for word in rest if word.startswith("--")} <= options


def test_a_command_that_is_not_there_is_seen() -> None:
    assert is_command("auth", ["keys", "rotate", "--now"])
    assert not is_command("auth", ["keys", "rotate", "--never"])
    assert not is_command("auth", ["keys", "burn"])
    assert not is_command("auth", ["policy", "check"]), "of another container"
