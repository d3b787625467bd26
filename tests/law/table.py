"""Rows given by hand, for expressions to read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from serai.law.expression import Compiled, Symbol, compile_expression
from serai.law.node import Environment
from serai.law.values import Data, Value, code_value
from serai.model.columns import Int64s, encode_words

Cell = int | bool | str | None


@dataclass(slots=True)
class Table:
    """Columns of a few consignments and their items."""

    values: Mapping[str, Value]
    owner: Int64s
    first_items: Int64s
    parts: dict[int, Value] = field(default_factory=dict)

    def read(self, name: str) -> Value:
        return self.values[name]

    def tariff_duty(self, amount: Value, measure: str) -> Value:
        raise NotImplementedError

    def in_currency(self, amount: Value, source: str, target: str) -> Value:
        raise NotImplementedError

    def share_out(self, total: Value, weight: Value) -> Value:
        raise NotImplementedError


def column(cells: Sequence[Cell], denominator: int = 1) -> Value:
    """Write cells as a value; None is unknown."""
    if any(isinstance(cell, str) for cell in cells):
        coded = encode_words(cell if isinstance(cell, str) else None for cell in cells)
        return code_value(coded.codes, coded.words)
    known = np.array([cell is not None for cell in cells])
    kind = np.bool_ if any(isinstance(cell, bool) for cell in cells) else np.int64
    data: Data = np.array([cell or 0 for cell in cells]).astype(kind)
    return Value(data, None if known.all() else known, denominator)


def table(owner: Sequence[int], **columns: Value) -> Environment:
    """Build rows; owner: the consignment of each item."""
    owners = np.array(owner, dtype=np.int64)
    first = np.flatnonzero(np.append(True, np.diff(owners) != 0))
    return Table(columns, owners, first)


def compiled(text: str, **kinds: Symbol) -> Compiled:
    """Compile an expression over a few names."""
    return compile_expression(text, kinds)


def cells_of(value: Value, count: int) -> list[int | None]:
    """Read a value back as plain numbers."""
    data = np.broadcast_to(value.data, (count,)).tolist()
    known = np.broadcast_to(value.known_flags(), (count,)).tolist()
    return [cell if is_known else None for cell, is_known in zip(data, known, strict=True)]
