"""The page `/upload`: a file of consignments is checked, given back with remarks, and its sound part filed.

Nothing uploaded is kept here: the page carries the file (packed) from step to step, so that what is filed is
what was checked. Who is signed in for a party lodges in its name; else its key is asked for, used once, and
stands in no page.
"""

import asyncio
import base64
import binascii
import time
import zlib
from collections import Counter
from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post

from serai.foundation.access.table import may, require
from serai.foundation.http.guards import client_network
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of, kit_of, language_of, page
from serai.journey.finding_messages import sentence_of
from serai.journey.lodgement.service import LodgementService
from serai.model.documents import Consignment
from serai.model.errors import SeraiError
from serai.model.findings import Finding
from serai.portal.law.pages import law_of
from serai.portal.upload.given_back import write_corrected, write_faulty
from serai.portal.upload.service import UploadService
from serai.portal.upload.sheet import CONTENT_BYTES_MAX, CellFault, CheckedBy, Sheet

_Request = Request[Any, Any, Any]
_BODY_BYTES_MAX: Final = 2 * CONTENT_BYTES_MAX
_FAULTS_SHOWN_MAX: Final = 200
_ANSWERS_SHOWN_MAX: Final = 500
_OPT: Final = {"act": "messages.check"}


class FaultView(msgspec.Struct, frozen=True):
    """A fault as the page shows it."""

    row: int
    column: str
    value: str
    sentence: str
    remedy: str
    suggestion: str
    code: str


class SheetView(msgspec.Struct, frozen=True):
    """A file as the page shows it. packed: the file itself, for the next step.

    advice_count: what was found beside faults.
    """

    form: str
    consignments_count: int
    sound_count: int
    faults_count: int
    advice_count: int
    faults: list[FaultView]
    packed: str


class FiledView(msgspec.Struct, frozen=True):
    """What became of one consignment."""

    reference: str
    status: str
    lane: str
    case_id: str
    remark: str


class UploadView(msgspec.Struct, frozen=True):
    """What the page shows. sheet: after checking; filed, counts: after filing; fault: of the last step."""

    sheet: SheetView | None = None
    filed: list[FiledView] = []
    counts: dict[str, int] = {}
    fault: str = ""


class _Decided(msgspec.Struct, frozen=True):
    lane: str = ""


class _FindingShown(msgspec.Struct, frozen=True):
    sentence: str = ""
    detail: str = ""


class _Line(msgspec.Struct, frozen=True):
    """As much of an answer as the page shows."""

    reference: str
    status: str
    case_id: str = ""
    decision: _Decided = _Decided()
    findings: list[_FindingShown] = []
    problem: _FindingShown = _FindingShown()


@get("/upload", opt=_OPT, include_in_schema=False)
async def show_upload(request: _Request) -> Response[str]:
    """Show the form."""
    return _show(request, UploadView())


@post("/upload", opt=_OPT, status_code=200, include_in_schema=False, request_max_body_size=_BODY_BYTES_MAX)
async def check_upload(request: _Request) -> Response[str]:
    """Check a file and show every fault in its place."""
    given = (await request.form()).get("file")
    content = b"" if given is None or isinstance(given, str) else bytes(await given.read())
    fault = _fault_of(content)
    if fault:
        return _show(request, UploadView(fault=fault), status=422)
    sheet = await _read(request, content)
    view = UploadView(_view(request, sheet, content))
    return _show(request, view, status=422 if sheet.faulty else 200)


@post(
    "/upload/corrected",
    opt=_OPT,
    status_code=200,
    include_in_schema=False,
    request_max_body_size=_BODY_BYTES_MAX,
)
async def download_corrected(request: _Request) -> Response[bytes]:
    """Give the file back with remarks beside its rows, and with those corrections that are sure."""
    sheet = await _read(request, await _unpack(request))
    if sheet.table is None:
        return _download(await asyncio.to_thread(write_faulty, sheet, _render), "faulty.ndjson")
    return _download(await asyncio.to_thread(write_corrected, sheet, _render), "corrected.csv")


@post(
    "/upload/faulty",
    opt=_OPT,
    status_code=200,
    include_in_schema=False,
    request_max_body_size=_BODY_BYTES_MAX,
)
async def download_faulty(request: _Request) -> Response[bytes]:
    """Give the faulty consignments alone."""
    sheet = await _read(request, await _unpack(request))
    name = "faulty.ndjson" if sheet.table is None else "faulty.csv"
    return _download(await asyncio.to_thread(write_faulty, sheet, _render), name)


