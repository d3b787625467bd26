"""A decision read back with words, which processing gives this room."""

from typing import Any, Protocol

import msgspec
from psycopg import AsyncConnection

from serai.evidence.leaf import Opening
from serai.journey.consignments import store

Connection = AsyncConnection[Any]


class RenderedDecision(msgspec.Struct, frozen=True):
    """A decision as recorded (plain data), with words for those who read. officer_reasons: everything,
    for officers alone.
    """

    decision: dict[str, Any]
    reasons: list[dict[str, Any]]
    findings: list[dict[str, Any]]
    officer_reasons: list[dict[str, Any]]


class Decisions(Protocol):
    """What this room needs of the processor: decisions read back."""

    async def read(
        self, connection: Connection, consignment: store.ConsignmentRow, decision_id: int, language: str
    ) -> RenderedDecision:
        """Return one decision of a consignment."""
        ...

    def render(self, code: str, pointer: str, parameters: dict[str, str]) -> dict[str, Any]:
        """Return what is said about a finding: code, pointer, sentence, remedy."""
        ...

    async def read_opening(
        self, connection: Connection, consignment: store.ConsignmentRow, decision_id: int
    ) -> Opening:
        """Return what opens a decision in its receipt."""
        ...

    async def read_receipt(self, decision_id: int) -> bytes | None:
        """Return the receipt of a decision, promise or proof, in its canonical text."""
        ...
