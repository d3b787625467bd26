"""HTTP for lists: denied parties, scheme registers, exchange rates, tariffs put in force, and which are."""

import hashlib
from typing import Annotated, Any, Final

import msgspec
from litestar import Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter

from serai.app import Node
from serai.foundation.http.body import open_body
from serai.foundation.http.negotiation import XML_MEDIA_TYPES
from serai.foundation.http.provided import provided
from serai.journey.assessment.store import LAW_FILE, select_components, select_generation
from serai.journey.law_in_force.list_files import ListKind
from serai.web.administering_api import (
    AnyRequest,
    acting_user_of,
    problem,
    request_bytes_max,
)
from serai.web.administration.law_acts import put_list_in_force
from serai.web.approvals_api import WAITS, answer_proposal

_CSV: Final = ("text/csv",)
_MEDIA_TYPES: Final[dict[ListKind, tuple[str, ...]]] = {
    "denied-parties": (*_CSV, *XML_MEDIA_TYPES),
    "risk-model": ("application/octet-stream",),
}
_Name = Annotated[
    str,
    QueryParameter(
        min_length=1,
        max_length=128,
        pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]*$",
        description="Name of the file. The list takes the place of the one of this kind and name.",
    ),
]


class ListOut(msgspec.Struct, frozen=True):
    """A list in force. sha256: of its bytes, hexadecimal."""

    kind: str
    name: str
    size_bytes: int
    sha256: str


class ListsOut(msgspec.Struct, frozen=True):
    """The lists in force, as of a generation of law."""

    generation: int | None
    lists: list[ListOut]


class ImportedOut(msgspec.Struct, frozen=True):
    """What an import has led to. is_changed: False where the same bytes were in force already."""

    kind: str
    name: str
    entries_count: int
    generation: int
    is_changed: bool


@get(
    "/v1/lists",
    opt={"act": "administering.read"},
    summary="Which lists are in force.",
)
async def read_lists(request: AnyRequest) -> ListsOut:
    """By kind and name, with a hash to compare the file with."""
    administration_id = acting_user_of(request).administration_id
    async with provided(request, Node).database.read(administration_id) as connection:
        found = await select_generation(connection, administration_id=administration_id)
        components = await select_components(connection, found[1] if found else [])
    lists = [
        ListOut(one.kind, one.name, len(one.content), hashlib.sha256(one.content).hexdigest())
        for one in sorted(components, key=lambda one: (one.kind, one.name))
        if one.kind != LAW_FILE
    ]
    return ListsOut(found[0] if found else None, lists)


@post(
    "/v1/lists/{kind:str}",
    opt={"act": "lists.import"},
    request_max_body_size=None,
    summary="Put a list in force: denied parties, a scheme register, exchange rates or a tariff.",
    responses={
        200: ResponseSpec(ImportedOut, description="It was in force already", generate_examples=False),
        201: ResponseSpec(ImportedOut, description="It is in force", generate_examples=False),
        202: WAITS,
        400: problem("There is no such kind of list, or its name is missing"),
        422: problem("The file is faulty: `detail` names the row; nothing was imported"),
    },
)
async def import_one_list(request: AnyRequest, kind: FromPath[ListKind], name: _Name) -> Response[Any]:
    """In force within a second; decisions made before keep the list they were made with. A faulty file is
    refused whole. The same bytes again change nothing: 200 instead of 201.
    """
    acting_user = acting_user_of(request)
    media_types = _MEDIA_TYPES.get(kind, _CSV)
    body = open_body(request, media_types=media_types, bytes_max=request_bytes_max(request))
    content = await body.read()
    imported, proposal = await put_list_in_force(provided(request, Node), acting_user, kind, name, content)
    if imported is None:
        assert proposal is not None, "what is not done waits"
        return answer_proposal(proposal)
    out = ImportedOut(kind, name, imported.entries_count, imported.generation_id, imported.is_changed)
    return Response(out, status_code=201 if imported.is_changed else 200)


ROUTES = [read_lists, import_one_list]
