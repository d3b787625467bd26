"""`serai convert FILE --from F --to F`: messages of one form or standard into those of another."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, BinaryIO, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from cyclopts import Parameter

from serai.cli.choices import one_of
from serai.cli.input_file import STANDARD_INPUT, InputPath, open_input
from serai.cli.instant import read_instant_ms
from serai.cli.output import Output, OutputOption
from serai.formats.convertible import Circumstances
from serai.formats.decoded import KINDS
from serai.formats.standards import CONVERSIONS
from serai.journey.finding_messages import sentence_of
from serai.laboratory.convert_file import Converted, convert_file
from serai.laboratory.convert_sinks import Out
from serai.laboratory.output_file import writing_to
from serai.model.errors import SeraiError

_NAMES: Final = ", ".join(CONVERSIONS)


def convert(
    file: InputPath = STANDARD_INPUT,
    /,
    *,
    from_: Annotated[str, one_of(CONVERSIONS, f"What the file is in: {_NAMES}.", option="--from")],
    to: Annotated[str, one_of(CONVERSIONS, "What is wanted: one of the same.")],
    into: Annotated[
        Path | None,
        Parameter(help="A file, or a folder that gets a file for each message; without it standard output."),
    ] = None,
    kind: Annotated[
        str,
        Parameter(help="Of JSON and NDJSON: consignment, order, payment, transport-document or arrival."),
    ] = "declaration",
    zone: Annotated[str, Parameter(help="Clock of local times without a zone (ics).")] = "UTC",
    at: Annotated[str | None, Parameter(help="When the messages say they were written; else now.")] = None,
    output: OutputOption = None,
) -> int:
    """Convert messages of one form or standard into those of another; nothing is dropped without a word.

    What the other form cannot hold is said on standard error, each with its place. A document with a fault is
    not written: exit code 1 says so. Written documents have been read back and compared.

    Parameters
    ----------
    file
        The file; without it or with `-`, standard input.
    """
    told = Circumstances(datetime.fromtimestamp(read_instant_ms(at) / 1000, UTC), _zone(zone), _kind(kind))
    written_count = faulty_count = 0
    form: Output = output or ("table" if sys.stderr.isatty() else "ndjson")
    with open_input(file) as source, _open_out(to, into) as out:
        for batch in convert_file(source, from_, to, told, out):
            written_count += sum(one.is_written for one in batch)
            faulty_count += sum(any(found.severity == "fault" for found in one.findings) for one in batch)
            for one in batch:
                _print_findings(one, form)
    sys.stderr.write(f"{written_count:,} documents written, {faulty_count:,} faulty and left out.\n")
    return 1 if faulty_count else 0


def _kind(kind: str) -> str:
    if kind not in KINDS:
        raise SeraiError("kind-unknown", f"There is no document {kind}.", f"Kinds are: {', '.join(KINDS)}.")
    return kind


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as fault:
        raise SeraiError(
            "zone-unknown", f"There is no time zone {name}.", "Say one such as UTC or Europe/Paris."
        ) from fault


def _print_findings(converted: Converted, form: Output) -> None:
    """Say on standard error what was found; the messages themselves go to standard output."""
    for finding in converted.findings:
        said = sentence_of(finding)
        row = {
            "place": converted.place,
            "reference": converted.reference,
            "pointer": finding.pointer,
            "code": finding.code,
            "severity": finding.severity,
            "sentence": said.sentence,
            "remedy": said.remedy,
        }
        if form == "table":
            # Where a message has paths, that of a fault begins with the document's.
            around = "" if finding.pointer.startswith(converted.place) else converted.place
            place = " ".join(filter(None, (around, converted.reference, finding.pointer)))
            sys.stderr.write(f"{place}: {finding.code} ({finding.severity})\n")
            sys.stderr.write(f"    {said.sentence}\n    {said.remedy}\n")
        else:
            sys.stderr.write(f"{msgspec.json.encode(row).decode()}\n")


@contextmanager
def _open_out(to: str, into: Path | None) -> Iterator[Out]:
    if into is not None and (into.is_dir() or not into.suffix):
        yield _Folder(into, CONVERSIONS[to].suffix).write
    elif to in ("csv", "ndjson"):
        with _opened(into) as stream:
            yield lambda content: _discard(stream.write(content))
            stream.flush()
    else:
        only = _OneMessage(into)
        yield only.write
        only.close()


def _discard(_: object) -> None:
    """Take what nobody asks for."""


@contextmanager
def _opened(into: Path | None) -> Iterator[BinaryIO]:
    if into is None:
        yield sys.stdout.buffer
        return
    with writing_to(into):
        stream = into.open("wb")
    with stream:
        yield stream


class _OneMessage:
    """Holds back the first message until it is sure to be the only one: two in a row would be none."""

    def __init__(self, into: Path | None) -> None:
        self._into = into
        self._content: bytes | None = None

    def write(self, content: bytes) -> None:
        if self._content is not None:
            raise SeraiError(
                "one-message-only",
                "The documents need more than one message, and a file holds one.",
                "Name a folder: --into FOLDER.",
            )
        self._content = content

    def close(self) -> None:
        if self._content is not None:
            with _opened(self._into) as stream:
                stream.write(self._content)
                stream.flush()


class _Folder:
    """Writes each message into a file of its own, numbered as they come."""

    def __init__(self, folder: Path, suffix: str) -> None:
        self._folder, self._suffix = folder, suffix
        self._count = 0

    def write(self, content: bytes) -> None:
        self._count += 1
        path = self._folder / f"{self._count:06}{self._suffix}"
        with writing_to(path):
            self._folder.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
