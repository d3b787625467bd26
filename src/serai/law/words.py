"""The words of the vocabulary that are computed from columns, and how a column becomes a word."""

from collections.abc import Callable
from functools import partial

import numpy as np

from serai.law.conversion import convert
from serai.law.exact import sum_by_owner
from serai.law.local_day import years_between
from serai.law.pack import Conversion
from serai.law.rows import Rows, share_out
from serai.law.small_arrays import places_of
from serai.law.tariff_duty import has_specific_duty, rate_of_lines
from serai.law.values import Value, both_known, code_value
from serai.law.vocabulary import WORDS
from serai.model.columns import BitSets, Coded, Flags, Int64s, encode_words
from serai.model.frames import ABSENT
from serai.model.money import MICRO


def read_word(rows: Rows, name: str) -> Value:
    """Return a word of the vocabulary on the rows; one whose column nobody added is unknown everywhere."""
    compute = COMPUTED.get(name)
    if compute is not None:
        return compute(rows)
    word = WORDS[name]
    frame = rows.consignments if word.level == "consignment" else rows.items
    column = frame.columns.get(name)
    if column is None:
        nothing = np.zeros(frame.row_count, dtype=np.bool_)
        if word.kind == "code":
            return Value(np.full(frame.row_count, -1, dtype=np.int32), nothing)
        return Value(nothing if word.kind == "flag" else nothing.astype(np.int64), nothing)
    if isinstance(column, Coded):
        return code_value(column.codes, column.words)
    assert not isinstance(column, BitSets), "no word of the vocabulary"
    if column.dtype == np.bool_:
        return Value(column)
    return _given(column.astype(np.int64, copy=False))


def _given(column: Int64s) -> Value:
    is_given = column != ABSENT
    return Value(column) if is_given.all() else Value(np.where(is_given, column, 0), is_given)


def _line_value(rows: Rows, conversion_name: str | None = None) -> Value:
    """Return the price of each line, converted as a whole."""
    micro, currencies = (
        rows.items.numbers("invoice_amount_micro"),
        rows.items.words("invoice_currency_code"),
    )
    name = "line_value" if conversion_name is None else f"line_value_{conversion_name}"
    return convert(rows, name, micro, currencies, _conversion(rows, conversion_name), is_item=True)


def _conversion(rows: Rows, name: str | None) -> Conversion:
    conversions = rows.program.base.conversions
    return next((c for c in conversions if c.name == name), conversions[0])


def _consignment_amount(rows: Rows, name: str) -> Value:
    """Return freight and the like of each consignment, converted on its own; not stated is none."""
    micro = rows.consignments.numbers(f"{name}_amount_micro")
    is_given = micro != ABSENT
    if not is_given.any():
        return Value(np.zeros(len(micro), dtype=np.int64))
    currencies = rows.consignments.words("charges_currency_code")
    micro = np.where(is_given, micro, 0)
    return convert(rows, name, micro, currencies, _conversion(rows, None), is_item=False)


def _excise(rows: Rows) -> Value:
    """Return the excise stated for each item, converted; none stated is none."""
    micro = rows.items.numbers("excise_amount_micro")
    is_given = micro != ABSENT
    if not is_given.any():
        return Value(np.zeros(len(micro), dtype=np.int64))
    currencies = rows.consignments.words("charges_currency_code").take(rows.owner)
    micro = np.where(is_given, micro, 0)
    return convert(rows, "excise", micro, currencies, _conversion(rows, None), is_item=True)


def _share(rows: Rows, name: str) -> Value:
    """Return each item's share of a consignment's amount, by line value before discount."""
    total, weight = rows.read(name), rows.read("line_value")
    total_known = None if total.known is None else total.known[rows.owner]
    if not total.data.any():
        return Value(np.zeros(len(rows.owner), dtype=np.int64), total_known)
    return share_out(rows, total, weight)


