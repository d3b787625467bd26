"""`POST /v1/describe`: do descriptions name goods, which word does not, which codes are meant?"""

from typing import Annotated, Any, Final, Literal

import msgspec
from litestar import Request, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import JSONBody
from msgspec import Meta

from serai.foundation.http.guards import client_network
from serai.foundation.http.provided import provided
from serai.journey.descriptions.description import Description
from serai.portal.law.pages import law_of
from serai.portal.message_check.service import CheckService

TEXTS_MAX: Final = 1_000
TEXT_CHARACTERS_MAX: Final = 512


class DescriptionIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A description of goods. commodity_code: declared with it, to be compared; None: none is."""

    text: Annotated[str, Meta(max_length=TEXT_CHARACTERS_MAX)]
    commodity_code: Annotated[str, Meta(pattern="^[0-9]{4,14}$")] | None = None


class DescribeRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Descriptions to look at. language: of the words that are suggested; None: of each text its own."""

    descriptions: Annotated[list[DescriptionIn], Meta(min_length=1, max_length=TEXTS_MAX)]
    language: Literal["en", "de", "fr", "es", "zh"] | None = None


class DescribedOut(msgspec.Struct, frozen=True):
    """A description and what is said of it."""

    text: str
    answer: Description


class DescribeAnswer(msgspec.Struct, frozen=True):
    """One answer a description, in their order."""

    descriptions: list[DescribedOut]


@post(
    "/v1/describe",
    opt={"act": "messages.check"},
    status_code=200,
    summary="Say of goods descriptions whether they are vague, by which word, and which codes they mean.",
    responses={200: ResponseSpec(DescribeAnswer, description="What each says", generate_examples=False)},
)
async def describe_goods(request: Request[Any, Any, Any], data: JSONBody[DescribeRequest]) -> DescribeAnswer:
    """No key is asked for, nothing is stored. It is advice: only the list of vague words holds a parcel."""
    answers = await provided(request, CheckService).describe(
        client_network(request),
        [one.text for one in data.descriptions],
        [one.commodity_code for one in data.descriptions],
        vague_words=law_of(request).lists.vague_words,
        language=data.language,
    )
    return DescribeAnswer(
        [DescribedOut(one.text, said) for one, said in zip(data.descriptions, answers, strict=True)]
    )


ROUTES = [describe_goods]
