"""What an expression evaluates to: a column or a scalar, with what is known of it."""

from collections.abc import Sequence

import msgspec
import numpy as np

from serai.law.small_arrays import all_true
from serai.model.columns import Flags, Int32s, Int64s

Data = Int64s | Int32s | Flags


class Value(msgspec.Struct, frozen=True, gc=False, eq=False):
    """A column (one row each), or an array of one row that stands for all (a scalar).

    data: int64 for money, counts, masses, days; bool for flags; int32 word numbers for codes; numerators
    for rates; for a list parameter the place of the list in force. known: which rows are known; None says
    all are. denominator: of a rate, an array or a whole number. words: of a code. lists: of a list
    parameter.

    A law makes some hundred of them for a batch, however small: a struct is made eight times as fast as a
    frozen data class.
    """

    data: Data
    known: Flags | None = None
    denominator: Int64s | int = 1
    words: tuple[str, ...] = ()
    lists: tuple[tuple[str, ...], ...] = ()

    @property
    def numbers(self) -> Int64s:
        """The data as whole numbers."""
        return self.data.astype(np.int64, copy=False)

    @property
    def flags(self) -> Flags:
        """The data as true and false."""
        return self.data.astype(np.bool_, copy=False)

    def known_flags(self) -> Flags:
        """Return which rows are known, as a column."""
        return np.ones(len(self.data), dtype=np.bool_) if self.known is None else self.known

    def holds(self) -> Flags:
        """Return where a flag is known to be true."""
        return self.flags if self.known is None else self.flags & self.known


def code_value(codes: Int32s, words: Sequence[str]) -> Value:
    """Return a code on the rows; an absent one (-1) is unknown."""
    is_given = codes >= 0
    return Value(codes, None if all_true(is_given) else is_given, 1, tuple(words))


def both_known(left: Flags | None, right: Flags | None) -> Flags | None:
    """Return where both are known; None says everywhere."""
    if left is None:
        return right
    return left if right is None else left & right


def spread(value: Value, owner: Int64s) -> Value:
    """Give every item its consignment's value."""
    if len(value.data) == 1:
        # One row stands for all, or is the only consignment.
        owner = np.zeros_like(owner)
    elif len(value.data) == len(owner):
        # Every consignment has an item, so here each has one: the rows are the same.
        return value
    denominator = value.denominator
    if isinstance(denominator, np.ndarray) and denominator.size > 1:
        denominator = denominator[owner]
    known = value.known
    if known is not None:
        known = known[owner if len(known) > 1 else np.zeros_like(owner)]
    return Value(value.data[owner], known, denominator, value.words, value.lists)
