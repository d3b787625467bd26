"""A program on few rows: each consignment by itself, on plain values.

Comes to the same charges, findings, reasons and values as a run on columns: both run the same compiled
expressions. Values take the shape of columns when somebody reads them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from serai.law.arithmetic import within_amount
from serai.law.node import ITEMS_MAX, PRODUCT_MOST, Compiled
from serai.law.plain import Plain, PlainFrame, as_rate, divide_plain
from serai.law.plain_consignment import PlainConsignment
from serai.law.program import CompiledCharge, CompiledChoice
from serai.law.run import ChargeRows, LawRun
from serai.law.tariff_duty import lines
from serai.law.values import Value, code_value
from serai.model.columns import encode_words


class _Charged:
    """What one charge came to, row by row, as in `ChargeRows`."""

    __slots__ = (
        "amounts",
        "bases",
        "compiled",
        "debtor",
        "denominators",
        "due",
        "numerators",
        "rows",
        "waived",
    )

    def __init__(self, compiled: CompiledCharge) -> None:
        self.compiled = compiled
        self.rows: list[int] = []
        self.bases: list[int] = []
        self.numerators: list[int] = []
        self.denominators: list[int] = []
        self.amounts: list[int] = []
        self.due: list[int] = []
        self.debtor: list[int] = []
        self.waived: list[bool] = []

    def as_columns(self) -> ChargeRows:
        numbers = (self.rows, self.bases, self.numerators, self.denominators, self.amounts)
        rows, bases, numerators, denominators, amounts = np.array(numbers, dtype=np.int64)
        due, debtor = np.array((self.due, self.debtor), dtype=np.int32)
        waived = np.array(self.waived, dtype=np.bool_)
        return ChargeRows(self.compiled, rows, bases, numerators, denominators, amounts, due, debtor, waived)


@dataclass(slots=True)
class SmallBatchRun(LawRun):
    """A program on few rows.

    frames: consignments and items of the whole batch, which all its laws share. rows: places of this run's
    consignments there; item_rows: places of their first items.
    """

    frames: tuple[PlainFrame, PlainFrame] = ()  # type: ignore[assignment]
    rows: Sequence[int] = ()
    item_rows: Sequence[int] = ()
    _each: list[PlainConsignment] = field(default_factory=list)
    _blamed: dict[tuple[int, int], tuple[Compiled, str, list[int], str]] = field(default_factory=dict)

    def execute(self) -> "SmallBatchRun":
        """Compute relief, form, charges and rules of each consignment, and the definitions they ask for."""
        program = self.program
        charged = [_Charged(compiled) for compiled in program.charges]
        applying: dict[int, list[int]] = {}
        ends = [*self.first_items.tolist()[1:], len(self.owner)]
        for place, (row, first, end, day) in enumerate(
            zip(self.rows, self.first_items.tolist(), ends, self.law_days.tolist(), strict=True)
        ):
            begin = self.item_rows[place]
            items = range(begin, begin + end - first)
            one = PlainConsignment((program, self.reference), self.frames, row, items, day)
            self._each.append(one)
            if not _Walk(self, one, (place, first), charged, applying).walk():
                if self.charges_known is None:
                    self.charges_known = np.ones(len(self.rows), dtype=np.bool_)
                self.charges_known[place] = False
        self.charges = [one.as_columns() for one in charged if one.rows]
        for number in sorted(applying):
            flags = np.zeros(self.count(program.rules[number].level), dtype=np.bool_)
            flags[applying[number]] = True
            self.applying.append((number, flags))
        self._note_beyond()
        for key in sorted(self._blamed):
            compiled, level, rows, rule_id = self._blamed[key]
            self._blame(compiled, level, np.array(rows, dtype=np.int64), rule_id)
        return self

    def read(self, name: str) -> Value:
        """Return a word, parameter or definition as a column."""
        value = self.values.get(name)
        if value is None:
            value = self.values[name] = self._as_column(name)
        return value

    def recorded(self) -> Mapping[str, Value]:
        """Return all that was read on any row."""
        for one in self._each:
            for name in (*one.values, *one.item_values):
                self.read(name)
            for moments in one.days:
                self.moment_days(*moments)
            for measure, is_preference_open in one.lines_of:
                lines(self, measure, is_preference_open=is_preference_open)
        return self.values

    def blame_row(
        self, step: tuple[int, int], compiled: Compiled, level: str, row: int, rule_id: str
    ) -> None:
        """Note that an expression could not be answered on a row. step: its place in the order of the law."""
        self._blamed.setdefault(step, (compiled, level, [], rule_id))[2].append(row)

    def _as_column(self, name: str) -> Value:
        symbol = self.program.symbols.get(name)
        if symbol is None or symbol.is_list:
            return LawRun.read(self, name)
        if symbol.level == "item":
            plain = [value for one in self._each for value in one.item_values[name]]
        else:
            each = self._each if symbol.level == "consignment" else self._each[:1]
            plain = [one.values[name] for one in each]
        if symbol.kind == "code":
            coded = encode_words(plain)
            return code_value(coded.codes, coded.words)
        known = None if None not in plain else np.array([value is not None for value in plain], np.bool_)
        if symbol.kind == "rate":
            rates = [(0, 1) if value is None else as_rate(value) for value in plain]
            numerators, denominators = np.array(rates, dtype=np.int64).reshape(-1, 2).T
            return Value(numerators, known, denominators)
        kind: Any = np.bool_ if symbol.kind == "flag" else np.int64
        return Value(np.array([value or 0 for value in plain], dtype=kind), known)

    def _note_beyond(self) -> None:
        """Mark amounts that are too large, as `conversion.is_beyond` asks for them."""
        for place, (one, first) in enumerate(zip(self._each, self.first_items.tolist(), strict=True)):
            for name, item in one.beyond:
                level = self.program.symbols[name].level
                marked = self.values.get(f"__beyond_{name}")
                if marked is None:
                    marked = Value(np.zeros(self.count(level), dtype=np.bool_))
                    self.values[f"__beyond_{name}"] = marked
                marked.data[first + item if level == "item" else place] = True


class _Walk:
    """One consignment through its law, in the order of `LawRun.execute`.

    places: of the consignment and its first item in the run. charged, speaking: where charges and the rows
    on which rules speak are gathered.
    """

    __slots__ = ("applying", "charged", "first", "items", "one", "place", "run")

    def __init__(
        self,
        run: SmallBatchRun,
        one: PlainConsignment,
        places: tuple[int, int],
        charged: Sequence[_Charged],
        applying: dict[int, list[int]],
    ) -> None:
        self.run, self.one = run, one
        self.place, self.first = places
        self.charged, self.applying = charged, applying
        self.items = range(one.item_count)

    def walk(self) -> bool:
        """Compute relief, form, charges and rules. Returns whether every charge can be said."""
        program, one = self.run.program, self.one
        one.item_values["relief_code"] = [
            self._code(program.relief, item, "item", (0, 0), "relief") for item in self.items
        ]
        one.values["declaration_form_code"] = self._code(
            program.declaration_form, 0, "consignment", (1, 0), "declaration_form"
        )
        one.item_values["charges_in_tax_base"] = [0] * one.item_count
        made: list[tuple[_Charged, int]] = []
        is_known = True
        for number, charged in enumerate(self.charged):
            is_known &= self._charge(charged, (2 + number) * 1_000, made)
        self._waive(made)
        of_items, of_consignment = program.plain_rules
        for item in self.items:
            self._hear(of_items.call(one, item), self.first + item)
        self._hear(of_consignment.call(one, 0), self.place)
        return is_known

    def _hear(self, found: Sequence[tuple[int, Plain]], row: int) -> None:
        """Note which rules speak on a row. found: of `those_that_hold`."""
        for number, value in found:
            if value:
                self.applying.setdefault(number, []).append(row)
            else:
                rule = self.run.program.rules[number]
                self.run.blame_row((1_000_000 + number, 0), rule.holds, rule.level, row, rule.rule_id)

    def _row(self, level: str, item: int) -> int:
        return self.first + item if level == "item" else self.place

    def _choose(
        self, choice: CompiledChoice, item: int, level: str, step: tuple[int, int], rule_id: str
    ) -> int:
        """Return the first row of a choice that holds; -1: none does, or one in doubt stood before it."""
        number: int = choice.plain.call(self.one, item)
        if number >= -1:
            return number
        number = -2 - number
        at = (step[0], step[1] + number)
        self.run.blame_row(at, choice.rows[number][1], level, self._row(level, item), rule_id)
        return -1

    def _code(
        self, choice: CompiledChoice, item: int, level: str, step: tuple[int, int], rule_id: str
    ) -> str | None:
        number = self._choose(choice, item, level, step, rule_id)
        return None if number < 0 else choice.rows[number][0]

    # ---- charges ----

    def _charge(self, charged: _Charged, step: int, made: list[tuple[_Charged, int]]) -> bool:
        """Work out one charge. Returns whether it can be said, as it can be of what is claimed back."""
        one, compiled = self.one, charged.compiled
        charge = compiled.charge
        amounts: list[int | None] = []
        when = compiled.when.plain
        for item in self.items if charge.level == "item" else (0,):
            # Most charges fall on few items.
            falls = when.call(one, item)
            if falls:
                amounts.append(self._amount(charged, item, step, made))
            elif falls is None:
                amounts.append(None)
                self._blame(compiled.when, charged, item, (step, 0))
            else:
                amounts.append(0)
        is_known = None not in amounts or charge.kind == "claim"
        if charge.level != "item":
            one.values[compiled.name] = amounts[0]
            return is_known
        one.item_values[compiled.name] = amounts
        if charge.is_in_tax_base and compiled.currency == self.run.program.currency:
            before = one.item_values["charges_in_tax_base"]
            one.item_values["charges_in_tax_base"] = [
                None if sum_ is None or amount is None else sum_ + amount
                for sum_, amount in zip(before, amounts, strict=True)
            ]
        return is_known

    def _amount(
        self, charged: _Charged, item: int, step: int, made: list[tuple[_Charged, int]]
    ) -> int | None:
        """Return what a charge comes to on a row on which it falls; None where that is unknown."""
        compiled = charged.compiled
        charge = compiled.charge
        base = numerator = denominator = 0
        amount: int | None
        if compiled.amount is not None:
            if compiled.base is not None:
                base = self._at(compiled.base, charged, item, (step, 1)) or 0
            amount = self._at(compiled.amount, charged, item, (step, 2))
        else:
            assert compiled.base is not None
            assert compiled.rate is not None
            base = self._at(compiled.base, charged, item, (step, 1))
            rate = self._at(compiled.rate, charged, item, (step, 2))
            if base is None or rate is None:
                return None
            numerator, denominator = as_rate(rate)
            rounding = charge.rounding
            amount = divide_plain(base, numerator, denominator, mode=rounding.mode, unit=rounding.unit_minor)
        if amount is None:
            return None
        level = charge.level
        within_amount(amount, PRODUCT_MOST if level == "item" else PRODUCT_MOST * ITEMS_MAX)
        made.append((charged, len(charged.rows)))
        charged.rows.append(self._row(level, item))
        charged.bases.append(base)
        charged.numerators.append(numerator)
        charged.denominators.append(denominator)
        charged.amounts.append(amount)
        charged.due.append(self._choose(compiled.due, item, level, (step, 100), charge.rule_id))
        charged.debtor.append(self._choose(compiled.debtor, item, level, (step, 500), charge.rule_id))
        charged.waived.append(False)
        return amount

    def _at(self, compiled: Compiled, charged: _Charged, item: int, step: tuple[int, int]) -> Plain:
        value = compiled.plain.call(self.one, item)
        if value is None:
            self._blame(compiled, charged, item, step)
        return value

    def _blame(self, compiled: Compiled, charged: _Charged, item: int, step: tuple[int, int]) -> None:
        charge = charged.compiled.charge
        self.run.blame_row(step, compiled, charge.level, self._row(charge.level, item), charge.rule_id)

    def _waive(self, made: Sequence[tuple[_Charged, int]]) -> None:
        """Mark charges the law does not collect, once all are known."""
        if not any(compiled.waived for compiled in self.run.program.charges):
            return
        self.one.values["due_at_border"] = self._due_at_border(made)
        for charged, at in made:
            waived = charged.compiled.waived
            if waived is not None:
                charged.waived[at] = waived.plain.call(self.one, 0) is True

    def _due_at_border(self, made: Sequence[tuple[_Charged, int]]) -> int | None:
        home, one = self.run.program.currency, self.one
        for compiled in self.run.program.charges:
            is_item = compiled.charge.level == "item"
            amounts = one.item_values[compiled.name] if is_item else [one.values[compiled.name]]
            if compiled.charge.kind != "claim" and None in amounts:
                return None
        total = 0
        for charged, at in made:
            compiled, due = charged.compiled, charged.due[at]
            is_counted = compiled.charge.kind != "claim" and compiled.currency == home
            if is_counted and due >= 0 and compiled.due.rows[due][0] == "border":
                total += charged.amounts[at]
        return total
