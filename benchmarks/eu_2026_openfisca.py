"""The packs EU-2026 and EU-VAT as an OpenFisca system: variables with formulas, parameters by code.

The content is that of `eu_2026.py`. What OpenFisca has no way to read is lent to it and not on its clock when
many are asked at once: documents decoded into columns, commodity codes with their rates as an enumeration,
which lines are twins, which exclusions are opened. Amounts are whole cents; its own integers have 32 bits.
"""
# mypy: ignore-errors

import functools

import numpy as np

import eu_2026 as law

DAY = "2026-07-20"
RELIEFS = ("C08", "1C1", "FLAT3", "PREFERENCE", "none")
LIABLE = ("", "platform", "seller", "importer", "consignee")
OF_CONSIGNMENT = (
    "eu-vat-paid-at-sale",
    "eu-vat-at-import",
    "eu-above-limit",
    "eu-scheme-number-not-valid",
    "eu-flat-duty-per-line",
    "eu-not-a-distance-sale",
)
OF_ITEM = (
    "eu-lines-could-be-one",
    "eu-gift-relieved",
    "eu-gift-above-limit",
    "eu-gift-small-quantities",
    "eu-product-identifier",
    *law.EXCLUDED,
)
AMOUNTS = ("duty_flat", "duty_rated", "duty_gift", "excise", "vat", "claim")
OUTCOMES = (
    "relief",
    *AMOUNTS,
    "liable",
    *(rule.replace("-", "_") for rule in OF_ITEM),
)
ITEM_INPUTS = (
    "code",
    "currency",
    "minor",
    "excise_minor",
    "pieces",
    "is_first",
    "has_product_id",
    "twin_key",
    *(f"opens_{rule.replace('-', '_')}" for rule in law.EXCLUDED),
)
CONSIGNMENT_INPUTS = (
    "country",
    "nature",
    "status",
    "charges_currency",
    "freight_minor",
    "insurance_minor",
    "discount_minor",
    "is_platform_sale",
    "is_duty_charged_to_buyer",
    "is_preference_claimed",
    "has_tax_number",
)
ENUMS = ("code", "currency", "country", "nature", "status", "charges_currency")


def _at(value):
    return {"values": {"2026-01-01": {"value": value}}}


