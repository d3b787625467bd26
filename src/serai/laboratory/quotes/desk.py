"""The quote desk: requests of many connections share calls of the pipeline, each a batch of one to who
asked.
"""

import datetime as dt
import secrets
from collections.abc import Callable, Sequence
from decimal import Decimal
from types import TracebackType
from typing import Final, Self
from zoneinfo import ZoneInfo

import msgspec
import numpy as np

from serai.foundation.batcher import Batcher
from serai.foundation.clock import Clock
from serai.foundation.http.problems import InputFault, InputFaultyError
from serai.foundation.metrics import Metrics
from serai.foundation.telemetry import report_incident
from serai.journey.clearance.decision_out import build_decisions
from serai.journey.clearance.filing import Sender
from serai.journey.clearance.kept_law import name_bases
from serai.journey.clearance.law_state import LawState
from serai.journey.clearance.rows import Row
from serai.journey.clearance.sentences import sentence_of
from serai.journey.clearance.threads import beside_the_loop
from serai.journey.decide.answer import ChargeOut, DecisionOut, Totals
from serai.journey.decide.reason_sets import LANE_OF_FINDING
from serai.journey.decide.speak import CONTROL
from serai.journey.pipeline import Cleared, Context, run_pipeline
from serai.laboratory.quotes.law_dates import find_next_change
from serai.laboratory.quotes.request import Assumption, texts
from serai.law.tariff import day_of
from serai.model.documents import Consignment
from serai.model.errors import SeraiError
from serai.model.findings import Finding

MAX_ROWS_COUNT: Final = 200
MAX_WAIT_MS: Final = 1.0
QUEUE_LIMIT_COUNT: Final = 10_000
_FILER: Final = "quote"
_NOBODY: Final = Sender(0, frozenset())


class Question(msgspec.Struct, frozen=True):
    """A request made whole, in the language of who asked."""

    document: Consignment
    assumptions: list[Assumption]
    language: str


class QuotedItem(msgspec.Struct, frozen=True, omit_defaults=True):
    """A goods item's charges. customs_value_amount, charges: in currency_code of the quote, decimal."""

    sequence_number: int
    charges: list[ChargeOut]
    customs_value_amount: str | None = None
    relief_code: str | None = None


