"""Meters: the numbers that a process shows to Prometheus. What is measured is named once, in tables of `Meter`.

A label's values are few and ours. To be sure of that each meter keeps at most `MOST` of their combinations: whatever
is new after that is counted as `other`, so that no stranger can fill our memory or Prometheus's with names.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar, cast

from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from chassis.clock import Clock

MOST = 1000
OTHER = "other"
# From a tenth of a millisecond of our own work to a vendor that takes its whole budget.
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
Readings = Mapping[tuple[str, ...], float]
Child = TypeVar("Child", bound=Counter | Histogram)


class Kind(StrEnum):
    """What Prometheus calls the types."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True)
class Meter:
    """One thing that is measured. Names end in the unit (`_seconds`), those of counters in `_total`."""

    kind: Kind
    name: str
    about: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = SECONDS


class Series(Generic[Child]):
    """`series(*labels)` is the one to count in: a look-up in a dictionary, for it stands in the way of every request.

    Without labels it is there from the start, so that a rate can be told from the first event on.
    """

    def __init__(self, whole: Child, labels: int) -> None:
        self.whole, self.labels = whole, labels
        self.known: dict[tuple[str, ...], Child] = {} if labels else {(): whole}

    def __call__(self, *labels: str) -> Child:
        return self.known.get(labels) or self._new(labels)

    def begin(self, *every: str) -> "Series[Child]":
        """Shows these values of the one label as zero: an alarm on growth would not see the first of them otherwise."""
        for value in every:
            self(value)
        return self

    def _new(self, labels: tuple[str, ...]) -> Child:
        if len(self.known) >= MOST:
            labels = (OTHER,) * self.labels
        child = cast("Child", self.whole.labels(*labels))
        return self.known.setdefault(labels, child)


class Meters:
    """All meters of one process."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # prometheus-client has not annotated it
        self.registry = CollectorRegistry()
        self.counters: dict[Meter, Series[Counter]] = {}
        self.histograms: dict[Meter, Series[Histogram]] = {}

    def counter(self, meter: Meter) -> Series[Counter]:
        """Only ever grows; the same one however often it is asked for."""
        if meter not in self.counters:
            whole = Counter(meter.name, meter.about, meter.labels, registry=self.registry)
            self.counters[meter] = Series(whole, len(meter.labels))
        return self.counters[meter]

    def histogram(self, meter: Meter) -> Series[Histogram]:
        """How long things took."""
        if meter not in self.histograms:
            whole = Histogram(meter.name, meter.about, meter.labels, registry=self.registry, buckets=meter.buckets)
            self.histograms[meter] = Series(whole, len(meter.labels))
        return self.histograms[meter]

    def watch(self, meter: Meter, read: Callable[[], Readings]) -> None:
        """Reads when somebody looks: what is watched costs nothing before. A fault there shows nothing of it."""
        self.registry.register(_Watched(meter, read))

    def watch_one(self, meter: Meter, read: Callable[[], float]) -> None:
        """The same for a meter without labels."""
        self.watch(meter, lambda: {(): read()})

    def watch_age(self, meter: Meter, clock: Clock, **moments: Callable[[], datetime | None]) -> None:
        """Seconds since a moment, by its name as the label; one that has not come yet is not shown."""

        def read() -> Readings:
            known = {name: moment for name, ask in moments.items() if (moment := ask())}
            return {(name,): (clock() - moment).total_seconds() for name, moment in known.items()}

        self.watch(meter, read)


class _Watched(Collector):
    def __init__(self, meter: Meter, read: Callable[[], Readings]) -> None:
        self.meter, self.read = meter, read

    def collect(self) -> Iterable[Metric]:
        meter = self.meter
        family = CounterMetricFamily if meter.kind is Kind.COUNTER else GaugeMetricFamily
        shown = family(meter.name, meter.about, labels=meter.labels)
        for labels, value in self.read().items():
            shown.add_metric(labels, value)
        yield shown

    def describe(self) -> Iterable[Metric]:
        """Nothing is read before somebody looks."""
        return []


METERS: web.AppKey[Meters] = web.AppKey("METERS", Meters)
