"""The quote service: requests of many connections share calls of the pipeline, each a batch of one to who
asked; a basket for many destinations is one call.
"""

import asyncio
import contextlib
import datetime as dt
import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
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
from serai.foundation.worker_threads import beside_the_loop
from serai.journey.consignments.rows import Row
from serai.journey.decision.answer import DecisionOut
from serai.journey.decision.rendered_reasons import CONTROL
from serai.journey.decision.rules import LANE_OF_FINDING
from serai.journey.documents.submission import Sender
from serai.journey.finding_messages import finding_out, sentence_of
from serai.journey.law_in_force.recorded import name_bases
from serai.journey.law_in_force.state import LawState
from serai.journey.pipeline import Context, Processed, run_pipeline
from serai.journey.quotes.answer import LawChange, QuotedItem, QuoteOut, RateUsed
from serai.journey.quotes.law_dates import find_next_change
from serai.journey.quotes.promises import Promises
from serai.journey.quotes.question import Answered, Question, figures_of
from serai.journey.quotes.request import ASSUMED_POSTCODE, Assumption, texts
from serai.journey.quotes.surroundings import assume_surroundings, find_rates
from serai.journey.recording.decision_json import build_decisions
from serai.journey.recording.quote_facts import read_stated
from serai.law.tariff import day_of
from serai.model.documents import Consignment
from serai.model.errors import SeraiError
from serai.model.findings import Finding
from serai.model.message_text import MessageText

MAX_ROWS_COUNT: Final = 200
MAX_WAIT_MS: Final = 1.0
QUEUE_LIMIT_COUNT: Final = 10_000
_DECLARANT: Final = "quote"
_NOBODY: Final = Sender(0, frozenset())


