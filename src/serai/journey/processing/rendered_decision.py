"""Decisions read back with words for those who read: what `follow` shows, as the packs and catalogues of the
decision's basis say it.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

import msgspec
from psycopg import AsyncConnection

from serai.evidence.leaf import Opening
from serai.evidence.receipt import encode_receipt
from serai.evidence.store import read_receipt
from serai.journey.assessment import store as assessment_store
from serai.journey.assessment.store import Basis
from serai.journey.consignments.store import ConsignmentRow
from serai.journey.decision import store as decision_store
from serai.journey.decision.answer import DecisionOut
from serai.journey.decision.rendered_reasons import Rendered, Texts, render_named_reasons, render_reasons
from serai.journey.decision.rules import build_reason_set
from serai.journey.documents.submission import Answer
from serai.journey.finding_messages import finding_out, text_of_finding
from serai.journey.law_in_force.recorded import KeptLaw
from serai.journey.law_in_force.state import LawState
from serai.journey.recording.read_back import build_decision_out, build_decisions_out
from serai.journey.services import Services
from serai.journey.texts.catalogue import Text
from serai.journey.texts.notices import About, Served, record_notice
from serai.law.pack import Pack
from serai.model.findings import Finding
from serai.model.languages import DEFAULT_LANGUAGE

Connection = AsyncConnection[Any]


class RenderedDecision(msgspec.Struct, frozen=True):
    """A decision as recorded (plain data), with texts where they were asked for. officer_reasons: all
    reasons, for officers alone.
    """

    decision: dict[str, Any]
    officer_reasons: list[Rendered]


@dataclass(frozen=True, slots=True)
class RenderedDecisions:
    """Reads decisions. law: gives the law in use now, whose packs mostly are those of the decision, too."""

    services: Services
    law: Callable[[], LawState]
    kept: KeptLaw

    async def read(
        self, connection: Connection, consignment: ConsignmentRow, decision_id: int, language: str | None
    ) -> RenderedDecision:
        """Return one decision of a consignment. language: of its texts; None: without.

        Whoever asks, the same is read and said: what an officer alone may see is left out
        afterwards, so that time tells nothing.
        """
        decisions = await decision_store.select_decisions(
            connection, [consignment.consignment_id], administration_id=self.services.administration_id
        )
        decision = next(one for one in decisions if one.decision_id == decision_id)
        out = await build_decision_out(connection, consignment, decision)
        basis = (await assessment_store.select_basis(connection, [decision.basis_id]))[decision.basis_id]
        texts = Texts(await self._packs(connection, basis), language or DEFAULT_LANGUAGE)
        plain = msgspec.to_builtins(out)
        all_bits = reduce(or_, (one.reason_bits for one in decision.detail.items), decision.reason_bits)
        reasons = build_reason_set(basis.reason_set, basis.reason_law_references)
        return RenderedDecision(
            add_texts(plain, render_reasons(reasons, all_bits, "public", texts), language)
            if language
            else plain,
            render_reasons(reasons, decision.reason_bits, "officer", texts),
        )

    async def read_all(
        self, connection: Connection, consignments: Sequence[ConsignmentRow]
    ) -> dict[int, DecisionOut]:
        """Return every decision ever made on consignments, as it was answered, by its id."""
        rows = {one.consignment_id: one for one in consignments}
        decisions = await decision_store.select_decisions(
            connection, list(rows), administration_id=self.services.administration_id
        )
        return await build_decisions_out(connection, [(rows[one.consignment_id], one) for one in decisions])

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


def texts_of(law: LawState, language: str) -> Texts:
    """Return the words of the law in use; rules keep their names, so earlier decisions are said with them."""
    return Texts([one.pack for one in law.book.packs.values()], language)


class AskedTexts(msgspec.Struct, frozen=True):
    """Texts that a party asks for with its answers. language: of them, where there is a translation."""

    services: Services
    party_id: int
    texts: Texts
    language: str

    async def fill(self, answers: Sequence[Answer]) -> list[Answer]:
        """Return answers whose decisions have texts, which are kept as served: one notice for all of them."""
        filled, served = await asyncio.to_thread(self._fill, answers)
        about = [About(one.case_id, one.decision_id) for one in answers if one.decision and one.decision_id]
        await record_notice(self.services, self.party_id, Served(about, served, "answer", self.language))
        return filled

    def _fill(self, answers: Sequence[Answer]) -> tuple[list[Answer], set[Text]]:
        served: set[Text] = set()
        filled = list(answers)
        for place, answer in enumerate(answers):
            if answer.decision:
                decision = self._add_texts(msgspec.json.decode(answer.decision))
                served |= texts_in_decision(decision, self.language)
                filled[place] = msgspec.structs.replace(answer, decision=msgspec.json.encode(decision))
        return filled, served

    def _add_texts(self, decision: dict[str, Any]) -> dict[str, Any]:
        """Add the texts of a decision, or of an assessment before loading, whose reasons are findings."""
        if "goods_items" not in decision:
            reasons = [_with_text(one, self.language) for one in decision.get("reasons", ())]
            return {**decision, "reasons": reasons} if reasons else decision
        parts = (decision, *decision["goods_items"])
        codes = (one["code"] for part in parts for one in part.get("reasons", ()))
        return add_texts(decision, render_named_reasons(codes, self.texts), self.language)


def texts_in_decision(decision: Mapping[str, Any], language: str) -> set[Text]:
    """Return the texts that stand in a decision (plain data) with texts, as the catalogue or the law has
    them."""
    parts = (decision, *decision.get("goods_items", ()))
    stated = [one for part in parts for one in part.get("reasons", ()) if "sentence" in one]
    # Reasons of an assessment before loading are findings, which lead to no lane. Whether goods items stand
    # beside them says nothing: a payment provider does not see those of a decision.
    reasons = [one for one in stated if "lane" in one]
    findings = [
        one for one in (*decision.get("findings", ()), *stated) if "sentence" in one and "lane" not in one
    ]
    return {text_of_reason(msgspec.convert(one, Rendered), language) for one in reasons} | {
        text_of_finding(msgspec.convert(one, Finding), language) for one in findings
    }


def text_of_reason(reason: Rendered, language: str) -> Text:
    """Return the text of a reason in words, which is in `language` unless it says another itself."""
    own = reason.language or language
    return Text(reason.code, "public", own, reason.sentence, reason.remedy or "", reason.appeal)


def add_texts(decision: Mapping[str, Any], reasons: Iterable[Rendered], language: str) -> dict[str, Any]:
    """Return a decision (plain data) whose reasons and findings have sentence, remedy and appeal.

    reasons: those of the consignment and of its goods items.
    """
    rendered = {one.code: msgspec.to_builtins(one) for one in reasons}

    def fill(part: Mapping[str, Any]) -> dict[str, Any]:
        if "reasons" not in part:
            return dict(part)
        return {**part, "reasons": [rendered.get(one["code"], one) for one in part["reasons"]]}

    filled = {**fill(decision), "goods_items": [fill(one) for one in decision["goods_items"]]}
    if "findings" in decision:
        filled["findings"] = [_with_text(one, language) for one in decision["findings"]]
    return filled


def _with_text(finding: Mapping[str, Any], language: str) -> dict[str, Any]:
    said = finding_out(msgspec.convert(finding, Finding), language)
    return {**finding, **{name: value for name, value in msgspec.to_builtins(said).items() if value}}
