"""A program on the rows it governs: words are read once when an expression asks for them, definitions and charges in order.

Everything computed stays in the run, so that an explanation reads the same figures that were decided upon: there is no second calculation.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import numpy as np

from serai.law.exact import (
    multiply_divide,
    share_largest_remainder,
    share_last_takes_rest,
    sum_by_owner,
)
from serai.law.exchange import Exchange
from serai.law.expression import Compiled
from serai.law.pack import Conversion, MomentName, Parameter
from serai.law.program import DUE_CODES, CompiledCharge, CompiledChoice, Program
from serai.law.tariff import CODE_TOO_SHORT, Tariff, day_number
from serai.law.values import Value, both_known, spread
from serai.law.vocabulary import WORDS
from serai.model.columns import Coded, Flags, Frame, Int32s, Int64s, encode_words
from serai.model.frames import ABSENT
from serai.model.money import MICRO, PLACES


@dataclass(frozen=True, slots=True)
class Reference:
    """The lists a law looks things up in, at one generation."""

    tariff: Tariff
    exchange: Exchange


@dataclass(frozen=True, slots=True)
class ChargeRows:
    """What one charge came to. rows: of items (or consignments, by the charge's level) it falls on.

    base_minor, rate_*: null (0 / 0) where the charge is an amount. due, liable: number of the choice's row; -1 undecided.
    """

    charge: CompiledCharge
    rows: Int64s
    base_minor: Int64s
    rate_numerator: Int64s
    rate_denominator: Int64s
    amount_minor: Int64s
    due: Int32s
    liable: Int32s
    is_waived: Flags


@dataclass(frozen=True, slots=True)
class Missing:
    """Rows whose outcome hangs on something unknown. word: the datum, rate or parameter; rule_id: what asked for it."""

    word: str
    level: str
    rows: Int64s
    rule_id: str


@dataclass(slots=True)
class LawRun:
    """One program on its rows. consignments, items: frames of `model/frames.py`; owner: the consignment of each item, ascending."""

    program: Program
    reference: Reference
    consignments: Frame
    items: Frame
    owner: Int64s
    first_items: Int64s
    law_days: Int64s
    values: dict[str, Value] = field(default_factory=dict)
    charges: list[ChargeRows] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    speaking: list[tuple[int, Flags]] = field(default_factory=list)

    def execute(self) -> "LawRun":
        """Compute definitions, relief, form, charges and rules."""
        for definition in self.program.definitions:
            self.values[definition.definition.name] = self._whole(
                definition.compiled, definition.definition.level
            )
        self.values["relief_code"] = self._choose_code(self.program.relief, "item")
        self.values["declaration_form_code"] = self._choose_code(self.program.declaration_form, "consignment")
        self.values["charges_in_tax_base"] = Value(np.zeros(len(self.owner), dtype=np.int64))
        for charge in self.program.charges:
            self._charge(charge)
        self._waive()
        for number, rule in enumerate(self.program.rules):
            value = self._whole(rule.holds, rule.level)
            self._note_unknown(rule.holds, value, rule.level, rule.rule_id)
            holds = value.data & value.known_flags() if value.known is not None else value.data
            self.speaking.append((number, holds.astype(np.bool_)))
        return self

    # ---- Environment ----

    def read(self, name: str) -> Value:
        """Return a word, parameter or definition; a word is computed when it is first asked for."""
        value = self.values.get(name)
        if value is None:
            if name in self.program.parameters:
                value = self._parameter(self.program.parameters[name][0])
            elif name.startswith("__"):
                value = self._exclusion_prefixes(name[2:])
            else:
                value = self._word(name)
            self.values[name] = value
        return value

    def tariff_duty(self, amount: Value) -> Value:
        """Return each item's duty on an amount by its tariff line: ad valorem, specific, compound, with minimum and maximum."""
        lines = self._duty_lines()
        found = lines >= 0
        tariff = self.reference.tariff
        place = np.maximum(lines, 0)
        duty = multiply_divide(
            np.broadcast_to(amount.data, self.owner.shape),
            tariff.ad_valorem_ppm[place],
            MICRO,
            mode="half_up",
        )
        known = both_known(amount.known, None if found.all() else found)
        specific = np.flatnonzero(found & ~tariff.is_ad_valorem_only[place])
        if len(specific):
            known = known if known is not None else np.ones(len(self.owner), dtype=np.bool_)
            duty = duty.copy()
            for row in specific.tolist():
                exact = self._specific_duty(row, int(np.broadcast_to(amount.data, self.owner.shape)[row]))
                known[row] &= exact is not None
                duty[row] = exact or 0
        return Value(duty, known)

    def in_currency(self, amount: Value, source: str, target: str) -> Value:
        """Return an amount of currency `source` in `target`, at the first rate of the pack, half up.

        One of the two is the law's own currency: published rates are against it. Between two others nothing is known.
        """
        if source == target:
            return amount
        home = self.program.currency
        foreign = target if source == home else source
        conversion = self.program.base.conversions[0]
        days = self._moment_days(conversion.moment, conversion.fallback_moment)
        data = np.broadcast_to(amount.data, days.data.shape if len(amount.data) == 1 else amount.data.shape)
        if len(data) == len(self.owner) and len(data) != len(days.data):
            days = spread(days, self.owner)
        distinct, place = np.unique(days.data, return_inverse=True)
        find = self.reference.exchange.factor
        factors = [find(conversion.table, home, foreign, int(day)) for day in distinct]
        if home not in (source, target):
            factors = [None] * len(distinct)
        numerator = np.array([f[0] if f else 1 for f in factors], dtype=np.int64)[place]
        denominator = np.array([f[1] if f else 1 for f in factors], dtype=np.int64)[place]
        known = np.array([f is not None for f in factors], dtype=np.bool_)[place]
        if source == home:
            numerator, denominator = denominator, numerator
        converted = multiply_divide(data, numerator, denominator, mode="half_up")
        return Value(converted, both_known(amount.known, both_known(days.known, known)))

    def share_out(self, total: Value, weight: Value) -> Value:
        """Return each item's share of a consignment's amount by weight, in the pack's way of apportioning."""
        method = (
            share_last_takes_rest
            if self.program.base.apportionment == "half_up_last_takes_rest"
            else share_largest_remainder
        )
        totals = np.broadcast_to(total.data, self.first_items.shape)
        shares = method(totals, weight.data, self.owner, self.first_items)
        weight_known = weight.known
        if weight_known is not None:
            weight_known = np.logical_and.reduceat(weight_known, self.first_items)[self.owner]
        total_known = total.known
        if total_known is not None:
            total_known = np.broadcast_to(total_known, self.first_items.shape)[self.owner]
        return Value(shares, both_known(weight_known, total_known))

    # ---- words ----

    def _word(self, name: str) -> Value:
        computed = _COMPUTED.get(name)
        if computed is not None:
            return computed(self)
        word = WORDS[name]
        frame = self.consignments if word.level == "consignment" else self.items
        column = frame.columns.get(name)
        if column is None:
            count = frame.row_count
            empty = (
                np.full(count, -1, dtype=np.int32) if word.kind == "code" else np.zeros(count, dtype=np.int64)
            )
            return Value(
                empty.astype(np.bool_) if word.kind == "flag" else empty, np.zeros(count, dtype=np.bool_)
            )
        if isinstance(column, Coded):
            return Value(column.codes, None, 1, column.words)
        if column.dtype == np.bool_:
            return Value(column)
        is_given = column != ABSENT
        return Value(column, None if is_given.all() else is_given)

    def _moment_days(self, moment: MomentName, fallback: MomentName | None = None) -> Value:
        """Return the local day of a moment in the consignment's tax territory."""
        name = f"__day_{moment}_{fallback}"
        if name not in self.values:
            instants = self.consignments.numbers(f"{moment}_at")
            if fallback is not None:
                instants = np.where(instants == ABSENT, self.consignments.numbers(f"{fallback}_at"), instants)
            days, known = local_days(
                instants, self.consignments.words("time_zone"), self.program.base.time_zone
            )
            self.values[name] = Value(days, known)
        return self.values[name]

    def _converted(self, micro: Int64s, currencies: Coded, conversion: Conversion, *, is_item: bool) -> Value:
        """Convert decimal amounts (millionths of a unit) into minor units of the law's currency, rounded as the pack says."""
        home = self.program.currency
        days = self._moment_days(conversion.moment, conversion.fallback_moment)
        if is_item:
            days = spread(days, self.owner)
        day_low = int(days.data.min(initial=0))
        key = (days.data - day_low) * (len(currencies.words) + 1) + currencies.codes + 1
        _, first_rows, inverse = np.unique(key, return_index=True, return_inverse=True)
        numerators, denominators, known_list, steps = [], [], [], []
        for row in first_rows.tolist():
            code = currencies.codes[row]
            currency = currencies.words[code] if code >= 0 else None
            is_day_known = days.known is None or bool(days.known[row])
            factor = None
            if currency in PLACES and (currency == home or is_day_known):
                factor = self.reference.exchange.factor(conversion.table, home, currency, int(days.data[row]))
            numerators.append(factor[0] if factor else 0)
            denominators.append(factor[1] if factor else 1)
            known_list.append(factor is not None)
            steps.append(10 ** (6 - PLACES.get(currency or "", 2)))
        minor = micro // np.array(steps, dtype=np.int64)[inverse]
        numerator = np.array(numerators, dtype=np.int64)[inverse]
        denominator = np.array(denominators, dtype=np.int64)[inverse]
        known = np.array(known_list, dtype=np.bool_)[inverse] | (micro == 0)
        if len(currencies.words) == 1 and currencies.words[0] == home and known.all():
            return Value(minor)
        rounding = conversion.rounding
        value = multiply_divide(minor, numerator, denominator, mode=rounding.mode, unit=rounding.unit_minor)
        return Value(value, None if known.all() else known)

    def line_value(self, conversion: Conversion) -> Value:
        """Return the price of each line, converted as a whole."""
        return self._converted(
            self.items.numbers("invoice_amount_micro"),
            self.items.words("invoice_currency_code"),
            conversion,
            is_item=True,
        )

    def consignment_amount(self, name: str) -> Value:
        """Return freight, insurance or discount of each consignment, converted on its own; one not stated is none."""
        micro = self.consignments.numbers(f"{name}_amount_micro")
        is_given = micro != ABSENT
        if not is_given.any():
            return Value(np.zeros(len(micro), dtype=np.int64))
        micro = np.where(is_given, micro, 0)
        return self._converted(
            micro,
            self.consignments.words("charges_currency_code"),
            self.program.base.conversions[0],
            is_item=False,
        )

    def share(self, name: str) -> Value:
        """Return each item's share of a consignment's amount, by line value before discount."""
        total, weight = self.read(name), self.read("line_value")
        if not total.data.any():
            return Value(
                np.zeros(len(self.owner), dtype=np.int64),
                None if total.known is None else total.known[self.owner],
            )
        return self.share_out(total, weight)

    def excise(self) -> Value:
        """Return the excise stated for each item, converted; none stated is none."""
        micro = self.items.numbers("excise_amount_micro")
        is_given = micro != ABSENT
        if not is_given.any():
            return Value(np.zeros(len(micro), dtype=np.int64))
        currencies = self.consignments.words("charges_currency_code").take(self.owner)
        return self._converted(
            np.where(is_given, micro, 0), currencies, self.program.base.conversions[0], is_item=True
        )

    def quantity(self) -> Value:
        """Return whole units; a quantity with a fraction is unknown as a count."""
        micro = self.items.numbers("quantity_micro")
        is_whole = micro % MICRO == 0
        return Value(micro // MICRO, None if is_whole.all() else is_whole)

    def unit_value(self) -> Value:
        """Return the price of one unit, cut down."""
        line, quantity = self.read("line_value"), self.read("quantity")
        return Value(line.data // np.maximum(quantity.data, 1), both_known(line.known, quantity.known))

    def rate_of_lines(self, measure: str, *, is_preference_open: bool) -> Value:
        """Return the ad valorem rate of each item's tariff line for a measure; unknown where there is none, or none that fits."""
        lines = self._lines(measure, is_preference_open=is_preference_open)
        tariff = self.reference.tariff
        place = np.maximum(lines, 0)
        known = (lines >= 0) & tariff.is_ad_valorem_only[place]
        return Value(tariff.ad_valorem_ppm[place], None if known.all() else known, MICRO)

    def is_admitted(self) -> Value:
        """Say which goods are on the list a channel is open to; unknown where no such list covers them."""
        listed = self.rate_of_lines("admission", is_preference_open=False)
        return Value(listed.data > 0, listed.known)

    def is_first_of_declaration_line(self) -> Value:
        """Say which goods item is the first on its line of the declaration; an item without a line number has one of its own."""
        numbers = self.items.numbers("declaration_line_number")
        own = numbers == ABSENT
        if own.all():
            return Value(np.ones(len(numbers), dtype=np.bool_))
        key = np.where(own, 100_000 + np.arange(len(numbers)), numbers) + self.owner * (
            100_000 + len(numbers) + 1
        )
        first = np.zeros(len(numbers), dtype=np.bool_)
        first[np.unique(key, return_index=True)[1]] = True
        return Value(first)

    def has_twin_line(self) -> Value:
        """Say which items could have been declared on one line with another: same code to six digits, same description."""
        commodity, description = self.items.words("commodity_code"), self.items.words("description")
        headings = encode_words(word[:6] for word in commodity.words).codes
        code = np.append(headings, -1)[commodity.codes].astype(np.int64) + 1
        key = (
            (self.owner * (len(commodity.words) + 1) + code) * (len(description.words) + 1)
            + description.codes
            + 1
        )
        _, inverse, counts = np.unique(key, return_inverse=True, return_counts=True)
        first = self.read("is_first_of_declaration_line").data.astype(np.int64)
        lines = np.bincount(inverse, weights=first, minlength=len(counts))
        return Value((counts[inverse] > 1) & (lines[inverse] > 1))

    def has_specific_duty(self) -> Value:
        """Say which items' tariff lines need more than a rate on the value."""
        lines = self._duty_lines()
        return Value((lines >= 0) & ~self.reference.tariff.is_ad_valorem_only[np.maximum(lines, 0)])

    def _duty_lines(self) -> Int64s:
        return self._lines("duty", is_preference_open=True)

    def _lines(self, measure: str, *, is_preference_open: bool) -> Int64s:
        name = f"__lines_{measure}_{is_preference_open}"
        if name not in self.values:
            found = self.reference.tariff.find_all(
                measure,
                self.items.words("commodity_code"),
                self.items.words("origin_country_code"),
                self.items.words("preference_code") if is_preference_open else None,
                self.consignments.words(
                    "tax_territory_code" if measure == "tax" else "customs_territory_code"
                ).take(self.owner),
                self.law_days[self.owner],
            )
            self.values[name] = Value(found)
        return self.values[name].data.astype(np.int64)

    def is_code_too_short(self) -> Flags:
        """Say which items' commodity codes end above tariff lines that differ."""
        return self._duty_lines() == CODE_TOO_SHORT

    def _specific_duty(self, row: int, amount_minor: int) -> int | None:
        """Return the duty of one item whose line is not only ad valorem, in exact millionths, rounded once half up; None without the unit."""
        line = self.reference.tariff.lines[int(self._duty_lines()[row])]
        measured = self._measured(row, line.specific_unit)
        if measured is None:
            return None
        micro = amount_minor * line.ad_valorem_ppm * MICRO + measured * line.specific_micro
        micro = max(micro, measured * line.minimum_micro)
        if line.maximum_micro is not None:
            micro = min(micro, measured * line.maximum_micro)
        return (micro + MICRO * MICRO // 2) // (MICRO * MICRO)

    def _measured(self, row: int, unit: str) -> int | None:
        """Return millionths of a kilogram or piece of one item, as the tariff's unit asks."""
        if unit == "kg":
            grams = int(self.items.numbers("net_mass_g")[row])
            grams = grams if grams != ABSENT else int(self.items.numbers("gross_mass_g")[row])
            return None if grams == ABSENT else grams * 1_000
        if unit == "piece":
            return int(self.items.numbers("quantity_micro")[row])
        return None

    # ---- parameters and choices ----

    def _parameter(self, parameter: Parameter) -> Value:
        """Return the value in force on each consignment's law day; unknown on a day the law gives none."""
        if parameter.is_list:
            return self._list_parameter(parameter)
        denominator = MICRO if parameter.kind == "rate" else 1
        if parameter.by is not None:
            return self._keyed_parameter(parameter, denominator)
        data, known = _dated(parameter, None, self.law_days)
        if len(parameter.values) == 1 and known is None:
            return Value(data[:1], None, denominator)
        return Value(data, known, denominator)

    def _keyed_parameter(self, parameter: Parameter, denominator: int) -> Value:
        assert parameter.by is not None
        key = self.read(parameter.by)
        days = self.law_days if WORDS[parameter.by].level == "consignment" else self.law_days[self.owner]
        data = np.zeros(len(days), dtype=np.int64)
        known = np.zeros(len(days), dtype=np.bool_)
        for number, word in enumerate(key.words):
            rows = np.flatnonzero(key.data == number)
            if len(rows):
                values, is_known = _dated(parameter, word, days[rows])
                data[rows] = values
                known[rows] = True if is_known is None else is_known
        return Value(data, None if known.all() else known, denominator)

    def _list_parameter(self, parameter: Parameter) -> Value:
        # Lists change with their law: a program's rows share one list unless a value begins in between, then the later rows are unknown.
        day = int(self.law_days.max(initial=0))
        for value in parameter.values:
            if day_number(value.valid_from) <= day < day_number(value.valid_to):
                assert isinstance(value.value, list)
                return Value(np.zeros(1, dtype=np.int64), None, 1, tuple(value.value))
        return Value(np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.bool_), 1, ())

    def _exclusion_prefixes(self, rule_id: str) -> Value:
        for pack in self.program.packs:
            for exclusion in pack.exclusions:
                if exclusion.rule_id == rule_id:
                    return Value(np.zeros(1, dtype=np.int64), None, 1, tuple(exclusion.prefixes))
        raise AssertionError(rule_id)

    def _choose(self, choice: CompiledChoice, level: str) -> tuple[Int32s, Flags | None]:
        """Return for each row the first row of the choice that holds (-1: none), and where an unknown stood in the way."""
        count = len(self.owner) if level == "item" else len(self.first_items)
        chosen = np.full(count, -1, dtype=np.int32)
        unknown: Flags | None = None
        for number, (_, condition, _) in enumerate(choice.rows):
            value = condition.evaluate(self)
            if value.known is None and len(value.data) == 1 and bool(value.data[0]):
                chosen[chosen == -1] = number
                break
            value = self._stretch(value, condition.level, level)
            if value.known is not None:
                doubt = ~value.known & (chosen == -1)
                unknown = doubt if unknown is None else unknown | doubt
                value = Value(value.data & value.known)
            chosen[(chosen == -1) & value.data] = number
        return chosen, unknown

    def _choose_code(self, choice: CompiledChoice, level: str) -> Value:
        chosen, unknown = self._choose(choice, level)
        words = tuple(dict.fromkeys(code for code, _, _ in choice.rows))
        number_of = np.array([*(words.index(code) for code, _, _ in choice.rows), -1], dtype=np.int32)
        codes = number_of[chosen]
        if unknown is not None:
            codes[unknown] = -1
        return Value(codes, None, 1, words)

    # ---- charges ----

    def _charge(self, compiled: CompiledCharge) -> None:
        level = compiled.charge.level
        when = self._whole(compiled.when, level)
        self._note_unknown(compiled.when, when, level, compiled.charge.rule_id)
        holds = when.data if when.known is None else when.data & when.known
        rows = np.flatnonzero(holds)
        full = np.zeros(len(holds), dtype=np.int64)
        if not len(rows):
            self.values[compiled.name] = Value(full)
            return
        zero = np.zeros(len(rows), dtype=np.int64)
        if compiled.amount is not None:
            amount = self._at(compiled.amount, level, rows, compiled.charge.rule_id)
            base, numerator, denominator = zero, zero, zero
        else:
            assert compiled.base is not None
            assert compiled.rate is not None
            base_value = self._at(compiled.base, level, rows, compiled.charge.rule_id)
            rate = self._at(compiled.rate, level, rows, compiled.charge.rule_id)
            base = base_value.data.astype(np.int64)
            numerator = np.broadcast_to(rate.data, rows.shape).astype(np.int64)
            denominator = np.broadcast_to(np.asarray(rate.denominator, dtype=np.int64), rows.shape)
            rounding = compiled.charge.rounding
            product = multiply_divide(
                base, numerator, denominator, mode=rounding.mode, unit=rounding.unit_minor
            )
            amount = Value(product, both_known(base_value.known, rate.known))
        if amount.known is not None:
            keep = np.flatnonzero(amount.known)
            rows, base, numerator, denominator = rows[keep], base[keep], numerator[keep], denominator[keep]
            amount = Value(amount.data[keep])
        full[rows] = amount.data
        self.values[compiled.name] = Value(full)
        if compiled.charge.is_in_tax_base and level == "item" and compiled.currency == self.program.currency:
            self.values["charges_in_tax_base"] = Value(self.values["charges_in_tax_base"].data + full)
        due, _ = self._choose(compiled.due, level)
        liable, _ = self._choose(compiled.liable, level)
        self.charges.append(
            ChargeRows(
                compiled,
                rows,
                base,
                numerator,
                denominator,
                amount.data.astype(np.int64),
                due[rows],
                liable[rows],
                np.zeros(len(rows), dtype=np.bool_),
            )
        )

    def _waive(self) -> None:
        """Take back charges the law does not collect, once all are known: a limit on what is due is tested on the consignment's sum."""
        if not any(charge.waived for charge in self.program.charges):
            return
        self.values["due_at_border"] = Value(self.due_at_border())
        for place, rows in enumerate(self.charges):
            if rows.charge.waived is None:
                continue
            level = rows.charge.charge.level
            value = self._stretch(rows.charge.waived.evaluate(self), rows.charge.waived.level, "consignment")
            waived = value.data & value.known_flags()
            is_waived = waived[self.owner[rows.rows]] if level == "item" else waived[rows.rows]
            self.charges[place] = ChargeRows(
                rows.charge,
                rows.rows,
                rows.base_minor,
                rows.rate_numerator,
                rows.rate_denominator,
                rows.amount_minor,
                rows.due,
                rows.liable,
                is_waived,
            )

    def due_at_border(self) -> Int64s:
        """Return what is due at the border for each consignment, in the law's currency."""
        total = np.zeros(len(self.first_items), dtype=np.int64)
        for rows in self.charges:
            if rows.charge.charge.kind == "claim" or rows.charge.currency != self.program.currency:
                continue
            codes = np.array([*(DUE_CODES.index(code) for code, _, _ in rows.charge.due.rows), -1])
            at_border = np.where(codes[rows.due] == 0, rows.amount_minor, 0)
            consignment = self.owner[rows.rows] if rows.charge.charge.level == "item" else rows.rows
            np.add.at(total, consignment, at_border)
        return total

    # ---- unknowns ----

    def _at(self, compiled: Compiled, level: str, rows: Int64s, rule_id: str) -> Value:
        value = self._whole(compiled, level)
        part = Value(
            value.data[rows],
            None if value.known is None else value.known[rows],
            value.denominator[rows]
            if isinstance(value.denominator, np.ndarray) and len(value.denominator) > 1
            else value.denominator,
        )
        if part.known is not None and not part.known.all():
            self._blame(compiled, level, rows[~part.known], rule_id)
        return part

    def _note_unknown(self, compiled: Compiled, value: Value, level: str, rule_id: str) -> None:
        if value.known is not None and not value.known.all():
            self._blame(compiled, level, np.flatnonzero(~value.known), rule_id)

    def _blame(self, compiled: Compiled, level: str, rows: Int64s, rule_id: str) -> None:
        """Name the words that were unknown on the rows an expression could not answer."""
        for word in self._inputs_of(compiled.names):
            value = self.read(word)
            is_known = (
                (value.data >= 0)
                if value.words or WORDS.get(word, _NO_WORD).kind == "code"
                else value.known_flags()
            )
            word_level = WORDS[word].level if word in WORDS else "consignment"
            count = len(self.owner) if word_level == "item" else len(self.first_items)
            is_known = np.broadcast_to(is_known, (count,)) if len(is_known) == 1 else is_known
            if word_level == "consignment" and level == "item":
                is_known = is_known[self.owner]
            elif word_level == "item" and level == "consignment":
                is_known = np.logical_and.reduceat(is_known, self.first_items)
            blamed = rows[~is_known[rows]]
            if len(blamed):
                self.missing.append(Missing(word, level, blamed, rule_id))

    def _inputs_of(self, names: Sequence[str]) -> list[str]:
        definitions = {d.definition.name: d.compiled.names for d in self.program.definitions}
        seen: dict[str, None] = {}
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name in definitions:
                waiting.extend(definitions[name])
            elif name in WORDS or name in self.program.parameters:
                seen[name] = None
        return list(seen)

    # ---- shapes ----

    def _whole(self, compiled: Compiled, level: str) -> Value:
        return self._stretch(compiled.evaluate(self), compiled.level, level)

    def _stretch(self, value: Value, value_level: str | None, level: str) -> Value:
        """Give a value one row for each item or consignment."""
        count = len(self.owner) if level == "item" else len(self.first_items)
        if value_level == "consignment" and level == "item":
            return spread(self._stretch(value, value_level, "consignment"), self.owner)
        if len(value.data) == count:
            if value.known is not None and len(value.known) != count:
                return Value(
                    value.data, np.broadcast_to(value.known, (count,)), value.denominator, value.words
                )
            return value
        known = None if value.known is None else np.broadcast_to(value.known, (count,))
        return Value(np.broadcast_to(value.data, (count,)), known, value.denominator, value.words)


_NO_WORD = WORDS["freight"]


def _dated(parameter: Parameter, key: str | None, days: Int64s) -> tuple[Int64s, Flags | None]:
    """Return the parameter's value of one key on each day, and where there is one."""
    rows = [
        (day_number(v.valid_from), day_number(v.valid_to), _as_number(v.value))
        for v in parameter.values
        if v.key == key
    ]
    if len(rows) == 1:
        begin, end, number = rows[0]
        known = (days >= begin) & (days < end)
        return np.full(len(days), number, dtype=np.int64), None if known.all() else known
    if not rows:
        return np.zeros(len(days), dtype=np.int64), np.zeros(len(days), dtype=np.bool_)
    rows.sort()
    begins, ends, numbers = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    place = np.maximum(np.searchsorted(begins, days, side="right") - 1, 0)
    known = (days >= begins[place]) & (days < ends[place])
    return numbers[place], None if known.all() else known


def _as_number(value: object) -> int:
    if isinstance(value, str):
        return day_number(dt.date.fromisoformat(value))
    assert isinstance(value, int)
    return int(value)


def local_days(
    instants_ms: Int64s, time_zones: Coded, default_zone: str | None
) -> tuple[Int64s, Flags | None]:
    """Return the local calendar day (days since 1970) of UTC instants (milliseconds); unknown where the instant is absent.

    Offsets change on the hour at most: each distinct (zone, hour) is asked once.
    """
    known = instants_ms != ABSENT
    hours = np.where(known, instants_ms, 0) // 3_600_000
    key = hours * (len(time_zones.words) + 1) + time_zones.codes + 1
    unique, first_rows, inverse = np.unique(key, return_index=True, return_inverse=True)
    offsets = np.zeros(len(unique), dtype=np.int64)
    for place, row in enumerate(first_rows.tolist()):
        code = time_zones.codes[row]
        zone = time_zones.words[code] if code >= 0 else default_zone
        offsets[place] = _offset_ms(int(hours[row]), zone or "UTC")
    days = (np.where(known, instants_ms, 0) + offsets[inverse]) // 86_400_000
    return days, None if known.all() else known


def _offset_ms(hour: int, zone: str) -> int:
    instant = dt.datetime.fromtimestamp(hour * 3600, dt.UTC).astimezone(ZoneInfo(zone))
    offset = instant.utcoffset()
    assert offset is not None
    return int(offset.total_seconds() * 1000)


def _conversion(run: LawRun, name: str) -> Conversion:
    conversions = run.program.base.conversions
    return next((c for c in conversions if c.name == name), conversions[0])


_COMPUTED: dict[str, Callable[[LawRun], Value]] = {
    "law_date": lambda run: Value(run.law_days),
    "line_value": lambda run: run.line_value(run.program.base.conversions[0]),
    "line_value_sale": lambda run: run.line_value(_conversion(run, "sale")),
    "unit_value": LawRun.unit_value,
    "quantity": LawRun.quantity,
    "piece_count": lambda run: Value(sum_by_owner(run.read("quantity").data, run.first_items)),
    "freight": lambda run: run.consignment_amount("freight"),
    "insurance": lambda run: run.consignment_amount("insurance"),
    "discount": lambda run: run.consignment_amount("discount"),
    "freight_share": lambda run: run.share("freight"),
    "insurance_share": lambda run: run.share("insurance"),
    "discount_share": lambda run: run.share("discount"),
    "excise": LawRun.excise,
    "gross_mass": lambda run: Value(run.items.numbers("gross_mass_g")),
    "net_mass": lambda run: _given(run.items.numbers("net_mass_g")),
    "is_first_of_declaration_line": LawRun.is_first_of_declaration_line,
    "duty_rate": lambda run: run.rate_of_lines("duty", is_preference_open=True),
    "third_country_duty_rate": lambda run: run.rate_of_lines("duty", is_preference_open=False),
    "has_twin_line": LawRun.has_twin_line,
    "has_specific_duty": LawRun.has_specific_duty,
    "goods_tax_rate": lambda run: run.rate_of_lines("tax", is_preference_open=False),
    "simplified_duty_rate": lambda run: run.rate_of_lines("simplified_duty", is_preference_open=False),
    "excise_rate": lambda run: run.rate_of_lines("excise", is_preference_open=False),
    "is_admitted": LawRun.is_admitted,
}


def _given(column: Int64s) -> Value:
    is_given = column != ABSENT
    return Value(column, None if is_given.all() else is_given)
