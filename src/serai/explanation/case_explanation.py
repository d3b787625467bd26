"""A stored case worked out again: its message without people, the facts recorded of them, the very law it
was decided under.

The replay is compared with the record, field by field; it explains what was decided, and says so if it
differs.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from psycopg import AsyncConnection

from serai.explanation.consignment import explain_consignment
from serai.explanation.sentences import sentences
from serai.explanation.steps import Explanation
from serai.foundation.id_text import format_id
from serai.foundation.vault.reading import Reach
from serai.journey.consignments.act_records import select_acts_with_end
from serai.journey.consignments.rows import Row
from serai.journey.consignments.store import ConsignmentRow
from serai.journey.decision import store as decision_store
from serai.journey.decision.answer import DecisionOut
from serai.journey.decision.rules import ACCEPTANCE_LAW_UNREADABLE
from serai.journey.decision.store import DECISION_KINDS, DecisionRow
from serai.journey.law_in_force.recorded import KeptLaw, name_bases
from serai.journey.law_in_force.state import LawState
from serai.journey.linking.case_differences import CASE_FINDINGS
from serai.journey.permits.permit import PERMIT_FINDINGS
from serai.journey.pipeline import Processed
from serai.journey.recording.cited_quotes import QUOTE_FINDINGS
from serai.journey.recording.decided_batch import name_places
from serai.journey.recording.decision_json import build_decisions
from serai.journey.recording.read_back import build_decision_out, read_messages, row_to_redetermine
from serai.journey.recording.recorded_facts import recorded_context
from serai.journey.recording.run import run_pipeline
from serai.journey.recording.standing_acts import is_of_version
from serai.journey.services import Services
from serai.journey.validation.rules import FILING_ADVICE
from serai.model.acts import kinds_with
from serai.model.documents import Consignment
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

Connection = AsyncConnection[Any]

PURPOSE: Final = "explanation"
_REPLAYED: Final = ("determination", "measure", "permit", "agency")
"""Effects of acts on which a decision rests beside its recorded facts."""
_OF_OTHERS: Final = (
    QUOTE_FINDINGS | FILING_ADVICE | CASE_FINDINGS | PERMIT_FINDINGS | {ACCEPTANCE_LAW_UNREADABLE.code}
)


class Difference(msgspec.Struct, frozen=True):
    """A place where the replay is not as recorded. path: RFC 6901 pointer into the decision; values as
    JSON text, "" where there is none.
    """

    path: str
    recorded: str
    replayed: str


class CaseExplanation(msgspec.Struct, frozen=True, kw_only=True):
    """The whole calculation of a recorded decision. agrees: the replay gave exactly what was recorded.
    in_short: a few sentences.
    """

    case_id: str
    reference: str
    decision_id: str
    agrees: bool
    differences: list[Difference]
    in_short: list[str]
    explanation: Explanation


@dataclass(frozen=True, slots=True)
class Replay:
    """A decision worked out again. law: what it rests on, built from kept components. replayed: as it
    would be answered.
    """

    row: Row
    decision: DecisionRow
    law: LawState
    processed: Processed
    place: int
    recorded: DecisionOut
    replayed: DecisionOut
    differences: list[Difference]

    def explain(self, language: str = "en", *, shows_cumulative_allowances: bool) -> Explanation:
        """Return the calculation as a tree, read out of the run. shows_cumulative_allowances: for officers
        alone."""
        explanation = explain_consignment(
            self.processed,
            self.place,
            language=language,
            shows_cumulative_allowances=shows_cumulative_allowances,
        )
        return msgspec.structs.replace(explanation, reference=self.row.document.reference)


@dataclass(frozen=True, slots=True)
class CaseReplays:
    """Works out stored decisions again."""

    services: Services
    kept: KeptLaw

    async def replay(
        self, connection: Connection, consignment: ConsignmentRow, decision_id: int, reach: Reach
    ) -> Replay:
        """Work out one decision again. Raises `replay-impossible` when its message was erased."""
        return (await self.replay_many(connection, [(consignment, decision_id)], reach))[0]

    async def replay_many(
        self, connection: Connection, wanted: Sequence[tuple[ConsignmentRow, int]], reach: Reach
    ) -> list[Replay]:
        """Work out decisions again, those of one law and one instant together, as they were made. Same order.

        Raises `replay-impossible` when a message was erased.
        """
        rows = await self._rows(connection, wanted, reach)
        groups: dict[tuple[int, dt.datetime], list[int]] = {}
        for place, (_, decision) in enumerate(rows):
            groups.setdefault((decision.basis_id, decision.decided_at), []).append(place)
        found: dict[int, Replay] = {}
        for (basis_id, at), places in groups.items():
            basis, law = await self.kept.find(connection, basis_id)
            chosen = [rows[place] for place in places]
            again = [row for row, _ in chosen]
            processed = name_places(again, run_pipeline(again, None, law, at))
            outs = _outs(chosen, processed, law)
            numbers = processed.consignments.numbers("law_number").tolist()
            bits = processed.consignments.bit_sets("reason_bits").tolist()
            for here, (place, (row, decision)) in enumerate(zip(places, chosen, strict=True)):
                assert row.previous is not None
                recorded = await build_decision_out(connection, row.previous, decision)
                outs[here] = _with_findings_of_others(outs[here], recorded)
                differences = compare(msgspec.to_builtins(recorded), msgspec.to_builtins(outs[here]))
                same_reasons = (
                    processed.reason_sets[numbers[here]].rule_ids == tuple(basis.reason_set)
                    and bits[here] == decision.reason_bits
                )
                if not same_reasons and not any(one.path == "/reasons" for one in differences):
                    # Of officers' rules it is said that they differ, and no more.
                    differences.append(Difference("/reasons", "", ""))
                found[place] = Replay(row, decision, law, processed, here, recorded, outs[here], differences)
        return [found[place] for place in range(len(rows))]

    async def _rows(
        self, connection: Connection, wanted: Sequence[tuple[ConsignmentRow, int]], reach: Reach
    ) -> list[tuple[Row, DecisionRow]]:
        """Return rows as they stood when they were decided, each with its decision."""
        history: dict[int, list[DecisionRow]] = {}
        decisions = await decision_store.select_decisions(
            connection,
            sorted({consignment.consignment_id for consignment, _ in wanted}),
            administration_id=self.services.administration_id,
        )
        for one in decisions:
            history.setdefault(one.consignment_id, []).append(one)
        chosen = []
        for consignment, decision_id in wanted:
            decision = next(
                one for one in history[consignment.consignment_id] if one.decision_id == decision_id
            )
            chosen.append((consignment, decision))
        messages = await read_messages(
            self.services, sorted({decision.document_id for _, decision in chosen}), reach
        )
        acts = await select_acts_with_end(
            connection,
            sorted({consignment.case_id for consignment, _ in chosen}),
            [kind for effect in _REPLAYED for kind in kinds_with(effect)],
            administration_id=self.services.administration_id,
        )
        rows = []
        for consignment, decision in chosen:
            message = messages.get(decision.document_id)
            if message is None:
                raise SeraiError(
                    "replay-impossible",
                    "The message this decision rests on was erased, so it cannot be worked out again.",
                    "The decision and its charges stand as they were recorded.",
                )
            row = _row(consignment, decision, message[0])
            # What it rests on beside its recorded facts: what officers had determined and done by then.
            row.acts = [
                act
                for act, ended_at in acts
                if act.subject_id == row.consignment_id
                and is_of_version(act, row.version)
                and act.at <= decision.decided_at
                and (ended_at is None or ended_at > decision.decided_at)
            ]
            rows.append((row, decision))
        return rows


def _row(consignment: ConsignmentRow, decision: DecisionRow, document: Consignment) -> Row:
    then = msgspec.structs.replace(
        consignment,
        document_id=decision.document_id,
        version=recorded_context(decision).version,
        decision_id=decision.decision_id,
    )
    return row_to_redetermine(then, document, decision, decision.decision_id)


def _outs(
    chosen: Sequence[tuple[Row, DecisionRow]], processed: Processed, law: LawState
) -> list[DecisionOut]:
    """Return decisions as they would be answered: what stands in them of the record itself is taken from
    it.
    """
    name_bases(law, sorted(set(processed.consignments.numbers("law_number").tolist())))
    rows = [row for row, _ in chosen]
    outs = build_decisions(rows, processed, law, [_mrn(row) for row in rows], kind="", decided_at="")
    return [
        msgspec.structs.replace(
            out,
            kind=DECISION_KINDS[decision.kind],
            decided_at=decision.decided_at.astimezone(dt.UTC)
            .isoformat(timespec="milliseconds")
            .replace("+00:00", "Z"),
            supersedes=_supersedes(decision),
        )
        for out, (_, decision) in zip(outs, chosen, strict=True)
    ]


def _with_findings_of_others(out: DecisionOut, recorded: DecisionOut) -> DecisionOut:
    """Return a decision with what was said of documents beside the declaration, and of the message as it came
    in (it rests on people, and on what was usual then), as recorded.
    """
    others = [one for one in recorded.findings if one.code in _OF_OTHERS]
    if not others:
        return out
    own = [one for one in out.findings if one.code not in _OF_OTHERS]
    ordered = sorted((*own, *others), key=lambda one: (one.sequence_number or 0, one.code))
    return msgspec.structs.replace(out, findings=ordered)


def _mrn(row: Row) -> str:
    assert row.previous is not None
    return row.previous.mrn


def _supersedes(decision: DecisionRow) -> str | None:
    """Return the decision that a decision replaced, as text."""
    return format_id(decision.supersedes) if decision.supersedes else None


def compare(recorded: Any, replayed: Any, path: str = "") -> list[Difference]:
    """Return every place where two trees of plain data differ."""
    if isinstance(recorded, Mapping) and isinstance(replayed, Mapping):
        names = dict.fromkeys((*recorded, *replayed))
        return [
            one for name in names for one in compare(recorded.get(name), replayed.get(name), f"{path}/{name}")
        ]
    if (
        isinstance(recorded, list)
        and isinstance(replayed, list)
        and len(recorded) == len(replayed)
        and all(isinstance(one, Mapping) for one in (*recorded, *replayed))
    ):
        return [
            one
            for place, (a, b) in enumerate(zip(recorded, replayed, strict=True))
            for one in compare(a, b, f"{path}/{place}")
        ]
    return [] if recorded == replayed else [Difference(path, _text(recorded), _text(replayed))]


def _text(value: Any) -> str:
    return "" if value is None else msgspec.json.encode(value).decode()


def explanation_of(
    replay: Replay,
    *,
    case_id: str,
    decision_id: str,
    sequence_number: int | None,
    language: str,
    shows_cumulative_allowances: bool,
) -> CaseExplanation:
    """Return the answer for one consignment, or for one of its goods items. shows_cumulative_allowances: for
    officers alone. Raises SeraiError `not-found`, `language-unknown`.
    """
    whole = replay.explain(language, shows_cumulative_allowances=shows_cumulative_allowances)
    shown = whole if sequence_number is None else only_item(whole, sequence_number)
    return CaseExplanation(
        case_id=case_id,
        reference=replay.row.document.reference,
        decision_id=decision_id,
        agrees=not replay.differences,
        differences=replay.differences,
        in_short=sentences(whole, language),
        explanation=shown,
    )


def only_item(explanation: Explanation, sequence_number: int) -> Explanation:
    """Return an explanation with one goods item alone; what is of the consignment stays. Raises
    SeraiError `not-found`.
    """
    items = [item for item in explanation.items if item.sequence_number == sequence_number]
    if not items:
        raise SeraiError(
            "not-found",
            MessageText(
                "The consignment has no goods item {sequence_number}.", sequence_number=sequence_number
            ),
            "Leave `item` out to see all of them.",
        )
    return msgspec.structs.replace(explanation, items=items)
