"""HTTP of quotes: one parcel to one place, and many baskets to many places."""

from typing import Any, Final, cast

import msgspec
from litestar import Request, Response, post
from litestar.openapi.datastructures import ResponseSpec

from serai.foundation.http.negotiation import JSON
from serai.journey.follow.api import language_of
from serai.laboratory.json_body import one_fault, read_json
from serai.laboratory.quotes import basket
from serai.laboratory.quotes.answer import QuoteOut
from serai.laboratory.quotes.basket import BasketOut, BasketRequest, pair_answers, spread
from serai.laboratory.quotes.desk import Question, QuoteDesk, encode
from serai.laboratory.quotes.request import DECODER, QuoteRequest, complete

BASKETS_BYTES_MAX: Final = 4 << 20
_ENCODER: Final = msgspec.json.Encoder()

_AnyRequest = Request[Any, Any, Any]


@post(
    "/v1/quotes",
    opt={"act": "quotes.ask"},
    status_code=200,
    tags=["Quotes"],
    summary="What will this parcel cost? Duty, tax and fees under the law in force; nothing is stored.",
    responses={200: ResponseSpec(QuoteOut, description="The quote", generate_examples=False)},
)
async def ask_quote(request: _AnyRequest) -> Response[bytes]:
    """Needed: goods items with code, description, price, currency and origin, and the destination. What
    is not said is assumed, and told.

    A whole declaration may be sent as well; names and addresses are not looked at.
    """
    desk = cast("QuoteDesk", request.app.state["quote_desk"])
    asked = await read_json(request, DECODER, QuoteRequest)
    language = language_of(request)
    if asked.destination_country_code is None and asked.consignee is None:
        raise one_fault(
            "/destination_country_code", "missing-field", "Where it goes is not said.", "Give the country."
        )
    document, assumptions = complete(asked, desk.at, language)
    quote = await desk.ask(Question(document, assumptions, language))
    return Response(encode(quote), media_type=JSON)


@post(
    "/v1/quotes/baskets",
    opt={"act": "quotes.ask"},
    status_code=200,
    tags=["Quotes"],
    summary="What will these baskets cost at each of these destinations? All in one call.",
    responses={200: ResponseSpec(BasketOut, description="The quotes", generate_examples=False)},
)
async def ask_baskets(request: _AnyRequest) -> Response[bytes]:
    """Every basket is quoted for every destination. A fault at one pair harms no other: it stands in its
    place, with a pointer into the request.
    """
    desk = cast("QuoteDesk", request.app.state["quote_desk"])
    asked = await read_json(request, basket.DECODER, BasketRequest, bytes_max=BASKETS_BYTES_MAX)
    pairs = spread(asked, desk.at, language_of(request))
    answers = await desk.ask_all([pair.question for pair in pairs])
    return Response(_ENCODER.encode(pair_answers(asked, pairs, answers)), media_type=JSON)


ROUTES = [ask_quote, ask_baskets]