class LawChange(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the next known change of law does to this quote. totals: None where it cannot be told yet."""

    on: dt.date
    sentence: str
    law: str | None = None
    currency_code: str | None = None
    totals: Totals | None = None


class MissingDatum(msgspec.Struct, frozen=True):
    """Why the amounts are not the whole truth: something is not known."""

    code: str
    pointer: str
    sentence: str
    remedy: str


class QuoteOut(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a parcel will cost at sale and at the border. Not stored, not signed.

    is_complete: every charge could be worked out; else `missing` says why not. rules: public rules of
    law that speak of such a parcel.
    valid_until: the end of the local day whose law and rates were used; the answer holds for the
    assumptions beside it.
    """

    reference: str
    at: dt.datetime
    valid_until: dt.datetime
    law_on: dt.date
    is_complete: bool
    goods_items: list[QuotedItem]
    assumptions: list[Assumption]
    law: str | None = None
    basis: str | None = None
    currency_code: str | None = None
    totals: Totals | None = None
    charges: list[ChargeOut] = []
    rules: list[str] = []
    missing: list[MissingDatum] = []
    next_change: LawChange | None = None


class QuoteDesk:
    """Answers questions. law: gives the law in use. Open it with `async with`."""

    def __init__(self, law: Callable[[], LawState], clock: Clock, metrics: Metrics) -> None:
        self._law = law
        self._clock = clock
        self._changes: tuple[LawState | None, dict[tuple[str, str, int], dt.date | None]] = (None, {})
        self._batcher: Batcher[Question, QuoteOut] = Batcher(
            self._answer,
            max_rows_count=MAX_ROWS_COUNT,
            max_wait_ms=MAX_WAIT_MS,
            queue_limit_count=QUEUE_LIMIT_COUNT,
            report_fault=_reporter(metrics),
        )

    async def __aenter__(self) -> Self:
        """Begin to answer."""
        await self._batcher.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Answer what waits, and end."""
        await self._batcher.__aexit__(kind, fault, trace)

    @property
    def at(self) -> dt.datetime:
        """The instant a question is asked."""
        return self._clock.now()

    async def ask(self, question: Question) -> QuoteOut:
        """Return the quote. Raises InputFaultyError with every fault of the request, SeraiError `busy`."""
        return await self._batcher.submit(question, 1)

    async def _answer(self, questions: list[Question]) -> Sequence[QuoteOut | SeraiError]:
        return await beside_the_loop(len(questions), self.answer_all, questions, self._clock.now())

    def answer_all(self, questions: Sequence[Question], at: dt.datetime) -> list[QuoteOut | SeraiError]:
        """Answer questions together at an instant; one that is faulty gets its faults."""
        law = self._law()
        documents = [question.document for question in questions]
        cleared, decisions = _clear(documents, law, at)
        answers: list[QuoteOut | SeraiError] = [_faulty(faults) for faults in cleared.faults]
        rows = cleared.accepted_rows.tolist()
        missing = _missing(cleared)
        changes = self._change_days(cleared, law)
        later = self._later([documents[row] for row in rows], changes, law, at)
        zones = cleared.consignments.words("time_zone").texts()
        for place, (row, decision) in enumerate(zip(rows, decisions, strict=True)):
            question, day = questions[row], day_of(int(cleared.consignments.numbers("law_on")[place]))
            answers[row] = QuoteOut(
                reference=question.document.reference,
                at=at,
                valid_until=_end_of(day, zones[place] or "UTC"),
                law_on=day,
                is_complete=not missing.get(place) and decision.law is not None,
                goods_items=[
                    QuotedItem(one.sequence_number, one.charges, one.customs_value_amount, one.relief_code)
                    for one in decision.goods_items
                ],
                assumptions=question.assumptions,
                law=decision.law,
                basis=decision.basis,
                currency_code=decision.currency_code,
                totals=decision.totals,
                charges=decision.charges,
                # Officers' controls are no part of a price: a quote must not tell what they look for.
                rules=[one for one in decision.reasons if one != CONTROL],
                missing=missing.get(place, []),
                next_change=_change(decision, changes[place], later.get(place), question.language),
            )
        return answers

    # ---- the next change of law ----

    def _change_days(self, cleared: Cleared, law: LawState) -> list[dt.date | None]:
        if self._changes[0] is not law:
            self._changes = (law, {})
        known = self._changes[1]
        frame = cleared.consignments
        found = []
        for customs, tax, day in zip(
            frame.words("customs_territory_code").texts(),
            frame.words("tax_territory_code").texts(),
            frame.numbers("law_on").tolist(),
            strict=True,
        ):
            key = (customs or "", tax or "", day)
            if key not in known:
                known[key] = find_next_change(law.book, *key[:2], day_of(day)) if customs else None
            found.append(known[key])
        return found

    def _later(
        self,
        documents: Sequence[Consignment],
        changes: Sequence[dt.date | None],
        law: LawState,
        at: dt.datetime,
    ) -> dict[int, tuple[DecisionOut, bool]]:
        """Decide once more what a change of law will touch, as if bought and landed on its first
        day; with whether all is known.
        """
        places = [place for place, day in enumerate(changes) if day is not None]
        if not places:
            return {}
        moved = [_on(documents[place], changes[place]) for place in places]
        cleared, decisions = _clear(moved, law, at)
        missing = _missing(cleared)
        return {
            places[row]: (decision, not missing.get(place))
            for place, (row, decision) in enumerate(
                zip(cleared.accepted_rows.tolist(), decisions, strict=True)
            )
        }


def _reporter(metrics: Metrics) -> Callable[[Exception], str]:
    def report(fault: Exception) -> str:
        incident = secrets.token_hex(4)
        report_incident(fault, incident, metrics)
        return incident

    return report


def _clear(
    documents: Sequence[Consignment], law: LawState, at: dt.datetime
) -> tuple[Cleared, list[DecisionOut]]:
    """Run the pipeline; decisions are of the accepted rows."""
    count = len(documents)
    cleared = run_pipeline(
        documents,
        [_FILER] * count,
        int(at.timestamp() * 1000),
        law.book,
        law.lists,
        context=Context.empty(count),
    )
    rows = [Row(documents[row], _NOBODY, 0, 0, 0, 0) for row in cleared.accepted_rows.tolist()]
    if not rows:
        return cleared, []
    name_bases(law, np.unique(cleared.consignments.numbers("law_number")).tolist())
    return cleared, build_decisions(rows, cleared, law, [""] * len(rows), kind="pre-loading", decided_at="")


def _on(document: Consignment, day: dt.date | None) -> Consignment:
    assert day is not None
    noon = dt.datetime.combine(day, dt.time(12), dt.UTC).isoformat()
    return msgspec.structs.replace(
        document,
        purchased_at=noon,
        paid_at=noon,
        exported_at=None,
        accepted_at=noon,
        expected_arrival_at=noon,
    )


def _change(
    decision: DecisionOut, day: dt.date | None, later: tuple[DecisionOut, bool] | None, language: str
) -> LawChange | None:
    if day is None:
        return None
    said = texts(language)
    if later is None or not later[1] or later[0].totals is None or decision.totals is None:
        return LawChange(day, said["change_unknown"].format(day=f"{day:%d %B %Y}"))
    then, before, after = later[0], _to_pay(decision), _to_pay(later[0])
    key = "change_same" if before == after else "change_known"
    sentence = said[key].format(day=f"{day:%d %B %Y}", before=before, after=after)
    return LawChange(day, sentence, then.law, then.currency_code, then.totals)


def _to_pay(decision: DecisionOut) -> str:
    """Return what is paid at sale and at the border together, with its currency."""
    assert decision.totals is not None
    total = Decimal(decision.totals.due_at_border_amount) + Decimal(decision.totals.due_at_sale_amount)
    return f"{decision.currency_code} {total}"


def _missing(cleared: Cleared) -> dict[int, list[MissingDatum]]:
    found: dict[int, list[MissingDatum]] = {}
    frame = cleared.findings
    for row, code, pointer, word in zip(
        frame.numbers("consignment").tolist(),
        frame.words("code").texts(),
        frame.words("pointer").texts(),
        frame.words("word").texts(),
        strict=True,
    ):
        if code in LANE_OF_FINDING:
            said = sentence_of(Finding(code, pointer or "", parameters={"value": word} if word else {}))
            found.setdefault(row, []).append(MissingDatum(code, pointer or "", said.sentence, said.remedy))
    return found


def _faulty(findings: Sequence[Finding]) -> InputFaultyError:
    faults = []
    for one in findings:
        said = sentence_of(one)
        faults.append(InputFault(one.pointer, one.code, said.sentence, said.remedy))
    return InputFaultyError(
        tuple(faults), f"The request has {len(faults)} faults.", "Correct them all, then ask again."
    )


def _end_of(day: dt.date, zone: str) -> dt.datetime:
    """Return the instant at which a local day ends."""
    midnight = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), ZoneInfo(zone))
    return midnight.astimezone(dt.UTC)


def encode(quote: QuoteOut) -> bytes:
    """Write a quote as JSON."""
    return _ENCODER.encode(quote)


_ENCODER: Final = msgspec.json.Encoder()
