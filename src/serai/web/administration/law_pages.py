"""The page of law in force: which packs and lists hold since when, loading others, going back to earlier
packs."""

import re
from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post

from serai.app import Node
from serai.foundation.access.store import ProposalRow
from serai.foundation.access.table import may, require
from serai.foundation.http.problem_texts import error_text, text_in
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of, language_of, page
from serai.journey.assessment.store import (
    LAW_FILE,
    Generation,
    select_components,
    select_generation,
    select_generations,
)
from serai.journey.law_in_force.faults import LawFaultyError
from serai.journey.law_in_force.list_files import LIST_KINDS
from serai.journey.law_in_force.service import read_packs_of
from serai.model.errors import SeraiError
from serai.web.administering_api import acting_user_of
from serai.web.administration.faults import faults_of
from serai.web.administration.law_acts import put_list_in_force, put_packs_in_force, read_packs
from serai.web.list_sources.api import ListSourceOut, sources_out

_Request = Request[Any, Any, Any]
_FAULTY: Final = 422
_BODY_BYTES_MAX: Final = 64 << 20
GENERATIONS_COUNT_MAX: Final = 50
FAULTS_COUNT_MAX: Final = 50
_PACK: Final = "/pack.yaml"
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,127}")
_NOTE_LENGTH_MAX: Final = 200


class ListInForce(msgspec.Struct, frozen=True):
    """A list that holds now."""

    kind: str
    name: str
    size_bytes: int


class LawView(msgspec.Struct, frozen=True):
    """What the page shows. done: a word for what was done a moment ago; told: faults of what was sent, as
    they were found, in English."""

    generations: list[Generation]
    packs: list[str]
    lists: list[ListInForce]
    sources: list[ListSourceOut]
    faults: dict[str, str]
    told: list[str]
    form: dict[str, str]
    done: str


@get("/administration/law", opt={"act": "administering.read"}, include_in_schema=False)
async def show_law(request: _Request) -> Response[str]:
    """Show what is in force."""
    return await _page(request)


@post(
    "/administration/law/packs",
    opt={"act": "law.activate"},
    include_in_schema=False,
    status_code=200,
    request_max_body_size=_BODY_BYTES_MAX,
)
async def load_packs(request: _Request) -> Response[str]:
    """Load packs from an archive; on any fault the law in force stays in force."""
    form = await request.form()
    note, content = _note(form.get("note")), await _read_file(form.get("packs"))
    if not content:
        return await _page(request, faults_of(request, "packs"), form={"note": note})
    node, by = provided(request, Node), acting_user_of(request)
    try:
        activated, proposal = await put_packs_in_force(
            node, by, await read_packs(content), note or "packs sent on the page"
        )
    except LawFaultyError as fault:
        return await _page(
            request,
            faults_of(request, "packs_faulty"),
            told=_told(fault, language_of(request)),
            form={"note": note},
        )
    except SeraiError as error:
        return await _page(
            request,
            faults_of(request, "packs_faulty"),
            told=[error_text(error, language_of(request))],
            form={"note": note},
        )
    return await _page(
        request, done=_done(proposal, is_changed=activated is not None and activated.is_changed)
    )


@post("/administration/law/earlier", opt={"act": "law.activate"}, include_in_schema=False, status_code=200)
async def go_back(request: _Request) -> Response[str]:
    """Put the packs of an earlier generation in force again; lists stay."""
    form = await request.form()
    wanted = str(form.get("generation", ""))
    if not (wanted.isdecimal() and len(wanted) < 10):
        raise SeraiError("generation-unknown", "There is no such generation.", "Press a button of the page.")
    node, by = provided(request, Node), acting_user_of(request)
    contents = await read_packs_of(node.database, by.administration_id, int(wanted))
    activated, proposal = await put_packs_in_force(node, by, contents, f"packs of generation {int(wanted)}")
    return await _page(
        request, done=_done(proposal, is_changed=activated is not None and activated.is_changed)
    )


@post(
    "/administration/law/lists",
    opt={"act": "lists.import"},
    include_in_schema=False,
    status_code=200,
    request_max_body_size=_BODY_BYTES_MAX,
)
async def load_list(request: _Request) -> Response[str]:
    """Load a list; it takes the place of the one of its kind and name."""
    form = await request.form()
    kind, name = str(form.get("kind", "")), " ".join(str(form.get("name", "")).split())
    content = await _read_file(form.get("list"))
    typed = {"kind": kind, "name": name}
    known = next((one for one in LIST_KINDS if one == kind), None)
    wrong = [
        *([] if known else ["list_kind"]),
        *([] if _NAME.fullmatch(name) else ["list_name"]),
        *([] if content else ["list"]),
    ]
    if known is None or wrong:
        return await _page(request, faults_of(request, *wrong), form=typed)
    try:
        imported, proposal = await put_list_in_force(
            provided(request, Node), acting_user_of(request), known, name, content
        )
    except SeraiError as error:
        return await _page(
            request,
            faults_of(request, "list_faulty"),
            told=[error_text(error, language_of(request))],
            form=typed,
        )
    return await _page(request, done=_done(proposal, is_changed=imported is not None and imported.is_changed))


ROUTES = [show_law, load_packs, go_back, load_list]


def _done(proposal: ProposalRow | None, *, is_changed: bool) -> str:
    if proposal is not None:
        return "waits"
    return "in-force" if is_changed else "unchanged"


def _told(fault: LawFaultyError, language: str) -> list[str]:
    return [
        f"{one.pointer}: {text_in(one.sentence, language)} {text_in(one.remedy, language)}"
        for one in fault.faults[:FAULTS_COUNT_MAX]
    ]


def _note(given: object) -> str:
    text = " ".join(str(given or "").split())[:_NOTE_LENGTH_MAX]
    return text if text.isprintable() else ""


async def _read_file(given: Any) -> bytes:
    if given is None or isinstance(given, str):
        return b""
    try:
        return bytes(await given.read())
    finally:
        await given.close()


async def _page(
    request: _Request,
    faults: dict[str, str] | None = None,
    *,
    told: list[str] | None = None,
    form: dict[str, str] | None = None,
    done: str = "",
) -> Response[str]:
    actor, node, by = actor_of(request), provided(request, Node), acting_user_of(request)
    require(actor, "administering.read")
    async with node.database.read(by.administration_id) as connection:
        found = await select_generations(connection, administration_id=by.administration_id)
    in_force = found[0].components if found else []
    async with node.database.read(by.administration_id) as connection:
        lists = await _lists(connection, by.administration_id)
    view = LawView(
        found[:GENERATIONS_COUNT_MAX],
        sorted(
            name.partition("/")[0] for kind, name in in_force if kind == LAW_FILE and name.endswith(_PACK)
        ),
        lists,
        (await sources_out(node)).list_sources if may(actor, "list_sources.read") else [],
        faults or {},
        told or [],
        form or {},
        done,
    )
    more = {
        "kinds": LIST_KINDS,
        "may_load_packs": may(actor, "law.activate"),
        "may_load_lists": may(actor, "lists.import"),
        "time_zone": node.settings.administration.time_zone,
    }
    template = "portal/administration/law.html"
    return page(request, view, template, status=_FAULTY if faults else 200, more=more)


async def _lists(connection: Any, administration_id: int) -> list[ListInForce]:
    found = await select_generation(connection, administration_id=administration_id)
    components = await select_components(connection, found[1] if found else [])
    return [
        ListInForce(one.kind, one.name, len(one.content))
        for one in sorted(components, key=lambda one: (one.kind, one.name))
        if one.kind != LAW_FILE
    ]
