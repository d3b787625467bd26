"""Which formats there are: name, content types, and what each carries. The one place that lists them."""

from collections.abc import Callable
from typing import Any, Literal

import msgspec

from serai.formats.csv_columns import CSV_KINDS
from serai.formats.csv_rows import read_csv_documents
from serai.formats.decoded import KINDS
from serai.formats.json_lines import decode_lines
from serai.formats.wco_dec import decode_dec

FormatName = Literal["json", "ndjson", "csv", "wco-dec"]


class Format(msgspec.Struct, frozen=True):
    """A form in which documents come.

    content_types: media types without parameters, the first one is what we send. suffix: of a file's name.
    kinds: of `decoded.KINDS`. is_many: one message holds many documents, each answered by itself.
    read: the function that reads it; its signature follows from is_many and from where its text is cut.
    """

    name: FormatName
    content_types: tuple[str, ...]
    suffix: str
    kinds: tuple[str, ...]
    is_many: bool
    read: Callable[..., Any]


FORMATS: dict[FormatName, Format] = {
    form.name: form
    for form in (
        Format("json", ("application/json",), ".json", tuple(KINDS), False, decode_lines),
        Format(
            "ndjson",
            ("application/x-ndjson", "application/ndjson", "application/jsonl"),
            ".ndjson",
            tuple(KINDS),
            True,
            decode_lines,
        ),
        Format(
            "csv",
            ("text/csv", "text/tab-separated-values"),
            ".csv",
            CSV_KINDS,
            True,
            read_csv_documents,
        ),
        Format("wco-dec", ("application/xml", "text/xml"), ".xml", ("consignment",), False, decode_dec),
    )
}


def find_by_content_type(content_type: str, kind: str) -> Format | None:
    """Find the format of a Content-Type header for a kind of document; None: we do not read that."""
    media_type = content_type.partition(";")[0].strip().lower()
    return next((f for f in FORMATS.values() if media_type in f.content_types and kind in f.kinds), None)


def find_by_file_name(file_name: str, kind: str) -> Format | None:
    """Find the format of a file by the end of its name; None: we do not read that."""
    lowered = file_name.lower()
    return next((f for f in FORMATS.values() if lowered.endswith(f.suffix) and kind in f.kinds), None)