@post(
    "/upload/filing",
    opt=_OPT,
    status_code=200,
    include_in_schema=False,
    request_max_body_size=_BODY_BYTES_MAX,
)
async def file_upload(request: _Request) -> Response[str]:
    """Lodge the sound consignments for whoever is signed in and may, else under a party's key. Again is
    harmless: known ones are repeated."""
    content = await _unpack(request)
    sheet = await _read(request, content)
    kit = kit_of(request)
    key = str((await request.form()).get("key", "")).strip()
    try:
        actor = actor_of(request)
        if not may(actor, "declarations.lodge"):
            actor = await kit.keys.find_actor(key, kit.clock.now(), time.monotonic())
            require(actor, "declarations.lodge")
        lodgement = provided(request, LodgementService)
        documents: list[Consignment | None] = [*sheet.sound]
        answers = await lodgement.submit(
            actor, "declaration", documents=documents, findings=[[] for _ in documents]
        )
    except SeraiError as error:
        fault = f"{error.message} {error.next_step}"
        view = UploadView(_view(request, sheet, content), fault=fault)
        return _show(request, view, status=422)
    lines = await asyncio.to_thread(lodgement.encode_lines, answers, 1)
    filed = [_filed(line) for line in lines.splitlines()]
    counts = dict(Counter(one.status for one in filed))
    rest = UploadView(
        _view(request, sheet, content) if sheet.faulty else None, filed[:_ANSWERS_SHOWN_MAX], counts
    )
    return _show(request, rest)


ROUTES = [show_upload, check_upload, download_corrected, download_faulty, file_upload]


async def _read(request: _Request, content: bytes) -> Sheet:
    law = law_of(request)
    at_ms = int(kit_of(request).clock.now().timestamp() * 1000)
    by = CheckedBy(law.book, law.lists.vague_words, at_ms)
    service = provided(request, UploadService)
    return await service.read(client_network(request), content, by)


def _show(request: _Request, view: UploadView, *, status: int = 200) -> Response[str]:
    more = {"may_lodge": may(actor_of(request), "declarations.lodge")}
    return page(request, view, "portal/upload.html", status=status, more=more)


def _view(request: _Request, sheet: Sheet, content: bytes) -> SheetView:
    language = language_of(request)
    faults = [one for one in sheet.faults if one.finding.severity == "fault"]
    return SheetView(
        form=sheet.form,
        consignments_count=len(sheet.parts),
        sound_count=len(sheet.sound),
        faults_count=len(faults),
        advice_count=len(sheet.faults) - len(faults),
        faults=[_fault(one, sheet, language) for one in faults[:_FAULTS_SHOWN_MAX]],
        packed=base64.b64encode(zlib.compress(content)).decode(),
    )


def _fault(one: CellFault, sheet: Sheet, language: str) -> FaultView:
    said = sentence_of(one.finding, language)
    suggestion = sheet.corrected.get((one.row, one.column), "")
    return FaultView(one.row, one.column, one.value, said.sentence, said.remedy, suggestion, one.finding.code)


def _render(finding: Finding) -> str:
    said = sentence_of(finding)
    return f"{said.sentence} {said.remedy}"


def _filed(line: bytes) -> FiledView:
    one = msgspec.json.decode(line, type=_Line)
    remark = one.problem.detail or (one.findings[0].sentence if one.findings else "")
    return FiledView(one.reference, one.status, one.decision.lane, one.case_id, remark)


def _fault_of(content: bytes) -> str:
    if not content.strip():
        return "Choose a file of consignments: CSV or NDJSON."
    if len(content) > CONTENT_BYTES_MAX:
        most = f"{CONTENT_BYTES_MAX // 2**20} MiB"
        return f"A file has at most {most} here. Send larger ones by POST /v1/declarations."
    return ""


async def _unpack(request: _Request) -> bytes:
    """Return the file that the page carried. Raises `upload-unreadable`."""
    packed = (await request.form()).get("packed")
    inflate = zlib.decompressobj()
    try:
        content = inflate.decompress(
            base64.b64decode(packed if isinstance(packed, str) else "", validate=True), CONTENT_BYTES_MAX + 1
        )
    except (zlib.error, binascii.Error, ValueError):
        content = b""
    if not content or len(content) > CONTENT_BYTES_MAX or not inflate.eof:
        raise SeraiError(
            "upload-unreadable",
            "The file was not sent with the page.",
            "Go to /upload and choose it again.",
        )
    return content


def _download(content: bytes, name: str) -> Response[bytes]:
    headers = {
        "content-disposition": f'attachment; filename="{name}"',
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
    }
    media_type = "text/csv; charset=utf-8" if name.endswith(".csv") else "application/x-ndjson"
    return Response(content, media_type=media_type, headers=headers)
