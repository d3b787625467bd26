"""What reading a message gives: for each part of it a document or all of its faults, never neither."""

from typing import Final, Generic, TypeVar

import msgspec

from serai.model.documents import Arrival, Consignment, Order, Payment, Return, TransportDocument
from serai.model.findings import Finding, Severity

Document = Consignment | Order | Payment | TransportDocument | Arrival | Return
DocumentT = TypeVar("DocumentT", bound=Document)

KINDS: dict[str, type[Document]] = {
    "declaration": Consignment,
    "order": Order,
    "payment": Payment,
    "transport-document": TransportDocument,
    "arrival": Arrival,
    "return": Return,
}
"""Kind of document, as routes and the command line name it."""

FINDINGS_MAX = 200
"""Faults listed for one document; the rest is one `more-faults` with their number."""


class Decoded(msgspec.Struct, Generic[DocumentT], frozen=True):
    """Lines of one batch, read. Three lists as long as the lines given.

    documents: the struct, None where the line is faulty. canonical: its canonical bytes, None likewise.
    findings: all faults of the line, empty where there are none.
    """

    documents: list[DocumentT | None]
    canonical: list[bytes | None]
    findings: list[list[Finding]]


_GRAVEST_FIRST: Final[tuple[Severity, ...]] = ("fault", "hold", "advice")


def limit_findings(findings: list[Finding]) -> list[Finding]:
    """Give the first FINDINGS_MAX findings and, if there are more, one that says how many were left out.

    It is as grave as the gravest of those: much advice makes no fault.
    """
    if len(findings) <= FINDINGS_MAX:
        return findings
    left_out = findings[FINDINGS_MAX:]
    present = {one.severity for one in left_out}
    severity = next(one for one in _GRAVEST_FIRST if one in present)
    return [*findings[:FINDINGS_MAX], Finding("more-faults", "", severity, {"count": str(len(left_out))})]
