"""Decisions read back with words for those who read: what `follow` shows, as the packs and catalogues of the
decision's basis say it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import Formatter
from typing import Any

import msgspec
from psycopg import AsyncConnection

from serai.evidence.leaf import Opening
from serai.evidence.receipt import encode_receipt
from serai.evidence.store import read_receipt
from serai.journey.assess import store as assess_store
from serai.journey.assess.store import Basis
from serai.journey.clearance.equipment import Equipment
from serai.journey.clearance.kept_law import KeptLaw
from serai.journey.clearance.law_state import LawState
from serai.journey.clearance.reading import build_decision_out
from serai.journey.clearance.sentences import sentence_of
from serai.journey.decide import store as decide_store
from serai.journey.decide.reason_sets import build_reason_set
from serai.journey.decide.sentences import Sentence, decode_sentences
from serai.journey.decide.speak import Texts, speak
from serai.journey.follow.spoken_decision import SpokenDecision
from serai.journey.follow.store import ConsignmentRow
from serai.law.pack import Pack
from serai.model.findings import Finding
from serai.model.packed_detail import PackedFinding

Connection = AsyncConnection[Any]


@dataclass(frozen=True, slots=True)
class SpokenDecisions:
    """Reads decisions. law: gives the law in use now, whose packs mostly are those of the decision, too."""

    equipment: Equipment
    law: Callable[[], LawState]
    kept: KeptLaw

    async def read(
        self, connection: Connection, consignment: ConsignmentRow, decision_id: int, language: str
    ) -> SpokenDecision:
        """Return one decision of a consignment in words.

        Whoever asks, the same is read and said: what an officer alone may see is left out
        afterwards, so that time tells nothing.
        """
        decisions = await decide_store.select_decisions(
            connection, [consignment.consignment_id], administration_id=self.equipment.administration_id
        )
        decision = next(one for one in decisions if one.decision_id == decision_id)
        out = await build_decision_out(connection, consignment, decision)
        basis = (await assess_store.select_basis(connection, [decision.basis_id]))[decision.basis_id]
        texts = Texts(await self._packs(connection, basis), catalogue(language))
        reasons = build_reason_set(basis.reason_set)
        return SpokenDecision(
            msgspec.to_builtins(out),
            [msgspec.to_builtins(one) for one in speak(reasons, decision.reason_bits, "public", texts)],
            [_say(one) for one in decision.detail.findings],
            [msgspec.to_builtins(one) for one in speak(reasons, decision.reason_bits, "officer", texts)],
        )

    async def read_opening(
        self, connection: Connection, consignment: ConsignmentRow, decision_id: int
    ) -> Opening:
        """Return what opens a decision in its receipt: as it was answered, and the salt of its commitment."""
        decisions = await decide_store.select_decisions(
            connection, [consignment.consignment_id], administration_id=self.equipment.administration_id
        )
        decision = next(one for one in decisions if one.decision_id == decision_id)
        out = await build_decision_out(connection, consignment, decision)
        return Opening("decision", decision.salt, msgspec.json.encode(out))

    def say(self, code: str, pointer: str, parameters: dict[str, str]) -> dict[str, Any]:
        """Return what is said about a finding: code, pointer, sentence, remedy."""
        said = sentence_of(Finding(code, pointer, parameters=parameters))
        return {"code": code, "pointer": pointer, "sentence": said.sentence, "remedy": said.remedy}

    async def read_receipt(self, decision_id: int) -> bytes | None:
        """Return the receipt of a decision: promise or proof."""
        # Tiles belong to the whole log and are no administration's rows.
        async with self.equipment.database.write() as connection:
            receipt = await read_receipt(
                connection, decision_id, administration_id=self.equipment.administration_id
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
    folder = files("serai.journey.decide") / "messages"
    file = folder / f"{language}.yaml"
    return decode_sentences((file if file.is_file() else folder / "en.yaml").read_bytes())


def _say(row: PackedFinding) -> dict[str, Any]:
    """Return a recorded finding in words. Where the parameters of its sentence were not kept by name, there
    was one word at most, which stands for each.
    """
    parameters = row.parameters or dict.fromkeys(_NAMES, row.word)
    said = sentence_of(Finding(row.code, row.pointer, parameters=parameters))
    spoken: dict[str, Any] = {
        "code": row.code,
        "pointer": row.pointer,
        "severity": row.severity,
        "sentence": said.sentence,
        "remedy": said.remedy,
    }
    if row.sequence_number:
        spoken["sequence_number"] = row.sequence_number
    if row.word:
        spoken["word"] = row.word
    return spoken


def _names_of_parameters() -> frozenset[str]:
    """Return every name that sentences of findings leave open."""
    names: set[str] = set()
    for room in ("advise", "match", "screen", "decide", "release"):
        file = files(f"serai.journey.{room}") / "messages" / "en.yaml"
        if file.is_file():
            for sentence in decode_sentences(file.read_bytes()).values():
                for text in (sentence.sentence, sentence.remedy):
                    names |= {name for _, name, _, _ in Formatter().parse(text) if name}
    return frozenset(names)


_NAMES = _names_of_parameters()
