"""What `/metrics` tells Prometheus: requests as they were answered, and the backlog at the time of asking."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from ziggurat.app.upkeep.views import ServiceHealth
from ziggurat.errors import ZigguratError

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_MICROSECONDS = 1_000_000


class Metrics:
    """The numbers of one application; `measure` reads the backlog when they are asked for."""

    def __init__(self, measure: Callable[[], ServiceHealth]) -> None:
        self.registry = CollectorRegistry()
        self.requests = Histogram(
            "ziggurat_request_seconds",
            "Time from a request's start to its answer's end.",
            ("method", "route", "status"),
            registry=self.registry,
            buckets=_SECONDS,
        )
        self.events = Counter(
            "ziggurat_events", "Events taken in, by what became of them.", ("result",), registry=self.registry
        )
        self.registry.register(_Backlog(measure))

        self._answered: dict[tuple[str, str, int], Any] = {}

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request that was answered."""
        key = (method, route, status)
        found = self._answered.get(key)
        if found is None:
            found = self._answered[key] = self.requests.labels(method, route, str(status))
        found.observe(seconds)

    def text(self) -> bytes:
        """The numbers in Prometheus' text format."""
        return generate_latest(self.registry)


class _Backlog(Collector):
    def __init__(self, measure: Callable[[], ServiceHealth]) -> None:
        self._measure = measure

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Nothing before the first question: the database may not be there yet."""
        return iter(())

    def collect(self) -> Iterator[GaugeMetricFamily]:
        try:
            health = self._measure()
        except ZigguratError:
            yield _gauge("ziggurat_database_up", "Whether the database answered.", 0)
            return
        yield _gauge("ziggurat_database_up", "Whether the database answered.", 1)
        yield _gauge("ziggurat_due_members", "States whose next decision is due.", health.due_members)
        lag = health.evaluation_lag_us / _MICROSECONDS
        yield _gauge("ziggurat_evaluation_lag_seconds", "How long the longest waiting decision is due.", lag)
        yield _gauge("ziggurat_outbox_waiting", "Messages not yet handed to endpoints.", health.outbox_waiting)
        age = health.outbox_age_us / _MICROSECONDS
        yield _gauge("ziggurat_outbox_age_seconds", "Age of the oldest of them.", age)
        yield _gauge("ziggurat_deliveries_waiting", "Webhook deliveries to be tried.", health.deliveries_waiting)
        yield _gauge("ziggurat_jobs_open", "Background jobs queued or running.", health.jobs_open)


def _gauge(name: str, says: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, says, value=value)
