"""Generated messages of each standard that we read and write, once round: read, written, read again.

`python -m tools.round_trip > docs/reference/round-trip.md` takes 1,000 of each, from a fixed seed. Messages
are those of the tests' generators; what the second reading lacks or has otherwise is named by field.
"""

import datetime as dt
import io
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Final, NamedTuple

import msgspec
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from serai.formats.ceb.message import CebMessage
from serai.formats.ceb.read import decode_ceb
from serai.formats.ceb.write import encode_ceb
from serai.formats.convertible import Circumstances
from serai.formats.differences import find_differences
from serai.formats.epcis.event import Message
from serai.formats.epcis.read import read_message
from serai.formats.epcis.write_json import write_json
from serai.formats.epcis.write_xml import write_xml
from serai.formats.standards import CONVERSIONS, STANDARDS
from serai.formats.tariff_files.reading import TariffFile, read_tariff
from serai.formats.tariff_files.tariff_csv import TariffCsvWriter
from serai.formats.upu.read import decode_answers
from serai.formats.upu.write import encode_answers
from serai.formats.wco_res import encode_res
from serai.formats.wco_res_read import decode_res
from serai.laboratory.invented.parcels import consignments
from serai.law.load import decode_table
from serai.law.tariff_line import TariffLine
from serai.model.documents import Consignment
from tests.formats.cds.test_round_trip import OWN, altered, responses
from tests.formats.ceb.test_documents import messages as ceb_messages
from tests.formats.edifact.test_round_trip import DOCUMENTS as TRANSPORT_DOCUMENTS
from tests.formats.epcis.test_round_trip import MESSAGES as EVENT_MESSAGES
from tests.formats.upu.test_round_trip import ANSWERS
from tests.formats.upu.test_round_trip import messages as postal_messages

SEED: Final = 20261129
COUNT: Final = 1_000
TOLD: Final = Circumstances(dt.datetime(2026, 7, 1, 8, 30, tzinfo=dt.UTC))
_INDEX: Final = re.compile(r"/\d+(?=/|$)")
_SHOWN: Final = 8
_INVENTED: Final = 2_000

Documents = Sequence[msgspec.Struct]
Read = Callable[[bytes], Documents]
Write = Callable[[Documents], bytes]


class Trip(NamedTuple):
    """A standard and its way round. messages: made for it. read: its documents, none of what is unsound."""

    name: str
    title: str
    messages: st.SearchStrategy[bytes]
    read: Read
    write: Write


class Outcome(NamedTuple):
    """What became of the messages of a trip. differing: by field, in how many documents it is another."""

    message_count: int
    read_count: int
    document_count: int
    differing: Counter[str]


def go_round(trip: Trip, count: int) -> Outcome:
    """Send so many messages round, the same ones each time."""
    totals: Counter[str] = Counter()
    differing: Counter[str] = Counter()

    @seed(SEED)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(trip.messages)
    def send(content: bytes) -> None:
        if totals["messages"] >= count:
            return
        totals["messages"] += 1
        documents = trip.read(content)
        if not documents:
            return
        again = trip.read(trip.write(documents))
        totals["read"] += 1
        totals["documents"] += len(documents)
        differing.update(_differences(documents, again))

    send()
    return Outcome(totals["messages"], totals["read"], totals["documents"], differing)


def _differences(documents: Documents, again: Documents) -> Iterable[str]:
    if len(documents) != len(again):
        yield "a document"
    for one, other in zip(documents, again, strict=False):
        found = find_differences(one, other)
        yield from {_INDEX.sub("/N", place) for place in (*found.lost, *found.changed)}


# ---- the ways ----


def _converted(name: str) -> tuple[Read, Write]:
    form = CONVERSIONS[name]

    def read(content: bytes) -> Documents:
        return [part.document for part in form.read(content, TOLD) if part.document is not None]

    def write(documents: Documents) -> bytes:
        assert form.write is not None
        return form.write(documents, TOLD)

    return read, write


def _by_conversion(name: str, title: str, messages: st.SearchStrategy[bytes]) -> Trip:
    return Trip(name, title, messages, *_converted(name))


def _read_events(content: bytes) -> Documents:
    message, _ = read_message(content)
    return [message] if isinstance(message, Message) else []


