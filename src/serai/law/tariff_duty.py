"""The tariff lines of the rows, and the duty they give: ad valorem, specific, compound, with minimum and
maximum.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal

import numpy as np

from serai.law.exact import multiply_divide
from serai.law.rows import Rows
from serai.law.tariff import CODE_TOO_SHORT, Asked, ShortCode
from serai.law.tariff_line import TariffLine
from serai.law.tariff_measures import is_ordinary_duty, split_measure
from serai.law.values import Value, both_known
from serai.model.columns import Coded, Flags, Frame, Int64s, fill_word
from serai.model.frames import ABSENT
from serai.model.money import MICRO


def duty_lines(rows: Rows) -> Int64s:
    """Return the number of each item's line of duty under the preference it claims; negative where none
    fits.
    """
    return lines(rows, "duty", is_preference_open=True)


def lines(rows: Rows, measure: str, *, is_preference_open: bool) -> Int64s:
    """Return the number of each item's tariff line for a measure."""
    name = f"__lines_{measure}_{is_preference_open}"
    if name not in rows.values:
        found = rows.reference.tariff.find_all(
            split_measure(measure)[0],
            (
                rows.items.words("commodity_code"),
                rows.items.words("origin_country_code"),
                rows.items.words("preference_code") if is_preference_open else None,
            ),
            _territories(rows, measure).take(rows.owner),
            rows.law_days[rows.owner],
            rows.items.words("additional_commodity_codes"),
        )
        rows.values[name] = Value(found)
    return rows.values[name].numbers


def _territories(rows: Rows, measure: str) -> Coded:
    """Return the territory of whose tariff a measure is asked, for each consignment."""
    kind, territory = split_measure(measure)
    if territory is not None:
        return fill_word(territory, rows.consignments.row_count)
    return rows.consignments.words("tax_territory_code" if kind == "tax" else "customs_territory_code")


def rate_of_lines(rows: Rows, measure: str, *, is_preference_open: bool) -> Value:
    """Return the ad valorem rate of each item's line; unknown where there is none, or more than a rate."""
    found = lines(rows, measure, is_preference_open=is_preference_open)
    tariff = rows.reference.tariff
    place = np.maximum(found, 0)
    known = (found >= 0) & tariff.is_ad_valorem_only[place]
    return Value(tariff.ad_valorem_ppm[place], None if known.all() else known, MICRO)


def has_specific_duty(rows: Rows) -> Value:
    """Say which items' lines need more than a rate on the value."""
    found = duty_lines(rows)
    return Value((found >= 0) & ~rows.reference.tariff.is_ad_valorem_only[np.maximum(found, 0)])


def is_code_too_short(rows: Rows, measure: str) -> Flags:
    """Say which items' commodity codes end above lines of a measure that differ."""
    return np.equal(lines(rows, measure, is_preference_open=measure == "duty"), CODE_TOO_SHORT)


def render_short_codes(rows: Rows, measure: str, places: Iterable[int]) -> dict[int, str]:
    """Say what stands below the codes of some items that are too short: the range of the rates and up to five
    lines, such as `0 % to 4.7 %; 95030021: 0 %, 95030095: 4.7 %, 3 more`.

    Items that ask the same are looked up once.
    """
    territories = _territories(rows, measure)
    preferences = rows.items.words("preference_code") if measure == "duty" else None
    commodity, origin = rows.items.words("commodity_code"), rows.items.words("origin_country_code")
    additional = rows.items.words("additional_commodity_codes")
    known: dict[Asked, str] = {}
    said = {}
    for place in places:
        owner = int(rows.owner[place])
        asked = Asked(
            split_measure(measure)[0],
            _text(commodity, place),
            _text(origin, place),
            "" if preferences is None else _text(preferences, place),
            _text(territories, owner),
            int(rows.law_days[owner]),
            _text(additional, place),
        )
        if asked not in known:
            short = rows.reference.tariff.render_short(asked)
            known[asked] = "" if short is None else _render_short(short)
        said[place] = known[asked]
    return said


def _render_short(short: ShortCode) -> str:
    lowest, highest = _percent(short.lowest_ppm), _percent(short.highest_ppm)
    span = lowest if lowest == highest else f"{lowest} to {highest}"
    extent = f"{span} and amounts by quantity" if short.is_more_than_a_rate else span
    lines = [f"{line.commodity_prefix}: {_say_line(line)}" for line in short.candidates]
    more = short.line_count - len(lines)
    lines += [f"{more} more"] if more else []
    lines += ["more in the full tariff"] if short.is_extract else []
    return f"{extent}; {', '.join(lines)}"


