"""The figures that Serai counts while it runs, each named here and nowhere else."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_ROWS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)


class Metrics:
    """Counters and histograms of one process, with a registry of their own. Labels hold no personal data."""

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
        self.queue_rows = Gauge("serai_queue_rows", "Rows that wait for a batch", registry=self.registry)
        self.decisions = Counter("serai_decisions", "Decisions made", ["lane"], registry=self.registry)
        self.partitions_missing = Gauge(
            "serai_partitions_missing",
            "Tables that cannot take the rows of next month",
            registry=self.registry,
        )
        self.incidents = Counter("serai_incidents", "Internal errors", registry=self.registry)
        self.log_fields_dropped = Counter(
            "serai_log_fields_dropped", "Telemetry fields kept out", registry=self.registry
        )

    def render(self) -> bytes:
        """Return all figures in the Prometheus text format."""
        return generate_latest(self.registry)
