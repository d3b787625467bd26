"""Plain values, and frames read as lists of them: what an expression gives on one goods item or
consignment, in Python's own numbers.

Money, counts, masses and days are whole numbers, a flag is true or false, a code its text, a rate numerator
and denominator, a list its codes. None is unknown, the third truth value.

Each node of an expression writes itself as a Python expression; the whole becomes one function, made when it
is first called. In its text `row` is the consignment, `i` the goods item; the other single letters are in
`_LOCALS`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from serai.law.exact import SAFE, RoundingMode
from serai.model.columns import BitSets, Coded, Frame
from serai.model.frames import ABSENT

Plain = Any
PlainRate = tuple[int, int]


class PlainRow(Protocol):
    """What a compiled expression reads of one consignment. item_count: of its goods items."""

    item_count: int
    values: dict[str, Plain]
    item_values: dict[str, list[Plain]]
    parts: dict[int, list[Plain]]

    def source_of(self, writer: "Writer", name: str, *, is_of_items: bool) -> str:
        """Write how a name is read, in the program under which this consignment is."""
        ...

    def tariff_duty(self, amount: int | None, measure: str, item: int) -> int | None:
        """Return the duty of an item's tariff line of a measure on an amount."""
        ...

    def in_currency(self, amount: int | None, source: str, target: str) -> int | None:
        """Return an amount of currency `source` in `target`; one of the two is the law's own."""
        ...

    def share_out(self, total: int | None, weights: list[int | None]) -> list[int | None]:
        """Return each item's share of an amount of the consignment."""
        ...


PlainEvaluate = Callable[[PlainRow, int], Plain]
"""Gives the value on an item of a consignment; what is of the whole consignment is the same on each."""


_LOCALS = {
    "V": "row.values",
    "I": "row.item_values",
    "P": "row.parts",
    "C": "row.consignments",
    "T": "row.items",
    "r": "row.row",
    "f": "row.first_item",
}
"""Locals of a written function: values of the consignment and of its items by name, parts that several
expressions share, columns of the batch's consignments and items, the consignment's place in them and that of
its first item."""


class Writer:
    """Writes the text of one function. row: the first it is for. constants: what the text names and does not
    say."""

    def __init__(self, row: PlainRow) -> None:
        self.row = row
        self.constants: dict[str, Any] = {}
        self._locals: set[str] = set()
        self._names_count = 0

    def local(self, letter: str) -> str:
        """Return one of `_LOCALS`, which the function begins with."""
        self._locals.add(letter)
        return letter

    def head(self) -> str:
        """Return what the function begins with."""
        return "".join(f" {one} = {of}\n" for one, of in _LOCALS.items() if one in self._locals)

    def read(self, name: str, *, is_of_items: bool) -> str:
        """Write how a name is read."""
        return self.row.source_of(self, name, is_of_items=is_of_items)

    def later(self, make: "Callable[[PlainRow], Reader]") -> str:
        """Return the name of a function of the consignment that is made when it is first called."""
        constants, name = self.constants, f"c{len(self.constants)}"

        def make_and_call(row: PlainRow) -> Any:
            made = constants[name] = make(row)
            return made(row)

        constants[name] = make_and_call
        return name

    def name(self) -> str:
        """Return a name that stands nowhere else in the text."""
        self._names_count += 1
        return f"v{self._names_count}"

    def constant(self, thing: object) -> str:
        """Return the name under which the text reads a thing."""
        name = f"c{len(self.constants)}"
        self.constants[name] = thing
        return name

    def known(self, sources: "tuple[PlainSource, ...]", write: Callable[..., str]) -> str:
        """Write something of values that are all known; else unknown. write: given their names."""
        names, tests = [], []
        for source in sources:
            text = source(self)
            if text.isdigit() or text in self.constants:
                names.append(text)
                continue
            names.append(self.name())
            tests.append(f"({names[-1]} := {text}) is None")
        return f"(None if {' or '.join(tests)} else {write(*names)})" if tests else write(*names)

    def each(self, source: "PlainSource") -> str:
        """Write the list of a value on all items of the consignment."""
        return f"[{source(self)} for i in range(row.item_count)]"


PlainSource = Callable[[Writer], str]
Reader = Callable[[Any], Any]
"""Computes something of a consignment, keeps it there, and returns it."""


class PlainFunction:
    """The function of an expression. call: made from its text when it is first called.

    source: writes the expression. body: writes what the function does, where that is more than to return it.
    """

    __slots__ = ("_body", "call", "source")

    def __init__(self, source: PlainSource, body: PlainSource | None = None) -> None:
        self.source = source
        self._body = body or (lambda writer: f" return {source(writer)}\n")
        self.call: PlainEvaluate = self._make_and_call

    def _make_and_call(self, row: PlainRow, item: int) -> Plain:
        self.call = _function(self._body, row, "row, i")
        return self.call(row, item)


