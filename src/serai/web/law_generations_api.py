"""HTTP for law: packs put in force as a generation, sent as an archive or taken from an earlier one."""

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Any, Final

import msgspec
from litestar import Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, QueryParameter
from msgspec import Meta

from serai.app import Node
from serai.foundation.http.body import open_body
from serai.foundation.http.decoding_faults import fault_of_decoding
from serai.foundation.http.negotiation import JSON
from serai.foundation.http.problems import InputFaultyError
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of
from serai.journey.assessment.store import LAW_FILE, Component, select_generations, select_pack_files
from serai.journey.documents.not_found import not_found
from serai.journey.law_in_force.requirements import REQUIREMENTS
from serai.journey.law_in_force.service import read_packs_of
from serai.journey.visibility.table import viewer_of
from serai.law.library import decode_packs
from serai.law.program import VERSION_DIGITS
from serai.law.versions import file_code
from serai.web.administering_api import (
    PLAIN_TEXT,
    AnyRequest,
    acting_user_of,
    problem,
    request_bytes_max,
)
from serai.web.administration.law_acts import put_packs_in_force, read_packs
from serai.web.approvals_api import WAITS, answer_proposal

ZIP: Final = "application/zip"
_Note = Annotated[
    str,
    QueryParameter(
        max_length=200, pattern=PLAIN_TEXT, description="Where the packs come from, for the record."
    ),
]


class EarlierPacks(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Packs that are here already: those of an earlier generation."""

    packs_of_generation: Annotated[int, Meta(ge=1, le=2**31 - 1)]


class ListName(msgspec.Struct, frozen=True):
    """A list by kind and name."""

    kind: str
    name: str


class GenerationOut(msgspec.Struct, frozen=True):
    """What was put in force at once."""

    generation: int
    is_in_force: bool
    activated_at: dt.datetime
    packs_count: int
    lists: list[ListName]
    note: str


class GenerationsOut(msgspec.Struct, frozen=True):
    """Every generation, the newest first."""

    generations: list[GenerationOut]


class ActivatedOut(msgspec.Struct, frozen=True):
    """What is in force now. is_changed: False where the same bytes were in force already."""

    generation: int
    packs_count: int
    files_count: int
    is_changed: bool


class PackFile(msgspec.Struct, frozen=True):
    """A file of a pack. name: below the folder of laws. content: its text."""

    name: str
    content: str


class PackFiles(msgspec.Struct, frozen=True):
    """A law pack in one version, as it was loaded."""

    code: str
    version: str
    files: list[PackFile]


@get(
    "/v1/law-packs/{code:str}/{version:str}",
    opt={"act": "public.read"},
    summary="A law pack that a decision or quote names, in that version.",
    responses={404: problem("No such pack, or it holds rules for officers alone and you are none")},
)
async def read_law_pack(request: AnyRequest, code: FromPath[str], version: FromPath[str]) -> PackFiles:
    """The address that stands beside each pack in the `law` of a decision. The SHA-256 of `pack.yaml`, a NUL
    and `tariff.csv` begins with the version."""
    node = provided(request, Node)
    law = node.processor.law
    loaded = law.book.packs.get(code)
    if loaded is not None and loaded.content_hash.startswith(version) and len(version) == VERSION_DIGITS:
        kinds, folder = (LAW_FILE, REQUIREMENTS), f"{file_code(code)}/"
        found = [one for one in law.components if one.kind in kinds and one.name.startswith(folder)]
    else:
        async with node.database.read(node.administration_id) as connection:
            found = await select_pack_files(
                connection, code, version, administration_id=node.administration_id
            )
    if not found or (_is_for_officers(found) and not viewer_of(actor_of(request)).is_officer):
        raise not_found()
    return PackFiles(code, version, [PackFile(one.name, one.content.decode()) for one in found])


def _is_for_officers(files: Sequence[Component]) -> bool:
    """Say whether a pack has rules that never leave the officers' view."""
    packs = decode_packs({one.name: one.content for one in files}).values()
    return any(reason.audience == "officer" for pack in packs for reason in pack.reasons)


@get(
    "/v1/law-generations",
    opt={"act": "administering.read"},
    summary="What was put in force, and when: law packs and lists.",
)
async def read_generations(request: AnyRequest) -> GenerationsOut:
    """The newest first; that one holds."""
    administration_id = acting_user_of(request).administration_id
    async with provided(request, Node).database.read(administration_id) as connection:
        found = await select_generations(connection, administration_id=administration_id)
    return GenerationsOut(
        [
            GenerationOut(
                one.generation_id,
                place == 0,
                one.activated_at,
                one.packs_count,
                [ListName(kind, name) for kind, name in one.lists],
                one.note,
            )
            for place, one in enumerate(found)
        ]
    )


@post(
    "/v1/law-generations",
    opt={"act": "law.activate"},
    request_max_body_size=None,
    summary="Put law packs in force; they replace all packs that were, lists stay.",
    responses={
        200: ResponseSpec(ActivatedOut, description="They were in force already", generate_examples=False),
        201: ResponseSpec(ActivatedOut, description="They are in force", generate_examples=False),
        202: WAITS,
        404: problem("There is no generation of this number"),
        422: problem("The packs are faulty: `errors` names each fault; the law in force stays in force"),
    },
)
async def activate_law(request: AnyRequest, note: _Note = "packs sent over HTTP") -> Response[Any]:
    """Send a folder as ZIP, or name an earlier generation. Everything is compiled first: on any fault the law
    in force stays in force. It holds within a second, for what is decided from then on. The same packs again
    change nothing: 200 instead of 201.
    """
    acting_user, node = acting_user_of(request), provided(request, Node)
    body = open_body(request, media_types=(ZIP, JSON), bytes_max=request_bytes_max(request))
    content = await body.read()
    if body.media_type == ZIP:
        contents = await read_packs(content)
    else:
        wanted = _read(content).packs_of_generation
        contents = await read_packs_of(node.database, acting_user.administration_id, wanted)
        note = f"packs of generation {wanted}"
    activated, proposal = await put_packs_in_force(node, acting_user, contents, note)
    if activated is None:
        assert proposal is not None, "what is not done waits"
        return answer_proposal(proposal)
    out = ActivatedOut(
        activated.generation_id, activated.packs_count, activated.files_count, activated.is_changed
    )
    return Response(out, status_code=201 if activated.is_changed else 200)


ROUTES = [read_law_pack, read_generations, activate_law]


def _read(content: bytes) -> EarlierPacks:
    try:
        return msgspec.json.decode(content, type=EarlierPacks)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        raise InputFaultyError(
            (fault_of_decoding(str(fault)),), "The request cannot be read.", "Correct it and send it again."
        ) from fault
