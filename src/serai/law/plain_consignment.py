"""One consignment under a program, on plain values: the same compiled expressions, row by row.

For small batches, where a call of NumPy costs more than what it computes. What an expression means stands in
its node, on columns and on plain values side by side; what a word means in `plain_words`.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from weakref import ref

from serai.law.conversion import MONEY_MOST_MINOR, minor_step
from serai.law.local_day import local_day, years_between
from serai.law.pack import Conversion, MomentName, Parameter
from serai.law.parameters import parameter_on
from serai.law.plain import (
    Plain,
    PlainFrame,
    Reader,
    Writer,
    divide_plain,
    written_reader,
    written_reader_of_items,
)
from serai.law.plain_shares import share_plain
from serai.law.program import Program
from serai.law.rows import Reference
from serai.law.tariff import CODE_TOO_SHORT
from serai.law.tariff_duty import specific_duty
from serai.law.tariff_line import Asked
from serai.law.tariff_measures import is_ordinary_duty, split_measure
from serai.law.vocabulary import WORDS
from serai.model.money import MICRO, PLACES


class _Asked(dict[str, Any]):
    """Values by name, each computed when it is first asked for.

    The consignment is held weakly: in a circle, all that a batch computes would wait for the collector.
    """

    __slots__ = ("_one", "_reader_of")

    def __init__(self, one: "PlainConsignment", reader_of: "_ReaderOf") -> None:
        self._one, self._reader_of = ref(one), reader_of

    def __missing__(self, name: str) -> Any:
        one = self._one()
        assert one is not None, "the run holds its consignments"
        return self._reader_of(name, one)(one)


class PlainConsignment:
    """A consignment and its goods items.

    consignments, items: of the batch. row: its place there. first_item, end_item: of its items, which follow
    one another. law_day: local day whose law applies. values: words, parameters and definitions of the
    consignment, computed when first asked for; item_values: of each item. parts: of expressions that several
    share. days, lines_of: what was looked up. beyond: words whose amount is too large, with the item (0 for
    the consignment).
    """

    __slots__ = (
        "__weakref__",
        "beyond",
        "consignments",
        "days",
        "end_item",
        "first_item",
        "item_count",
        "item_values",
        "items",
        "law_day",
        "lines_of",
        "parts",
        "program",
        "reference",
        "row",
        "values",
    )

    def __init__(
        self,
        law: tuple[Program, Reference],
        frames: tuple[PlainFrame, PlainFrame],
        row: int,
        items: range,
        law_day: int,
    ) -> None:
        self.program, self.reference = law
        self.consignments, self.items = frames
        self.row = row
        self.first_item = items.start
        self.end_item = items.stop
        self.item_count = len(items)
        self.law_day = law_day
        self.values: dict[str, Plain] = _Asked(self, _reader_of)
        self.item_values: dict[str, list[Plain]] = _Asked(self, _reader_of_items)
        self.parts: dict[int, list[Plain]] = {}
        self.days: dict[tuple[MomentName, MomentName | None], int | None] = {}
        self.lines_of: dict[tuple[str, bool], list[int]] = {}
        self.beyond: set[tuple[str, int]] = set()

    # ---- what expressions read ----

    def source_of(self, writer: Writer, name: str, *, is_of_items: bool) -> str:
        """Write how a name is read: where it stands as it is, there; else among the values, where it is
        computed when it is first asked for."""
        program = self.program
        if name in program.code_lists:
            return writer.constant(program.code_lists[name])
        if _is_column(program, name):
            if is_of_items:
                return f"{writer.local('T')}[{name!r}][{writer.local('f')} + i]"
            return f"{writer.local('C')}[{name!r}][{writer.local('r')}]"
        if is_of_items:
            values, reader = writer.local("I"), writer.later(partial(_reader_of_items, name))
            return f"({values}.get({name!r}) or {reader}(row))[i]"
        values, reader = writer.local("V"), writer.later(partial(_reader_of, name))
        return f"({values}[{name!r}] if {name!r} in {values} else {reader}(row))"

    def tariff_duty(self, amount: int | None, measure: str, item: int) -> int | None:
        """Return an item's duty on an amount by its tariff line of a measure; as `tariff_duty` of columns."""
        number = self.lines(measure, is_preference_open=measure == "duty")[item]
        if amount is None:
            return None
        if number < 0:
            return None if is_ordinary_duty(measure) or number == CODE_TOO_SHORT else 0
        line = self.reference.tariff.lines[number]
        if line.is_ad_valorem_only():
            return divide_plain(amount, line.ad_valorem_ppm, MICRO, mode="half_up")
        return specific_duty(line, self.items.frame, self.first_item + item, amount)

    def in_currency(self, amount: int | None, source: str, target: str) -> int | None:
        """Return an amount of currency `source` in `target`, at the first rate of the pack, half up."""
        if source == target:
            return amount
        home = self.program.currency
        conversion = self.program.base.conversions[0]
        day = self.moment_day(conversion.moment, conversion.fallback_moment)
        if amount is None or day is None or home not in (source, target):
            return None
        foreign = target if source == home else source
        factor = self.reference.exchange.factor(conversion.table, home, foreign, day)
        if factor is None:
            return None
        numerator, denominator = factor
        if source == home:
            numerator, denominator = denominator, numerator
        return divide_plain(amount, numerator, denominator, mode="half_up")

    def share_out(self, total: int | None, weights: list[int | None]) -> list[int | None]:
        """Return each item's share by weight, in the way the law apportions."""
        is_last_rest = self.program.base.apportionment == "half_up_last_takes_rest"
        return share_plain(total, weights, is_last_rest=is_last_rest)

    # ---- what words are made of ----

    def cell(self, name: str) -> Plain:
        """Return a column's value of the consignment."""
        return self.consignments[name][self.row]

    def cells(self, name: str) -> list[Plain]:
        """Return a column's values of the items."""
        return self.items[name][self.first_item : self.end_item]

    def moment_day(self, moment: MomentName, fallback: MomentName | None = None) -> int | None:
        """Return the local day of a moment, in the tax territory."""
        key = (moment, fallback)
        if key not in self.days:
            instant = self.cell(f"{moment}_at")
            if instant is None and fallback is not None:
                instant = self.cell(f"{fallback}_at")
            zone = self.cell("time_zone") or self.program.base.time_zone or "UTC"
            self.days[key] = None if instant is None else local_day(instant, zone)
        return self.days[key]

    def lines(self, measure: str, *, is_preference_open: bool) -> list[int]:
        """Return the number of each item's tariff line for a measure; negative where none fits."""
        key = (measure, is_preference_open)
        found = self.lines_of.get(key)
        if found is None:
            found = self.lines_of[key] = self._find_lines(measure, is_preference_open=is_preference_open)
        return found

    def convert(
        self, name: str, micro: int | None, currency: str | None, conversion: Conversion, item: int = 0
    ) -> int | None:
        """Convert a decimal amount (millionths of a unit) into minor units of the law's currency, as
        `conversion.convert` does.
        """
        if not micro:
            return micro
        home = self.program.currency
        minor = micro // minor_step(currency or home)
        if currency != home:
            day = self.moment_day(conversion.moment, conversion.fallback_moment)
            if day is None or currency is None or currency not in PLACES:
                return None
            factor = self.reference.exchange.factor(conversion.table, home, currency, day)
            if factor is None:
                return None
            rounding = conversion.rounding
            minor = divide_plain(minor, *factor, mode=rounding.mode, unit=rounding.unit_minor)
        if abs(minor) > MONEY_MOST_MINOR:
            self.beyond.add((name, item))
            return None
        return minor

    # ---- computed once ----

    def _find_lines(self, measure: str, *, is_preference_open: bool) -> list[int]:
        kind, territory = split_measure(measure)
        if territory is None:
            territory = self.cell("tax_territory_code" if kind == "tax" else "customs_territory_code") or ""
        preferences = self.cells("preference_code") if is_preference_open else [None] * self.item_count
        find, day = self.reference.tariff.find_one, self.law_day
        return [
            find(Asked(kind, code or "", origin or "", preference or "", territory, day, additional or ""))
            for code, origin, preference, additional in zip(
                self.cells("commodity_code"),
                self.cells("origin_country_code"),
                preferences,
                self.cells("additional_commodity_codes"),
                strict=True,
            )
        ]


