"""The page `/fairness`: is selection fair? For everybody; machines get JSON."""

from collections.abc import Mapping
from typing import Any, Final

from litestar import Request, Response, get
from litestar.openapi.datastructures import ResponseSpec

from serai.foundation.http.interface_words import translatable
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import kit_of, page
from serai.foundation.settings import Settings
from serai.portal.fairness.reader import Fairness, FairnessReader
from serai.portal.statistics.words import CHANNELS

_AnyRequest = Request[Any, Any, Any]
_OPT: Final = {"act": "public.read"}
DIMENSION_WORDS: Final[Mapping[str, str]] = {
    "origin": translatable("Country of origin"),
    "channel": translatable("Channel"),
    "seller-size": translatable("Size of the seller"),
    "declarant-kind": translatable("Who declares"),
}
GROUP_WORDS: Final[Mapping[str, str]] = {
    **CHANNELS,
    "unknown": translatable("Not stated"),
    "small": translatable("Small seller"),
    "medium": translatable("Medium seller"),
    "large": translatable("Large seller"),
    "platform": translatable("Platform"),
    "carrier": translatable("Carrier"),
    "declarant": translatable("Declarant"),
    "seller": translatable("Seller"),
    "other": translatable("Others"),
}


@get("/fairness", opt=_OPT, include_in_schema=False)
async def show_fairness(request: _AnyRequest) -> Response[str]:
    """Show how often groups of parcels are selected and found wrong."""
    more: dict[str, object] = {
        "dimension_words": DIMENSION_WORDS,
        "group_words": GROUP_WORDS,
        "time_zone": provided(request, Settings).administration.time_zone,
    }
    return page(request, await _read(request), "portal/fairness.html", more=more)


@get(
    "/v1/fairness",
    opt=_OPT,
    summary="How often groups of parcels are selected and found wrong, from the random share: open data.",
    responses={200: ResponseSpec(Fairness, description="The figures", generate_examples=False)},
)
async def read_fairness_meter(request: _AnyRequest) -> Response[Fairness]:
    """No key is asked for. Groups of fewer than ten are left out; nobody and no rule is named. The same for a
    minute, for everybody."""
    return Response(await _read(request), headers={"cache-control": "no-store"})


ROUTES = [show_fairness, read_fairness_meter]


async def _read(request: _AnyRequest) -> Fairness:
    kit = kit_of(request)
    return await provided(request, FairnessReader).read(kit.database, kit.administration_id, kit.clock.now())
