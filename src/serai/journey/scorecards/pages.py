"""HTTP for scorecards, machines and people: one declarant's, all declarants', disputes and their answers."""

import asyncio
import datetime as dt
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta

from serai.formats.csv_tables import write_table
from serai.foundation.access.actor import ADMINISTRATION, Actor, Role
from serai.foundation.http.csv_files import csv_file
from serai.foundation.http.form_faults import form_fault
from serai.foundation.http.interface_words import translatable
from serai.foundation.http.problems import PROBLEM_MEDIA_TYPE, Problem
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of, kit_of, language_of, page, respond
from serai.foundation.id_text import format_id, parse_id
from serai.journey.documents.proofs import BODY_BYTES_MAX, Proof, decode_base64, read_proof
from serai.journey.processing.transaction import Processor
from serai.journey.scorecards import disputes
from serai.journey.scorecards import store as role_store
from serai.journey.scorecards.scorecard import (
    DeclarantList,
    DisputeOut,
    Scorecard,
    build_scorecard,
    dispute_out,
    list_declarants,
)
from serai.journey.services import Services
from serai.journey.validation.data_quality import store
from serai.journey.validation.data_quality.formula import FORMULA
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

AnyRequest = Request[Any, Any, Any]
Days = Annotated[int, QueryParameter(ge=1, le=366, description="Days of the window, today (UTC) the last.")]
_WINDOW_DAYS = 30
_COLUMNS = ("party", "name", "score", "messages_count", "refused_count", "roles", "open_disputes_count")
_Statement = Annotated[
    str, Meta(min_length=1, max_length=2_000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]+$")
]
_LABELS = {
    "statement": translatable("Reason"),
    "from_on": translatable("First day"),
    "to_on": translatable("Last day"),
    "code": translatable("What is disputed"),
}
"""What the form of a dispute calls its fields."""
_UNKNOWN = {
    404: ResponseSpec(
        Problem, description="There is no such scorecard for you", generate_examples=False,
        media_type=PROBLEM_MEDIA_TYPE,
    )
}  # fmt: skip


