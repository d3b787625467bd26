"""A query that is not understood."""

from collections.abc import Sequence

from serai.model.errors import SeraiError
from serai.model.findings import Finding


class QueryFaultyError(SeraiError):
    """A query that is not understood; `findings` says why, each by the name of its parameter."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(
            "epcis-query-not-valid",
            f"{len(findings)} parameter{'s' if len(findings) > 1 else ''} of the query cannot be used.",
            "Correct or leave out what the findings name.",
        )
        self.findings = list(findings)
