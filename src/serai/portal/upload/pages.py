"""The page `/upload`: a file of consignments is checked, corrected in the page, and its sound part filed.

Nothing uploaded is kept here: the page carries the file (packed) from step to step, so that what is filed is
what was checked. What was typed into the form of its faulty rows comes along with every step.
Who is signed in for a party lodges in its name; else its key is asked for, used once, and stands in no page.
"""

import asyncio
import base64
import binascii
import zlib
from collections import Counter
from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post

from serai.formats.csv_lines import read_table
from serai.foundation.http.form_files import read_file
from serai.foundation.http.guards import client_network
from serai.foundation.http.interface_words import translatable
from serai.foundation.http.problem_texts import error_text, text_in
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import kit_of, language_of, page
from serai.journey.finding_messages import sentence_of
from serai.journey.lodgement.service import LodgementService
from serai.model.documents import Consignment
from serai.model.errors import SeraiError
from serai.model.findings import Finding
from serai.model.message_text import MessageText
from serai.portal.law.pages import law_of
from serai.portal.sender.sender import asks_who_sends, find_sender
from serai.portal.upload.given_back import write_corrected, write_faulty
from serai.portal.upload.mend_form import SURE_FIELD, read_edits, read_opened
from serai.portal.upload.mending import Edits, mend
from serai.portal.upload.rows_to_mend import ToMend, rows_to_mend
from serai.portal.upload.service import UploadService
from serai.portal.upload.sheet import CONTENT_BYTES_MAX, CellFault, CheckedBy, Sheet

_Request = Request[Any, Any, Any]
_BODY_BYTES_MAX: Final = 2 * CONTENT_BYTES_MAX
_FAULTS_SHOWN_MAX: Final = 200
_ANSWERS_SHOWN_MAX: Final = 500
_OPT: Final = {"act": "messages.check"}
_FORM_OPT: Final = {**_OPT, "has_own_form_check": True}
"""What is corrected changes nothing here; where it is lodged the token is asked for by who sends, and what
was typed comes back when the token is another session's."""


class FaultView(msgspec.Struct, frozen=True):
    """A fault of a line as the page shows it. pointer: into the line."""

    row: int
    pointer: str
    sentence: str
    remedy: str


class SheetView(msgspec.Struct, frozen=True):
    """A file as the page shows it. packed: the file itself, for the next step.

    advice_count: what was found beside faults. faults: of NDJSON; to_mend: the form of a CSV file's.
    """

    form: str
    consignments_count: int
    sound_count: int
    faults_count: int
    advice_count: int
    faults: list[FaultView]
    to_mend: ToMend | None
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
    content = await read_file(given)
    fault = text_in(_fault_of(content), language_of(request))
    if fault:
        return _show(request, UploadView(fault=fault), status=422)
    sheet = await _read(request, content)
    view = UploadView(_view(request, sheet, content))
    return _show(request, view, status=422 if sheet.faulty else 200)


@post(
    "/upload/correction",
    opt=_FORM_OPT,
    status_code=200,
    include_in_schema=False,
    request_max_body_size=_BODY_BYTES_MAX,
)
async def correct_upload(request: _Request) -> Response[str]:
    """Put what was typed into the file, check it again and show what is left."""
    content = await _mended(request)
    sheet = await _read(request, content)
    opened = read_opened((await request.form()).multi_items())
    view = UploadView(_view(request, sheet, content, opened))
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
    sheet = await _read(request, await _mended(request))
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
    sheet = await _read(request, await _mended(request))
    name = "faulty.ndjson" if sheet.table is None else "faulty.csv"
    return _download(await asyncio.to_thread(write_faulty, sheet, _render), name)


@post(
    "/upload/filing",
    opt=_FORM_OPT,
    status_code=200,
    include_in_schema=False,
    request_max_body_size=_BODY_BYTES_MAX,
)
async def file_upload(request: _Request) -> Response[str]:
    """Lodge the sound consignments for whoever is signed in and may, else under a party's key. Again is
    harmless: known ones are repeated."""
    content = await _mended(request)
    sheet = await _read(request, content)
    try:
        actor = await find_sender(request)
        lodgement = provided(request, LodgementService)
        documents: list[Consignment | None] = [*sheet.sound]
        answers = await lodgement.submit(
            actor, "declaration", documents=documents, findings=[[] for _ in documents]
        )
    except SeraiError as error:
        fault = error_text(error, language_of(request))
        view = UploadView(_view(request, sheet, content), fault=fault)
        return _show(request, view, status=422)
    lines = await asyncio.to_thread(lodgement.encode_lines, answers, 1, None, language_of(request))
    filed = [_filed(line) for line in lines.splitlines()]
    counts = dict(Counter(one.status for one in filed))
    rest = UploadView(
        _view(request, sheet, content) if sheet.faulty else None, filed[:_ANSWERS_SHOWN_MAX], counts
    )
    return _show(request, rest)


