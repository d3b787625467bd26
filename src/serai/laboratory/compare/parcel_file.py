"""Parcels as columns on disk (Parquet): what laws read of them, and nobody's name or address.

A row is a consignment, with its goods items as a list of structs. The columns are those that stages `advise`
and `match` give a batch (`model/frames.py`), so that years of parcels are read as fast as they are assessed.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from serai.laboratory.compare.parcels import CHUNK_CONSIGNMENTS, Chunk, Parcels
from serai.laboratory.parquet_output import ParquetOutput
from serai.model.columns import BitSets, Coded, Column, Frame, Int64s
from serai.model.errors import SeraiError
from serai.model.frames import ABSENT, CONSIGNMENTS, GOODS_ITEMS, ColumnMeaning

PARQUET: Final = ".parquet"
ITEMS: Final = "goods_items"
IN_MEMORY_MOST: Final = 250_000
"""Parcels up to which a file is read once for all laws instead of once for each: some 100 MB."""
_STAGES: Final = ("validation", "matching")
_FORMAT: Final = {b"serai": b"parcel-columns/1"}
_ARROW_TYPES: Final[Mapping[str, Any]] = {
    "int64": pa.int64(),
    "flag": pa.bool_(),
    "coded": pa.dictionary(pa.int32(), pa.string()),
}
_AMOUNTS: Final = ("_micro", "_g")
"""Ends of the names of columns that are never less than nothing."""


def _fields(meanings: Iterable[ColumnMeaning]) -> list[pa.Field]:
    return [
        pa.field(one.name, _ARROW_TYPES[one.type])
        for one in meanings
        if one.stage in _STAGES and one.name != "owner"
    ]


SCHEMA: Final = pa.schema(
    [*_fields(CONSIGNMENTS), pa.field(ITEMS, pa.list_(pa.struct(_fields(GOODS_ITEMS))))], metadata=_FORMAT
)
"""Null says in a number or a code that it was not given; a flag is never null."""


# ---- writing ----


def write_parcels(path: Path, chunks: Iterable[Chunk]) -> int:
    """Write chunks as row groups, one after the other; return how many parcels. Raises
    `output-unwritable`.
    """
    count = 0
    with closing(ParquetOutput(path, SCHEMA)) as output:
        for chunk in chunks:
            output.add(_table(chunk))
            count += chunk.consignments.row_count
    return count


def _table(chunk: Chunk) -> pa.Table:
    columns = {name: _array(chunk.consignments[name]) for name in SCHEMA.names if name != ITEMS}
    names = [field.name for field in SCHEMA.field(ITEMS).type.value_type]
    items = pa.StructArray.from_arrays([_array(chunk.items[name]) for name in names], names)
    ends = np.append(chunk.first_items, chunk.items.row_count).astype(np.int32)
    columns[ITEMS] = pa.ListArray.from_arrays(pa.array(ends), items)
    return pa.table(columns, schema=SCHEMA)


def _array(column: Column) -> pa.Array:
    if isinstance(column, Coded):
        codes = pa.array(column.codes, mask=column.codes < 0)
        return pa.DictionaryArray.from_arrays(codes, pa.array(column.words, pa.string()))
    assert not isinstance(column, BitSets), "no file has one"
    if column.dtype == np.bool_:
        return pa.array(column)
    return pa.array(column, mask=column == ABSENT)


# ---- reading ----


@dataclass(frozen=True, slots=True)
class ParcelFile:
    """A file of parcels, read anew each time it is gone through: memory holds one batch."""

    path: Path
    count: int

    def __iter__(self) -> Iterator[Chunk]:
        """Give its parcels, a batch at a time. Raises `parcel-file-shape`."""
        try:
            file = pq.ParquetFile(self.path)
            for group in range(file.num_row_groups):
                for batch in _batches(file, group):
                    yield _chunk(batch, self.path)
        except (OSError, pa.ArrowException) as fault:
            raise _misshapen(self.path, f"it cannot be read to its end: {fault}") from fault


def read_parcel_file(path: Path) -> Parcels:
    """Return a file's parcels: in memory if they are few, else read anew for each law. Raises as
    `open_parcels` does.
    """
    file = open_parcels(path)
    return Parcels(list(file) if file.count <= IN_MEMORY_MOST else file, file.count, 0)


def open_parcels(path: Path) -> ParcelFile:
    """Look at a file's columns; nothing else is read. Raises `input-unreadable`, `parcel-file-shape`."""
    try:
        file = pq.ParquetFile(path)
    except pa.ArrowInvalid as fault:
        raise _misshapen(path, "it is no Parquet") from fault
    except OSError as fault:
        raise SeraiError("input-unreadable", f"{path} cannot be read: {fault}.", "Name a file.") from fault
    found = file.schema_arrow
    for field in SCHEMA:
        place = found.get_field_index(field.name)
        if place < 0:
            raise _misshapen(path, f"it has no column `{field.name}`")
        if field.name != ITEMS:
            _expect(path, field.name, found.field(place).type, field.type)
    _expect_items(path, found.field(ITEMS).type)
    return ParcelFile(path, file.metadata.num_rows)