def _quantity(rows: Rows, name: str) -> Value:
    """Return whole units; a quantity with a fraction is unknown as a count."""
    micro = rows.items.numbers(f"{name}_micro")
    is_whole = (micro % MICRO == 0) & (micro != ABSENT)
    return Value(micro // MICRO) if is_whole.all() else Value(np.where(is_whole, micro // MICRO, 0), is_whole)


def _unit_value(rows: Rows) -> Value:
    """Return the price of one unit, cut down."""
    line, quantity = rows.read("line_value"), rows.read("quantity")
    known = both_known(line.known, quantity.known)
    return Value(line.numbers // np.maximum(quantity.numbers, 1), known)


def _piece_count(rows: Rows) -> Value:
    quantity = rows.read("quantity")
    known = None if quantity.known is None else np.logical_and.reduceat(quantity.known, rows.first_items)
    return Value(sum_by_owner(quantity.numbers, rows.first_items), known)


def _is_first_of_declaration_line(rows: Rows) -> Value:
    """Say which item is the first on its line of the declaration; without a line number it has its own."""
    numbers = rows.items.numbers("declaration_line_number")
    own = numbers == ABSENT
    if own.all():
        return Value(np.ones(len(numbers), dtype=np.bool_))
    key = np.where(own, 100_000 + np.arange(len(numbers)), numbers) + rows.owner * (
        100_000 + len(numbers) + 1
    )
    first = np.zeros(len(numbers), dtype=np.bool_)
    first[np.unique(key, return_index=True)[1]] = True
    return Value(first)


def _is_first_of_code(rows: Rows, digits: int | None) -> Value:
    """Say which item is the first of its consignment with its code; without a code it stands alone."""
    is_first = np.ones(len(rows.owner), dtype=np.bool_)
    items = _items_with_others(rows)
    if len(items):
        key, is_coded = _keys_of_codes(rows, items, digits)
        coded = items[is_coded]
        is_first[coded] = False
        is_first[coded[np.unique(key[is_coded], return_index=True)[1]]] = True
    return Value(is_first)


def _has_line_of_same_subheading(rows: Rows) -> Value:
    """Say which items have their code, to six digits, on another line too."""
    items = _items_with_others(rows)
    if not len(items):
        return Value(np.zeros(len(rows.owner), dtype=np.bool_))
    key, is_coded = _keys_of_codes(rows, items, 6)
    return _are_on_several_lines(rows, items[is_coded], key[is_coded])


def _has_twin_line(rows: Rows) -> Value:
    """Say which items could share a line with another: same code to six digits, same description."""
    items = _items_with_others(rows)
    if not len(items):
        return Value(np.zeros(len(rows.owner), dtype=np.bool_))
    key, _ = _keys_of_codes(rows, items, 6)
    description = rows.items.words("description").take(items)
    return _are_on_several_lines(rows, items, key * (len(description.words) + 1) + description.codes + 1)


def _items_with_others(rows: Rows) -> Int64s:
    """Return the items that are not alone in their consignment: only these can be like another."""
    counts = np.diff(np.append(rows.first_items, len(rows.owner)))
    return places_of((counts > 1)[rows.owner])


def _keys_of_codes(rows: Rows, items: Int64s, digits: int | None) -> tuple[Int64s, Flags]:
    """Number consignment and commodity code, cut to digits, of some items; and say which have a code."""
    commodity = rows.items.words("commodity_code").take(items)
    cut = encode_words(word[:digits] for word in commodity.words).codes
    codes = np.append(cut, -1)[commodity.codes].astype(np.int64)
    return rows.owner[items] * (len(commodity.words) + 1) + codes + 1, codes >= 0


def _are_on_several_lines(rows: Rows, items: Int64s, key: Int64s) -> Value:
    """Say which items' keys stand on more than one line of the declaration."""
    found = np.zeros(len(rows.owner), dtype=np.bool_)
    if len(items):
        _, inverse, candidates = np.unique(key, return_inverse=True, return_counts=True)
        first = rows.read("is_first_of_declaration_line").numbers[items]
        lines = np.bincount(inverse, weights=first, minlength=len(candidates))
        found[items] = (candidates[inverse] > 1) & (lines[inverse] > 1)
    return Value(found)


def _is_admitted(rows: Rows) -> Value:
    """Say which goods are on the list a channel is open to; unknown where no such list covers them."""
    listed = rate_of_lines(rows, "admission", is_preference_open=False)
    return Value(listed.numbers > 0, listed.known)


def _years_since_export(rows: Rows) -> Value:
    """Return the years between export and the day of the law, one that has begun counted whole; a day that
    lies ahead says nothing."""
    exported = rows.consignments.numbers("returned_exported_on")
    known = (exported != ABSENT) & (exported <= rows.law_days)
    years = np.zeros(len(known), dtype=np.int64)
    for row in places_of(known).tolist():
        years[row] = years_between(int(exported[row]), int(rows.law_days[row]))
    return Value(years, known)


COMPUTED: dict[str, Callable[[Rows], Value]] = {
    "law_date": lambda rows: Value(rows.law_days),
    "years_since_export": _years_since_export,
    "line_value": _line_value,
    "line_value_sale": partial(_line_value, conversion_name="sale"),
    "unit_value": _unit_value,
    "quantity": partial(_quantity, name="quantity"),
    "supplementary_quantity": partial(_quantity, name="supplementary_quantity"),
    "piece_count": _piece_count,
    "freight": partial(_consignment_amount, name="freight"),
    "insurance": partial(_consignment_amount, name="insurance"),
    "discount": partial(_consignment_amount, name="discount"),
    "import_charges": partial(_consignment_amount, name="import_charges"),
    "freight_share": partial(_share, name="freight"),
    "insurance_share": partial(_share, name="insurance"),
    "discount_share": partial(_share, name="discount"),
    "excise": _excise,
    "gross_mass": lambda rows: _given(rows.items.numbers("gross_mass_g")),
    "net_mass": lambda rows: _given(rows.items.numbers("net_mass_g")),
    "is_first_of_declaration_line": _is_first_of_declaration_line,
    "has_declaration_line": lambda rows: Value(rows.items.numbers("declaration_line_number") != ABSENT),
    "is_first_of_subheading": partial(_is_first_of_code, digits=6),
    "is_first_of_commodity_code": partial(_is_first_of_code, digits=None),
    "has_line_of_same_subheading": _has_line_of_same_subheading,
    "has_twin_line": _has_twin_line,
    "has_specific_duty": has_specific_duty,
    "duty_rate": partial(rate_of_lines, measure="duty", is_preference_open=True),
    "third_country_duty_rate": partial(rate_of_lines, measure="duty", is_preference_open=False),
    "goods_tax_rate": partial(rate_of_lines, measure="tax", is_preference_open=False),
    "simplified_duty_rate": partial(rate_of_lines, measure="simplified_duty", is_preference_open=False),
    "excise_rate": partial(rate_of_lines, measure="excise", is_preference_open=False),
    "is_admitted": _is_admitted,
}
"""Words with a calculation of their own, by name."""
