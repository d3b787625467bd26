"""What came of reads by audience, as it is kept while the campaign goes on."""

import msgspec

_FAULTS_KEPT_MAX = 10


class AudienceOutcome(msgspec.Struct):
    """All of it. tokens_count: invented words, each in one field of one document of one case. seen: how often
    a word was read by somebody for whom it is, by kind of document. reads: by route, then by status."""

    seed: int = 0
    cases_count: int = 0
    tokens_count: int = 0
    officer_reasons_count: int = 0
    reads_count: int = 0
    fields_count: int = 0
    seen: dict[str, int] = {}
    reads: dict[str, dict[str, int]] = {}
    viewers: dict[str, int] = {}
    leaks_count: int = 0
    leaks: list[str] = []

    def add(self, route: str, viewer: str, status: int) -> None:
        """Count a read."""
        self.reads_count += 1
        self.viewers[viewer] = self.viewers.get(viewer, 0) + 1
        statuses = self.reads.setdefault(route, {})
        statuses[str(status)] = statuses.get(str(status), 0) + 1

    def blame(self, leak: str) -> None:
        """Count a leak, and keep it where it is new and there are few."""
        self.leaks_count += 1
        if len(self.leaks) < _FAULTS_KEPT_MAX and leak not in self.leaks:
            self.leaks.append(leak)
