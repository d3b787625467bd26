"""Messages of one form or standard into those of another; whatever is lost on the way is told."""

from collections.abc import Iterator
from typing import BinaryIO, Final

import msgspec

from serai.formats.convert_own import part_of_rows, parts_of_lines
from serai.formats.convertible import Circumstances, Convertible, Part
from serai.formats.decoded import KINDS
from serai.formats.differences import find_differences
from serai.formats.json_lines import decode_lines
from serai.formats.standards import CONVERSIONS
from serai.laboratory.convert_sinks import Out, open_sink
from serai.laboratory.csv_batches import read_csv_batches
from serai.laboratory.line_blocks import read_line_blocks
from serai.model.errors import SeraiError
from serai.model.findings import Finding

BATCH_DOCUMENTS: Final = 1_000
LOSSLESS: Final = frozenset({"json", "ndjson"})
"""Forms of the documents themselves: what they carry need not be read back to know that it is all there."""


class Converted(msgspec.Struct, frozen=True):
    """What became of a document. place: in the source. findings: of reading it, and what is not carried over,
    by pointer into the document. is_written: false where a finding is a fault.
    """

    place: str
    reference: str
    kind: str
    findings: list[Finding]
    is_written: bool


def convert_file(
    source: BinaryIO, read_as: str, write_as: str, told: Circumstances, out: Out
) -> Iterator[list[Converted]]:
    """Convert every document of a file and say of each what is lost; those with a fault are left out.

    out: takes the parts of one file where the form holds any number of documents, else a whole message each
    time. Raises SeraiError `conversion-impossible` if the one never holds what the other does.
    """
    reader, writer = CONVERSIONS[read_as], CONVERSIONS[write_as]
    _refuse_strangers(read_as, write_as, told)
    with open_sink(write_as, writer, told, out) as sink:
        for parts in _read_parts(source, read_as, reader, told):
            converted = []
            for part in parts:
                lost, document = _carry(part, write_as, writer, told)
                if document is not None:
                    sink.add(part.kind, document)
                reference = getattr(part.document, "reference", "")
                findings = [*part.findings, *lost]
                converted.append(Converted(part.place, reference, part.kind, findings, document is not None))
            yield converted
        sink.close()
        if sink.count and writer.writer_needs:
            needed = {"form": write_as, "parts": ", ".join(writer.writer_needs)}
            yield [Converted("", "", "", [Finding("message-incomplete", "", "advice", needed)], False)]


def _refuse_strangers(read_as: str, write_as: str, told: Circumstances) -> None:
    reader, writer = CONVERSIONS[read_as], CONVERSIONS[write_as]
    if writer.write is None:
        known = ", ".join(name for name, one in CONVERSIONS.items() if one.write)
        raise SeraiError(
            "conversion-impossible", f"Nothing is written as {write_as} here.", f"Say --to: {known}."
        )
    # A form of ours carries any kind and does not say which: the caller does.
    found = {told.kind} if read_as in LOSSLESS else set(reader.reads)
    if not found & set(writer.writes):
        known = ", ".join(name for name, one in CONVERSIONS.items() if found & set(one.writes))
        raise SeraiError(
            "conversion-impossible",
            f"{read_as} holds {', '.join(sorted(found))}, of which {write_as} holds nothing.",
            f"Say --to: {known}.",
        )


def _read_parts(
    source: BinaryIO, name: str, reader: Convertible, told: Circumstances
) -> Iterator[list[Part]]:
    """Read a file of many documents in batches, of a slow sender what has come; any other as a whole."""
    if name == "csv":
        for batch in read_csv_batches(source, BATCH_DOCUMENTS):
            yield [part_of_rows(rows) for rows in batch]
    elif name == "ndjson":
        for block in read_line_blocks(source):
            lines = block.content.removesuffix(b"\n").split(b"\n")
            for begin in range(0, len(lines), BATCH_DOCUMENTS):
                decoded = decode_lines(lines[begin : begin + BATCH_DOCUMENTS], KINDS[told.kind])
                yield parts_of_lines(decoded, told.kind, block.first_line + begin)
    else:
        yield reader.read(source.read(), told)


def _carry(
    part: Part, write_as: str, writer: Convertible, told: Circumstances
) -> tuple[list[Finding], msgspec.Struct | None]:
    """Find what the other form cannot hold. Returns it with the document, None where it is not written."""
    if part.document is None or any(finding.severity == "fault" for finding in part.findings):
        return [], None
    if part.kind not in writer.writes:
        parameters = {"kind": part.kind, "form": write_as, "kinds": ", ".join(writer.writes)}
        return [Finding("kind-not-carried", "", parameters=parameters)], None
    if write_as in LOSSLESS:
        return [], part.document
    assert writer.write is not None, "refused before"
    try:
        content = writer.write([part.document], told)
    except SeraiError as fault:
        parameters = {"form": write_as, "why": fault.message}
        return [Finding("cannot-be-written", "", parameters=parameters)], None
    back = writer.read(content, Circumstances(told.at, told.zone, part.kind))
    again = [one.document for one in back if one.document is not None]
    if len(again) != 1:
        return _needs(back, write_as, writer), None
    return _losses(part.document, again[0], write_as), part.document


def _needs(back: list[Part], form: str, writer: Convertible) -> list[Finding]:
    """Say why what was written cannot be read: the document lacks what the other form asks for."""
    faults = [
        fault
        for part in back
        for fault in part.findings
        if fault.severity == "fault" and fault.pointer.rpartition("/")[2] not in writer.writer_needs
    ]
    assert faults, "a writer whose message its reader neither reads nor faults"
    return [
        Finding("target-needs", "", parameters={"form": form, "code": one.code, "place": one.pointer})
        for one in faults
    ]


def _losses(document: msgspec.Struct, again: msgspec.Struct, form: str) -> list[Finding]:
    differences = find_differences(document, again)
    return [
        *(Finding("not-carried-over", one, "advice", _field(one, form)) for one in differences.lost),
        *(Finding("carried-otherwise", one, "advice", _field(one, form)) for one in differences.changed),
    ]


def _field(pointer: str, form: str) -> dict[str, str]:
    return {"field": pointer.rpartition("/")[2], "form": form}
