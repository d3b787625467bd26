"""The fields of a batch's documents, column by column, whichever reader read them.

Two sources, one face: structs (`StructFields`), and Arrow arrays of the second reader (`ArrowFields`), behind
which no document is a struct until somebody asks for it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from operator import attrgetter
from typing import Any, Protocol

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from serai.formats.json_columns import JsonColumns
from serai.formats.json_lines import decode_document
from serai.journey.validation.field_names import CONSIGNMENT_FIELDS, ITEM_FIELDS
from serai.journey.validation.instants import read_instant_array, read_instants
from serai.model.columns import Coded, Flags, Int64s, TakenColumns, encode_words, fill_word
from serai.model.documents import PERSON_ROLES, Consignment, GoodsItem
from serai.model.frames import ABSENT
from serai.model.money import read_decimal_array, read_decimals
from serai.model.packed_columns import is_given

Decimals = tuple[Int64s, Flags]
"""Millionths, and whether each text is a decimal."""


class Fields(Protocol):
    """The fields of like things, one row each: consignments, goods items, persons of one role."""

    @property
    def count(self) -> int:
        """How many rows there are."""
        ...

    def words(self, name: str) -> Coded:
        """Return a field of codes or text."""
        ...

    def texts(self, name: str) -> Sequence[str | None]:
        """Return a field of text as it was written."""
        ...

    def words_where(self, name: str, key: str, value: str, wanted: str) -> Coded:
        """Return a text of the first member of a list whose `key` says `value`; absent where none does."""
        ...

    def is_given(self, name: str) -> Flags:
        """Say where a field was given."""
        ...

    def flags(self, name: str) -> Flags:
        """Return a field of true and false; what is not given is false."""
        ...

    def numbers(self, name: str) -> Int64s:
        """Return a field of whole numbers, ABSENT where there is none."""
        ...

    def objects(self, name: str) -> Sequence[Any]:
        """Return a field of structs or lists: those given as in the document; else None, or an empty list."""
        ...

    def decimals(self, names: Sequence[str]) -> dict[str, Decimals | None]:
        """Read fields of decimals; None for one that nobody gives."""
        ...

    def instants(self, names: Sequence[str]) -> tuple[Int64s, list[int]]:
        """Read fields of instants, one after the other: milliseconds, and the places of what is none."""
        ...

    def take(self, rows: Int64s) -> "Fields":
        """Return some rows."""
        ...

    def array(self, name: str) -> Any:
        """Return a required field of text as an Arrow array."""
        ...

    def struct(self, row: int) -> Any:
        """Return a row as the struct it stands for."""
        ...


class StructFields:
    """Fields of structs. names: those that are read for certain, together, while a struct is in the cache."""

    def __init__(self, rows: Sequence[Any], names: Sequence[str] = ()) -> None:
        self._rows = rows
        self._words: dict[str, Coded] = {}
        self._lists: dict[str, list[Any]] = {name: [] for name in names}
        readers = [(self._lists[name].extend, _reader(name)) for name in names]
        for begin in range(0, len(rows), _AT_A_TIME) if names else ():
            some = rows[begin : begin + _AT_A_TIME]
            for extend, read in readers:
                extend(map(read, some))

    @property
    def count(self) -> int:
        """How many rows there are."""
        return len(self._rows)

    def words(self, name: str) -> Coded:
        """Return a field of codes or text."""
        coded = self._words.get(name)
        if coded is None:
            coded = self._words[name] = encode_words(self.texts(name))
        return coded

    def texts(self, name: str) -> Sequence[Any]:
        """Return a field as it was written."""
        values = self._lists.get(name)
        if values is None:
            values = self._lists[name] = list(map(_reader(name), self._rows))
        return values

    objects = texts

    def words_where(self, name: str, key: str, value: str, wanted: str) -> Coded:
        """Return a text of the first member of a list whose `key` says `value`; absent where none does."""
        return encode_words(
            next((getattr(one, wanted) for one in members if getattr(one, key) == value), None)
            for members in self.objects(name)
        )

    def is_given(self, name: str) -> Flags:
        """Say where a field was given."""
        return np.array([value is not None for value in self.texts(name)], dtype=np.bool_)

    def flags(self, name: str) -> Flags:
        """Return a field of true and false."""
        return np.array(self.texts(name), dtype=np.bool_)

    def numbers(self, name: str) -> Int64s:
        """Return a field of whole numbers, ABSENT where there is none."""
        return np.array([ABSENT if one is None else one for one in self.texts(name)], dtype=np.int64)

    def decimals(self, names: Sequence[str]) -> dict[str, Decimals | None]:
        """Read fields of decimals, in one go."""
        given = [name for name in names if any(self.texts(name))]
        read: dict[str, Decimals | None] = dict.fromkeys(names)
        if given:
            both = read_decimals(list(chain.from_iterable(self.texts(name) for name in given)))
            read.update(_cut_decimals(given, both, self.count))
        return read

    def instants(self, names: Sequence[str]) -> tuple[Int64s, list[int]]:
        """Read fields of instants, in one go."""
        return read_instants(list(chain.from_iterable(self.texts(name) for name in names)))

    def take(self, rows: Int64s) -> "StructFields":
        """Return some rows."""
        return StructFields([self._rows[row] for row in rows.tolist()])

    def array(self, name: str) -> Any:
        """Return a required field of text as an Arrow array."""
        return pa.array(self.texts(name), pa.string())

    def struct(self, row: int) -> Any:
        """Return a row."""
        return self._rows[row]


class ArrowFields:
    """Fields of a struct array. A field that the array lacks was given by nobody.

    defaults: of fields that have one. struct: makes a row the struct it stands for. whole: the fields of
    which these are some rows.
    """

    def __init__(
        self,
        columns: Mapping[str, Any],
        count: int,
        struct: Callable[[int], Any],
        defaults: Mapping[str, Any],
        whole: "tuple[ArrowFields, Int64s] | None" = None,
    ) -> None:
        self._columns, self._count, self._struct, self._defaults = columns, count, struct, defaults
        self._words: dict[str, Coded] = {}
        self._whole = whole

    @property
    def count(self) -> int:
        """How many rows there are."""
        return self._count

    def words(self, name: str) -> Coded:
        """Return a field of codes or text."""
        coded = self._words.get(name)
        if coded is None:
            coded = self._words[name] = self._read_words(name)
        return coded

    def _read_words(self, name: str) -> Coded:
        if self._whole is not None and name in self._whole[0]._words:
            return self._whole[0]._words[name].take(self._whole[1])
        array = self._columns.get(name)
        default = self._defaults.get(name)
        if array is None or array.null_count == self._count:
            return fill_word(default, self._count)
        return _encode_array(array if default is None else array.fill_null(default))

    def words_where(self, name: str, key: str, value: str, wanted: str) -> Coded:
        """Return a text of the first member of a list whose `key` says `value`; absent where none does."""
        array = self._columns.get(name)
        members = {} if array is None else _children(array.flatten())
        if array is None or wanted not in members or key not in members:
            return fill_word(None, self._count)
        is_it = pc.fill_null(pc.equal(members[key], value), False)
        rows, first = np.unique(pc.list_parent_indices(array).filter(is_it), return_index=True)
        found = _encode_array(members[wanted].filter(is_it).take(pa.array(first)))
        codes = np.full(self._count, -1, dtype=np.int32)
        codes[rows] = found.codes
        return Coded(found.words, codes)

    def texts(self, name: str) -> Sequence[str | None]:
        """Return a field of text as it was written."""
        array = self._columns.get(name)
        if array is None:
            return [self._defaults.get(name)] * self._count
        default = self._defaults.get(name)
        texts: list[str | None] = (array if default is None else array.fill_null(default)).to_pylist()
        return texts

    def is_given(self, name: str) -> Flags:
        """Say where a field was given."""
        array = self._columns.get(name)
        if array is not None and array.null_count < self._count:
            return is_given(array)
        return np.zeros(self._count, dtype=np.bool_)

    def flags(self, name: str) -> Flags:
        """Return a field of true and false."""
        array = self._columns.get(name)
        if array is None:
            return np.zeros(self._count, dtype=np.bool_)
        flags: Flags = array.fill_null(False).to_numpy(zero_copy_only=False)
        return flags

    def numbers(self, name: str) -> Int64s:
        """Return a field of whole numbers, ABSENT where there is none."""
        array = self._columns.get(name)
        if array is None:
            return np.full(self._count, ABSENT, dtype=np.int64)
        numbers: Int64s = array.fill_null(ABSENT).to_numpy()
        return numbers

    def objects(self, name: str) -> Sequence[Any]:
        """Return a field of structs or lists; only rows that give one become structs."""
        array = self._columns.get(name)
        is_list = isinstance(self._defaults.get(name), list)
        values: list[Any] = [() if is_list else None] * self._count
        if array is not None:
            for row in np.flatnonzero(is_given(array)).tolist():
                values[row] = getattr(self._struct(row), name)
        return values

    def decimals(self, names: Sequence[str]) -> dict[str, Decimals | None]:
        """Read fields of decimals, in one go."""
        given = [name for name in names if name in self._columns and self._has_any(name)]
        read: dict[str, Decimals | None] = dict.fromkeys(names)
        if given:
            both = read_decimal_array(pa.concat_arrays([self._columns[name] for name in given]))
            read.update(_cut_decimals(given, both, self._count))
        return read

    def instants(self, names: Sequence[str]) -> tuple[Int64s, list[int]]:
        """Read fields of instants, one after the other."""
        instants = np.full(len(names) * self._count, ABSENT, dtype=np.int64)
        faulty: list[int] = []
        for place, name in enumerate(names):
            if name in self._columns and self._has_any(name):
                begin = place * self._count
                values, wrong = read_instant_array(self._columns[name])
                instants[begin : begin + self._count] = values
                faulty += [begin + row for row in wrong]
        return instants, faulty

    def take(self, rows: Int64s) -> "ArrowFields":
        """Return some rows."""
        struct = self._struct
        return ArrowFields(
            TakenColumns(self._columns, pa.array(rows)),
            len(rows),
            lambda row: struct(int(rows[row])),
            self._defaults,
            (self, rows),
        )

    def struct(self, row: int) -> Any:
        """Return a row as the struct it stands for."""
        return self._struct(row)

    def array(self, name: str) -> Any:
        """Return a required field of text as an Arrow array."""
        return self._columns[name]

    def _has_any(self, name: str) -> bool:
        return int(self._columns[name].null_count) < self._count


@dataclass(frozen=True, slots=True)
class DocumentFields:
    """The fields of declarations: of consignments and of all their goods items. item_counts: of each
    consignment. people: makes the fields of the persons of one role, with the rows that have one; None:
    nobody has it.
    """

    consignments: Fields
    items: Fields
    item_counts: Int64s
    people: Callable[[str], tuple[Int64s, Fields] | None]

    @property
    def count(self) -> int:
        """How many documents there are."""
        return self.consignments.count

    def document(self, row: int) -> Consignment:
        """Return a document as a struct."""
        document: Consignment = self.consignments.struct(row)
        return document


def fields_of_documents(documents: Sequence[Consignment]) -> DocumentFields:
    """Return the fields of structs."""
    counts = np.fromiter((len(document.goods_items) for document in documents), np.int64, len(documents))
    consignments = StructFields(documents, CONSIGNMENT_FIELDS)
    items = StructFields(list(chain.from_iterable(map(_GOODS_ITEMS, documents))), ITEM_FIELDS)

    @cache
    def people(role: str) -> tuple[Int64s, Fields] | None:
        persons = consignments.texts(role)
        if None not in persons:
            return np.arange(len(persons)), StructFields(persons)
        rows = np.array([row for row, person in enumerate(persons) if person is not None], dtype=np.int64)
        if not len(rows):
            return None
        return rows, StructFields([person for person in persons if person is not None])

    return DocumentFields(consignments, items, counts, people)


def fields_of_columns(read: JsonColumns) -> DocumentFields:
    """Return the fields of what the second reader read."""
    array = read.documents
    made: dict[int, Consignment] = {}

    def document(row: int) -> Consignment:
        if row not in made:
            made[row] = decode_document(read.lines[row], Consignment)
        return made[row]

    columns = _children(array)
    goods_items = columns["goods_items"]
    bounds = np.frombuffer(goods_items.buffers()[1], dtype=np.int32).astype(np.int64)
    bounds = bounds[goods_items.offset : goods_items.offset + len(goods_items) + 1]
    counts = np.diff(bounds)
    owner = np.repeat(np.arange(len(counts)), counts)
    first = bounds[:-1] - bounds[0]

    def goods_item(row: int) -> GoodsItem:
        own = int(owner[row])
        return document(own).goods_items[row - int(first[own])]

    flat = goods_items.flatten()
    items = ArrowFields(_children(flat), len(flat), goods_item, _defaults(GoodsItem))
    consignments = ArrowFields(columns, len(array), document, _defaults(Consignment))

    @cache
    def people(role: str) -> tuple[Int64s, Fields] | None:
        persons = columns.get(role)
        if persons is None or persons.null_count == len(persons):
            return None
        rows = np.arange(len(persons))
        if persons.null_count:
            rows = np.flatnonzero(is_given(persons))
            persons = persons.take(pa.array(rows))
        return rows, ArrowFields(
            _children(persons), len(rows), lambda place: getattr(document(int(rows[place])), role), {}
        )

    return DocumentFields(consignments, items, counts, people)


def _children(array: Any) -> dict[str, Any]:
    """Return the fields of a struct array by name."""
    names = [array.type.field(place).name for place in range(array.type.num_fields)]
    return dict(zip(names, array.flatten(), strict=True))


def _encode_array(array: Any) -> Coded:
    encoded = array.dictionary_encode()
    codes = encoded.indices.fill_null(-1) if array.null_count else encoded.indices
    return Coded(tuple(encoded.dictionary.to_pylist()), codes.to_numpy().astype(np.int32, copy=False))


def _cut_decimals(names: Sequence[str], both: Decimals, count: int) -> dict[str, Decimals]:
    micro, is_decimal = both
    parts = [slice(place * count, (place + 1) * count) for place in range(len(names))]
    return {name: (micro[part], is_decimal[part]) for name, part in zip(names, parts, strict=True)}


@cache
def _defaults(struct: Any) -> dict[str, Any]:
    """Return the defaults of a struct's fields that say more than that nothing is given: texts and lists."""
    known: dict[str, Any] = {}
    for one in msgspec.structs.fields(struct):
        if one.default_factory is list:
            known[one.name] = []
        elif isinstance(one.default, str):
            known[one.name] = one.default
    return known


_AT_A_TIME = 128
_reader = cache(attrgetter)
_GOODS_ITEMS = attrgetter("goods_items")


# The carrier stands in the detail of a full declaration only; no law in the packs asks for it.
_ROLES = tuple(role for role in PERSON_ROLES if role != "carrier")


@dataclass(frozen=True, slots=True)
class PeopleOfRole:
    """Everybody who has one role in a batch. rows: of the documents, ascending, one for each person."""

    role: str
    rows: Int64s
    fields: Fields


def gather_people(documents: DocumentFields) -> list[PeopleOfRole]:
    """Return the persons of each role that occurs."""
    found = ((role, documents.people(role)) for role in _ROLES)
    return [PeopleOfRole(role, *persons) for role, persons in found if persons is not None]
