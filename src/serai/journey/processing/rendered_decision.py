"""Decisions read back with words for those who read: what `follow` shows, as the packs and catalogues of the
decision's basis say it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import msgspec
from psycopg import AsyncConnection

from serai.evidence.leaf import Opening
from serai.evidence.receipt import encode_receipt
from serai.evidence.store import read_receipt
from serai.foundation.http.finding_out import FindingOut
from serai.journey.assessment import store as assessment_store
from serai.journey.assessment.store import Basis
from serai.journey.consignments.store import ConsignmentRow
from serai.journey.decision import store as decision_store
from serai.journey.decision.message_catalogue import Sentence, decode_sentences
from serai.journey.decision.reason_sets import build_reason_set
from serai.journey.decision.rendered_reasons import Texts, render_reasons
from serai.journey.finding_messages import finding_out, parameter_names
from serai.journey.law_in_force.recorded import KeptLaw
from serai.journey.law_in_force.state import LawState
from serai.journey.recording.read_back import build_decision_out
from serai.journey.services import Services
from serai.law.pack import Pack
from serai.model.findings import Finding, Severity
from serai.model.packed_detail import PackedFinding

Connection = AsyncConnection[Any]


class DecisionFindingOut(FindingOut, frozen=True, omit_defaults=True):
    """A finding of a decision, as it was answered.

    sequence_number: of the goods item it is about; absent: the consignment.
    """

    sequence_number: int | None = None


class RenderedDecision(msgspec.Struct, frozen=True):
    """A decision as recorded (plain data), with words for those who read. officer_reasons: everything,
    for officers alone.
    """

    decision: dict[str, Any]
    reasons: list[dict[str, Any]]
    findings: list[DecisionFindingOut]
    officer_reasons: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class RenderedDecisions:
    """Reads decisions. law: gives the law in use now, whose packs mostly are those of the decision, too."""

    services: Services
    law: Callable[[], LawState]
    kept: KeptLaw

    async def read(
        self, connection: Connection, consignment: ConsignmentRow, decision_id: int, language: str
    ) -> RenderedDecision:
        """Return one decision of a consignment in words.

        Whoever asks, the same is read and said: what an officer alone may see is left out
        afterwards, so that time tells nothing.
        """
        decisions = await decision_store.select_decisions(
            connection, [consignment.consignment_id], administration_id=self.services.administration_id
        )
        decision = next(one for one in decisions if one.decision_id == decision_id)
        out = await build_decision_out(connection, consignment, decision)
        basis = (await assessment_store.select_basis(connection, [decision.basis_id]))[decision.basis_id]
        texts = Texts(await self._packs(connection, basis), catalogue(language))
        reasons = build_reason_set(basis.reason_set)
        return RenderedDecision(
            msgspec.to_builtins(out),
            [
                msgspec.to_builtins(one)
                for one in render_reasons(reasons, decision.reason_bits, "public", texts)
            ],
            [_render(one) for one in decision.detail.findings],
            [
                msgspec.to_builtins(one)
                for one in render_reasons(reasons, decision.reason_bits, "officer", texts)
            ],
        )

    async def read_opening(
        self, connection: Connection, consignment: ConsignmentRow, decision_id: int
    ) -> Opening:
        """Return what opens a decision in its receipt: as it was answered, and the salt of its commitment."""
        decisions = await decision_store.select_decisions(
            connection, [consignment.consignment_id], administration_id=self.services.administration_id
        )
        decision = next(one for one in decisions if one.decision_id == decision_id)
        out = await build_decision_out(connection, consignment, decision)
        return Opening("decision", decision.salt, msgspec.json.encode(out))

    async def read_receipt(self, decision_id: int) -> bytes | None:
        """Return the receipt of a decision: promise or proof."""
        # Tiles belong to the whole log and are no administration's rows.
        async with self.services.database.write() as connection:
            receipt = await read_receipt(
                connection, decision_id, administration_id=self.services.administration_id
            )
        return None if receipt is None else encode_receipt(receipt)

    async def _packs(self, connection: Connection, basis: Basis) -> list[Pack]:
        """Return the packs of a basis: those in use now where they are the same bytes, else as they
        were kept.
        """
        law = self.law()
        present = {one.component_hash for one in law.components}
        if not set(basis.component_hashes) <= present:
            _, law = await self.kept.find(connection, basis.basis_id)
        return [one.pack for one in law.book.packs.values()]


@cache
def catalogue(language: str) -> dict[str, Sentence]:
    """Return what is said under any law, in a language; English where there is no translation."""
    folder = files("serai.journey.decision") / "messages"
    file = folder / f"{language}.yaml"
    return decode_sentences((file if file.is_file() else folder / "en.yaml").read_bytes())


def _render(row: PackedFinding) -> DecisionFindingOut:
    """Return a recorded finding in words. Where the parameters of its sentence were not kept by name, there
    was one word at most, which stands for each.
    """
    names = parameter_names(row.code) if row.word else ()
    parameters = row.parameters or dict.fromkeys(names, row.word)
    said = finding_out(Finding(row.code, row.pointer, _SEVERITIES[row.severity], parameters))
    return DecisionFindingOut(**msgspec.structs.asdict(said), sequence_number=row.sequence_number or None)


_SEVERITIES: Final[dict[str, Severity]] = {"fault": "fault", "hold": "hold", "advice": "advice"}
