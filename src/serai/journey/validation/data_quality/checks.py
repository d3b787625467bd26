"""Asks the questions of the formula that can be asked of documents alone, all at once for a batch."""

import re
from collections.abc import Sequence
from importlib.resources import files
from typing import Final

import msgspec
import numpy as np

from serai.journey.validation.code_lists import UNIT_CODES
from serai.journey.validation.columns import Columns
from serai.journey.validation.data_quality.formula import FORMULA
from serai.journey.validation.data_quality.level import Level, count_by_owner
from serai.journey.validation.data_quality.marks import Marks
from serai.journey.validation.data_quality.reference_values import ReferenceValues, mark_unusual
from serai.journey.validation.fields import DocumentFields, Fields, PeopleOfRole, StructFields
from serai.law.small_arrays import any_true, distinct_rows
from serai.model.check_digits import bare_number, verify_number, verify_numbers
from serai.model.columns import Coded, Flags, Frame, Int64s
from serai.model.documents import Consignment
from serai.model.frames import ABSENT
from serai.model.money import MICRO


class _Forms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    postcodes: dict[str, str]
    fillers: frozenset[str]


_FORMS: Final = msgspec.yaml.decode(
    (files("serai.journey.validation.data_quality") / "address_forms.yaml").read_bytes(), type=_Forms
)
_MATCH: Final = {
    country: re.compile(pattern, re.ASCII | re.IGNORECASE).fullmatch
    for country, pattern in _FORMS.postcodes.items()
}
_FILLERS: Final = _FORMS.fillers


def mark_addresses(documents: DocumentFields, dispatch: Coded, level: Level) -> None:
    """Mark the checks of consignee and consignor. dispatch: country of dispatch of each document."""
    found = [documents.people(role) for role in ("consignee", "consignor")]
    consignee, consignor = (StructFields(()) if one is None else one[1] for one in found)
    level.mark("address-incomplete", ~(consignee.is_given("street") & consignee.is_given("city")))
    has_postcode = consignee.is_given("postcode")
    country = consignee.words("country_code")
    has_form = country.map_flags([word in _MATCH for word in country.words])
    level.mark("postcode-missing", ~has_postcode, has_form)
    is_misfit = _misfits(consignee.words("postcode"), country, has_postcode & has_form)
    level.mark("postcode-malformed", is_misfit, has_postcode & has_form)
    level.mark("consignor-incomplete", ~(consignor.is_given("street") & consignor.is_given("city")))
    filled_in = np.zeros(documents.count, dtype=np.bool_)
    for fields in (consignee, consignor):
        for name in ("name", "street", "city"):
            texts = fields.words(name)
            plain = map(str.lower, map(str.strip, texts.words))
            filled_in |= texts.map_flags(list(map(_FILLERS.__contains__, plain)))
    cities = consignee.words("city")
    filled_in |= cities.map_flags(list(map(str.isdigit, cities.words)))
    level.mark("address-filled-in", filled_in)
    own = consignor.words("country_code")
    # Numbers of the words of one column in those of the other; -2: it is not among them.
    place = {word: number for number, word in enumerate(own.words)}
    same = np.array([*(place.get(word, -2) for word in dispatch.words), -2], dtype=np.int64)
    level.mark("consignor-elsewhere", same[dispatch.codes] != own.codes, dispatch.codes >= 0)


def filled_in_place(document: Consignment) -> str:
    """Return where a name or an address of a document was only filled in: the first such place."""
    for role, person in (("consignee", document.consignee), ("consignor", document.consignor)):
        for name in ("name", "street", "city"):
            text = getattr(person, name)
            is_number = role == "consignee" and name == "city" and text is not None and text.isdigit()
            if is_number or _is_filler(text):
                return f"/{role}/{name}"
    return "/consignee"


def _misfits(postcode: Coded, country: Coded, asked: Flags) -> Flags:
    """Say which postcodes have not the form of their country, among those asked."""
    misfits = np.zeros(len(asked), dtype=np.bool_)
    rows = np.flatnonzero(asked)
    codes, places = postcode.codes[rows], country.codes[rows]
    first_rows, inverse = distinct_rows([codes, places])
    pairs = zip(codes[first_rows].tolist(), places[first_rows].tolist(), strict=True)
    answers = [_MATCH[country.words[place]](postcode.words[code].strip()) is None for code, place in pairs]
    misfits[rows] = np.array(answers, dtype=np.bool_)[inverse]
    return misfits


def _is_filler(text: str | None) -> bool:
    return text is not None and text.strip().lower() in _FILLERS


_DAY_MS = 86_400_000
_AIR = "4"
_LONG_CODE_DIGITS = 8


def find_marks(
    documents: DocumentFields,
    columns: Columns,
    people: Sequence[PeopleOfRole],
    reference_values: ReferenceValues,
) -> Marks:
    """Ask all but what a description means, which stage `screen` knows. reference_values: what was seen
    before."""
    formula = FORMULA
    items = Level.of(formula.items, columns.items.row_count)
    level = Level.of(formula.consignments, documents.count)
    _mark_items(documents.items, columns.items, items)
    mark_unusual(columns.items, reference_values, formula.plausible, items)
    _mark_presence(documents.consignments, columns.consignments, level)
    _mark_dates(columns.consignments, level)
    _mark_numbers(documents.consignments, columns.consignments, people, level)
    mark_addresses(documents, columns.consignments.words("dispatch_country_code"), level)
    is_round = _round_prices(columns.items, formula.round_numbers.step_units)
    counts = np.diff(columns.first_items, append=columns.items.row_count)
    rounds = count_by_owner(is_round[np.newaxis], columns.first_items)[0]
    rule = formula.round_numbers
    level.mark("round-values", rounds * 100 >= counts * rule.share_max_percent, counts >= rule.items_min)
    return Marks(formula, reference_values, level, items, is_round)


