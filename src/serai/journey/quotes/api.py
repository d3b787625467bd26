"""HTTP of quotes: one parcel to one place, and many baskets to many places."""

from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath

from serai.foundation.http.document_routes import DIRECT
from serai.foundation.http.negotiation import JSON
from serai.foundation.http.problems import InputFaultyError
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of, answer_document, kit_of, language_of
from serai.foundation.id_text import parse_id
from serai.foundation.jws import PublishedKey
from serai.journey.cases.service import CaseFiles
from serai.journey.json_body import one_fault, read_json
from serai.journey.quotes import basket
from serai.journey.quotes.answer import QuoteOut
from serai.journey.quotes.basket import BasketOut, BasketRequest, pair_answers, spread
from serai.journey.quotes.case_quotes import AccountsOut, CaseQuotes, read_accounts, read_case_quotes
from serai.journey.quotes.checking import CheckQuote, QuoteVerdict, check_signed
from serai.journey.quotes.promises import Promises
from serai.journey.quotes.question import Question
from serai.journey.quotes.request import DECODER, QuoteRequest, complete, place_in_request
from serai.journey.quotes.service import QuoteService
from serai.journey.visibility.table import viewer_of

BASKETS_BYTES_MAX: Final = 4 << 20
_ENCODER: Final = msgspec.json.Encoder()
_CHECK_DECODER: Final = msgspec.json.Decoder(CheckQuote)

_AnyRequest = Request[Any, Any, Any]


class KeySet(msgspec.Struct, frozen=True):
    """Public keys (RFC 7517)."""

    keys: list[PublishedKey]


@post(
    "/v1/quotes",
    opt={"act": "quotes.ask", **DIRECT},
    status_code=200,
    summary="What will this parcel cost? Duty, tax and fees under the law in force, as a signed promise.",
    responses={200: ResponseSpec(QuoteOut, description="The quote", generate_examples=False)},
)
async def ask_quote(request: _AnyRequest) -> Response[bytes]:
    """Needed: goods items with code, description, price, currency and origin, and the destination. What
    is not said is assumed, and told.

    A whole declaration may be sent as well; names and addresses are not looked at.
    """
    service = provided(request, QuoteService)
    asked = await read_json(request, DECODER, QuoteRequest)
    language = language_of(request)
    if asked.destination_country_code is None and asked.consignee is None:
        raise one_fault(
            "/destination_country_code", "missing-field", "Where it goes is not said.", "Give the country."
        )
    document, assumptions = complete(asked, service.at, language)
    question = Question(document, assumptions, language, _party_of(request, asked))
    try:
        quote = await service.ask(question)
    except InputFaultyError as error:
        raise InputFaultyError(place_in_request(error.faults, asked), *error.texts) from error
    return answer_document(200, _ENCODER.encode(quote))


@post(
    "/v1/quotes/baskets",
    opt={"act": "quotes.ask"},
    status_code=200,
    summary="What will these baskets cost at each of these destinations? All in one call.",
    responses={200: ResponseSpec(BasketOut, description="The quotes", generate_examples=False)},
)
async def ask_baskets(request: _AnyRequest) -> Response[bytes]:
    """Every basket is quoted for every destination. A fault at one pair harms no other: it stands in its
    place, with a pointer into the request.
    """
    service = provided(request, QuoteService)
    asked = await read_json(request, basket.DECODER, BasketRequest, bytes_max=BASKETS_BYTES_MAX)
    pairs = spread(asked, service.at, language_of(request), _party_of(request, asked))
    answers = await service.ask_all([pair.question for pair in pairs])
    return Response(_ENCODER.encode(pair_answers(asked, pairs, answers)), media_type=JSON)


@post(
    "/v1/quotes/verify",
    opt={"act": "receipts.verify"},
    status_code=200,
    summary="Check a signed quote: that it is ours, unchanged, still holds, and what of it is left.",
    responses={200: ResponseSpec(QuoteVerdict, description="What was found", generate_examples=False)},
)
async def check_quote(request: _AnyRequest) -> Response[QuoteVerdict]:
    """For whoever holds one. A false quote is answered with 200 and its faults: that it was checked is what
    you asked for.
    """
    wanted = await read_json(request, _CHECK_DECODER, CheckQuote)
    promises = provided(request, Promises)
    return Response(
        await check_signed(
            promises.services, promises.administration_code, wanted.signed, kit_of(request).clock.now()
        )
    )


@get(
    "/.well-known/jwks.json",
    opt={"act": "public.read"},
    summary="The public key that quotes are signed with, as a JSON Web Key Set (RFC 7517).",
)
async def read_keys(request: _AnyRequest) -> Response[KeySet]:
    """The key that is under /log/key, for programs that read JWS. Compare it with other places it is in."""
    promises = provided(request, Promises)
    return Response(KeySet([promises.published_key]), media_type=JSON)


@get(
    "/v1/cases/{case_id:str}/quotes",
    opt={"act": "cases.read"},
    summary="Quotes that declarations of a case cite: whether they bind, with quoted and assessed charges.",
)
async def read_quotes_of_case(request: _AnyRequest, case_id: FromPath[str]) -> CaseQuotes:
    """Where a quote does not bind, every term that fails is told."""
    return await read_case_quotes(
        provided(request, CaseFiles), viewer_of(actor_of(request)), parse_id(case_id)
    )


@get(
    "/v1/quotes/accounts",
    opt={"act": "statistics.read"},
    summary="What honouring quotes has come to: quoted, assessed, and the difference the account bears.",
)
async def read_accounts_of_quotes(request: _AnyRequest) -> AccountsOut:
    """For the administration."""
    return await read_accounts(provided(request, CaseFiles))


ROUTES = [ask_quote, ask_baskets, check_quote, read_keys, read_quotes_of_case, read_accounts_of_quotes]


def _party_of(request: _AnyRequest, asked: Any) -> int | None:
    """Return to whom a quote is promised: nobody where figures alone are asked for."""
    return actor_of(request).party_id if asked.is_signed else None
