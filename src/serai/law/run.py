"""A program on the rows it governs: words are read when an expression asks for them, the rest in order.

Everything computed stays in the run, so that an explanation reads the same figures that were decided upon:
there is no second calculation.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from serai.law.charges import ChargeRows, all_charges_known, choose, compute_charge, waive
from serai.law.conversion import in_currency
from serai.law.local_day import local_days
from serai.law.node import Compiled
from serai.law.parameters import read_parameter
from serai.law.program import CompiledCharge, CompiledChoice, CompiledRule
from serai.law.rows import Reference, Rows, share_out
from serai.law.small_arrays import all_true, places_of
from serai.law.tariff_duty import rate_of_lines, tariff_duty
from serai.law.unknown import Missing, find_missing
from serai.law.values import Value, both_known, code_value
from serai.law.words import read_word
from serai.model.columns import Flags, Int64s

__all__ = ["ChargeRows", "LawRun", "Missing", "Reference", "local_days"]


@dataclass(slots=True)
class LawRun(Rows):
    """One program on its rows, and what came of it.

    charges: in the order of the law. missing: what could not be said and why. speaking: for each rule of the
    program, the rows of its level on which it speaks. charges_known: of which consignments every charge can
    be said; None: of all.
    """

    charges: list[ChargeRows] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    applying: list[tuple[int, Flags]] = field(default_factory=list)
    charges_known: Flags | None = None

    def execute(self) -> "LawRun":
        """Compute relief, form, charges and rules, and the definitions they ask for."""
        program = self.program
        self.values["relief_code"] = self._code("relief", program.relief, "item")
        form = self._code("declaration_form", program.declaration_form, "consignment")
        self.values["declaration_form_code"] = form
        self.values["charges_in_tax_base"] = Value(np.zeros(self.count("item"), dtype=np.int64))
        for charge in program.charges:
            self._charge(charge)
        self.charges = waive(self, self.charges)
        self.charges_known = all_charges_known(self)
        self.applying = [(number, self._applies(rule)) for number, rule in enumerate(program.rules)]
        return self

    def recorded(self) -> Mapping[str, Value]:
        """Return all that was read and computed, by name."""
        return self.values

    # ---- what expressions read ----

    def read(self, name: str) -> Value:
        """Return a word, parameter or definition, computed when it is first asked for."""
        value = self.values.get(name)
        if value is None:
            definition = self.program.definition_of.get(name)
            if definition is not None:
                value = self.whole(definition.compiled, definition.definition.level)
            elif name in self.program.parameters:
                value = read_parameter(self, name)
            elif name in self.program.code_lists:
                value = Value(np.zeros(1, dtype=np.int64), lists=(self.program.code_lists[name],))
            else:
                symbol = self.program.symbols.get(name)
                if symbol is not None and symbol.measure is not None:
                    value = rate_of_lines(self, symbol.measure, is_preference_open=False)
                else:
                    value = read_word(self, name)
            self.values[name] = value
        return value

    def tariff_duty(self, amount: Value, measure: str) -> Value:
        """Return each item's duty on an amount by its tariff line of a measure."""
        return tariff_duty(self, amount, measure)

    def in_currency(self, amount: Value, source: str, target: str) -> Value:
        """Return an amount of currency `source` in `target`; one of the two is the law's own."""
        return in_currency(self, amount, source, target)

    def share_out(self, total: Value, weight: Value) -> Value:
        """Return each item's share of a consignment's amount."""
        return share_out(self, total, weight)

    # ---- in order ----

    def _code(self, rule_id: str, choice: CompiledChoice, level: str) -> Value:
        """Return the code a choice gives on each row; unknown where a condition in doubt stood in the way."""
        chosen, doubts = choose(self, choice, level)
        for condition, doubt in doubts:
            self._blame(condition, level, doubt, rule_id)
        words = tuple(dict.fromkeys(code for code, _, _ in choice.rows))
        number_of = np.array([*(words.index(code) for code, _, _ in choice.rows), -1], dtype=np.int32)
        return code_value(number_of[chosen], words)

    def _charge(self, compiled: CompiledCharge) -> None:
        charged, amount = compute_charge(self, compiled, self._blame)
        self.values[compiled.name] = amount
        if charged is not None:
            self.charges.append(charged)
        charge = compiled.charge
        if charge.is_in_tax_base and charge.level == "item" and compiled.currency == self.program.currency:
            before = self.values["charges_in_tax_base"]
            known = both_known(before.known, amount.known)
            self.values["charges_in_tax_base"] = Value(before.numbers + amount.numbers, known)

    def _applies(self, rule: CompiledRule) -> Flags:
        value = self.whole(rule.holds, rule.level)
        if value.known is not None and not all_true(value.known):
            self._blame(rule.holds, rule.level, places_of(~value.known), rule.rule_id)
        return value.holds()

    def _blame(self, compiled: Compiled, level: str, unknown: Int64s, rule_id: str) -> None:
        self.missing.extend(find_missing(self, compiled, level, unknown, rule_id))
