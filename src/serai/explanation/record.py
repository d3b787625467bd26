"""The record of one consignment: the run that decided it, cut down to its rows. Figures are read here and
never made.

The parts of a formula that the run did not keep are evaluated by the law's own compiler on the recorded
values.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from serai.journey.assessment.rules import GovernedRun
from serai.law.charges import ChargeRows
from serai.law.expression import Compiled, compile_expression
from serai.law.pack import Kind, Level, Pack, Parameter, Rounding
from serai.law.program import CompiledCharge, CompiledDefinition, Program
from serai.law.run import LawRun
from serai.law.values import Value, both_known
from serai.model.columns import Flags, Frame, Int64s


class Assessed(Protocol):
    """What is needed of an assessment, or of a batch that went through processing.

    Rows count over `consignments`.
    """

    @property
    def consignments(self) -> Frame:
        """The consignments, with the columns of stage `assess`."""

    @property
    def items(self) -> Frame:
        """The goods items, likewise."""

    @property
    def charges(self) -> Frame:
        """The charges."""

    @property
    def findings(self) -> Frame:
        """The findings."""

    @property
    def runs(self) -> tuple[GovernedRun, ...]:
        """Each law's run."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One recorded value.

    numerator: minor units, count, grams, day, 0 or 1; with denominator for rates. text: of a code or a list.
    """

    kind: Kind
    is_known: bool
    numerator: int
    denominator: int = 1
    currency: str | None = None
    text: str = ""

    def is_true(self) -> bool:
        """Say whether a flag is known to be true."""
        return self.is_known and bool(self.numerator)


@dataclass(frozen=True, slots=True)
class RecordedCharge:
    """One charge on one item (place) or on the consignment (None).

    due, debtor: row of the choice, -1 undecided.
    """

    charge: CompiledCharge
    place: int | None
    base_minor: int
    rate_numerator: int
    rate_denominator: int
    amount_minor: int
    due: int
    debtor: int
    is_waived: bool


@dataclass(slots=True)
class Record:
    """One consignment of an assessment.

    run: of one consignment, holding what was recorded. places: its items in the batch.
    """

    run: LawRun
    charges: list[RecordedCharge]
    definitions: Mapping[str, CompiledDefinition]
    _evaluated: dict[tuple[str, Rounding], Value] = field(default_factory=dict)

    @property
    def program(self) -> Program:
        """The law that governed the consignment."""
        return self.run.program

    @property
    def currency(self) -> str:
        """The currency of the law."""
        return self.run.program.currency

    def item_count(self) -> int:
        """Return how many goods items there are."""
        return len(self.run.owner)

    def law_day(self) -> int:
        """Return the local day whose law applies (days since 1970)."""
        return int(self.run.law_days[0])

    def level(self, name: str) -> Level | None:
        """Return the level at which a name differs."""
        return self.program.symbols[name].level

    def figure(self, name: str, place: int | None) -> Figure:
        """Return the recorded value of a word, parameter, definition or charge on an item or the
        consignment.
        """
        symbol = self.program.symbols[name]
        return figure_at(self.run.read(name), symbol.kind, symbol.currency, place)

    def evaluate(self, text: str, rounding: Rounding, place: int | None) -> Figure:
        """Return the value of part of a formula, by the compiled law on the recorded values."""
        part = _compile(text, rounding, self.program)
        value = self._evaluated.get((text, rounding))
        if value is None:
            value = self._evaluated[text, rounding] = part.evaluate(self.run)
        return figure_at(value, part.kind, part.currency, place)

    def unknown_places(self, text: str, rounding: Rounding) -> list[int]:
        """Return the items of which part of a formula is unknown."""
        self.evaluate(text, rounding, 0)
        known = self._evaluated[text, rounding].known
        is_of_items = known is not None and len(known) == self.item_count()
        return np.flatnonzero(~known).tolist() if known is not None and is_of_items else []

    def charge_of(self, name: str, place: int | None) -> RecordedCharge | None:
        """Return the charge that expressions call `name`, where it falls on the item or consignment."""
        found = (one for one in self.charges if one.charge.name == name and one.place == place)
        return next(found, None)

    def parameter(self, name: str) -> tuple[Parameter, Pack]:
        """Return a parameter and the pack it stands in."""
        return self.program.parameters[name]

    def show_tax_base_before(self, number: int) -> None:
        """Let `charges_in_tax_base` be what the charge of this number saw: those in the base that came
        before it.
        """
        total = np.zeros(self.item_count(), dtype=np.int64)
        known: Flags | None = None
        for compiled in self.program.charges:
            if compiled.number < number and compiled.charge.level == "item" and self.is_in_tax_base(compiled):
                value = self.run.read(compiled.name)
                total += value.numbers
                known = both_known(known, value.known)
        before = self.run.read("charges_in_tax_base")
        self.run.values["charges_in_tax_base"] = Value(total, known)
        if known is not None or not np.array_equal(before.data, total):
            self._evaluated.clear()

    def is_in_tax_base(self, compiled: CompiledCharge) -> bool:
        """Say whether a charge belongs to the base of the taxes after it."""
        return compiled.charge.is_in_tax_base and compiled.currency == self.currency


_COMPILED_MAX = 20_000
_compiled: dict[tuple[str, Rounding, str, tuple[str, ...]], Compiled] = {}


def _compile(text: str, rounding: Rounding, program: Program) -> Compiled:
    """Compile part of a formula; a law version's parts are few, and asked for again with each explanation."""
    key = (text, rounding, program.code, program.hashes)
    part = _compiled.get(key)
    if part is None:
        if len(_compiled) >= _COMPILED_MAX:
            _compiled.clear()
        part = _compiled[key] = compile_expression(
            text, program.symbols, rounding_mode=rounding.mode, rounding_unit_minor=rounding.unit_minor
        )
    return part


