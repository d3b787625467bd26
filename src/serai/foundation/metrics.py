"""The figures that Serai counts while it runs, each named here and nowhere else."""

from collections.abc import Sequence
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Metric, generate_latest

from serai.foundation.shared_figures import collect_shared, render_shared

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_ROWS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)


class Metrics:
    """What one process counts, and how it stands. Labels hold no personal data."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "serai_requests", "Requests answered", ["method", "route", "status"], registry=self.registry
        )
        self.request_seconds = Histogram(
            "serai_request_seconds", "Time to the answer", ["route"], buckets=_SECONDS, registry=self.registry
        )
        self.batch_rows = Histogram(
            "serai_batch_rows", "Rows committed together", buckets=_ROWS, registry=self.registry
        )
        self.batch_seconds = Histogram(
            "serai_batch_seconds", "Time of one batch", buckets=_SECONDS, registry=self.registry
        )
        self.decisions = Counter("serai_decisions", "Decisions made", ["lane"], registry=self.registry)
        self.partitions_missing = self._gauge(
            "serai_partitions_missing", "Tables that cannot take the rows of next month", "livemax"
        )
        self.web_processes = self._gauge("serai_web_processes", "Web processes that serve", "livesum")
        self.queued_rows = self._gauge(
            "serai_batcher_queued_rows", "Consignments that wait to be decided", "livesum"
        )
        self.law_generation = self._gauge(
            "serai_law_generation", "Oldest generation of law that is in use", "livemin"
        )
        self.pool = self._gauge(
            "serai_pool", "Connections and waits of a pool", "livesum", ["pool", "figure"]
        )
        self.records_compared = Counter(
            "serai_records_compared", "Stored decisions and acts held against the log", registry=self.registry
        )
        self.records_changed = Counter(
            "serai_records_changed", "Of these, not what the log commits to", registry=self.registry
        )
        self.incidents = Counter("serai_incidents", "Internal errors", registry=self.registry)
        self.log_fields_dropped = Counter(
            "serai_log_fields_dropped", "Telemetry fields kept out", registry=self.registry
        )

    def render(self) -> bytes:
        """Return all figures, of all processes that share them, in the Prometheus text format."""
        shared = render_shared()
        return generate_latest(self.registry) if shared is None else shared

    def collect(self) -> list[Metric]:
        """Return all figures, of all processes that share them."""
        shared = collect_shared()
        return list(self.registry.collect()) if shared is None else shared

    def _gauge(
        self,
        name: str,
        meaning: str,
        over_processes: Literal["livesum", "livemin", "livemax"],
        labels: Sequence[str] = (),
    ) -> Gauge:
        return Gauge(name, meaning, labels, multiprocess_mode=over_processes, registry=self.registry)