def _read_ceb(content: bytes) -> Documents:
    message, _ = decode_ceb(content)
    return [] if message is None or any(one.content is None for one in message.documents) else [message]


def _write_ceb(documents: Documents) -> bytes:
    (message,) = documents
    assert isinstance(message, CebMessage)
    return encode_ceb(message)


@cache
def _invented() -> list[Consignment]:
    """Return invented declarations that have no fault; some are made with one."""
    made = consignments(_INVENTED, SEED, at=TOLD.at, first_acceptance=TOLD.at - dt.timedelta(days=2))
    parts = [part for one in made for part in CONVERSIONS["json"].read(msgspec.json.encode(one), TOLD)]
    return [part.document for part in parts if isinstance(part.document, Consignment)]


def _invented_as(name: str) -> st.SearchStrategy[bytes]:
    most = CONVERSIONS[name].documents_max
    places = st.integers(0, _INVENTED // 2)
    some = st.lists(places, min_size=1, max_size=min(3, most), unique=True)
    _, write = _converted(name)
    return some.map(lambda chosen: write([_invented()[place] for place in chosen]))


def _postal(name: str) -> st.SearchStrategy[bytes]:
    """Items as drawn for customs; for the other post they are written first."""
    if name == "cusitm":
        return postal_messages()
    read, _ = _converted("cusitm")
    _, write = _converted("itmatt")
    return postal_messages().map(read).filter(bool).map(write)


@st.composite
def _measures(draw: st.DrawFn) -> bytes:
    """Draw an envelope of TARIC with measures that become lines."""
    records = []
    for sid in range(1, draw(st.integers(1, 4)) + 1):
        kind = draw(st.sampled_from(["103", "112", "142", "305", "552", "554", "695"]))
        area = draw(st.sampled_from(["1011", "CN", "KR", "NO"]))
        code = (
            f"{draw(st.integers(1, 97)):02d}{draw(st.integers(0, 9999)):04d}{draw(st.integers(0, 99)):02d}00"
        )
        additional = draw(st.sampled_from(["", "C123", "C999"])) if kind in ("552", "554") else ""
        end = draw(st.sampled_from(["", "2027-12-31"]))
        extra = (
            f"<additional.code.type>{additional[0]}</additional.code.type>"
            f"<additional.code>{additional[1:]}</additional.code>"
            if additional
            else ""
        )
        records.append(
            f"<measure><measure.sid>{sid}</measure.sid><measure.type>{kind}</measure.type>"
            f"<geographical.area>{area}</geographical.area>"
            f"<goods.nomenclature.item.id>{code}</goods.nomenclature.item.id>{extra}"
            f"<validity.start.date>2026-0{draw(st.integers(1, 9))}-01</validity.start.date>"
            f"<validity.end.date>{end}</validity.end.date>"
            "<measure.generating.regulation.id>R2600010</measure.generating.regulation.id></measure>"
        )
        unit = "<monetary.unit.code>EUR</monetary.unit.code><measurement.unit.code>{}</measurement.unit.code>"
        for expression in draw(st.sampled_from([["01"], ["01", "04"], ["01", "04", "17"], ["01", "15"]])):
            amount = f"{draw(st.integers(0, 99))}.{draw(st.integers(0, 999)):03d}"
            said = unit.format(draw(st.sampled_from(["DTN", "KGM", "NAR"]))) if expression == "04" else ""
            records.append(
                f"<measure.component><measure.sid>{sid}</measure.sid>"
                f"<duty.expression.id>{expression}</duty.expression.id><duty.amount>{amount}</duty.amount>"
                f"{said}</measure.component>"
            )
        if draw(st.booleans()) and area == "1011":
            records.append(
                f"<measure.excluded.geographical.area><measure.sid>{sid}</measure.sid>"
                "<excluded.geographical.area>CH</excluded.geographical.area>"
                "</measure.excluded.geographical.area>"
            )
    inside = "".join(f"<record><update.type>3</update.type>{one}</record>" for one in records)
    return f'<envelope xmlns="urn:publicid:-:DGTAXUD:TARIC:MESSAGE:1.0">{inside}</envelope>'.encode()


def _read_tariff(content: bytes) -> Documents:
    """Read measures of TARIC, or the pack's own table that they were written into."""
    if not content.startswith(b"<"):
        return list(decode_table(content, TariffLine, "tariff.csv"))
    outcomes = read_tariff(TariffFile(content, "file.xml", "taric-xml", {}), "EUR", [])
    return [line for one in outcomes for line in one.lines]


def _write_tariff(lines: Documents) -> bytes:
    rows, short = io.StringIO(), io.StringIO()
    writer = TariffCsvWriter(rows)
    for line in lines:
        assert isinstance(line, TariffLine)
        writer.add(line)
    rows.seek(0)
    writer.shorten(rows, short)
    return short.getvalue().encode()


def trips() -> list[Trip]:
    """Return every standard that is both read and written, each with a generator of its messages."""
    dec, h7 = (path.read_bytes() for path in OWN)
    cuscar = st.lists(TRANSPORT_DOCUMENTS, min_size=1, max_size=3, unique_by=lambda one: one.house_document)
    _, write_cuscar = _converted("cuscar")
    answers = st.lists(ANSWERS, min_size=1, max_size=3)
    return [
        _by_conversion("wco-dec", "WCO DEC of the customs declaration service", altered([dec])),
        Trip("h7", "H7 as WCO DEC", altered([h7]), *_converted("wco-dec")),
        Trip(
            "wco-res",
            "WCO RES, notifications",
            responses.map(encode_res),
            lambda content: [one for one in decode_res(content)[:1] if one is not None],
            lambda documents: encode_res(documents[0]),  # type: ignore[arg-type]
        ),
        _by_conversion("itmatt", "ITMATT", _postal("itmatt")),
        _by_conversion("cusitm", "CUSITM", _postal("cusitm")),
        Trip(
            "cusrsp",
            "CUSRSP",
            answers.map(encode_answers),
            lambda content: decode_answers(content)[0],
            encode_answers,  # type: ignore[arg-type]
        ),
        _by_conversion("cuscar", "CUSCAR", cuscar.map(write_cuscar)),
        Trip("ceb", "CEB, every message that is read", ceb_messages(), _read_ceb, _write_ceb),
        _by_conversion(
            "epcis-json", "EPCIS in JSON", EVENT_MESSAGES.map(lambda one: write_json(one).content)
        )._replace(read=_read_events),
        _by_conversion(
            "epcis-xml", "EPCIS in XML", EVENT_MESSAGES.map(lambda one: write_xml(one).content)
        )._replace(read=_read_events),
        Trip("taric-xml", "TARIC measures as a pack's table", _measures(), _read_tariff, _write_tariff),
        *(
            _by_conversion(name, f"{name}, a form of ours", _invented_as(name))
            for name in ("json", "ndjson", "csv")
        ),
    ]


# ---- the page ----


def build_page(count: int) -> str:
    """Write the page."""
    rows, listed = [], []
    for trip in trips():
        found = go_round(trip, count)
        counts = (found.message_count, found.read_count, found.document_count, sum(found.differing.values()))
        figures = " | ".join(f"{count:,}" for count in counts)
        rows.append(f"| `{trip.name}` | {trip.title} | {figures} |")
        most = found.differing.most_common(_SHOWN)
        listed += [f"- `{trip.name}`: `{place}`, {number} documents" for place, number in most]
    return "\n".join(
        [
            "<!-- Written by `python -m tools.round_trip`: change the code, then run it. -->",
            "# Round trips",
            "",
            f"{count:,} generated messages of each standard that Serai both reads and writes: read into our",
            f"documents, written, read again (seed {SEED}). A field that the second reading lacks, or has",
            "otherwise, counts as differing. *Read*: messages with a sound document; some generators make",
            "faulty ones, too.",
            "",
            "| standard | what | messages | read | documents | fields that differ |",
            "|---|---|---|---|---|---|",
            *rows,
            "",
            "Differences:" if listed else "Differences: none.",
            *(["", *listed] if listed else []),
            "",
            f"Read and not written: {', '.join(_only_read())}. Which CEB messages are checked only says",
            "[its page](formats/ceb.md#messages).",
            "",
        ]
    )


def _only_read() -> list[str]:
    return sorted(
        name for standard in STANDARDS for name, form in standard.conversions.items() if form.write is None
    )


if __name__ == "__main__":
    sys.stdout.write(build_page(COUNT))
