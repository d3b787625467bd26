"""Findings as they are collected: some are listed, the others counted, so that no message costs much."""

from serai.formats.decoded import FINDINGS_MAX
from serai.model.findings import Finding


class Found:
    """Findings of one message."""

    def __init__(self) -> None:
        """Begin with none."""
        self._listed: list[Finding] = []
        self._count = 0

    @property
    def is_full(self) -> bool:
        """Say whether no more are listed: who searches may stop."""
        return self._count > FINDINGS_MAX

    def add(self, finding: Finding) -> None:
        """Add one."""
        self._count += 1
        if self._count <= FINDINGS_MAX:
            self._listed.append(finding)

    def leave_out(self, count: int) -> None:
        """Count what is not looked at any more."""
        self._count += count

    def findings(self) -> list[Finding]:
        """Return them, faults first, and how many more places were left out."""
        listed = sorted(self._listed, key=lambda one: one.severity != "fault")
        left_out = self._count - FINDINGS_MAX
        if left_out > 0:
            listed.append(Finding("more-faults", "", parameters={"count": str(left_out)}))
        return listed