# ---- how a program's names are read: found once ----

_ReaderOf = Callable[[str, Any], Reader]


def _is_column(program: Program, name: str) -> bool:
    """Say whether a name is nothing but a column of the batch. Rates are not: which of them were used is told
    by what was read."""
    return (
        name in WORDS
        and name not in COMPUTED
        and name not in COMPUTED_OF_ITEMS
        and name not in _SET_BY_THE_RUN
        and program.symbols[name].measure is None
        and program.symbols[name].kind != "rate"
    )


_SET_BY_THE_RUN = frozenset({"relief_code", "declaration_form_code", "charges_in_tax_base", "due_at_border"})


def _reader_of(name: str, one: Any) -> Reader:
    """Return what computes a word, parameter or definition of the consignment and keeps it."""
    readers: dict[str, Reader] = one.program.plain_readers
    reader = readers.get(name)
    if reader is None:
        reader = readers[name] = _make_reader(one, name)
    return reader


def _reader_of_items(name: str, one: Any) -> Reader:
    """Return what computes a word, parameter or definition of each item and keeps it."""
    readers: dict[str, Reader] = one.program.plain_readers
    reader = readers.get(name)
    if reader is None:
        reader = readers[name] = _make_reader_of_items(one, name)
    return reader


def _make_reader(one: PlainConsignment, name: str) -> Reader:
    program = one.program
    definition = program.definition_of.get(name)
    if definition is not None:
        return written_reader(definition.compiled.plain.source, one, f"V[{name!r}]")
    if name in program.code_lists:
        codes = program.code_lists[name]
        return lambda _one: codes
    if name in program.parameters:
        compute = _parameter_reader(program.parameters[name][0], 0)
    else:
        compute = COMPUTED.get(name) or (lambda one: one.consignments[name][one.row])

    def read(one: PlainConsignment) -> Plain:
        value = one.values[name] = compute(one)
        return value

    return read


