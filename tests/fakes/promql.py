"""What a PromQL expression asks for: its metrics, with the labels it names of each."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import promql_parser

# Prometheus adds these itself, from deploy/observability/prometheus.yml.
OF_THE_TARGET = {"job", "instance", "service"}


@dataclass(frozen=True)
class Asked:
    """`metric` as it is written, with `_bucket` or `_count`; `labels` that are matched or grouped by."""

    metric: str
    labels: frozenset[str]


def asked_by(expression: str) -> list[Asked]:
    """Raises ValueError for what Prometheus would not understand. `$__rate_interval` is Grafana's."""
    return list(_walk(promql_parser.parse(expression.replace("$__rate_interval", "5m")), frozenset()))


def _walk(node: Any, grouped: frozenset[str]) -> Iterator[Asked]:
    if isinstance(node, promql_parser.MatrixSelector):
        node = node.vector_selector
    if isinstance(node, promql_parser.VectorSelector):
        matched = {matcher.name for matcher in node.matchers.matchers}
        yield Asked(node.name, frozenset(matched) | grouped)
        return
    if isinstance(node, promql_parser.AggregateExpr) and node.modifier is not None:
        grouped = grouped | frozenset(node.modifier.labels)
    for name in ("lhs", "rhs", "expr"):
        if hasattr(node, name):
            yield from _walk(getattr(node, name), grouped)
    for argument in getattr(node, "args", ()):
        yield from _walk(argument, grouped)