def _half_up(amount, numerator, denominator):
    return (amount.astype("int64") * numerator + denominator // 2) // denominator


@functools.cache
def _enum(name, keys):
    from openfisca_core.indexed_enums import Enum

    return Enum(name, {key: key for key in keys})


def system_of(tables, codes, currencies):
    """Build the system. codes: of the tariff that turn up; currencies: likewise."""
    from openfisca_core.entities import build_entity
    from openfisca_core.indexed_enums import Enum
    from openfisca_core.parameters import ParameterNode
    from openfisca_core.periods import DateUnit
    from openfisca_core.taxbenefitsystems import TaxBenefitSystem
    from openfisca_core.variables import Variable

    item = build_entity("item", "items", "goods item", is_person=True)
    consignment = build_entity(
        "consignment",
        "consignments",
        "consignment",
        roles=[{"key": "goods", "plural": "goods", "label": "goods"}],
    )
    enums = {
        "code": _enum("Code", tuple(f"h{code}" for code in codes)),
        "currency": _enum("Currency", tuple(currencies)),
        "charges_currency": _enum("Currency", tuple(currencies)),
        "country": _enum("Country", tuple(law.VAT_PPM)),
        "nature": _enum("Nature", ("B2C", "not_stated", "B2B", "C2C", "gift")),
        "status": _enum("Status", ("none", "valid", "other")),
    }
    system = TaxBenefitSystem([item, consignment])

    def fraction(table, place):
        return {c: _at((1, 1)[place] if c == "EUR" else tables.factors[table, c][place]) for c in currencies}

    def by_code(of_code):
        return {f"h{code}": _at(of_code(code)) for code in codes}

    system.parameters = ParameterNode(
        "",
        data={
            "customs": {
                "numerator": fraction("eu-customs-monthly", 0),
                "denominator": fraction("eu-customs-monthly", 1),
            },
            "sale": {"numerator": fraction("ecb-daily", 0), "denominator": fraction("ecb-daily", 1)},
            "duty_ppm": by_code(lambda code: law.duty_ppm_of(code, tables) or 0),
            "excise": by_code(lambda code: code.startswith(law.EXCISE)),
            "limited": by_code(lambda code: code.startswith((*law.EXCISE, *law.PERFUME))),
            "excluded": {
                rule.replace("-", "_"): by_code(lambda code, p=prefixes: code.startswith(p))
                for rule, (prefixes, _) in law.EXCLUDED.items()
            },
            "vat_ppm": {country: _at(ppm) for country, ppm in law.VAT_PPM.items()},
            "low_value": _at(law.LOW_VALUE),
            "gift": _at(law.GIFT),
            "gift_flat": _at(law.GIFT_FLAT),
            "gift_rate_ppm": _at(law.GIFT_RATE_PPM),
            "flat_duty": _at(law.FLAT_DUTY),
            "needs_product_id": {"values": {"2026-01-01": {"value": False}, "2026-11-01": {"value": True}}},
        },
    )

    def variable(name, entity, kind, formula=None):
        body = {"value_type": kind, "entity": entity, "definition_period": DateUnit.DAY, "label": name}
        if name in enums:
            body |= {
                "possible_values": enums[name],
                "default_value": next(iter(enums[name])),
                "value_type": Enum,
            }
        if formula:
            body["formula"] = formula
        system.add_variable(type(name, (Variable,), body))

    flags = ("is_first", "has_product_id", *(n for n in ITEM_INPUTS if n.startswith("opens_")))
    for name in ITEM_INPUTS:
        variable(name, item, bool if name in flags else int)
    for name in CONSIGNMENT_INPUTS:
        variable(name, consignment, int if name.endswith("_minor") else bool)
    for name, formula in ITEM_FORMULAS.items():
        variable(name, item, bool if name in ITEM_FLAGS else int, formula)
    for name, formula in CONSIGNMENT_FORMULAS.items():
        variable(name, consignment, bool if name in CONSIGNMENT_FLAGS else int, formula)
    return system


# ---- formulas: i an item, c a consignment, d the day, p the parameters ----


def _converted(i, d, rates, minor, currency):
    numerator, denominator = rates.numerator[currency], rates.denominator[currency]
    return (minor.astype("int64") * numerator + denominator // 2) // denominator


def _line_value(i, d, p):
    return _converted(i, d, p(d).customs, i("minor", d), i("currency", d))


def _sale_value(i, d, p):
    return _converted(i, d, p(d).sale, i("minor", d), i("currency", d))


def _excise(i, d, p):
    return _converted(i, d, p(d).customs, i("excise_minor", d), i.consignment("charges_currency", d))


def _beside(name):
    def formula(c, d, p):
        return _converted(c, d, p(d).customs, c(f"{name}_minor", d), c("charges_currency", d))

    return formula


def _share(name):
    def formula(i, d, p):
        group = i.simulation.populations["consignment"]
        total, weight = group(name, d).astype("int64"), i("line_value", d).astype("int64")
        sums = group.sum(weight).astype("int64")
        is_empty = sums == 0
        weight = np.where(group.project(is_empty), 1, weight)
        sums = np.where(is_empty, group.nb_persons(), sums)
        given = _half_up(group.project(total), weight, group.project(sums))
        is_last = group.members_position == group.project(group.nb_persons()) - 1
        rest = total - group.sum(given).astype("int64")
        return given + is_last * group.project(rest)

    return formula


def _goods_price(i, d, p):
    return i("line_value", d).astype("int64") - i("discount_share", d)


def _intrinsic(c, d, p):
    return c.sum(c.members("goods_price", d))


def _customs_value(i, d, p):
    return i("goods_price", d).astype("int64") + i("freight_share", d) + i("insurance_share", d)


def _is_low(c, d, p):
    return c("intrinsic", d) <= p(d).low_value


def _is_excise(i, d, p):
    return p(d).excise[i("code", d)]


def _is_limited(i, d, p):
    return p(d).limited[i("code", d)]


def _nature(c, d, *names):
    possible = c.entity.get_variable("nature").possible_values
    return functools.reduce(np.logical_or, (c("nature", d) == possible[name] for name in names))


def _is_gift(c, d, p):
    return _nature(c, d, "gift")


def _is_distance(c, d, p):
    return _nature(c, d, "B2C", "not_stated") * ~c("has_tax_number", d)


def _status(c, d, name):
    return c("status", d) == c.entity.get_variable("status").possible_values[name]


def _is_used(c, d, p):
    at_sale = c.sum(c.members("sale_value", d).astype("int64") - c.members("discount_share", d))
    return (
        _status(c, d, "valid")
        * c("is_low", d)
        * (at_sale <= p(d).low_value)
        * ~c.any(c.members("is_excise", d))
        * c("is_distance", d)
    )


def _is_given(c, d, p):
    return ~_status(c, d, "none")


def _is_flat(c, d, p):
    return c("is_distance", d) * c("is_low", d) * (c("is_used", d) + ~c("is_preference_claimed", d))


def _gift_units(i, d, p):
    group = i.simulation.populations["consignment"]
    is_gift = group("is_gift", d)
    if not is_gift.any():
        return np.zeros(i.count, "int64")
    pieces = i("pieces", d).astype("int64")
    one = i("line_value", d).astype("int64") // np.maximum(pieces, 1)
    room = np.full(group.count, int(p(d).gift), "int64")
    units = np.zeros(i.count, "int64")
    for position in range(int(group.nb_persons().max())):
        here = group.members_position == position
        owner = group.members_entity_id[here]
        fitted = np.clip(room[owner] // np.maximum(one[here], 1), 0, pieces[here])
        units[here] = fitted
        room[owner] -= fitted * one[here]
    return units * group.project(is_gift) * ~i("is_limited", d)


def _is_free(i, d, p):
    return (i("gift_units", d) > 0) * (i("gift_units", d) == i("pieces", d))


def _is_gift_flat(i, d, p):
    return (
        i.consignment("is_gift", d)
        * ~i("is_free", d)
        * ~i("is_limited", d)
        * (i.consignment("intrinsic", d) <= p(d).gift_flat)
        * (p(d).duty_ppm[i("code", d)] > 0)
    )


def _charged_value(i, d, p):
    value, units, pieces = i("customs_value", d).astype("int64"), i("gift_units", d), i("pieces", d)
    part = _half_up(value, pieces - units, np.maximum(pieces, 1))
    return np.where((units == 0) + i("is_free", d), value, part)


def _relief(i, d, p):
    of = i.consignment
    return np.select(
        [i("is_free", d), i("is_gift_flat", d), of("is_flat", d), of("is_preference_claimed", d)],
        [0, 1, 2, 3],
        4,
    )


def _is_h7(c, d, p):
    no_excise = ~c.any(c.members("is_excise", d))
    return (c("is_flat", d) * no_excise) + c.all(c.members("is_free", d))


def _duty_flat(i, d, p):
    return (i("relief", d) == 2) * i("is_first", d) * p(d).flat_duty


def _duty_rated(i, d, p):
    rated = _half_up(i("charged_value", d), p(d).duty_ppm[i("code", d)], law.PPM)
    return (i("relief", d) >= 3) * rated


def _duty_gift(i, d, p):
    return (i("relief", d) == 1) * _half_up(i("charged_value", d), int(p(d).gift_rate_ppm), law.PPM)


def _vat(i, d, p):
    of = i.consignment
    flat = i("duty_flat", d) * ~(of("is_used", d) * ~of("is_duty_charged_to_buyer", d))
    base = i("charged_value", d).astype("int64") + i("duty_rated", d) + i("duty_gift", d)
    base = base + flat + i("excise", d)
    return ~i("is_free", d) * _half_up(base, p(d).vat_ppm[of("country", d)], law.PPM)


def _liable(i, d, p):
    of = i.consignment
    at_border = np.where(~of("is_h7", d) * ~of("is_gift", d), 3, 4)
    at_sale = np.where(of("is_platform_sale", d), 1, 2)
    return ~i("is_free", d) * np.where(of("is_used", d), at_sale, at_border)


def _claim(i, d, p):
    of = i.consignment
    dearest = i.simulation.populations["consignment"]
    dearest = dearest.project(dearest.max(i("line_value", d)))
    holds = of("is_given", d) * ~of("is_used", d) * (dearest <= p(d).low_value)
    return holds * _half_up(i("customs_value", d), p(d).vat_ppm[of("country", d)], law.PPM)


def _lines_could_be_one(i, d, p):
    if (i("twin_key", d) == 0).all():
        return np.zeros(i.count, bool)
    return i.consignment("is_flat", d) * (i("twin_key", d) > 0)


ITEM_FORMULAS = {
    "line_value": _line_value,
    "sale_value": _sale_value,
    "excise": _excise,
    "freight_share": _share("freight"),
    "insurance_share": _share("insurance"),
    "discount_share": _share("discount"),
    "goods_price": _goods_price,
    "customs_value": _customs_value,
    "is_excise": _is_excise,
    "is_limited": _is_limited,
    "gift_units": _gift_units,
    "is_free": _is_free,
    "is_gift_flat": _is_gift_flat,
    "charged_value": _charged_value,
    "relief": _relief,
    "duty_flat": _duty_flat,
    "duty_rated": _duty_rated,
    "duty_gift": _duty_gift,
    "vat": _vat,
    "liable": _liable,
    "claim": _claim,
    "eu_lines_could_be_one": _lines_could_be_one,
    "eu_gift_relieved": lambda i, d, p: i("gift_units", d) > 0,
    "eu_gift_above_limit": lambda i, d, p: (
        i.consignment("is_gift", d) * ~i("is_free", d) * ~i("is_limited", d)
    ),
    "eu_gift_small_quantities": lambda i, d, p: i.consignment("is_gift", d) * i("is_limited", d),
    "eu_product_identifier": lambda i, d, p: (
        i.consignment("is_flat", d) * p(d).needs_product_id * ~i("has_product_id", d)
    ),
    **{
        rule.replace("-", "_"): lambda i, d, p, name=rule.replace("-", "_"): (
            p(d).excluded[name][i("code", d)] * ~i(f"opens_{name}", d)
        )
        for rule in law.EXCLUDED
    },
}
CONSIGNMENT_FORMULAS = {
    "freight": _beside("freight"),
    "insurance": _beside("insurance"),
    "discount": _beside("discount"),
    "intrinsic": _intrinsic,
    "is_low": _is_low,
    "is_gift": _is_gift,
    "is_distance": _is_distance,
    "is_used": _is_used,
    "is_given": _is_given,
    "is_flat": _is_flat,
    "is_h7": _is_h7,
    "eu_vat_paid_at_sale": lambda c, d, p: c("is_used", d),
    "eu_vat_at_import": lambda c, d, p: ~c("is_used", d) * c("is_low", d) * ~c.all(c.members("is_free", d)),
    "eu_above_limit": lambda c, d, p: ~c("is_low", d),
    "eu_scheme_number_not_valid": lambda c, d, p: c("is_given", d) * ~_status(c, d, "valid"),
    "eu_flat_duty_per_line": lambda c, d, p: c("is_flat", d),
    "eu_not_a_distance_sale": lambda c, d, p: c("is_low", d) * ~c("is_distance", d) * ~c("is_gift", d),
}
ITEM_FLAGS = (
    "is_excise",
    "is_limited",
    "is_free",
    "is_gift_flat",
    *(rule.replace("-", "_") for rule in OF_ITEM),
)
CONSIGNMENT_FLAGS = (
    "is_low",
    "is_gift",
    "is_distance",
    "is_used",
    "is_given",
    "is_flat",
    "is_h7",
    *(rule.replace("-", "_") for rule in OF_CONSIGNMENT),
)


# ---- asking it ----


def inputs_of(documents, tables):
    """Return columns of items, of consignments, and the owner of each item: what is lent. Enumerations are
    keys.
    """
    items = {name: [] for name in ITEM_INPUTS}
    whole = {name: [] for name in CONSIGNMENT_INPUTS}
    owner = []
    for row, c in enumerate(documents):
        day = c.accepted_at.astimezone(law.ZoneInfo(law.ZONES[c.consignee.country_code])).date()
        status = law.scheme_status(c, day, tables)
        currency = c.charges_currency_code or "EUR"
        whole["country"].append(c.consignee.country_code)
        whole["nature"].append(c.sale_nature_code.replace("-", "_"))
        whole["status"].append(status if status in ("none", "valid") else "other")
        whole["charges_currency"].append(currency)
        for name in ("freight", "insurance", "discount"):
            whole[f"{name}_minor"].append(_minor(getattr(c, f"{name}_amount"), currency))
        for name in ("is_platform_sale", "is_duty_charged_to_buyer", "is_preference_claimed"):
            whole[name].append(getattr(c, name))
        whole["has_tax_number"].append(bool(c.consignee.tax_number or (c.buyer and c.buyer.tax_number)))
        seen = set()
        for i in c.goods_items:
            owner.append(row)
            number = i.declaration_line_number
            items["code"].append(f"h{i.commodity_code}")
            items["currency"].append(i.invoice_currency_code)
            items["minor"].append(_minor(i.invoice_amount, i.invoice_currency_code))
            items["excise_minor"].append(_minor(i.excise_amount, currency))
            items["pieces"].append(int(i.quantity))
            items["is_first"].append(number is None or number not in seen)
            seen.add(number)
            items["has_product_id"].append(i.merchant_product_id is not None)
            items["twin_key"].append(int(len(c.goods_items) > 1 and law.has_twin(c, i)))
            kinds = {one.type_code for one in (*c.additional_documents, *i.additional_documents)}
            for rule, (_, opening) in law.EXCLUDED.items():
                items[f"opens_{rule.replace('-', '_')}"].append(bool(kinds & opening))
    return items, whole, np.array(owner)


def _minor(amount, currency):
    return 0 if amount is None else int(amount.scaleb(law.PLACES[currency]))


def encoded(system, items, whole):
    """Turn the lent columns into arrays of the system's own kinds."""
    given = {}
    for name, values in (items | whole).items():
        kind = system.get_variable(name)
        if name in ENUMS:
            keys = {key: place for place, key in enumerate(one.name for one in kind.possible_values)}
            given[name] = kind.possible_values.encode(np.array([keys[value] for value in values]))
        else:
            given[name] = np.array(values).astype(kind.dtype)
    return given


def assess(system, given, owner, count):
    """Compute every outcome for all items in one simulation; columns by name."""
    from openfisca_core.simulations import SimulationBuilder

    b = SimulationBuilder()
    b.create_entities(system)
    b.declare_person_entity("item", np.arange(len(owner)))
    group = b.declare_entity("consignment", np.arange(count))
    b.join_with_persons(group, owner, ["goods"] * len(owner))
    simulation = b.build(system)
    for name, values in given.items():
        simulation.set_input(name, DAY, values)
    names = (*OUTCOMES, *(rule.replace("-", "_") for rule in OF_CONSIGNMENT))
    return {name: simulation.calculate(name, DAY) for name in names}


def answers_of(columns, owner):
    """Bring columns into the form of `eu_2026.decide`: a list of answers for each consignment."""
    rows = {name: values.tolist() for name, values in columns.items()}
    answers = [[] for _ in range(int(owner[-1]) + 1)]
    for n, row in enumerate(owner.tolist()):
        said = [rule for rule in OF_ITEM if rows[rule.replace("-", "_")][n]]
        said += [rule for rule in OF_CONSIGNMENT if rows[rule.replace("-", "_")][row]]
        at = rows["liable"][n]
        duty = sum(rows[name][n] for name in ("duty_flat", "duty_rated", "duty_gift", "excise"))
        due = "" if at == 0 else "sale" if at <= 2 else "border"
        answers[row].append(
            law.Answer(
                RELIEFS[rows["relief"][n]],
                duty,
                rows["vat"][n],
                due,
                LIABLE[at],
                rows["claim"][n],
                frozenset(said),
            )
        )
    return answers


def decide_lines(system, lines, tables):
    """Read lines with pydantic, compute them in one simulation, write the answers' text."""
    documents = [law.read_line(line) for line in lines]
    items, whole, owner = inputs_of(documents, tables)
    columns = assess(system, encoded(system, items, whole), owner, len(documents))
    answers = answers_of(columns, owner)
    return [law.text_of(c, one) for c, one in zip(documents, answers)]


def decide_one(system, document, tables):
    """One consignment a call, through the function that OpenFisca's web API calls."""
    from openfisca_web_api.handlers import calculate

    items, whole, _ = inputs_of([document], tables)
    asked = {name: {DAY: None} for name in OUTCOMES}
    numbers = range(len(document.goods_items))
    return calculate(
        system,
        {
            "items": {str(n): {name: {DAY: items[name][n]} for name in ITEM_INPUTS} | asked for n in numbers},
            "consignments": {
                "c": {"goods": [str(n) for n in numbers]}
                | {name: {DAY: whole[name][0]} for name in CONSIGNMENT_INPUTS}
                | {rule.replace("-", "_"): {DAY: None} for rule in OF_CONSIGNMENT}
            },
        },
    )