class NewDispute(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a party disputes. code: of a fault or a duty on its scorecard; absent: the score whole. from_on,
    to_on: days (UTC), both counted. statement: why, in words. document: PDF, JPEG or PNG in base64. Both are
    kept as a person's data are.
    """

    from_on: dt.date
    to_on: dt.date
    statement: _Statement
    code: Annotated[str, Meta(max_length=60, pattern=r"^[a-z0-9-]*$")] = ""
    document: Annotated[str, Meta(min_length=1, max_length=BODY_BYTES_MAX)] | None = None


class NewAnswer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An officer's answer. is_upheld: what the declarant disputes counts no longer. statement: why."""

    is_upheld: bool
    statement: _Statement


@get(
    "/v1/scorecards/{party:str}",
    opt={"act": "scorecards.read"},
    summary="A declarant's scorecard: score over time, faults, peers, disputes.",
    responses=_UNKNOWN,
)
async def read_scorecard(request: AnyRequest, party: FromPath[str], days: Days = _WINDOW_DAYS) -> Scorecard:
    """A declarant reads its own, the administration those of all."""
    return await _read_card(request, _own_or_any(actor_of(request), parse_id(party)), days)


@get(
    "/v1/scorecards",
    opt={"act": "scorecards.read"},
    summary="All declarants of a period with their scores; a declarant sees itself.",
)
async def read_scorecards(request: AnyRequest, days: Days = _WINDOW_DAYS) -> DeclarantList:
    """The lowest score first."""
    return await _read_list(request, days)


@get("/scorecards", opt={"act": "scorecards.read"}, include_in_schema=False)
async def show_scorecards(request: AnyRequest, days: Days = _WINDOW_DAYS) -> Response[Any]:
    """Show all declarants to the administration; lead a declarant to its own card."""
    actor = actor_of(request)
    if not actor.roles & ADMINISTRATION and actor.party_id is not None:
        return Response(
            None, status_code=303, headers={"location": f"/scorecards/{format_id(actor.party_id)}"}
        )
    return respond(
        request, await _read_list(request, days), "scorecards/scorecards.html", more={"days": days}
    )


@get("/scorecards/csv", opt={"act": "scorecards.read"}, include_in_schema=False)
async def download_scorecards(request: AnyRequest, days: Days = _WINDOW_DAYS) -> Response[str]:
    """Give the list of declarants as CSV; a declarant gets its own line."""
    found = await _read_list(request, days)
    rows = (
        (
            one.party,
            one.name,
            "" if one.score is None else str(one.score),
            str(one.messages_count),
            str(one.refused_count),
            " ".join(one.roles),
            str(one.open_disputes_count),
        )
        for one in found.declarants
    )
    return csv_file("scorecards.csv", write_table(_COLUMNS, rows))


@get("/scorecards/{party:str}", opt={"act": "scorecards.read"}, include_in_schema=False)
async def show_scorecard(
    request: AnyRequest, party: FromPath[str], days: Days = _WINDOW_DAYS
) -> Response[Scorecard]:
    """Show a scorecard as a page."""
    card = await _read_card(request, _own_or_any(actor_of(request), parse_id(party)), days)
    return respond(request, card, "scorecards/scorecard.html", more=_more(request, card, days))


async def show_card(
    request: AnyRequest, party: str, *, given: dict[str, str], fault: SeraiError | msgspec.ValidationError
) -> Response[Any]:
    """Show a scorecard again with what was given in one of its forms, and what is wrong with it."""
    card = await _read_card(request, _own_or_any(actor_of(request), parse_id(party)), _WINDOW_DAYS)
    more = _more(request, card, _WINDOW_DAYS)
    # Of answers there is a form for each dispute, none with the ids of that of a dispute.
    place, labels = ("statement", _LABELS) if more["is_own"] else ("disputes", None)
    told = form_fault(fault, language_of(request), place, labels)
    more |= {"given": given, "faults": [told]}
    return page(request, card, "scorecards/scorecard.html", status=422, more=more)


def _more(request: AnyRequest, card: Scorecard, days: int) -> dict[str, object]:
    actor = actor_of(request)
    return {
        "days": days,
        "formula": FORMULA,
        "at": kit_of(request).clock.now(),
        "is_own": actor.party_id is not None and format_id(actor.party_id) == card.party,
        "may_answer": bool(actor.roles & {Role.OFFICER, Role.LEGAL}),
        "given": {},
        "faults": [],
    }


@post(
    "/v1/scorecards/{party:str}/disputes",
    opt={"act": "scorecards.dispute"},
    status_code=201,
    summary="Dispute a score, or one fault or duty of it, with a document.",
    responses=_UNKNOWN,
    request_max_body_size=BODY_BYTES_MAX + 10_000,
)
async def open_dispute(request: AnyRequest, party: FromPath[str], data: JSONBody[NewDispute]) -> DisputeOut:
    """Recorded at once and shown on the scorecard; an officer answers. The document is judged by its
    content."""
    content = None if data.document is None else await asyncio.to_thread(decode_base64, data.document)
    proof = None if content is None else await asyncio.to_thread(read_proof, content)
    return await open_as(request, party, data, proof)


async def open_as(request: AnyRequest, party: str, said: NewDispute, proof: Proof | None) -> DisputeOut:
    """Open a dispute of whoever asks, by whichever way in. proof: its document, looked at."""
    party_id = _own(actor_of(request), parse_id(party))
    dispute_id = await disputes.open_dispute(
        provided(request, Processor),
        party_id,
        code=said.code,
        from_on=said.from_on,
        to_on=said.to_on,
        statement=said.statement,
        proof=proof,
    )
    return await _read_dispute(request, party_id, dispute_id)


def days_of_form(form: dict[str, str]) -> dict[str, str]:
    """Return what the form of a dispute says, as its message has it."""
    return {
        "code": form.get("code", ""),
        "from_on": form.get("from_on", ""),
        "to_on": form.get("to_on", ""),
        "statement": form.get("statement", "").strip(),
    }


@post(
    "/v1/scorecards/{party:str}/disputes/{dispute:str}/answer",
    opt={"act": "scorecards.answer"},
    status_code=200,
    summary="Answer a dispute: upheld or declined.",
    responses=_UNKNOWN,
)
async def answer_dispute(
    request: AnyRequest, party: FromPath[str], dispute: FromPath[str], data: JSONBody[NewAnswer]
) -> DisputeOut:
    """The first answer stands. What is upheld counts no longer against the party, from this moment on."""
    return await answer_as(request, party, dispute, data)


async def answer_as(request: AnyRequest, party: str, dispute: str, data: NewAnswer) -> DisputeOut:
    """Answer a dispute, by whichever way in."""
    party_id, dispute_id = parse_id(party), parse_id(dispute)
    is_new = await disputes.answer_dispute(
        provided(request, Processor),
        party_id,
        dispute_id,
        is_upheld=data.is_upheld,
        statement=data.statement,
        answered_by=str(actor_of(request).credential_id),
    )
    answered = await _read_dispute(request, party_id, dispute_id)
    if not is_new:
        raise SeraiError(
            "dispute-answered",
            MessageText("The dispute was answered before: {state}.", state=answered.state),
            "Read the scorecard; a new fact asks for a new dispute.",
        )
    return answered


# ---- reading ----


async def _read_card(request: AnyRequest, party_id: int, days: int) -> Scorecard:
    kit = kit_of(request)
    at, own = kit.clock.now(), {"administration_id": kit.administration_id}
    window = _window(at, days)
    async with kit.database.read(kit.administration_id) as connection:
        declarants = await store.select_declarants(connection, window, at, **own)
        rows = await store.select_days(connection, party_id, window, **own)
        found = await store.select_disputes(connection, party_id, **own)
        roles = await role_store.select_roles(connection, party_id, at, **own)
        documents = await role_store.select_document_days(connection, party_id, window, at, **own)
        name = await store.select_name(connection, party_id, **own)
    if name is None:
        raise _unknown()
    found = await _with_words(request, found)
    return build_scorecard(
        party_id,
        name,
        window,
        days=rows,
        declarants=declarants,
        disputes=found,
        formula=FORMULA,
        roles=roles,
        documents=documents,
        language=language_of(request),
    )


async def _read_list(request: AnyRequest, days: int) -> DeclarantList:
    kit, actor = kit_of(request), actor_of(request)
    at, own = kit.clock.now(), {"administration_id": kit.administration_id}
    window = _window(at, days)
    async with kit.database.read(kit.administration_id) as connection:
        declarants = await store.select_declarants(connection, window, at, **own)
        found = await store.select_disputes(connection, None, **own)
    if not actor.roles & ADMINISTRATION:
        declarants = [one for one in declarants if one.party_id == actor.party_id]
    return list_declarants(window, declarants, found)


async def _read_dispute(request: AnyRequest, party_id: int, dispute_id: int) -> DisputeOut:
    kit = kit_of(request)
    async with kit.database.read(kit.administration_id) as connection:
        rows = await store.select_disputes(connection, party_id, administration_id=kit.administration_id)
    found = next((one for one in rows if one.dispute_id == dispute_id), None)
    if found is None:
        raise _unknown()
    (worded,) = await _with_words(request, [found])
    return dispute_out(worded)


async def _with_words(request: AnyRequest, found: list[store.DisputeRow]) -> list[store.DisputeRow]:
    actor = actor_of(request).credential_id or "unknown"
    return await disputes.with_words(provided(request, Services), found, actor)


def _window(at: dt.datetime, days: int) -> tuple[dt.date, dt.date]:
    """Return the first day and the first day after, UTC."""
    end = at.astimezone(dt.UTC).date() + dt.timedelta(days=1)
    return end - dt.timedelta(days=days), end


def _own_or_any(actor: Actor, party_id: int) -> int:
    return party_id if actor.roles & ADMINISTRATION else _own(actor, party_id)


def _own(actor: Actor, party_id: int) -> int:
    # That a party is there at all is not told to others.
    if actor.party_id != party_id:
        raise _unknown()
    return party_id


def _unknown() -> SeraiError:
    return SeraiError(
        "scorecard-unknown",
        "There is no such scorecard, or it is another party's.",
        "Ask for the number of your own party; the administration sees all.",
    )


ROUTES = [
    read_scorecard,
    read_scorecards,
    show_scorecards,
    download_scorecards,
    show_scorecard,
    open_dispute,
    answer_dispute,
]
