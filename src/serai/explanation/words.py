"""Steps of the vocabulary's words: what the declarant declared, conversions, shares, tariff lines, and what
else the record rests on.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from serai.explanation.formula import FIGURES_MAX
from serai.explanation.record import Figure, RecordedCharge
from serai.explanation.steps import Step
from serai.explanation.tree import Tree, needed_of
from serai.explanation.wording import (
    iso,
    render_day,
    render_exact_money,
    render_figure,
    render_micro,
    render_money,
    render_rate,
    render_rounding,
)
from serai.foundation.locales import decimal_text
from serai.law.exchange import ExchangeRate
from serai.law.pack import Conversion
from serai.law.tariff import CODE_TOO_SHORT, TariffLine
from serai.law.vocabulary import WORDS
from serai.model.frames import ABSENT
from serai.model.money import MICRO, PLACES, render_exact

_MOMENT_POINTERS = {"arrived": "/expected_arrival_at"}
_SHARED = {"freight_share": "freight", "insurance_share": "insurance", "discount_share": "discount"}
_TARIFF_MEASURES = {
    "duty_rate": ("duty", True),
    "third_country_duty_rate": ("duty", False),
    "has_specific_duty": ("duty", True),
    "goods_tax_rate": ("tax", False),
    "simplified_duty_rate": ("simplified_duty", False),
    "excise_rate": ("excise", False),
    "is_admitted": ("admission", False),
}
# What stands neither in the document nor in the law: where it comes from, and the place leading to it.
_DERIVED = {
    "customs_territory_code": ("territories", "/consignee"),
    "tax_territory_code": ("territories", "/consignee"),
    "scheme_status_code": ("register", "/additional_fiscal_references"),
    "has_order": ("case", None),
    "has_payment": ("case", None),
    "has_transport_document": ("case", None),
    "is_value_contradicted": ("case", None),
    "is_split_suspected": ("case", None),
    "allowance_used": ("allowance", None),
    "same_day_value": ("allowance", None),
    "is_first_of_declaration_line": ("declared", "/goods_items/*/declaration_line_number"),
    "is_first_of_subheading": ("declared", "/goods_items/*/commodity_code"),
    "is_first_of_commodity_code": ("declared", "/goods_items/*/commodity_code"),
    "has_line_of_same_subheading": ("declared", "/goods_items/*/commodity_code"),
    "has_twin_line": ("declared", "/goods_items/*/description"),
}


def explain_word(tree: Tree, name: str, place: int | None) -> Step:
    """Return the step of a word on an item or the consignment."""
    if name == "__tariff_duty":
        return tariff_line(tree, "duty", place, is_preference_open=True)
    if name.startswith("__rate_"):
        return _rate_between(tree, name.removeprefix("__rate_"))
    symbol = tree.record.program.symbols.get(name)
    if symbol is not None and symbol.measure is not None:
        return _measure_rate(tree, name, symbol.measure, place)
    special = _SPECIAL.get(name)
    if special is not None:
        return special(tree, name, place)
    return _datum(tree, name, place)


def meaning_of(tree: Tree, name: str) -> str:
    """Return what a word means, in the language of the explanation."""
    if name in WORDS:
        return tree.phrases.words.get(name) or WORDS[name].meaning.rstrip(".")
    named = (rate for pack in tree.record.program.packs for rate in pack.tariff_rates if rate.name == name)
    return next((rate.meaning.rstrip(".") for rate in named), name)


# ---- what was declared ----


def _datum(tree: Tree, name: str, place: int | None, children: list[Step] | None = None) -> Step:
    figure = tree.record.figure(name, place)
    source, pointer = _DERIVED.get(name, ("declared", WORDS[name].pointer or None))
    at = _pointer(pointer, place)
    needed = None
    if not figure.is_known:
        meaning = meaning_of(tree, name)
        needed = (
            tree.phrases.render("datum_needed", name=meaning, pointer=at)
            if at
            else tree.phrases.render("datum_needed_only", name=meaning)
        )
    return Step(
        id=f"{tree.scope(place)}.{name}",
        kind="datum" if pointer and name not in _DERIVED else "word",
        name=name,
        meaning=meaning_of(tree, name),
        **tree.result(figure),
        source=tree.phrases.phrases[source],
        pointer=at,
        needed=needed,
        children=children or [],
    )


def _pointer(pointer: str | None, place: int | None) -> str | None:
    return None if pointer is None else pointer.replace("*", str(place if place is not None else 0))


@dataclass(frozen=True, slots=True)
class _Declared:
    """An amount as it was declared. micro: millionths of its currency's unit, ABSENT: not stated."""

    column: str
    micro: int
    currency: str | None