def _expect_items(path: Path, items: pa.DataType) -> None:
    if not pa.types.is_list(items) or not pa.types.is_struct(items.value_type):
        raise _misshapen(path, f"`{ITEMS}` is no list of structs")
    given = {field.name: field.type for field in items.value_type}
    for field in SCHEMA.field(ITEMS).type.value_type:
        if field.name not in given:
            raise _misshapen(path, f"it has no column `{ITEMS}.{field.name}`")
        _expect(path, f"{ITEMS}.{field.name}", given[field.name], field.type)


def _expect(path: Path, name: str, found: pa.DataType, wanted: pa.DataType) -> None:
    if found != wanted:
        raise _misshapen(path, f"`{name}` is {found} where {wanted} is needed")


def _batches(file: pq.ParquetFile, group: int) -> Iterator[pa.RecordBatch]:
    # Group by group: Arrow cannot join the dictionaries of two groups inside a struct.
    return file.iter_batches(CHUNK_CONSIGNMENTS, row_groups=[group], columns=SCHEMA.names, use_threads=False)  # type: ignore[no-any-return]


def _chunk(batch: pa.RecordBatch, path: Path) -> Chunk:
    listed = batch.column(ITEMS)
    ends = listed.offsets.to_numpy().astype(np.int64)
    counts = np.diff(ends)
    if listed.null_count or (len(counts) and counts.min() < 1):
        raise _misshapen(path, "a consignment has no goods item")
    items = listed.flatten()
    consignments = {
        name: _column(batch.column(name), name, path) for name in batch.schema.names if name != ITEMS
    }
    of_items = {
        field.name: _column(part, field.name, path)
        for field, part in zip(items.type, items.flatten(), strict=True)
    }
    owner: Column = np.repeat(np.arange(batch.num_rows), counts)
    return Chunk(
        Frame(batch.num_rows, consignments),
        Frame(len(items), {"owner": owner, **of_items}),
        ends[:-1] - ends[0],
    )


def _column(array: pa.Array, name: str, path: Path) -> Column:
    if pa.types.is_dictionary(array.type):
        codes = array.indices.fill_null(-1) if array.null_count else array.indices
        return Coded(tuple(array.dictionary.to_pylist()), codes.to_numpy())
    if pa.types.is_boolean(array.type):
        if array.null_count:
            raise _misshapen(path, f"`{name}` is empty in some rows, where a flag is yes or no")
        flags: Column = array.to_numpy(zero_copy_only=False)
        return flags
    numbers: Int64s = (array.fill_null(ABSENT) if array.null_count else array).to_numpy()
    if name.endswith(_AMOUNTS) and len(numbers) and ((numbers < 0) & (numbers != ABSENT)).any():
        raise _misshapen(path, f"`{name}` is less than nothing in some rows")
    return numbers


def _misshapen(path: Path, what: str) -> SeraiError:
    return SeraiError(
        "parcel-file-shape",
        f"{path}: {what}.",
        "Write it with `serai law columns`, or give it the columns that docs/reference/parcel-file.md lists.",
    )
