"""The page `/release-times`: release times and measures for everybody; machines get JSON and CSV."""

import csv
from collections.abc import Sequence
from io import StringIO
from typing import Any, Final

import msgspec
from litestar import Request, Response, get
from litestar.openapi.datastructures import ResponseSpec

from serai.foundation.http.provided import provided
from serai.foundation.http.respond import kit_of, language_of, page, shared_page
from serai.foundation.settings import Settings
from serai.journey.statistics.published import (
    EndedMeasures,
    FigureReader,
    PublishedFigures,
    ReleaseTimes,
)
from serai.journey.texts.catalogue import find_text
from serai.model.acts import MEASURE_REASON
from serai.portal.statistics.words import CHANNELS, MEASURES, MODES

_AnyRequest = Request[Any, Any, Any]
_CSV: Final = "text/csv; charset=utf-8"
_OPEN_DATA: Final = {"cache-control": "no-store"}
_OPT: Final = {"act": "public.read"}


@get("/release-times", opt=_OPT, include_in_schema=False)
async def show_release_times(request: _AnyRequest) -> Response[Any]:
    """Show release times and how measures ended."""
    figures = await _read(request)
    language = language_of(request)

    def build() -> tuple[PublishedFigures, dict[str, object]]:
        return figures, {
            "measure_words": MEASURES,
            "channel_words": CHANNELS,
            "mode_words": MODES,
            "reasons": {one.reason_code: _reason(one.reason_code, language) for one in figures.measures},
            "time_zone": provided(request, Settings).administration.time_zone,
        }

    template = "portal/release_times.html"
    kept = shared_page(request, template, figures.until, build)
    return page(request, figures, template, more=build()[1]) if kept is None else kept


@get(
    "/v1/statistics",
    opt=_OPT,
    summary="Release times by lane, channel and mode, and how measures ended: open data.",
    responses={200: ResponseSpec(PublishedFigures, description="The figures", generate_examples=False)},
)
async def read_statistics(request: _AnyRequest) -> Response[PublishedFigures]:
    """No key is asked for. Counts below ten are left out, others rounded down to tens; nobody is named. The
    same for a minute, for everybody."""
    return Response(await _read(request), headers=_OPEN_DATA)


@get(
    "/v1/statistics/release-times",
    opt=_OPT,
    media_type=_CSV,
    summary="Release times as CSV: open data.",
)
async def read_release_times(request: _AnyRequest) -> Response[str]:
    """As in `/v1/statistics`; the first row, without lane, channel and mode, is of all that are told."""
    figures = await _read(request)
    rows = [*([figures.all_releases] if figures.all_releases else []), *figures.release_times]
    return _as_csv(ReleaseTimes, rows, "release-times")


@get("/v1/statistics/measures", opt=_OPT, media_type=_CSV, summary="How measures ended as CSV: open data.")
async def read_measures(request: _AnyRequest) -> Response[str]:
    """As in `/v1/statistics`."""
    return _as_csv(EndedMeasures, (await _read(request)).measures, "measures")


ROUTES = [show_release_times, read_statistics, read_release_times, read_measures]


async def _read(request: _AnyRequest) -> PublishedFigures:
    kit = kit_of(request)
    return await provided(request, FigureReader).read(kit.database, kit.administration_id, kit.clock.now())


def _reason(code: str, language: str) -> str:
    text = find_text(f"{MEASURE_REASON}{code}", language)
    return code if text is None else text.sentence


def _as_csv(kind: type[msgspec.Struct], rows: Sequence[msgspec.Struct], name: str) -> Response[str]:
    """Write codes and whole numbers alone: nothing that a spreadsheet could take for a formula."""
    content = StringIO()
    writer = csv.writer(content)
    writer.writerow(kind.__struct_fields__)
    writer.writerows(msgspec.structs.astuple(one) for one in rows)
    headers = {**_OPEN_DATA, "content-disposition": f'inline; filename="{name}.csv"'}
    return Response(content.getvalue(), media_type=_CSV, headers=headers)
