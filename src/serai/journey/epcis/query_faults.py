"""A query that is not understood."""

from collections.abc import Sequence

from serai.model.errors import SeraiError
from serai.model.findings import Finding
from serai.model.message_text import MessageText


class QueryFaultyError(SeraiError):
    """A query that is not understood; `findings` says why, each by the name of its parameter."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(
            "epcis-query-not-valid",
            MessageText.counted(
                "{count} parameter of the query cannot be used.",
                "{count} parameters of the query cannot be used.",
                count=len(findings),
            ),
            "Correct or leave out what the findings name.",
        )
        self.findings = list(findings)