def written_reader(source: PlainSource, row: PlainRow, place: str) -> Reader:
    """Return the function that computes a value of the consignment and keeps it. place: where, written as the
    writer's text."""
    return _function(lambda writer: f" value = {_at(writer, place)} = {source(writer)}\n return value\n", row)


def written_reader_of_items(source: PlainSource, row: PlainRow, place: str) -> Reader:
    """Return the function that computes a value of each item and keeps them. place: as `written_reader`."""

    def body(writer: Writer) -> str:
        # A loop is cheaper than a list made in one expression, which is a function of its own.
        each = f" values = []\n for i in range(row.item_count): values.append({source(writer)})\n"
        return f"{each} {_at(writer, place)} = values\n return values\n"

    return _function(body, row)


def _at(writer: Writer, place: str) -> str:
    writer.local(place[0])
    return place


def those_that_hold(conditions: Mapping[int, PlainFunction]) -> PlainFunction:
    """Return one function that gives number and value of each condition that holds or is unknown: a call of
    each costs more than most compute."""

    def body(writer: Writer) -> str:
        lines = [" found = []\n"]
        for number, condition in conditions.items():
            text, name = condition.source(writer), writer.name()
            lines.append(
                f" {name} = {text}\n if {name} or {name} is None: found.append(({number}, {name}))\n"
            )
        return "".join(lines) + " return found\n"

    return PlainFunction(body, body)


def first_that_holds(conditions: Sequence[PlainFunction]) -> PlainFunction:
    """Return the function that gives the number of the first condition that holds, -1 where none does, -2 - n
    where the n-th is unknown before one does."""

    def body(writer: Writer) -> str:
        lines: list[str] = []
        for number, condition in enumerate(conditions):
            text = condition.source(writer)
            if text == "True":
                return "".join(lines) + f" return {number}\n"
            name = writer.name()
            lines.append(f" {name} = {text}\n if {name}: return {number}\n")
            lines.append(f" if {name} is None: return {-2 - number}\n")
        return "".join(lines) + " return -1\n"

    return PlainFunction(body, body)


def _function(write_body: PlainSource, row: PlainRow, arguments: str = "row") -> Callable[..., Any]:
    writer = Writer(row)
    body = write_body(writer)
    # What is made later takes its place among the names that the text reads.
    names = writer.constants
    # The text is made of the compiler's own words: whatever a pack says comes in as a constant or a name of
    # the vocabulary, written by `repr`.
    exec(compile(f"def plain({arguments}):\n{writer.head()}{body}", "<law>", "exec"), names)  # noqa: S102
    return names["plain"]  # type: ignore[no-any-return]


def divide_plain(amount: int, numerator: int, denominator: int, *, mode: RoundingMode, unit: int = 1) -> int:
    """Return amount x numerator / denominator, rounded once to a multiple of `unit`, as `multiply_divide`
    does for columns.
    """
    product, divisor = amount * numerator, denominator * unit
    size = abs(product)
    if mode == "half_up":
        quotient = (size + divisor // 2) // divisor
    else:
        quotient, rest = divmod(size, divisor)
        if mode == "up":
            quotient += rest > 0
        elif mode == "half_even":
            above, tied = rest > divisor - rest, rest == divisor - rest
            quotient += above or (tied and quotient % 2 == 1)
    return (-quotient if product < 0 else quotient) * unit


def checked(number: int) -> int:
    """Return a product of 62 bits at most; raises OverflowError, as columns do."""
    if -SAFE < number < SAFE:
        return number
    raise OverflowError("a product leaves 64 bits; a parameter or a rate is out of range")


def as_rate(value: Plain) -> PlainRate:
    """Return a number as a fraction; a rate is one."""
    return value if isinstance(value, tuple) else (value, 1)


class PlainFrame(dict[str, list[Plain]]):
    """A frame read row by row, of small batches: columns by name, each made when it is first asked for. None
    stands for what is absent, and in every row of a column that nobody added."""

    __slots__ = ("frame",)

    def __init__(self, frame: Frame) -> None:
        self.frame = frame

    def __missing__(self, name: str) -> list[Plain]:
        column = self[name] = self._listed(name)
        return column

    def _listed(self, name: str) -> list[Plain]:
        column = self.frame.columns.get(name)
        if column is None:
            return [None] * self.frame.row_count
        if isinstance(column, Coded):
            return column.texts()
        assert not isinstance(column, BitSets), "no word of the vocabulary"
        if column.dtype == np.bool_:
            return column.tolist()  # type: ignore[no-any-return]
        return [None if number == ABSENT else number for number in column.tolist()]
