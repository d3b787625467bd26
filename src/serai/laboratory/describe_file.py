"""What the goods descriptions of a file render: one answer a line, whatever the line holds."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, BinaryIO, Final, Literal, NamedTuple

import msgspec

from serai.journey.descriptions.description import Description, describe
from serai.journey.descriptions.goods_words import shipped_goods_words
from serai.journey.descriptions.weights import shipped_weights
from serai.laboratory.line_blocks import read_line_blocks
from serai.law.vague_words import VAGUE_WORDS, no_vague_words, read_vague_words
from serai.model.errors import SeraiError

DescriptionForm = Literal["text", "csv", "ndjson"]
DESCRIPTION_FORMS: Final[Mapping[str, DescriptionForm]] = {
    ".csv": "csv",
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
}
"""By the end of a file's name; any other is text, a description a line."""
TEXT_COLUMNS: Final = ("description", "term", "text", "gdsdesc")
CODE_COLUMNS: Final = ("commodity_code", "hs_code", "cmdtycode")
"""Names of columns and fields, lower case, looked for in this order; of a code's the beginning counts."""
BATCH_TEXTS: Final = 4096


class DescribedLine(msgspec.Struct, frozen=True):
    """One line of the file with its answer; None where no description could be read."""

    line: int
    text: str
    answer: Description | None


class _Line(NamedTuple):
    line: int
    text: str | None
    code: str | None


def describe_file(
    file: BinaryIO,
    form: DescriptionForm,
    *,
    law_files: Mapping[str, bytes],
    column: str | None = None,
    language: str | None = None,
) -> Iterator[list[DescribedLine]]:
    """Describe each line of a file, in batches, in order.

    column: that holds the description, else the first of TEXT_COLUMNS, else the first of the file.
    language: of the suggested words, else that of each description. Raises
    SeraiError `description-column` if a table has no such column, `description-file` if it is no table.
    """
    content = law_files.get(VAGUE_WORDS)
    vague_words = read_vague_words(content) if content else no_vague_words()
    weights, goods_words = shipped_weights(), shipped_goods_words()
    for batch in _batches(_read(file, form, column)):
        told = [one for one in batch if one.text is not None]
        answers = describe(
            [one.text or "" for one in told],
            vague_words=vague_words,
            weights=weights,
            goods_words=goods_words,
            commodity_codes=[one.code for one in told],
            language=language,
        )
        found = iter(answers)
        yield [
            DescribedLine(one.line, one.text or "", None if one.text is None else next(found))
            for one in batch
        ]


def _batches(lines: Iterator[_Line]) -> Iterator[list[_Line]]:
    while batch := list(islice(lines, BATCH_TEXTS)):
        yield batch


def _read(file: BinaryIO, form: DescriptionForm, column: str | None) -> Iterator[_Line]:
    if form == "csv":
        return _read_csv(file, column)
    return _read_lines(file, form, column)


def _read_lines(file: BinaryIO, form: DescriptionForm, column: str | None) -> Iterator[_Line]:
    for block in read_line_blocks(file):
        for number, line in enumerate(block.content.removesuffix(b"\n").split(b"\n"), block.first_line):
            bare = line.removesuffix(b"\r").removeprefix(b"\xef\xbb\xbf" if number == 1 else b"")
            if form == "text":
                yield _Line(number, bare.decode("utf-8", "replace"), None)
            elif bare.strip():
                yield _of_json(number, bare, column)


def _of_json(number: int, line: bytes, column: str | None) -> _Line:
    try:
        read: Any = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _Line(number, None, None)
    if isinstance(read, str):
        return _Line(number, read, None)
    if not isinstance(read, dict):
        return _Line(number, None, None)
    fields = {name.lower(): value for name, value in read.items()}
    text = fields.get((column or _first(TEXT_COLUMNS, fields) or "").lower())
    code = fields.get(_code_name(fields) or "")
    return _Line(number, text if isinstance(text, str) else None, _digits(code))


def _read_csv(file: BinaryIO, column: str | None) -> Iterator[_Line]:
    text_file = io.TextIOWrapper(file, encoding="utf-8-sig", errors="replace", newline="")
    rows = csv.reader(text_file)
    try:
        header = next(rows, [])
        names = {name.strip().lower(): place for place, name in reversed(list(enumerate(header)))}
        first = next(iter(header), "").strip().lower()
        wanted = column.lower() if column else _first(TEXT_COLUMNS, names) or first
        if wanted not in names:
            raise SeraiError(
                "description-column",
                f"The table has no column {column or 'of descriptions'}.",
                f"Say --column and one of: {', '.join(header) or 'none, since its first line is empty'}.",
            )
        text_place, code_place = names[wanted], names.get(_code_name(names) or "", -1)
        for row in rows:
            text = row[text_place] if text_place < len(row) else None
            code = row[code_place] if 0 <= code_place < len(row) else None
            yield _Line(rows.line_num, text, _digits(code))
    except csv.Error as fault:
        raise SeraiError(
            "description-file",
            f"Line {rows.line_num} is not a row of a table: {fault}.",
            "Save the file as CSV in UTF-8, or give a text file with one description a line.",
        ) from fault
    finally:
        # Who opened the file closes it.
        text_file.detach()


def _first(wanted: Sequence[str], names: Mapping[str, object]) -> str | None:
    return next((name for name in wanted if name in names), None)


def _code_name(names: Mapping[str, object]) -> str | None:
    return next((name for wanted in CODE_COLUMNS for name in names if name.startswith(wanted)), None)


def _digits(code: object) -> str | None:
    """Return a code without dots and blanks, None if it is none."""
    bare = str(code or "").replace(".", "").replace(" ", "")
    return bare if bare.isdecimal() and len(bare) >= 4 else None