def _make_reader_of_items(one: PlainConsignment, name: str) -> Reader:
    program = one.program
    definition = program.definition_of.get(name)
    if definition is not None:
        return written_reader_of_items(definition.compiled.plain.source, one, f"I[{name!r}]")
    if name in program.parameters:
        parameter = program.parameters[name][0]
        compute = _parameter_reader_of_items(parameter)
    elif (measure := program.symbols[name].measure) is not None:
        compute = _rates_of(measure, is_preference_open=False)
    else:
        compute = COMPUTED_OF_ITEMS.get(name) or (lambda one: one.items[name][one.first_item : one.end_item])

    def read(one: PlainConsignment) -> list[Plain]:
        values = one.item_values[name] = compute(one)
        return values

    return read


def _parameter_reader_of_items(parameter: Parameter) -> Callable[[PlainConsignment], list[Plain]]:
    return lambda one: [_parameter_reader(parameter, item)(one) for item in range(one.item_count)]


def _parameter_reader(parameter: Parameter, item: int) -> Callable[[PlainConsignment], Plain]:
    key = parameter.by or parameter.by_prefix
    if key is None:
        return lambda one: parameter_on(one.program, parameter, None, one.law_day)

    def read(one: PlainConsignment) -> Plain:
        word = one.values[key] if WORDS[key].level == "consignment" else one.item_values[key][item]
        return None if word is None else parameter_on(one.program, parameter, word, one.law_day)

    return read