def _mark_items(fields: Fields, frame: Frame, level: Level) -> None:
    commodity, unit = frame.words("commodity_code"), frame.words("quantity_unit_code")
    level.mark(
        "commodity-code-short", commodity.map_flags([len(w) < _LONG_CODE_DIGITS for w in commodity.words])
    )
    level.mark("unknown-unit", unit.map_flags([word not in UNIT_CODES for word in unit.words]))
    level.mark("net-mass-missing", frame.numbers("net_mass_g") == ABSENT)
    has_gtin = fields.is_given("standard_product_id")
    if any_true(has_gtin):
        verified = verify_numbers("gtin", fields.texts("standard_product_id"))
        level.mark("gtin-check", verified.is_wrong, verified.is_shaped)
        level.mark("product-id-missing", ~(frame.flags("has_product_id") | has_gtin))
    else:
        level.skip("gtin-check")
        level.mark("product-id-missing", ~frame.flags("has_product_id"))


def _mark_presence(fields: Fields, frame: Frame, level: Level) -> None:
    nature = frame.words("sale_nature_code")
    level.mark("sale-nature-missing", nature.map_flags([word == "not-stated" for word in nature.words]))
    for code, name in (
        ("purchase-time-missing", "purchased_at"),
        ("payment-time-missing", "paid_at"),
        ("arrival-time-missing", "arrived_at"),
    ):
        level.mark(code, frame.numbers(name) == ABSENT)
    level.mark("dispatch-country-missing", frame.words("dispatch_country_code").codes < 0)
    level.mark("house-document-missing", ~fields.is_given("house_document"))


def _mark_dates(frame: Frame, level: Level) -> None:
    """Mark what was bought or paid after it was sent or arrives; a day is left for clocks and zones."""
    fails = np.zeros(frame.row_count, dtype=np.bool_)
    is_asked = fails.copy()
    for early in ("purchased_at", "paid_at"):
        for late in ("exported_at", "arrived_at"):
            before, after = frame.numbers(early), frame.numbers(late)
            both = (before != ABSENT) & (after != ABSENT)
            is_asked |= both
            fails |= both & (np.where(both, before, 0) - np.where(both, after, 0) > _DAY_MS)
    level.mark("dates-out-of-order", fails, is_asked)


def _mark_numbers(fields: Fields, frame: Frame, people: Sequence[PeopleOfRole], level: Level) -> None:
    mode, standing = frame.words("transport_mode_code"), frame.words("scheme_status_code")
    is_air = mode.map_flags([word == _AIR for word in mode.words])
    if any_true(is_air):
        # Thousands of parcels fly under one number.
        masters = fields.words("master_document")
        verified = verify_numbers("air-waybill", masters.words)
        is_shaped, is_wrong = (masters.map_flags(one.tolist()) for one in verified)
        level.mark("air-waybill-check", is_wrong, is_shaped & is_air)
    else:
        level.skip("air-waybill-check")
    level.mark(
        "scheme-number-unfit",
        standing.map_flags([word == "malformed" for word in standing.words]),
        standing.map_flags([word != "none" for word in standing.words]),
    )
    _mark_containers(fields, level)
    _mark_tax_numbers(people, level, fields.count)


def _mark_containers(fields: Fields, level: Level) -> None:
    verdicts = [
        (row, verify_number("container", bare_number("container", one.identifier)))
        for row, detail in enumerate(fields.objects("detail"))
        if detail is not None
        for one in detail.containers
        if one.identifier is not None
    ]
    _mark_verdicts("container-number-check", verdicts, level, fields.count)


def _mark_tax_numbers(people: Sequence[PeopleOfRole], level: Level, count: int) -> None:
    verdicts = [
        (int(one.rows[place]), verify_number("tax-number", number))
        for one in people
        if any_true(one.fields.is_given("tax_number"))
        for place, number in enumerate(one.fields.texts("tax_number"))
        if number is not None
    ]
    _mark_verdicts("tax-number-check", verdicts, level, count)


def _mark_verdicts(code: str, verdicts: Sequence[tuple[int, str]], level: Level, count: int) -> None:
    if not verdicts:
        level.skip(code)
        return
    is_asked, is_wrong = np.zeros(count, dtype=np.bool_), np.zeros(count, dtype=np.bool_)
    is_asked[[row for row, verdict in verdicts if verdict != "shapeless"]] = True
    is_wrong[[row for row, verdict in verdicts if verdict == "wrong"]] = True
    level.mark(code, is_wrong, is_asked)


def _round_prices(frame: Frame, step_units: int) -> Flags:
    micro: Int64s = frame.numbers("invoice_amount_micro")
    is_round: Flags = (micro > 0) & (micro % (step_units * MICRO) == 0)
    return is_round
