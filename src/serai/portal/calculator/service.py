"""The calculator's service: a basket for many countries; what the law in use lacks is assumed, and told."""

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from serai.explanation.consignment import explain_consignment
from serai.explanation.steps import Explanation
from serai.formats.json_faults import find_faults
from serai.foundation.clock import Clock
from serai.foundation.http.problems import InputFault, InputFaultyError
from serai.foundation.metrics import Metrics
from serai.journey.decision.rendered_reasons import Rendered, Texts, render_named_reasons
from serai.journey.finding_messages import sentence_of
from serai.journey.law_in_force.state import LawState
from serai.journey.quotes.answer import QuoteOut
from serai.journey.quotes.basket import DECODER, BasketRequest, Pair, pair_answers, spread
from serai.journey.quotes.question import Question, figures_of
from serai.journey.quotes.service import QuoteService
from serai.laboratory.compare.regimes import Regime, find_countries
from serai.law.library import PackFiles
from serai.law.pack import Exclusion
from serai.model.errors import SeraiError
from serai.model.findings import FindingOut
from serai.model.message_text import MessageText
from serai.portal.calculator.assumed_law import assume_rates

WAITING_MAX = 20
"""Baskets that may wait for their turn; who comes then is asked to come again."""
DETAILS_MAX = 4
"""Countries whose every line is explained on one page; the others lead to a page of their own."""
_BODY_BYTES_MAX = 1 << 20
_FILLED = frozenset({"no-exchange-rate", "no-tariff-line", "commodity-code-too-short"})
"""Findings of what an invented rate can stand in for."""


class Answer(msgspec.Struct, frozen=True):
    """What a basket costs in one country. quote: None where a fault of ours stood in the way.

    assumed: what the law in use lacks and an invented rate stands in for. way: post or express, where the
    country has no law for the one asked for. region_code: that is taken where amounts hang on the region.
    explanation: None where countries are many. restrictions: what the goods may not be sent without, or not
    at all, by the law of restricted goods, strictest first.
    """

    country_code: str
    way: str
    quote: QuoteOut | None
    assumed: list[FindingOut]
    explanation: Explanation | None
    region_code: str | None = None
    restrictions: tuple[Rendered, ...] = ()