def figure_at(value: Value, kind: Kind, currency: str | None, place: int | None) -> Figure:
    """Return one row of a value. place: of the item; None for a value of the consignment."""
    row = place if place is not None and len(value.data) > 1 else 0
    number = int(value.data[row])
    is_known = value.known is None or bool(value.known[row if len(value.known) > 1 else 0])
    if kind == "code":
        return Figure(
            kind,
            is_known and number >= 0,
            number,
            text=value.words[number] if number >= 0 and value.words else "",
        )
    denominator = value.denominator
    if isinstance(denominator, np.ndarray):
        flat = denominator.reshape(-1)
        denominator = int(flat[row if len(flat) > 1 else 0])
    return Figure(kind, is_known, number, int(denominator), currency if kind == "money" else None)


def record_of(assessment: Assessed, consignment_row: int) -> Record | None:
    """Return the record of one consignment of a batch; None where no law governs it."""
    for governed in assessment.runs:
        local = int(np.searchsorted(governed.consignment_rows, consignment_row))
        if local < len(governed.consignment_rows) and governed.consignment_rows[local] == consignment_row:
            return _cut(governed.run, local)
    return None


def _cut(run: LawRun, row: int) -> Record:
    places = np.flatnonzero(run.owner == row)
    rows = np.array([row], dtype=np.int64)
    values = {name: _cut_value(value, run, row, places) for name, value in run.recorded().items()}
    one = LawRun(
        run.program,
        run.reference,
        run.consignments.view(rows),
        run.items.view(places),
        np.zeros(len(places), dtype=np.int64),
        np.zeros(1, dtype=np.int64),
        run.law_days[rows],
        values,
    )
    charges = [charge for rows_of in run.charges for charge in _cut_charges(rows_of, row, places)]
    return Record(one, charges, {d.definition.name: d for d in run.program.definitions})


def _cut_value(value: Value, run: LawRun, row: int, places: Int64s) -> Value:
    """Take the rows of one consignment.

    A value has a row for each item, for each consignment, or one for all.
    """

    def rows_of(length: int) -> Int64s:
        if length == len(run.owner):
            return places
        return np.array([row if length == len(run.first_items) else 0], dtype=np.int64)

    data = value.data[rows_of(len(value.data))]
    known = None if value.known is None else value.known[rows_of(len(value.known))]
    denominator = value.denominator
    if isinstance(denominator, np.ndarray) and denominator.ndim and len(denominator) > 1:
        denominator = denominator[rows_of(len(denominator))]
    return Value(data, known, denominator, value.words, value.lists)


def _cut_charges(rows: ChargeRows, row: int, places: Int64s) -> Iterator[RecordedCharge]:
    is_item = rows.charge.charge.level == "item"
    wanted = {int(place): number for number, place in enumerate(places)} if is_item else {row: None}
    for here, at in enumerate(rows.rows.tolist()):
        if at in wanted:
            yield RecordedCharge(
                rows.charge,
                wanted[at],
                int(rows.base_minor[here]),
                int(rows.rate_numerator[here]),
                int(rows.rate_denominator[here]),
                int(rows.amount_minor[here]),
                int(rows.due[here]),
                int(rows.debtor[here]),
                bool(rows.is_waived[here]),
            )