@get(["/upload/correction", "/upload/filing"], opt=_OPT, status_code=303, include_in_schema=False)
async def lead_back() -> Response[None]:
    """Lead whoever loads the address of an answer, as to change the language, to where a file is chosen."""
    return Response(None, status_code=303, headers={"location": "/upload"})


ROUTES = [
    lead_back,
    show_upload,
    check_upload,
    correct_upload,
    download_corrected,
    download_faulty,
    file_upload,
]


async def _read(request: _Request, content: bytes) -> Sheet:
    law = law_of(request)
    at_ms = int(kit_of(request).clock.now().timestamp() * 1000)
    by = CheckedBy(law.book, law.lists.vague_words, at_ms, law.lists)
    service = provided(request, UploadService)
    return await service.read(client_network(request), content, by)


def _show(request: _Request, view: UploadView, *, status: int = 200) -> Response[str]:
    more = {"asked": asks_who_sends(request)}
    return page(request, view, "portal/upload.html", status=status, more=more)


def _view(request: _Request, sheet: Sheet, content: bytes, opened: frozenset[int] = frozenset()) -> SheetView:
    language = language_of(request)
    faults = [one for one in sheet.faults if one.finding.severity == "fault"]
    is_csv = sheet.table is not None
    return SheetView(
        form=sheet.form,
        consignments_count=len(sheet.parts),
        sound_count=len(sheet.sound),
        faults_count=len(faults),
        advice_count=len(sheet.faults) - len(faults),
        faults=[] if is_csv else [_fault(one, language) for one in faults[:_FAULTS_SHOWN_MAX]],
        to_mend=rows_to_mend(sheet, opened, language) if is_csv and faults else None,
        packed=base64.b64encode(zlib.compress(content)).decode(),
    )


def _fault(one: CellFault, language: str) -> FaultView:
    said = sentence_of(one.finding, language)
    return FaultView(one.row, one.column, said.sentence, said.remedy)


def _render(finding: Finding) -> str:
    said = sentence_of(finding)
    return f"{said.sentence} {said.remedy}"


def _filed(line: bytes) -> FiledView:
    one = msgspec.json.decode(line, type=_Line)
    remark = one.problem.detail or (one.findings[0].sentence if one.findings else "")
    return FiledView(one.reference, one.status, one.decision.lane, one.case_id, remark)


def _fault_of(content: bytes) -> str:
    if not content.strip():
        return translatable("Choose a file of consignments: CSV or NDJSON.")
    if len(content) > CONTENT_BYTES_MAX:
        return MessageText(
            "A file has at most {mib_max} MiB here. Send larger ones by POST /v1/declarations.",
            mib_max=CONTENT_BYTES_MAX // 2**20,
        )
    return ""


async def _mended(request: _Request) -> bytes:
    """Return the file that the page carried with what was typed into it. Raises `upload-unreadable`."""
    content = await _unpack(request)
    form = await request.form()
    edits = read_edits(form.multi_items())
    is_csv = content.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] != b"{"
    if not is_csv or not (edits.cells or edits.names or edits.added or form.get(SURE_FIELD)):
        return content
    sure = await _sure(request, content, edits) if form.get(SURE_FIELD) else {}
    table = await asyncio.to_thread(read_table, [content])
    edits = msgspec.structs.replace(edits, cells={**sure, **edits.cells})
    mended = await asyncio.to_thread(mend, table, edits)
    if len(mended) > CONTENT_BYTES_MAX:
        raise SeraiError(
            "upload-unreadable",
            "With these corrections the file is too large for this page.",
            "Go back, and send it in two parts.",
        )
    return mended


async def _sure(request: _Request, content: bytes, edits: Edits) -> dict[tuple[int, int], str]:
    """Return the corrections that are sure in rows of which nothing was typed."""
    sheet = await _read(request, content)
    assert sheet.table is not None, "only CSV is corrected in cells"
    places = {name.strip().lower(): place for place, name in enumerate(sheet.table.header)}
    typed = {row for row, _ in edits.cells}
    return {
        (row, places[column]): text
        for (row, column), text in sheet.corrected.items()
        if row not in typed and column in places
    }


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