def _say_line(line: TariffLine) -> str:
    rate = _percent(line.ad_valorem_ppm)
    return rate if line.is_ad_valorem_only() else f"{rate} and an amount by quantity"


def _percent(ppm: int) -> str:
    return f"{Decimal(ppm).scaleb(-4).normalize():f} %"


def _text(coded: Coded, place: int) -> str:
    code = int(coded.codes[place])
    return coded.words[code] if code >= 0 else ""


def tariff_duty(rows: Rows, amount: Value, measure: str) -> Value:
    """Return each item's duty on an amount by its line, rounded once half up; unknown without unit.

    Without a line the ordinary duty is unknown and a further measure does not fall on the goods: 0.
    """
    is_duty = is_ordinary_duty(measure)
    found = lines(rows, measure, is_preference_open=measure == "duty")
    tariff = rows.reference.tariff
    place = np.maximum(found, 0)
    base = np.broadcast_to(amount.numbers, rows.owner.shape)
    duty = multiply_divide(base, tariff.ad_valorem_ppm[place], MICRO, mode="half_up")
    is_there = found >= 0
    duty = np.where(is_there, duty, 0)
    is_said = is_there if is_duty else found != CODE_TOO_SHORT
    known = both_known(amount.known, None if is_said.all() else is_said)
    specific = np.flatnonzero(is_there & ~tariff.is_ad_valorem_only[place])
    if len(specific):
        known = np.ones(len(rows.owner), dtype=np.bool_) if known is None else known.copy()
        for row in specific.tolist():
            exact = specific_duty(tariff.lines[int(found[row])], rows.items, row, int(base[row]))
            known[row] &= exact is not None
            duty[row] = exact or 0
    return Value(duty, known)


def specific_duty(line: TariffLine, items: Frame, row: int, amount_minor: int) -> int | None:
    """Return the duty of one item whose line is not only ad valorem, in exact millionths; None without the
    unit.
    """
    # Bounds may be shares of the value alone; then there is nothing to measure.
    measured = _measured(items, row, line.specific_unit) if line.specific_unit else 0
    if measured is None:
        return None
    value = amount_minor * MICRO
    micro = value * line.ad_valorem_ppm + measured * line.specific_micro
    micro = max(micro, value * line.minimum_ppm + measured * line.minimum_micro)
    if line.maximum_micro is not None or line.maximum_ppm is not None:
        micro = min(micro, value * (line.maximum_ppm or 0) + measured * (line.maximum_micro or 0))
    return int((micro + MICRO * MICRO // 2) // (MICRO * MICRO))


_UNITS: Mapping[str, Mapping[str, tuple[int, int]]] = {
    "pair": {"NPR": (1, 1), "PR": (1, 1)},
    "litre": {"LTR": (1, 1), "MLT": (1, 1000), "CLT": (1, 100), "DLT": (1, 10), "HLT": (100, 1)},
    "litre_alcohol": {"LPA": (1, 1)},
    "m2": {"MTK": (1, 1), "DMK": (1, 100), "CMK": (1, 10_000)},
}
"""Unit of a tariff line: the units of UN/ECE Recommendation 20 in which an item may state it, and what one of
them is.
"""


def _measured(items: Frame, row: int, unit: str) -> int | None:
    """Return millionths of the tariff's unit of one item, as it stands in its mass, its quantity or its
    supplementary quantity; None where none of them says it.
    """
    if unit == "kg":
        grams = int(items.numbers("net_mass_g")[row])
        grams = grams if grams != ABSENT else int(items.numbers("gross_mass_g")[row])
        return None if grams == ABSENT else grams * 1_000
    if unit == "piece":
        return _given(int(items.numbers("quantity_micro")[row]))
    for name, unit_name in (
        ("supplementary_quantity_micro", "supplementary_unit_code"),
        ("quantity_micro", "quantity_unit_code"),
    ):
        code = items.words(unit_name).take(np.array([row])).texts()[0]
        factor = _UNITS.get(unit, {}).get(code or "")
        micro = _given(int(items.numbers(name)[row]))
        if factor is not None and micro is not None:
            return micro * factor[0] // factor[1]
    return None


def _given(micro: int) -> int | None:
    return None if micro == ABSENT else micro
