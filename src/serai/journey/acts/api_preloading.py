"""HTTP before loading: what stands for a transport document, what waits for whom, screenings, an officer's
word."""

import datetime as dt
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from serai.foundation.http.provided import provided
from serai.foundation.http.respond import Include, actor_of, texts_in
from serai.foundation.id_text import parse_id
from serai.journey.acts.preloading import PreloadingActs
from serai.journey.preloading.answer import PreloadingOut, PreloadingPage
from serai.journey.preloading.required_data import OUTCOMES, Outcome

_AnyRequest = Request[Any, Any, Any]
_LIMIT_MAX: Final = 1_000


class ScreeningReport(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The result of a screening. method_code: as the carrier's security programme names it (XRY, EDD, PHS).

    result: clear or alarm. screened_at: an instant with its offset from UTC.
    """

    method_code: Annotated[str, Meta(min_length=1, max_length=35)]
    result: Annotated[str, Meta(min_length=1, max_length=35)]
    screened_at: Annotated[dt.datetime, Meta(tz=True)]


class PreloadingWord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An officer's word. words: said to the declarant: what is asked for, or why not."""

    outcome: Outcome
    words: Annotated[str, Meta(min_length=1, max_length=512)]


@get(
    "/v1/transport-documents/{reference:str}/pre-loading",
    opt={"act": "loading.read"},
    summary="The pre-loading assessment of a transport document: may it be loaded, what is asked for?",
)
async def read_loading(
    request: _AnyRequest, reference: FromPath[str], include: Include = None
) -> PreloadingOut:
    """By the sender's own reference."""
    return await provided(request, PreloadingActs).read(
        actor_of(request), reference, texts_in(request, include)
    )


@post(
    "/v1/transport-documents/{reference:str}/screening",
    opt={"act": "transport_documents.submit"},
    status_code=200,
    summary="Report the result of a screening that was asked for.",
)
async def report_screening(
    request: _AnyRequest, reference: FromPath[str], data: JSONBody[ScreeningReport]
) -> PreloadingOut:
    """A question for data is answered otherwise: by an amendment of the transport document."""
    return await provided(request, PreloadingActs).report_screening(
        actor_of(request),
        reference,
        method_code=data.method_code,
        result=data.result,
        screened_at=data.screened_at,
    )


@get(
    "/v1/pre-loading-assessments",
    opt={"act": "loading.read"},
    summary="Pre-loading assessments that wait, oldest first: officers see all, a party its own.",
)
async def list_preloading(
    request: _AnyRequest,
    outcome: Annotated[
        Outcome | None, QueryParameter(description="Default: all but assessment-complete.")
    ] = None,
    after: Annotated[str | None, QueryParameter(description="`next_after` of the page before.")] = None,
    limit: Annotated[int, QueryParameter(ge=1, le=_LIMIT_MAX, description="Most rows of a page.")] = 100,
    include: Include = None,
) -> PreloadingPage:
    """Officers see beside each which entries of lists bear the name of somebody on the document."""
    wanted: list[Outcome] = [outcome] if outcome is not None else list(OUTCOMES[1:])
    return await provided(request, PreloadingActs).list_open(
        actor_of(request),
        wanted,
        after=parse_id(after) if after else 0,
        limit=limit,
        language=texts_in(request, include),
    )


@post(
    "/v1/pre-loading-assessments/{assessment:str}/decision",
    opt={"act": "loading.decide"},
    status_code=200,
    summary="An officer's word: load, do not load, screen, or tell more.",
)
async def decide_preloading(
    request: _AnyRequest, assessment: FromPath[str], data: JSONBody[PreloadingWord]
) -> PreloadingOut:
    """It takes the place of the assessment named, if that still stands; until an officer says otherwise no
    amendment lifts it."""
    return await provided(request, PreloadingActs).decide(
        actor_of(request), parse_id(assessment), outcome=data.outcome, words=data.words
    )


ROUTES = [read_loading, report_screening, list_preloading, decide_preloading]
