"""What came of wrong parties, as it is kept while the campaign goes on."""

from collections.abc import Iterator

import msgspec

_FAULTS_KEPT_MAX = 5


class RouteOutcome(msgspec.Struct):
    """What came of requests to one route. statuses: of answers about what is another's."""

    requests_count: int = 0
    statuses: dict[str, int] = {}
    faults_count: int = 0
    faults: list[str] = []

    def add(self, status: int, requests_count: int) -> None:
        """Count requests."""
        self.requests_count += requests_count
        self.statuses[str(status)] = self.statuses.get(str(status), 0) + 1

    def blame(self, fault: str) -> None:
        """Count a fault, and keep it where it is new and there are few."""
        self.faults_count += 1
        if len(self.faults) < _FAULTS_KEPT_MAX and fault not in self.faults:
            self.faults.append(fault)


class Timing(msgspec.Struct, frozen=True):
    """How long a route takes for what is another's and for what is not there: medians, and their ratio with
    an interval that holds it in 95 of 100 cases."""

    route: str
    pairs_count: int
    known_ms: float
    absent_ms: float
    ratio: float
    ratio_low: float
    ratio_high: float


class WrongOutcome(msgspec.Struct):
    """All of it. reads_count, writes_count: requests that were answered. changes: what the database showed
    that must not be. statements: how the work for a pair differed. watched_rows_count: of the honest."""

    seed: int = 0
    parties_count: int = 0
    reads_count: int = 0
    writes_count: int = 0
    fingerprints_count: int = 0
    watched_tables_count: int = 0
    watched_rows_count: int = 0
    statement_pairs_count: int = 0
    routes: dict[str, RouteOutcome] = {}
    changes: list[str] = []
    statements: list[str] = []
    timings: list[Timing] = []

    @property
    def faults_count(self) -> int:
        """How many faults there were."""
        return (
            sum(one.faults_count for one in self.routes.values()) + len(self.changes) + len(self.statements)
        )

    def faults(self) -> Iterator[str]:
        """Yield what is kept of them; of one route, no more than some."""
        for name, route in self.routes.items():
            yield from (f"{name}: {one}" for one in route.faults)
        yield from self.changes
        yield from self.statements

    def route(self, name: str) -> RouteOutcome:
        """Return what is kept of a route."""
        return self.routes.setdefault(name, RouteOutcome())
