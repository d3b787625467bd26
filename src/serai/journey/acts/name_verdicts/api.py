"""HTTP of names that resemble entries of lists of denied parties: read them, say who it is. For officers."""

from typing import Annotated, Any

import msgspec
from litestar import Request, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta

from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of
from serai.foundation.id_text import parse_id
from serai.journey.acts.name_verdicts.service import ListedName, Said, decide_name, read_listed_names
from serai.journey.documents.submission import sender_of
from serai.journey.processing.transaction import Processor

_AnyRequest = Request[Any, Any, Any]
_Key = Annotated[str, Meta(min_length=1, max_length=200)]


class NameVerdictIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an officer says of a listed name. The first five: as they were read. remark: in words, which are
    kept as a person's data are."""

    consignment_id: Annotated[str, Meta(min_length=1, max_length=40)]
    role: _Key
    list_code: _Key
    entry_id: _Key
    entry_version: Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]
    verdict_code: _Key
    remark: Annotated[str, Meta(min_length=1, max_length=2_000)]


class ListedNamesOut(msgspec.Struct, frozen=True):
    """Names on the documents of a case that resemble entries of lists."""

    listed_names: list[ListedName]


@get(
    "/v1/cases/{case_id:str}/listed-names",
    opt={"act": "listed-names.read"},
    summary="Names on a case that resemble entries of lists of denied parties.",
)
async def list_listed_names(request: _AnyRequest, case_id: FromPath[str]) -> ListedNamesOut:
    """Each with entry, programme, score and what an officer has said of it. The names on the documents are
    opened apart, for a purpose."""
    found = await read_listed_names(
        provided(request, Processor), sender_of(actor_of(request)), parse_id(case_id)
    )
    return ListedNamesOut(found)


@post(
    "/v1/cases/{case_id:str}/listed-names/verdicts",
    opt={"act": "listed-names.decide"},
    status_code=200,
    summary="Say of a name whether it is the listed one.",
)
async def decide_listed_name(
    request: _AnyRequest, case_id: FromPath[str], data: JSONBody[NameVerdictIn]
) -> ListedNamesOut:
    """Another person: the name stands against no parcel of that person any more, while the entry stays as it
    is. The same person: the parcel stays under control until an officer takes a measure with its own legal
    basis, or ends the control. The same again changes nothing."""
    found = await decide_name(
        provided(request, Processor), sender_of(actor_of(request)), parse_id(case_id), said_of(data)
    )
    return ListedNamesOut(found)


def said_of(data: NameVerdictIn) -> Said:
    """Return what an officer says, ids as numbers. Raises SeraiError `not-found`."""
    return Said(**{**msgspec.structs.asdict(data), "consignment_id": parse_id(data.consignment_id)})


ROUTES = [list_listed_names, decide_listed_name]
