"""Findings of one item as they are collected: advice, however much of it, hides no fault and makes none."""

import msgspec

from serai.formats.found import Found
from serai.model.findings import Finding


class Remarks:
    """Faults and advice apart, each listed up to a limit and counted beyond."""

    def __init__(self) -> None:
        """Begin with none."""
        self._faults = Found()
        self._advice = Found()

    def add(self, finding: Finding) -> None:
        """Add one."""
        (self._faults if finding.severity == "fault" else self._advice).add(finding)

    def findings(self) -> list[Finding]:
        """Return them, faults first."""
        advice = [msgspec.structs.replace(one, severity="advice") for one in self._advice.findings()]
        return [*self._faults.findings(), *advice]
