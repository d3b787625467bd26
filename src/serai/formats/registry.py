"""The forms of our own: documents as JSON, one a line, as rows of a table, and as WCO DEC."""

from typing import Final, Literal

from serai.formats import convert_own as own
from serai.formats.convertible import Convertible
from serai.formats.csv_columns import CSV_KINDS
from serai.formats.decoded import KINDS
from serai.formats.standard import XML, Described, Marks, Standard

FormatName = Literal["json", "ndjson", "csv", "wco-dec"]
MANY: Final = 1_000_000_000
"""Documents of a form that has no most."""
_ALL: Final = tuple(KINDS)
_CONSIGNMENT: Final = (own.CONSIGNMENT,)


class Form(Standard, frozen=True, kw_only=True):
    """A form of our own, sent to the routes of the documents.

    is_many: one message holds many documents, each answered by itself.
    """

    name: FormatName
    is_many: bool


_JSON = Form(
    name="json",
    title="JSON: a declaration",
    media_types=("application/json",),
    suffix=".json",
    kinds=_ALL,
    is_many=False,
    conversions={"json": Convertible(".json", _ALL, _ALL, own.read_json, own.write_json)},
    described=Described(page="", carries="one document"),
    samples=("examples/messages/declaration.json",),
)
_NDJSON = Form(
    name="ndjson",
    title="NDJSON: a declaration a line",
    media_types=("application/x-ndjson", "application/ndjson", "application/jsonl"),
    suffix=".ndjson",
    kinds=_ALL,
    is_many=True,
    conversions={"ndjson": Convertible(".ndjson", _ALL, _ALL, own.read_ndjson, own.write_ndjson, MANY)},
    described=Described(page="", carries="a document a line"),
    samples=("examples/messages/declarations.ndjson",),
)
_CSV = Form(
    name="csv",
    title="CSV: a goods item a row",
    media_types=("text/csv", "text/tab-separated-values"),
    suffix=".csv",
    kinds=CSV_KINDS,
    is_many=True,
    conversions={"csv": Convertible(".csv", _CONSIGNMENT, _CONSIGNMENT, own.read_rows, own.write_rows, MANY)},
    described=Described(page="", carries="a goods item, a line of an order or a payment a row"),
    samples=("examples/messages/declarations.csv", "conformance/csv/messages/*.csv"),
)
_WCO_DEC = Form(
    name="wco-dec",
    title="WCO DEC: as read by Serai",
    media_types=XML,
    suffix=".xml",
    kinds=_CONSIGNMENT,
    is_many=False,
    marks=Marks(roots="Declaration|MetaData"),
    conversions={"wco-dec": Convertible(".xml", _CONSIGNMENT, _CONSIGNMENT, own.read_dec, own.write_dec)},
    described=Described(page="cds.md", carries="a declaration, or a later act on one"),
    samples=("examples/messages/declaration-wco-dec.xml", "conformance/wco-dec/messages/*.xml"),
)

FORMATS: Final[dict[FormatName, Form]] = {one.name: one for one in (_JSON, _NDJSON, _CSV, _WCO_DEC)}


def find_by_file_name(file_name: str, kind: str) -> Form | None:
    """Find the format of a file by the end of its name; None: we do not read that."""
    lowered = file_name.lower()
    return next((f for f in FORMATS.values() if lowered.endswith(f.suffix) and kind in f.kinds), None)