# ---- words with a calculation of their own, as in `words.py` ----


def rates_of_lines(one: PlainConsignment, measure: str, *, is_preference_open: bool) -> list[Plain]:
    """Return the ad valorem rate of each item's line; None where there is none, or more than a rate."""
    lines = one.reference.tariff.lines
    return [
        (lines[number].ad_valorem_ppm, MICRO) if number >= 0 and lines[number].is_ad_valorem_only() else None
        for number in one.lines(measure, is_preference_open=is_preference_open)
    ]


def _conversion(one: PlainConsignment, name: str | None) -> Conversion:
    known = one.program.conversion_of
    found = known.get(name)
    if found is None:
        conversions = one.program.base.conversions
        found = known[name] = next((c for c in conversions if c.name == name), conversions[0])
    return found


def _line_values(one: PlainConsignment, name: str, conversion_name: str | None) -> list[Plain]:
    conversion = _conversion(one, conversion_name)
    given = zip(one.cells("invoice_amount_micro"), one.cells("invoice_currency_code"), strict=True)
    return [
        one.convert(name, micro, currency, conversion, item) for item, (micro, currency) in enumerate(given)
    ]


def _amount_of(name: str) -> Callable[[PlainConsignment], Plain]:
    """Freight and the like, converted on its own; not stated is none."""
    column = f"{name}_amount_micro"

    def amount(one: PlainConsignment) -> Plain:
        micro = one.cell(column)
        if not micro:
            return 0
        return one.convert(name, micro, one.cell("charges_currency_code"), _conversion(one, None))

    return amount


def _shares_of(name: str) -> Callable[[PlainConsignment], list[Plain]]:
    """Each item's share of a consignment's amount, by line value before discount."""

    def shares(one: PlainConsignment) -> list[Plain]:
        total = one.values[name]
        if not total:
            return [total] * one.item_count
        return one.share_out(total, one.item_values["line_value"])

    return shares


def _excise(one: PlainConsignment) -> list[Plain]:
    given = one.cells("excise_amount_micro")
    if not any(given):
        return [0] * one.item_count
    currency, conversion = one.cell("charges_currency_code"), _conversion(one, None)
    return [one.convert("excise", micro or 0, currency, conversion, item) for item, micro in enumerate(given)]


