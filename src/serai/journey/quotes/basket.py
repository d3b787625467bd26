"""Many baskets and many destinations in one call: every basket is quoted for every destination."""

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from serai.foundation.http.problems import InputFault, InputFaultyError
from serai.journey.quotes.answer import QuoteOut
from serai.journey.quotes.question import Question
from serai.journey.quotes.request import QuoteRequest, complete
from serai.model.documents import Code
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

PAIRS_COUNT_MAX: Final = 600
ITEMS_COUNT_MAX: Final = 20_000
"""Goods items over all pairs: some seconds of work, and no more, can be asked for at once."""


class Destination(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where a basket may go. country_code: ISO 3166-1 alpha-2. Where a country has parts under other law,
    postcode or region_code tells which; else its main territory is assumed, and told.
    """

    country_code: Code
    postcode: Code | None = None
    region_code: Code | None = None


class BasketRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Baskets, each like the request of one quote, and where they may go. Without destinations each basket
    names its own. is_signed: false asks for the figures alone, and nothing is kept.
    """

    baskets: Annotated[list[QuoteRequest], Meta(min_length=1, max_length=100)]
    destinations: Annotated[list[Destination], Meta(max_length=300)] = []
    is_signed: bool = True


class Pair(msgspec.Struct, frozen=True):
    """A basket on its way to a destination. basket, destination: places in the request; destination is
    None where the basket names its own.
    """

    basket: int
    destination: int | None
    question: Question


class QuotedPair(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a basket costs at a destination: a quote, or why there is none. errors: faults of the request,
    each with its pointer into it. problem: code and sentence of a failure that is ours.
    """

    basket: int
    reference: str
    destination: Destination
    quote: QuoteOut | None = None
    errors: list[InputFault] = []
    problem: str | None = None


class BasketOut(msgspec.Struct, frozen=True):
    """The quotes, basket by basket, each in the order of the destinations."""

    quotes: list[QuotedPair]


DECODER: Final = msgspec.json.Decoder(BasketRequest)


def spread(request: BasketRequest, at: dt.datetime, language: str, party_id: int | None = None) -> list[Pair]:
    """Return every basket with every destination. party_id: to whom quotes are promised.

    Raises InputFaultyError with every fault of the whole: a destination named twice or nowhere, more than can
    be answered at once.
    """
    faults = list(_find_faults(request))
    if faults:
        raise InputFaultyError(
            tuple(faults),
            MessageText.counted(
                "The request has {count} fault.", "The request has {count} faults.", count=len(faults)
            ),
            "Correct them all, then ask again.",
        )
    return [
        Pair(place, number, Question(*complete(_bound_for(basket, to), at, language), language, party_id))
        for place, basket in enumerate(request.baskets)
        for number, to in (enumerate(request.destinations) if request.destinations else [(None, None)])
    ]


def pair_answers(
    request: BasketRequest, pairs: Sequence[Pair], answers: Sequence[QuoteOut | SeraiError]
) -> BasketOut:
    """Put answers beside what was asked. answers: one for each pair, in order."""
    return BasketOut([_answer_of(request, *both) for both in zip(pairs, answers, strict=True)])


def _answer_of(request: BasketRequest, pair: Pair, answer: QuoteOut | SeraiError) -> QuotedPair:
    document = pair.question.document
    if pair.destination is not None:
        to = request.destinations[pair.destination]
    else:
        to = Destination(
            document.consignee.country_code,
            request.baskets[pair.basket].destination_postcode,
            document.consignee.region_code,
        )
    known = QuotedPair(pair.basket, document.reference, to)
    if isinstance(answer, QuoteOut):
        return msgspec.structs.replace(known, quote=answer)
    if isinstance(answer, InputFaultyError):
        placed = [msgspec.structs.replace(one, pointer=_pointer(pair, one.pointer)) for one in answer.faults]
        return msgspec.structs.replace(known, errors=placed)
    return msgspec.structs.replace(known, problem=f"{answer.code}: {answer.message}")


def _pointer(pair: Pair, pointer: str) -> str:
    """Return where in the request the fault of a declaration lies."""
    if pair.destination is not None and pointer.startswith("/consignee"):
        return f"/destinations/{pair.destination}{pointer.removeprefix('/consignee')}"
    return f"/baskets/{pair.basket}{pointer}"


def _bound_for(basket: Any, to: Destination | None) -> Any:
    if to is None:
        return basket
    return msgspec.structs.replace(
        basket,
        destination_country_code=to.country_code,
        destination_postcode=to.postcode,
        destination_region_code=to.region_code,
    )


def _find_faults(request: BasketRequest) -> list[InputFault]:
    count = len(request.destinations) or 1
    faults = []
    for place, basket in enumerate(request.baskets):
        names_one = basket.destination_country_code is not None or basket.consignee is not None
        if names_one and request.destinations:
            faults.append(
                InputFault(
                    f"/baskets/{place}",
                    "destination-twice",
                    "This basket names a destination, and the request names some for all baskets.",
                    "Leave one of the two out.",
                )
            )
        elif not names_one and not request.destinations:
            faults.append(
                InputFault(
                    "/destinations",
                    "missing-field",
                    MessageText("Where basket {place} goes is not said.", place=place + 1),
                    "Give destinations, or destination_country_code in each basket.",
                )
            )
    pairs_count = len(request.baskets) * count
    items_count = sum(len(basket.goods_items) for basket in request.baskets) * count
    if pairs_count > PAIRS_COUNT_MAX or items_count > ITEMS_COUNT_MAX:
        faults.append(
            InputFault(
                "/baskets",
                "too-many-quotes",
                MessageText(
                    "{pairs_count} quotes over {items_count} goods items are asked for at once;"
                    " {pairs_count_max} and {items_count_max} are the most.",
                    pairs_count=pairs_count,
                    items_count=items_count,
                    pairs_count_max=PAIRS_COUNT_MAX,
                    items_count_max=ITEMS_COUNT_MAX,
                ),
                "Ask in several requests.",
            )
        )
    return faults