class QuoteService:
    """Answers questions. law: gives the law in use. promises: keeps what is promised; without it there are
    figures alone. Open it with `async with`.
    """

    def __init__(
        self,
        law: Callable[[], LawState],
        clock: Clock,
        metrics: Metrics,
        promises: Promises | None = None,
    ) -> None:
        self._law = law
        self._promises = promises
        self._clock = clock
        self._changes: tuple[LawState | None, dict[tuple[str, str, int], dt.date | None]] = (None, {})
        self._singles: Batcher[Question, QuoteOut] = Batcher(
            self._answer_singles,
            max_rows_count=MAX_ROWS_COUNT,
            max_wait_ms=MAX_WAIT_MS,
            queue_limit_count=QUEUE_LIMIT_COUNT,
            report_fault=_reporter(metrics),
        )
        # Apart, so that who asks for one place does not wait for those who ask for thirty.
        self._baskets: Batcher[Sequence[Question], list[QuoteOut | SeraiError]] = Batcher(
            self._answer_baskets,
            max_rows_count=MAX_ROWS_COUNT,
            max_wait_ms=MAX_WAIT_MS,
            queue_limit_count=QUEUE_LIMIT_COUNT,
            report_fault=_reporter(metrics),
        )
        self._opened = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        """Begin to answer."""
        await self._opened.enter_async_context(self._singles)
        await self._opened.enter_async_context(self._baskets)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Answer what waits, and end."""
        await self._opened.__aexit__(kind, fault, trace)

    @property
    def at(self) -> dt.datetime:
        """The instant a question is asked."""
        return self._clock.now()

    async def ask(self, question: Question) -> QuoteOut:
        """Return the quote, promised where the question names a party and it can be. Raises InputFaultyError
        with every fault of the request, SeraiError `busy`, `database-unreachable`.
        """
        return await self._singles.submit(question, 1)

    async def ask_all(self, questions: Sequence[Question]) -> list[QuoteOut | SeraiError]:
        """Return the quotes of many questions, in order, worked out together; faults stand in their places.

        Raises SeraiError `busy`.
        """
        return await self._baskets.submit(questions, len(questions))

    async def _answer_singles(self, questions: list[Question]) -> Sequence[QuoteOut | SeraiError]:
        answers = await beside_the_loop(len(questions), self.answer_all, questions, self._clock.now())
        return await self._promise(answers)

    async def _answer_baskets(
        self, baskets: list[Sequence[Question]]
    ) -> Sequence[list[QuoteOut | SeraiError]]:
        """Each law runs once for all destinations under it. In a thread: thirty laws take their time."""
        questions = [question for basket in baskets for question in basket]
        found = await asyncio.to_thread(self.answer_all, questions, self._clock.now())
        answers = iter(await self._promise(found))
        return [[next(answers) for _ in basket] for basket in baskets]

    async def _promise(self, answers: Sequence[Answered | SeraiError]) -> list[QuoteOut | SeraiError]:
        """Promise what is to be promised, all of a batch in one commit; figures alone need none."""
        quotes = figures_of(answers)
        places = [
            place
            for place, one in enumerate(answers)
            if isinstance(one, Answered) and one.question.party_id is not None
        ]
        if self._promises is None or not places:
            return quotes
        wanted = [one for one in answers if isinstance(one, Answered) and one.question.party_id is not None]
        for place, quote in zip(places, await self._promises.promise_all(wanted), strict=True):
            quotes[place] = quote
        return quotes

    def answer_all(self, questions: Sequence[Question], at: dt.datetime) -> list[Answered | SeraiError]:
        """Answer questions together at an instant; one that is faulty gets its faults."""
        law = self._law()
        documents = [question.document for question in questions]
        processed, decisions = _process(documents, law, at)
        answers: list[Answered | SeraiError] = [
            _faulty(faults, question.language)
            for faults, question in zip(processed.faults, questions, strict=True)
        ]
        rows = processed.accepted_rows.tolist()
        missing = _missing(processed)
        changes = self._change_days(processed, law)
        later = self._later([documents[row] for row in rows], changes, law, at)
        zones = processed.consignments.words("time_zone").texts()
        rates = _rates(processed, documents)
        numbers = processed.consignments.numbers("law_number").tolist()
        for place, (row, decision) in enumerate(zip(rows, decisions, strict=True)):
            question, day = questions[row], day_of(int(processed.consignments.numbers("law_on")[place]))
            program = law.book.programs[numbers[place]] if numbers[place] >= 0 else None
            zone = zones[place] or "UTC"
            quote = QuoteOut(
                reference=question.document.reference,
                at=at,
                valid_until=_end_of(day, zone),
                law_on=day,
                is_complete=not missing.get(place) and bool(decision.law),
                goods_items=[
                    QuotedItem(one.sequence_number, one.charges, one.customs_value_amount, one.relief_code)
                    for one in decision.goods_items
                ],
                assumptions=[
                    *question.assumptions,
                    *_assumed_territory(question, law),
                    *(assume_surroundings(program, rates[place], question.language) if program else ()),
                ],
                law=decision.law,
                basis=decision.basis,
                rates=rates.get(place, []),
                currency_code=decision.currency_code,
                totals=decision.totals,
                charges=decision.charges,
                # Officers' controls are no part of a price: a quote must not tell what they look for.
                reasons=[one for one in decision.reasons if one.code != CONTROL],
                missing=[finding_out(one, question.language) for one in missing.get(place, ())],
                next_change=_change(decision, changes[place], later.get(place), question.language),
            )
            change = changes[place]
            answers[row] = Answered(
                quote,
                question,
                read_stated(processed.consignments, place),
                law.generation_id,
                None if change is None else _end_of(change - dt.timedelta(days=1), zone),
            )
        return answers

    def work_out(self, question: Question) -> Processed:
        """Return the whole calculation of a quote, a batch of one, for who explains it.

        Raises what `ask` raises.
        """
        processed, _ = _process([question.document], self._law(), self._clock.now())
        if processed.faults[0]:
            raise _faulty(processed.faults[0], question.language)
        return processed

    # ---- the next change of law ----

    def _change_days(self, processed: Processed, law: LawState) -> list[dt.date | None]:
        if self._changes[0] is not law:
            self._changes = (law, {})
        known = self._changes[1]
        frame = processed.consignments
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
        processed, decisions = _process(moved, law, at)
        missing = _missing(processed)
        return {
            places[row]: (decision, not missing.get(place))
            for place, (row, decision) in enumerate(
                zip(processed.accepted_rows.tolist(), decisions, strict=True)
            )
        }


def _reporter(metrics: Metrics) -> Callable[[Exception], str]:
    def report(fault: Exception) -> str:
        incident = secrets.token_hex(4)
        report_incident(fault, incident, metrics)
        return incident

    return report


def _process(
    documents: Sequence[Consignment], law: LawState, at: dt.datetime
) -> tuple[Processed, list[DecisionOut]]:
    """Run the pipeline; decisions are of the accepted rows."""
    count = len(documents)
    processed = run_pipeline(
        documents,
        [_DECLARANT] * count,
        int(at.timestamp() * 1000),
        law.book,
        law.lists,
        context=_context(count),
    )
    rows = [Row(documents[row], _NOBODY, 0, 0, 0, 0) for row in processed.accepted_rows.tolist()]
    if not rows:
        return processed, []
    name_bases(law, np.unique(processed.consignments.numbers("law_number")).tolist())
    return processed, build_decisions(
        rows, processed, law, [""] * len(rows), kind="pre-loading", decided_at=""
    )


def _context(count: int) -> Context:
    """Nothing is known of the buyer: nothing was drawn, nothing else comes on that day. Both are told."""
    nothing = np.zeros(count, dtype=np.int64)
    return replace(Context.empty(count), allowance_used=nothing, same_day_value=nothing)


def _rates(processed: Processed, documents: Sequence[Consignment]) -> dict[int, list[RateUsed]]:
    """Return the rates each accepted document was converted at."""
    rows = processed.accepted_rows
    return {
        place: find_rates(governed, number, documents[rows[place]])
        for governed in processed.runs
        for number, place in enumerate(governed.consignment_rows.tolist())
    }


def _assumed_territory(question: Question, law: LawState) -> list[Assumption]:
    to = question.document.consignee
    if to.postcode != ASSUMED_POSTCODE or not law.book.territories.has_parts(to.country_code):
        return []
    said = texts(question.language)["territory"].format(country=to.country_code)
    return [Assumption("territory", said)]


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


def _missing(processed: Processed) -> dict[int, list[Finding]]:
    """Return why the amounts are not the whole truth: what is not known."""
    found: dict[int, list[Finding]] = {}
    frame = processed.findings
    for row, code, pointer, word in zip(
        frame.numbers("consignment").tolist(),
        frame.words("code").texts(),
        frame.words("pointer").texts(),
        frame.words("word").texts(),
        strict=True,
    ):
        if code in LANE_OF_FINDING:
            finding = Finding(code, pointer or "", "hold", {"value": word} if word else {})
            found.setdefault(row, []).append(finding)
    return found


def _faulty(findings: Sequence[Finding], language: str) -> InputFaultyError:
    faults = []
    for one in findings:
        said = sentence_of(one, language)
        faults.append(InputFault(one.pointer, one.code, said.sentence, said.remedy))
    return InputFaultyError(
        tuple(faults),
        MessageText.counted(
            "The request has {count} fault.", "The request has {count} faults.", count=len(faults)
        ),
        "Correct them all, then ask again.",
    )


def _end_of(day: dt.date, zone: str) -> dt.datetime:
    """Return the instant at which a local day ends."""
    midnight = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), ZoneInfo(zone))
    return midnight.astimezone(dt.UTC)