def _declared_amount(tree: Tree, name: str, declared: _Declared, place: int | None) -> Step:
    """Return the step of an amount as it was declared, in its own currency."""
    micro, currency = declared.micro, declared.currency
    stated = micro != ABSENT
    text = (
        f"{currency or '?'} {render_micro(micro, tree.phrases.language)}"
        if stated
        else tree.phrases.phrases["not_stated"]
    )
    if stated and currency in PLACES and (micro * 10 ** PLACES[currency]) % MICRO == 0:
        text = render_money(micro * 10 ** PLACES[currency] // MICRO, currency, tree.phrases.language)
    return Step(
        id=f"{tree.scope(place)}.{declared.column}",
        kind="datum",
        name=declared.column,
        meaning=f"{meaning_of(tree, name)}: {tree.phrases.phrases['declared']}",
        result=text,
        source=tree.phrases.phrases["declared"],
        pointer=_pointer(WORDS[name].pointer or f"/goods_items/*/{declared.column}", place),
    )


# ---- conversion ----


def _line_value(tree: Tree, name: str, place: int | None) -> Step:
    assert place is not None
    items = tree.record.run.items
    micro = int(items.numbers("invoice_amount_micro")[place])
    currency = items.words("invoice_currency_code").texts()[place]
    return _converted(tree, name, place, _Declared("invoice_amount", micro, currency))


def _consignment_amount(tree: Tree, name: str, place: int | None) -> Step:
    micro = int(tree.record.run.consignments.numbers(f"{name}_amount_micro")[0])
    return _converted(tree, name, place, _Declared(f"{name}_amount", micro, _charges_currency(tree)))


def _excise(tree: Tree, name: str, place: int | None) -> Step:
    assert place is not None
    micro = int(tree.record.run.items.numbers("excise_amount_micro")[place])
    return _converted(tree, name, place, _Declared("excise_amount", micro, _charges_currency(tree)))


def _charges_currency(tree: Tree) -> str | None:
    return tree.record.run.consignments.words("charges_currency_code").texts()[0]


def _conversion_of(tree: Tree, name: str) -> Conversion | None:
    conversions = tree.record.program.base.conversions
    wanted = name.removeprefix("line_value_")
    return next((one for one in conversions if one.name == wanted), conversions[0] if conversions else None)


def _converted(tree: Tree, name: str, place: int | None, declared: _Declared) -> Step:
    """Return the step of an amount in the law's currency: as declared, by the published rate, rounded."""
    figure, home = tree.record.figure(name, place), tree.record.currency
    conversion = _conversion_of(tree, name)
    stated = tree.tell(_declared_amount(tree, name, declared, place))
    children, factor = [stated], Fraction(1)
    is_foreign = declared.micro not in (ABSENT, 0) and declared.currency != home and conversion is not None
    filled = stated.result
    if declared.micro != ABSENT and not is_foreign:
        filled = f"{stated.result}: {tree.phrases.phrases['same_currency']}"
    if is_foreign and conversion is not None:
        children.append(_rate_step(tree, conversion, declared.currency))
        published = _published(tree, conversion, declared.currency)
        if published is not None:
            factor = _factor(published)
            filled = f"{stated.result} x {_rate_text(published, tree.phrases.language)}"
    exact = None
    if is_foreign and figure.is_known:
        exact = render_exact_money(
            Fraction(declared.micro, MICRO) * factor * 10 ** PLACES[home], home, tree.phrases.language
        )
    source = None if conversion is None else tree.record.program.base.sources[conversion.source]
    return Step(
        id=f"{tree.scope(place)}.{name}",
        kind="word",
        name=name,
        meaning=meaning_of(tree, name),
        formula=f"{declared.column} x exchange_rate" if is_foreign else declared.column,
        filled=filled,
        exact=exact,
        rounding=render_rounding(conversion.rounding, home, tree.phrases) if conversion and exact else None,
        **tree.result(figure),
        law_ref=source.reference if source else None,
        source=source.title if source else tree.phrases.phrases["declared"],
        source_address=source.address if source else None,
        needed=None if figure.is_known else needed_of(children),
        children=children,
    )


def _rate_between(tree: Tree, target: str) -> Step:
    """Return the rate that IN_CURRENCY used: the pack's first, of the currency that is not the law's own."""
    conversion = tree.record.program.base.conversions[0]
    home = tree.record.currency
    foreign = target
    if target == home:
        symbols = tree.record.program.symbols.values()
        foreign = next((s.currency for s in symbols if s.currency and s.currency != home), target)
    return _rate_step(tree, conversion, foreign)


def _rate_day(tree: Tree, conversion: Conversion) -> int | None:
    value = tree.record.run.values.get(f"__day_{conversion.moment}_{conversion.fallback_moment}")
    if value is None or (value.known is not None and not value.known[0]):
        return None
    return int(value.data[0])


def _published(tree: Tree, conversion: Conversion, currency: str | None) -> ExchangeRate | None:
    day = _rate_day(tree, conversion)
    if day is None or currency is None:
        return None
    found = tree.record.run.reference.exchange.find(conversion.table, currency, day)
    return found if found is not None and found.home == tree.record.currency else None


def _factor(rate: ExchangeRate) -> Fraction:
    """Return units of the home currency for one unit of the foreign one."""
    exact = Fraction(rate.numerator, rate.denominator)
    return 1 / exact if rate.direction == "foreign_per_home" else exact


def _rate_text(rate: ExchangeRate, language: str) -> str:
    text = decimal_text(render_exact(Fraction(rate.numerator, rate.denominator)), language)
    return f"1 / {text}" if rate.direction == "foreign_per_home" else text


def _rate_step(tree: Tree, conversion: Conversion, currency: str | None) -> Step:
    id_ = f"consignment.exchange_rate.{conversion.name}.{currency}"
    if id_ in tree.told:
        return tree.named_again(id_)
    rate, day = _published(tree, conversion, currency), _rate_day(tree, conversion)
    children = [_rate_day_step(tree, conversion, day)]
    meaning = tree.phrases.render("exchange_rate", table=conversion.table)
    if rate is None:
        needed = children[0].needed or tree.phrases.render(
            "exchange_rate_needed",
            currency=currency or "?",
            table=conversion.table,
            day="" if day is None else render_day(day, tree.phrases.language),
        )
        step = Step(
            id=id_,
            kind="parameter",
            name="exchange_rate",
            meaning=meaning,
            result=tree.phrases.phrases["unknown"],
            source=conversion.table,
            is_known=False,
            needed=needed,
            children=children,
        )
        return tree.tell(step)
    one, other = (
        (rate.home, rate.currency) if rate.direction == "foreign_per_home" else (rate.currency, rate.home)
    )
    amount = decimal_text(render_exact(Fraction(rate.numerator, rate.denominator)), tree.phrases.language)
    step = Step(
        id=id_,
        kind="parameter",
        name="exchange_rate",
        meaning=meaning,
        filled=f"{rate.numerator} / {rate.denominator}",
        result=tree.phrases.render("published", one=f"1 {one}", other=f"{amount} {other}"),
        source=rate.source,
        valid_from=iso(rate.valid_from),
        valid_to=iso(rate.valid_to),
        children=children,
    )
    return tree.tell(step)


def _rate_day_step(tree: Tree, conversion: Conversion, day: int | None) -> Step:
    moment = conversion.moment
    needed = None if day is not None else tree.phrases.render("exchange_day_needed", moment=moment)
    return Step(
        id=f"consignment.rate_day.{conversion.name}",
        kind="datum",
        name=f"{moment}_at",
        meaning=tree.phrases.render("rate_day", moment=moment),
        result=tree.phrases.phrases["unknown"] if day is None else render_day(day, tree.phrases.language),
        pointer=moment_pointer(moment),
        source=tree.phrases.phrases["lodged"] if moment == "lodged" else None,
        is_known=day is not None,
        needed=needed,
    )


def moment_pointer(moment: str) -> str | None:
    """Return where a document dates a moment; None for the moment of lodging, which we see ourselves."""
    return None if moment == "lodged" else _MOMENT_POINTERS.get(moment, f"/{moment}_at")


# ---- shares and sums ----


def _share(tree: Tree, name: str, place: int | None) -> Step:
    assert place is not None
    record, shared = tree.record, _SHARED[name]
    total = tree.named(shared, None)
    weights = [record.figure("line_value", at) for at in range(record.item_count())]
    figure = record.figure(name, place)
    count = record.item_count()
    # Many weights would be repeated under each item: their sum says enough, unless it is unknown.
    unknown = [at for at, weight in enumerate(weights) if not weight.is_known][:FIGURES_MAX]
    shown = range(count) if count <= FIGURES_MAX else dict.fromkeys((place, *unknown))
    children = [total, *(tree.of_item(tree.named("line_value", at), at) for at in shown)]
    pack = record.program.base
    whole = sum(weight.numerator for weight in weights)
    total_figure = record.figure(shared, None)
    is_shared = figure.is_known and total_figure.numerator != 0
    method = "last_takes_rest" if pack.apportionment == "half_up_last_takes_rest" else "largest_remainder"
    exact = (
        render_exact_money(
            Fraction(total_figure.numerator * weights[place].numerator, whole),
            record.currency,
            tree.phrases.language,
        )
        if is_shared and whole
        else None
    )
    sum_text = render_figure(Figure("money", True, whole, currency=record.currency), tree.phrases)
    return Step(
        id=f"{tree.scope(place)}.{name}",
        kind="word",
        name=name,
        meaning=meaning_of(tree, name),
        formula=f"{shared} x line_value / SUM(line_value)",
        filled=f"{total.result} x {render_figure(weights[place], tree.phrases)} / {sum_text}",
        exact=exact,
        rounding=tree.phrases.phrases[method] if is_shared else None,
        **tree.result(figure),
        source=tree.phrases.render("apportionment", pack=pack.code),
        needed=None if figure.is_known else needed_of(children),
        children=children if is_shared or not figure.is_known else [total],
    )


def _unit_value(tree: Tree, name: str, place: int | None) -> Step:
    children = [tree.named("line_value", place), tree.named("quantity", place)]
    return _of_children(tree, name, place, "line_value / quantity", children)


def _piece_count(tree: Tree, name: str, place: int | None) -> Step:
    children = [tree.of_item(tree.named("quantity", at), at) for at in range(tree.record.item_count())]
    return _of_children(tree, name, place, "SUM(quantity)", children)


def _of_children(tree: Tree, name: str, place: int | None, formula: str, children: list[Step]) -> Step:
    figure = tree.record.figure(name, place)
    sign = " / " if "/" in formula else " + "
    return Step(
        id=f"{tree.scope(place)}.{name}",
        kind="word",
        name=name,
        meaning=meaning_of(tree, name),
        formula=formula,
        filled=sign.join(child.result for child in children),
        **tree.result(figure),
        source=tree.phrases.phrases["declared"],
        needed=None if figure.is_known else needed_of(children),
        children=children,
    )


def _charge_sum(tree: Tree, name: str, place: int | None) -> Step:
    """Return the sum of charges that a base or a limit speaks of, as the charge being explained saw it."""
    record = tree.record
    in_base = name == "charges_in_tax_base"
    summed = [
        one
        for one in record.charges
        if (
            one.place == place and record.is_in_tax_base(one.charge)
            if in_base
            else _is_due_at_border(one, record.currency)
        )
    ]
    figure = record.figure(name, place)
    children = [
        tree.charge_reference(one) for one in summed if not in_base or one.charge.number < tree.charge_number
    ]
    return Step(
        id=f"{tree.scope(place)}.{tree.in_charge}.{name}",
        kind="word",
        name=name,
        meaning=meaning_of(tree, name) if name in WORDS else tree.phrases.words[name],
        filled=" + ".join(child.result for child in children) or None,
        **tree.result(figure),
        source=tree.phrases.phrases["charge_sum"],
        needed=None if figure.is_known else _unknown_charges(tree),
        children=children,
    )


def _unknown_charges(tree: Tree) -> str:
    """Name the charges of which it cannot be said whether they fall, or how much they are."""
    values = ((one.charge.title, tree.record.run.read(one.name)) for one in tree.record.program.charges)
    titles = (title for title, value in values if value.known is not None and not value.known.all())
    return "; ".join(map(tree.phrases.of_law, dict.fromkeys(titles)))


def _is_due_at_border(one: RecordedCharge, currency: str) -> bool:
    charge = one.charge
    if charge.charge.kind == "claim" or charge.currency != currency or one.due < 0:
        return False
    return charge.due.rows[one.due][0] == "border"


# ---- dates ----


def _law_date(tree: Tree, name: str, _place: int | None) -> Step:
    record = tree.record
    pack = record.program.base
    zones = record.run.consignments.words("time_zone").texts()
    moment = pack.law_moment
    return Step(
        id=f"consignment.{name}",
        kind="datum",
        name=name,
        meaning=tree.phrases.render("law_day", moment=moment, zone=zones[0] or pack.time_zone or "UTC"),
        result=render_day(record.law_day(), tree.phrases.language),
        pointer=moment_pointer(moment),
        source=tree.phrases.phrases["lodged"] if moment == "lodged" else None,
    )


# ---- tariff ----


def _tariff_rate(tree: Tree, name: str, place: int | None) -> Step:
    measure, is_preference_open = _TARIFF_MEASURES[name]
    return _measure_rate(tree, name, measure, place, is_preference_open=is_preference_open)


def _measure_rate(
    tree: Tree, name: str, measure: str, place: int | None, *, is_preference_open: bool = False
) -> Step:
    """Return the step of a rate that a line of the tariff gives."""
    assert place is not None
    figure = tree.record.figure(name, place)
    line = tariff_line(tree, measure, place, is_preference_open=is_preference_open)
    return Step(
        id=f"{tree.scope(place)}.{name}",
        kind="word",
        name=name,
        meaning=meaning_of(tree, name),
        **tree.result(figure),
        source=line.source,
        needed=None if figure.is_known else line.needed,
        children=[line],
    )


def tariff_line(tree: Tree, measure: str, place: int | None, *, is_preference_open: bool) -> Step:
    """Return the step of the tariff line an item has for a measure, as the run found it."""
    assert place is not None
    id_ = f"{tree.scope(place)}.tariff.{measure}" + (
        "" if is_preference_open or measure != "duty" else ".third-country"
    )
    if id_ in tree.told:
        return tree.named_again(id_)
    run = tree.record.run
    found = run.values.get(f"__lines_{measure}_{is_preference_open}")
    number = -1 if found is None else int(found.data[place])
    children = [tree.named("commodity_code", place), tree.named("origin_country_code", place)]
    code = children[0].result
    if number < 0:
        key = "code_needed" if number == CODE_TOO_SHORT else "tariff_needed"
        nothing = Step(
            id=id_,
            kind="row",
            name=measure,
            meaning=tree.phrases.render("no_tariff_line", measure=measure, code=code),
            result=tree.phrases.phrases["none"],
            source=tree.base_reference(),
            is_known=False,
            needed=tree.phrases.render(key, measure=measure, code=code),
            children=children,
        )
        return tree.tell(nothing)
    line = run.reference.tariff.lines[number]
    origins = line.origin_code or ", ".join(line.origin_codes)
    origin = (
        tree.phrases.render("tariff_line_origin", origin=origins)
        if origins
        else tree.phrases.phrases["tariff_line_any"]
    )
    step = Step(
        id=id_,
        kind="row",
        name=measure,
        meaning=f"{tree.phrases.render('tariff_line', prefix=line.commodity_prefix)}, {origin}",
        result=_terms(tree, line),
        source=line.source,
        valid_from=iso(line.valid_from),
        valid_to=iso(line.valid_to),
        children=children,
    )
    return tree.tell(step)


def _terms(tree: Tree, line: TariffLine) -> str:
    """Return what a line charges: a rate on the value, amounts for each unit, bounds."""
    currency = tree.record.currency
    parts = []
    if line.ad_valorem_ppm or not line.specific_micro:
        parts.append(
            tree.phrases.render(
                "ad_valorem", rate=render_rate(line.ad_valorem_ppm, MICRO, tree.phrases.language)
            )
        )
    for key, micro in (
        ("specific", line.specific_micro),
        ("minimum", line.minimum_micro),
        ("maximum", line.maximum_micro),
    ):
        if micro:
            amount = (
                f"{currency} {render_exact_money(Fraction(micro, MICRO), currency, tree.phrases.language)}"
            )
            parts.append(tree.phrases.render(key, amount=amount, unit=line.specific_unit))
    for key, ppm in (("minimum_share", line.minimum_ppm), ("maximum_share", line.maximum_ppm)):
        if ppm:
            parts.append(tree.phrases.render(key, rate=render_rate(ppm, MICRO, tree.phrases.language)))
    return ", ".join(parts)


_SPECIAL: dict[str, Callable[[Tree, str, int | None], Step]] = {
    "law_date": _law_date,
    "line_value": _line_value,
    "line_value_sale": _line_value,
    "freight": _consignment_amount,
    "insurance": _consignment_amount,
    "discount": _consignment_amount,
    "excise": _excise,
    "unit_value": _unit_value,
    "piece_count": _piece_count,
    "charges_in_tax_base": _charge_sum,
    "due_at_border": _charge_sum,
    **dict.fromkeys(_SHARED, _share),
    **dict.fromkeys(_TARIFF_MEASURES, _tariff_rate),
}