class CalculatorService:
    """Answers baskets. law: gives the law in use; files_of: the files it was read from."""

    def __init__(
        self,
        law: Callable[[], LawState],
        files_of: Callable[[LawState], PackFiles],
        clock: Clock,
        metrics: Metrics,
    ) -> None:
        self._law = law
        self._files_of = files_of
        self._clock = clock
        self._assumed: LawState | None = None
        self._regimes: dict[str, dict[str, Regime]] = {}
        self._prepared: tuple[int, dt.date] | None = None
        # One at a time: strangers' baskets must not take the processor from parcels.
        self._turn = asyncio.Lock()
        self._waiting_count = 0
        self._published = QuoteService(law, clock, metrics)
        self._filled = QuoteService(self._assumed_law, clock, metrics)

    async def answer(
        self,
        basket_of: Callable[[str], Mapping[str, Any]],
        countries: Sequence[str],
        way: str,
        language: str,
    ) -> list[Answer]:
        """Return what a basket costs in each country, in order.

        basket_of: the basket for a way it comes, as the quotes' API takes it. Raises InputFaultyError with
        every fault of the basket, its pointers as in a request for baskets; SeraiError `busy`.
        """
        if self._waiting_count >= WAITING_MAX:
            raise SeraiError("busy", "Too many requests are waiting.", "Send it again in a few seconds.")
        self._waiting_count += 1
        try:
            async with self._turn:
                await self._prepare(way)
                return await asyncio.to_thread(self._answer, basket_of, countries, way, language)
        finally:
            self._waiting_count -= 1

    async def _prepare(self, way: str) -> None:
        """Fill up the law once for a generation and day, beside the loop."""
        law, day = self._law(), self._clock.now().date()
        if self._prepared != (law.generation_id, day):
            self._assumed = await asyncio.to_thread(assume_rates, law, day)
            self._regimes = {}
            self._prepared = (law.generation_id, day)
        if way not in self._regimes:
            found = await asyncio.to_thread(
                find_countries, self._files_of(law), day, logistics_channel_code=way
            )
            self._regimes[way] = {one.territory.country_code: one for one in found}

    def _assumed_law(self) -> LawState:
        assert self._assumed is not None
        return self._assumed

    def _answer(
        self,
        basket_of: Callable[[str], Mapping[str, Any]],
        countries: Sequence[str],
        way: str,
        language: str,
    ) -> list[Answer]:
        regimes = self._regimes[way]
        by_way: dict[str, list[str]] = {}
        for country in countries:
            by_way.setdefault(_way_of(regimes.get(country), way), []).append(country)
        found: dict[str, Answer] = {}
        for one, group in by_way.items():
            request = _request(basket_of(one), [_destination(code, regimes.get(code)) for code in group])
            found |= {
                answer.country_code: answer
                for answer in self._ask(
                    request, group, one, language, is_explained=len(countries) <= DETAILS_MAX
                )
            }
        return [
            msgspec.structs.replace(found[country], region_code=_region_of(regimes.get(country)))
            for country in countries
        ]

    def _ask(
        self,
        request: BasketRequest,
        countries: Sequence[str],
        way: str,
        language: str,
        *,
        is_explained: bool,
    ) -> list[Answer]:
        at = self._clock.now()
        pairs = spread(request, at, language)
        questions = [pair.question for pair in pairs]
        published = figures_of(self._published.answer_all(questions, at))
        faults = [fault for one in pair_answers(request, pairs, published).quotes for fault in one.errors]
        if faults:
            raise _faulty(faults)
        lacking = [
            place for place, one in enumerate(published) if isinstance(one, QuoteOut) and not one.is_complete
        ]
        filled = (
            figures_of(self._filled.answer_all([questions[place] for place in lacking], at))
            if lacking
            else []
        )
        stand_ins = dict(zip(lacking, filled, strict=True))
        return [
            self._joined(
                country, way, pair, published[place], stand_ins.get(place), is_explained=is_explained
            )
            for place, (country, pair) in enumerate(zip(countries, pairs, strict=True))
        ]

    def _joined(
        self,
        country: str,
        way: str,
        pair: Pair,
        published: QuoteOut | SeraiError,
        filled: QuoteOut | SeraiError | None,
        *,
        is_explained: bool,
    ) -> Answer:
        """Take the answer of the law in use, or the filled one where that says more, with what was filled."""
        if not isinstance(published, QuoteOut):
            return Answer(country, way, None, [], None)
        quote, service, assumed = published, self._published, list[FindingOut]()
        if isinstance(filled, QuoteOut):
            still = {(one.code, one.pointer) for one in filled.missing}
            for one in published.missing:
                if one.code in _FILLED and (one.code, one.pointer) not in still and one not in assumed:
                    assumed.append(one)
            if assumed:
                quote, service = filled, self._filled
        explanation = _explain(service, pair.question) if is_explained else None
        restrictions = _restrictions(self._law(), quote, pair.question.language)
        return Answer(country, way, quote, assumed, explanation, restrictions=restrictions)


def _restrictions(law: LawState, quote: QuoteOut, language: str) -> tuple[Rendered, ...]:
    """Return what the rules on restricted goods say of a basket, in a language."""
    packs = [law.book.packs[one.code].pack for one in quote.law if one.code in law.book.packs]
    texts = Texts(packs, language)
    codes = [one.code for one in quote.reasons if isinstance(texts.rules.get(one.code), Exclusion)]
    return tuple(render_named_reasons(codes, texts))


def _explain(service: QuoteService, question: Question) -> Explanation:
    return explain_consignment(service.work_out(question), 0, language=question.language)


def _way_of(regime: Regime | None, way: str) -> str:
    """Return the way a parcel comes: another one where the country's law governs only that."""
    if regime is None or not regime.channel_codes or way in regime.channel_codes:
        return way
    return regime.channel_codes[0]


def _region_of(regime: Regime | None) -> str | None:
    """Return the first region that has amounts of its own, where they hang on the region."""
    return None if regime is None else regime.region_code


def _destination(country: str, regime: Regime | None) -> dict[str, str]:
    region = _region_of(regime)
    return {"country_code": country} | ({"region_code": region} if region else {})


def _request(basket: Mapping[str, Any], destinations: list[dict[str, str]]) -> BasketRequest:
    """Return the request for baskets. Raises InputFaultyError with every fault of its form."""
    content = msgspec.json.encode({"baskets": [basket], "destinations": destinations})
    try:
        return DECODER.decode(content)
    except msgspec.MsgspecError:
        said = [(one, sentence_of(one)) for one in find_faults(content, BasketRequest, _BODY_BYTES_MAX)]
        raise _faulty(
            [InputFault(one.pointer, one.code, words.sentence, words.remedy) for one, words in said]
        ) from None


def _faulty(faults: Sequence[InputFault]) -> InputFaultyError:
    return InputFaultyError(
        tuple(faults),
        MessageText.counted(
            "The basket has {count} fault.", "The basket has {count} faults.", count=len(faults)
        ),
        "Correct them all, then ask again.",
    )