def _wholes_of(column: str) -> Callable[[PlainConsignment], list[Plain]]:
    """Whole units; a quantity with a fraction is unknown as a count."""

    def wholes(one: PlainConsignment) -> list[Plain]:
        return [None if micro is None or micro % MICRO else micro // MICRO for micro in one.cells(column)]

    return wholes


def _unit_values(one: PlainConsignment) -> list[Plain]:
    pairs = zip(one.item_values["line_value"], one.item_values["quantity"], strict=True)
    return [
        None if line is None or quantity is None else line // max(quantity, 1) for line, quantity in pairs
    ]


def _piece_count(one: PlainConsignment) -> Plain:
    quantities = one.item_values["quantity"]
    return None if None in quantities else sum(quantities)


def _are_first_of_line(one: PlainConsignment) -> list[Plain]:
    seen: set[int] = set()
    first = []
    for number in one.cells("declaration_line_number"):
        first.append(number is None or number not in seen)
        seen.add(number)
    return first


def _first_of_code(digits: int | None) -> Callable[[PlainConsignment], list[Plain]]:
    def are_first(one: PlainConsignment) -> list[Plain]:
        seen: set[str] = set()
        first = []
        for code in one.cells("commodity_code"):
            first.append(code is None or code[:digits] not in seen)
            if code is not None:
                seen.add(code[:digits])
        return first

    return are_first


def _have_line_of_same_subheading(one: PlainConsignment) -> list[Plain]:
    codes = one.cells("commodity_code")
    # What has no code is like nothing else.
    return _are_on_several_lines(
        one, [(item,) if code is None else code[:6] for item, code in enumerate(codes)]
    )


def _have_twin_line(one: PlainConsignment) -> list[Plain]:
    described = zip(one.cells("commodity_code"), one.cells("description"), strict=True)
    return _are_on_several_lines(
        one, [(None if code is None else code[:6], description) for code, description in described]
    )


def _are_on_several_lines(one: PlainConsignment, keys: Sequence[object]) -> list[Plain]:
    if one.item_count == 1:
        return [False]
    candidates: dict[object, list[int]] = {}
    for item, key in enumerate(keys):
        candidates.setdefault(key, []).append(item)
    found = [False] * one.item_count
    first = one.item_values["is_first_of_declaration_line"]
    for items in candidates.values():
        lines = sum(first[item] for item in items)
        for item in items:
            found[item] = len(items) > 1 and lines > 1
    return found


def _have_specific_duty(one: PlainConsignment) -> list[Plain]:
    lines = one.reference.tariff.lines
    return [
        number >= 0 and not lines[number].is_ad_valorem_only()
        for number in one.lines("duty", is_preference_open=True)
    ]


def _are_admitted(one: PlainConsignment) -> list[Plain]:
    listed = rates_of_lines(one, "admission", is_preference_open=False)
    return [None if rate is None else rate[0] > 0 for rate in listed]


def _rates_of(measure: str, *, is_preference_open: bool) -> Callable[[PlainConsignment], list[Plain]]:
    return lambda one: rates_of_lines(one, measure, is_preference_open=is_preference_open)


def _years_since_export(one: PlainConsignment) -> Plain:
    exported = one.cell("returned_exported_on")
    is_known = isinstance(exported, int) and exported <= one.law_day
    return years_between(exported, one.law_day) if is_known else None


COMPUTED: dict[str, Callable[[PlainConsignment], Plain]] = {
    "law_date": lambda one: one.law_day,
    "years_since_export": _years_since_export,
    "piece_count": _piece_count,
    "freight": _amount_of("freight"),
    "insurance": _amount_of("insurance"),
    "discount": _amount_of("discount"),
    "import_charges": _amount_of("import_charges"),
}
"""Words of the consignment, by name."""
COMPUTED_OF_ITEMS: dict[str, Callable[[PlainConsignment], list[Plain]]] = {
    "line_value": lambda one: _line_values(one, "line_value", None),
    "line_value_sale": lambda one: _line_values(one, "line_value_sale", "sale"),
    "unit_value": _unit_values,
    "quantity": _wholes_of("quantity_micro"),
    "supplementary_quantity": _wholes_of("supplementary_quantity_micro"),
    "freight_share": _shares_of("freight"),
    "insurance_share": _shares_of("insurance"),
    "discount_share": _shares_of("discount"),
    "excise": _excise,
    "gross_mass": lambda one: one.cells("gross_mass_g"),
    "net_mass": lambda one: one.cells("net_mass_g"),
    "is_first_of_declaration_line": _are_first_of_line,
    "has_declaration_line": lambda one: [line is not None for line in one.cells("declaration_line_number")],
    "is_first_of_subheading": _first_of_code(6),
    "is_first_of_commodity_code": _first_of_code(None),
    "has_line_of_same_subheading": _have_line_of_same_subheading,
    "has_twin_line": _have_twin_line,
    "has_specific_duty": _have_specific_duty,
    "duty_rate": _rates_of("duty", is_preference_open=True),
    "third_country_duty_rate": _rates_of("duty", is_preference_open=False),
    "goods_tax_rate": _rates_of("tax", is_preference_open=False),
    "simplified_duty_rate": _rates_of("simplified_duty", is_preference_open=False),
    "excise_rate": _rates_of("excise", is_preference_open=False),
    "is_admitted": _are_admitted,
}
"""Words of the items, by name."""
