"""Advise: everything that is wrong with each document, all at once and each at its place.

One document never touches another. A fault keeps a document out; advice says what could be better. A day
outside any law is no fault: the law is asked later and says so.
"""

import datetime as dt
from collections.abc import Container, Mapping, Sequence
from importlib.resources import files
from typing import Final

import msgspec
import numpy as np

from serai.journey.validation.code_lists import (
    DIRECTION_CODES,
    PROCEDURE_CODES,
    TRANSPORT_MODE_CODES,
    UNIT_CODES,
)
from serai.journey.validation.columns import Columns, import_charges_micro, is_import_charge
from serai.journey.validation.data_quality.advice import add_advice
from serai.journey.validation.data_quality.formula import FORMULA
from serai.journey.validation.data_quality.marks import Marks
from serai.journey.validation.fields import DocumentFields, PeopleOfRole
from serai.journey.validation.listings import LISTING_ADVICE, add_listing_advice
from serai.journey.validation.remarks import Remark, Remarks, these_values, this_value, value_of
from serai.law.small_arrays import any_true, distinct
from serai.model.check_digits import find_check_digit, verify_numbers
from serai.model.code_lists import (
    CHANNEL_CODES,
    CHAPTERS,
    COUNTRY_CODES,
    LOW_VALUE_RELIEFS,
    ORIGIN_NOT_SPECIFIED,
    REDUCED_DATA_SET,
    SALE_NATURE_CODES,
)
from serai.model.columns import Coded, Flags, Int64s
from serai.model.findings import Severity
from serai.model.frames import ABSENT
from serai.model.money import MICRO, NUMBER_MAX, PLACES

_DAY_MS = 86_400_000
_EPOCH = dt.date(1970, 1, 1)


class MessageRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a rule is asked and how strictly.

    valid_from, valid_to: days on which it is asked at all, valid_to the first on which it is not; None: open.
    advice_to: the first day on which a breach is a fault; None: never more than advice.
    """

    code: str
    advice_to: dt.date | None
    source: str
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None

    def holds(self, on: dt.date) -> bool:
        """Say whether the rule is asked on a day."""
        has_begun = self.valid_from is None or on >= self.valid_from
        return has_begun and (self.valid_to is None or on < self.valid_to)

    def severity(self, on: dt.date) -> Severity:
        """Say what a breach is on a day."""
        return "advice" if self.advice_to is None or on < self.advice_to else "fault"


RULES: Final[Mapping[str, MessageRule]] = {
    rule.code: rule
    for rule in msgspec.yaml.decode(
        (files("serai.journey.validation") / "message_rules.yaml").read_bytes(), type=list[MessageRule]
    )
}


def apply_rules(remarks: Remarks, lodged_at: Int64s, rules: Mapping[str, MessageRule] = RULES) -> None:
    """Give gathered remarks the severity of their day; of rules not asked on it nothing is said.

    lodged_at: of each document, milliseconds of UTC. A remark in its grace says from when it is a fault
    (`fault_from`), one past it since when (`fault_since`).
    """
    dropped = set()
    for place, one in enumerate(remarks.gathered):
        rule = rules.get(one.finding.code)
        if rule is None:
            continue
        on = _EPOCH + dt.timedelta(days=int(lodged_at[one.row]) // _DAY_MS)
        if not rule.holds(on):
            dropped.add(place)
            continue
        severity, told = rule.severity(on), {}
        if rule.advice_to is not None:
            told = {"fault_from" if severity == "advice" else "fault_since": rule.advice_to.isoformat()}
        remarks.change(place, severity, told)
    if dropped:
        remarks.gathered = [one for place, one in enumerate(remarks.gathered) if place not in dropped]


_YEAR_2000_MS, _YEAR_2100_MS = 946_684_800_000, 4_102_444_800_000
_ITEM_DECIMALS = (
    "invoice_amount",
    "quantity",
    "supplementary_quantity",
    "gross_mass_kg",
    "net_mass_kg",
    "excise_amount",
)
_CHARGES = ("freight_amount", "insurance_amount", "discount_amount")
_NUMBER_MAX_MICRO = NUMBER_MAX * MICRO
_NUMBER_MAX_G = NUMBER_MAX * 1_000
_SEQUENCE_NUMBERS = 10_000
FILING_ADVICE: Final = FORMULA.said | LISTING_ADVICE | {"unknown-unit"}
"""Advice that only the message as it came in gives; one decided again on recorded facts lacks it."""
_REDUCED = LOW_VALUE_RELIEFS | {REDUCED_DATA_SET}
_TOTAL = "invoice_total_amount"


def find_remarks(
    documents: DocumentFields,
    columns: Columns,
    people: Sequence[PeopleOfRole],
    marks: Marks | None = None,
) -> list[Remark]:
    """Return every fault and every advice on the documents of a batch, in their order.

    columns: of these documents. people: their persons. marks: of the score; None: nothing is said of what
    only the score asks.
    """
    remarks = Remarks(columns.items.numbers("owner"), columns.first_items)
    _check_people(people, remarks)
    _check_consignment_codes(columns, remarks)
    _check_unread(columns, remarks)
    _check_other_decimals(documents, remarks)
    _check_charges(columns, remarks)
    _check_discount(columns, remarks)
    _check_valuation_charges(documents, remarks)
    _check_instants(columns, remarks)
    _check_house_documents(documents, columns, remarks)
    _check_origins(documents, columns, remarks)
    _check_item_codes(columns, remarks)
    _check_item_numbers(columns, remarks)
    _check_places(columns, remarks)
    _check_sequence(columns, remarks)
    add_listing_advice(documents, columns, remarks)
    if marks is not None:
        add_advice(documents, columns, people, marks, remarks)
    apply_rules(remarks, columns.consignments.numbers("lodged_at"))
    return remarks.in_order()


def _check_people(people: Sequence[PeopleOfRole], remarks: Remarks) -> None:
    for one in people:
        countries = one.fields.words("country_code")
        is_strange = _strangers(countries, COUNTRY_CODES)
        is_nameless = ~(one.fields.is_given("name") | one.fields.is_given("party_identifier"))
        for place in np.flatnonzero(is_strange | is_nameless).tolist():
            row = int(one.rows[place])
            if is_strange[place]:
                country = countries.words[countries.codes[place]]
                remarks.add([row], "unknown-country", f"/{one.role}/country_code", this_value(country))
            if is_nameless[place]:
                remarks.add([row], "person-without-name", f"/{one.role}", this_value(one.role))


_OF_PROCEDURE = frozenset({"direction_code", "requested_procedure_code"})


def _check_consignment_codes(columns: Columns, remarks: Remarks) -> None:
    frame = columns.consignments
    for name, code, allowed in (
        ("dispatch_country_code", "unknown-country", COUNTRY_CODES),
        ("logistics_channel_code", "unknown-channel", CHANNEL_CODES),
        ("sale_nature_code", "unknown-sale-nature", SALE_NATURE_CODES),
        ("transport_mode_code", "unknown-transport-mode", TRANSPORT_MODE_CODES),
        ("charges_currency_code", "unknown-currency", PLACES),
        ("direction_code", "unknown-direction", DIRECTION_CODES),
        ("requested_procedure_code", "unknown-procedure", PROCEDURE_CODES),
        ("scheme_kind_code", "unknown-scheme-kind", columns.scheme_kinds),
    ):
        coded = frame.words(name)
        pointer = f"/procedure/{name}" if name in _OF_PROCEDURE else f"/{name}"
        remarks.add(_strangers(coded, allowed), code, pointer, value_of(coded))


def _check_item_codes(columns: Columns, remarks: Remarks) -> None:
    frame = columns.items
    currency = frame.words("invoice_currency_code")
    remarks.add_items(
        _strangers(currency, PLACES), "unknown-currency", "invoice_currency_code", value_of(currency)
    )
    unit = frame.words("quantity_unit_code")
    remarks.add_items(
        _strangers(unit, UNIT_CODES), "unknown-unit", "quantity_unit_code", value_of(unit), "advice"
    )
    commodity = frame.words("commodity_code")
    is_shaped = [word.isascii() and word.isdigit() and 6 <= len(word) <= 10 for word in commodity.words]
    is_shapeless = commodity.map_flags([not shaped for shaped in is_shaped])
    remarks.add_items(is_shapeless, "commodity-code-malformed", "commodity_code", value_of(commodity))
    is_chapterless = commodity.map_flags(
        [shaped and word[:2] not in CHAPTERS for shaped, word in zip(is_shaped, commodity.words, strict=True)]
    )
    remarks.add_items(is_chapterless, "commodity-chapter-unknown", "commodity_code", value_of(commodity))


def _check_origins(documents: DocumentFields, columns: Columns, remarks: Remarks) -> None:
    origin = columns.items.words("origin_country_code")
    is_strange = _strangers(origin, COUNTRY_CODES)
    if ORIGIN_NOT_SPECIFIED in origin.words:
        not_specified = origin.words.index(ORIGIN_NOT_SPECIFIED)
        procedures = documents.items.objects("additional_procedure_codes")
        for item in np.flatnonzero(is_strange & (origin.codes == not_specified)).tolist():
            is_strange[item] = _REDUCED.isdisjoint(procedures[item])
    remarks.add_items(is_strange, "unknown-country", "origin_country_code", value_of(origin))


def _strangers(coded: Coded, allowed: Container[str]) -> Flags:
    return coded.map_flags([word not in allowed for word in coded.words])


def _check_unread(columns: Columns, remarks: Remarks) -> None:
    for name, rows in columns.bad_amounts.items():
        if name in _ITEM_DECIMALS:
            remarks.add_items(rows, "not-a-decimal", name)
        else:
            remarks.add(rows, "not-a-decimal", f"/{name}")
    for name, rows in columns.bad_instants.items():
        remarks.add(rows, "not-an-instant", f"/{name}")


def _check_other_decimals(documents: DocumentFields, remarks: Remarks) -> None:
    """Check the decimal that becomes no column."""
    found = documents.consignments.decimals([_TOTAL])[_TOTAL]
    if found is not None:
        is_wrong = documents.consignments.is_given(_TOTAL) & ~found[1]
        remarks.add(is_wrong, "not-a-decimal", f"/{_TOTAL}")


def _check_charges(columns: Columns, remarks: Remarks) -> None:
    frame = columns.consignments
    currency = frame.words("charges_currency_code")
    needs_currency = np.zeros(frame.row_count, dtype=np.bool_)
    for name in _CHARGES:
        micro = frame.numbers(f"{name}_micro")
        given = micro != ABSENT
        if not any_true(given):
            continue
        remarks.add(given & (micro < 0), "negative-amount", f"/{name}")
        remarks.add(micro > _NUMBER_MAX_MICRO, "number-too-large", f"/{name}")
        remarks.add(
            given & _has_odd_places(micro, currency), "too-many-decimals", f"/{name}", value_of(currency)
        )
        needs_currency |= given
    excise = columns.items.numbers("excise_amount_micro")
    has_excise = excise != ABSENT
    if any_true(has_excise):
        owner = columns.items.numbers("owner")
        remarks.add_items(has_excise & (excise < 0), "negative-amount", "excise_amount")
        remarks.add_items(excise > _NUMBER_MAX_MICRO, "number-too-large", "excise_amount")
        of_item = currency.take(owner)
        is_odd = has_excise & _has_odd_places(excise, of_item)
        remarks.add_items(is_odd, "too-many-decimals", "excise_amount", value_of(of_item))
        needs_currency[owner[has_excise]] = True
    remarks.add(needs_currency & (currency.codes < 0), "currency-missing", "/charges_currency_code")


def _check_discount(columns: Columns, remarks: Remarks) -> None:
    """Refuse a discount above the price: a value, and with it a tax, would be less than nothing."""
    discount = columns.consignments.numbers("discount_amount_micro")
    rows = np.flatnonzero(discount > 0)  # an absent one lies below zero
    if not len(rows):
        return
    owner, price = columns.items.numbers("owner"), columns.items.numbers("invoice_amount_micro")
    in_price = columns.items.words("invoice_currency_code").texts()
    in_charges = columns.consignments.words("charges_currency_code").texts()
    begins, ends = np.searchsorted(owner, rows).tolist(), np.searchsorted(owner, rows, side="right").tolist()
    # Sums of integers without a limit: a hostile file must not wrap around.
    for row, begin, end in zip(rows.tolist(), begins, ends, strict=True):
        prices = price[begin:end].tolist()
        if in_charges[row] is None or min(prices, default=-1) < 0:
            continue  # has its own fault
        if {*in_price[begin:end]} != {in_charges[row]}:
            remarks.add([row], "discount-in-another-currency", "/discount_amount")
        elif int(discount[row]) > sum(prices):
            remarks.add([row], "discount-above-price", "/discount_amount")


def _check_valuation_charges(documents: DocumentFields, remarks: Remarks) -> None:
    """Refuse additions to and deductions from the price: a value without them would be wrong in silence.

    Charges of the import are a column, where they are amounts and not below nothing.
    """
    details = documents.consignments.objects("detail")
    currencies = documents.consignments.texts("charges_currency_code") if any(details) else ()
    for row, (detail, currency) in enumerate(zip(details, currencies, strict=True) if currencies else ()):
        if detail is None or not detail.charges:
            continue
        of_import = import_charges_micro(detail, currency)
        for charge in detail.charges:
            if of_import is None or not is_import_charge(charge, currency):
                given = this_value(charge.type_code)
                remarks.add([row], "valuation-charge-unsupported", "/detail/charges", given)
        if (of_import or 0) > _NUMBER_MAX_MICRO:
            remarks.add([row], "number-too-large", "/detail/charges")
    for number, own in enumerate(documents.items.objects("detail")):
        for charge in own.charges if own is not None else ():
            given = this_value(charge.type_code)
            remarks.add_items([number], "valuation-charge-unsupported", "detail/charges", given)


def _has_odd_places(micro: Int64s, currency: Coded) -> Flags:
    """Say which amounts have more places than their currency; an unknown currency has its own fault."""
    steps = np.array([*(10 ** (6 - PLACES[w]) if w in PLACES else 1 for w in currency.words), 1], np.int64)
    return micro % steps[currency.codes] != 0  # type: ignore[no-any-return]


def _check_instants(columns: Columns, remarks: Remarks) -> None:
    frame = columns.consignments
    lodged, arrived = frame.numbers("lodged_at"), frame.numbers("arrived_at")
    for name, field_name in (
        ("purchased_at", "purchased_at"),
        ("paid_at", "paid_at"),
        ("exported_at", "exported_at"),
        ("accepted_at", "accepted_at"),
        ("arrived_at", "expected_arrival_at"),
    ):
        instants = frame.numbers(name)
        is_out = (instants != ABSENT) & ((instants < _YEAR_2000_MS) | (instants >= _YEAR_2100_MS))
        if name == "accepted_at":
            # One not given is that of arrival or of lodging, which the document has not said or is blamed for
            # already.
            is_out &= (instants != lodged) & (instants != arrived)
        remarks.add(is_out, "instant-out-of-range", f"/{field_name}")


def _check_house_documents(documents: DocumentFields, columns: Columns, remarks: Remarks) -> None:
    channel = columns.consignments.words("logistics_channel_code")
    is_post = channel.map_flags([word == "post" for word in channel.words])
    if not any_true(is_post):
        return
    numbers = documents.consignments.texts("house_document")
    for row in np.flatnonzero(is_post & verify_numbers("s10", numbers).is_wrong).tolist():
        found = find_check_digit("s10", numbers[row] or "", "/house_document")
        assert found is not None
        remarks.add([row], found.code, found.pointer, these_values(found.parameters), found.severity)


def _check_item_numbers(columns: Columns, remarks: Remarks) -> None:
    frame = columns.items
    for name, column, largest in (
        ("invoice_amount", "invoice_amount_micro", _NUMBER_MAX_MICRO),
        ("quantity", "quantity_micro", _NUMBER_MAX_MICRO),
        ("supplementary_quantity", "supplementary_quantity_micro", _NUMBER_MAX_MICRO),
        ("gross_mass_kg", "gross_mass_g", _NUMBER_MAX_G),
        ("net_mass_kg", "net_mass_g", _NUMBER_MAX_G),
    ):
        numbers = frame.numbers(column)
        remarks.add_items((numbers != ABSENT) & (numbers <= 0), "not-positive", name)
        remarks.add_items(numbers > largest, "number-too-large", name)
    gross, net = frame.numbers("gross_mass_g"), frame.numbers("net_mass_g")
    remarks.add_items((gross != ABSENT) & (net > gross), "net-above-gross", "net_mass_kg")


def _check_places(columns: Columns, remarks: Remarks) -> None:
    currency, micro = (
        columns.items.words("invoice_currency_code"),
        columns.items.numbers("invoice_amount_micro"),
    )
    is_odd = (micro != ABSENT) & _has_odd_places(micro, currency)
    remarks.add_items(is_odd, "too-many-decimals", "invoice_amount", value_of(currency))


def _check_sequence(columns: Columns, remarks: Remarks) -> None:
    owner, numbers = columns.items.numbers("owner"), columns.items.numbers("sequence_number")
    first_rows = distinct(owner * _SEQUENCE_NUMBERS + numbers).first_rows
    if len(first_rows) == len(numbers):
        return
    is_repeated = np.ones(len(numbers), dtype=np.bool_)
    is_repeated[first_rows] = False
    remarks.add_items(
        is_repeated, "sequence-number-repeated", "sequence_number", lambda item: {"value": str(numbers[item])}
    )
