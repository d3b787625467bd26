"""Documents into the columns of a batch: the only place where a struct's field becomes a column."""

import datetime as dt
from collections.abc import Container, Sequence
from dataclasses import dataclass, replace

import numpy as np

from serai.journey.validation.field_names import (
    CONSIGNMENT_AMOUNTS,
    CONSIGNMENT_CODES,
    CONSIGNMENT_FLAGS,
    ITEM_AMOUNTS,
    ITEM_CODES,
    MOMENTS,
)
from serai.journey.validation.fields import DocumentFields, Fields, StructFields, fields_of_documents
from serai.law.book import LawBook
from serai.law.pack import OPENING_MARK
from serai.law.run import local_days
from serai.law.small_arrays import all_true, distinct_rows
from serai.law.tariff import day_number
from serai.model.columns import Coded, Column, Frame, Int64s, encode_words, fill_word
from serai.model.documents import (
    VENDOR,
    Consignment,
    ConsignmentDetail,
    Procedure,
    ReturnedGoods,
    ValuationCharge,
)
from serai.model.frames import ABSENT
from serai.model.money import MICRO, NUMBER_MAX, read_decimals

IMPORT_CHARGE = "IC"
"""Type of a valuation charge that belongs to the import: brokerage, port, documents."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Frames of a batch, and which decimals and instants could not be read (for `advise` to say so).

    stated_accepted_at: acceptance as the document states it, ABSENT: not at all. bad_amounts: by column
    name, the rows whose text is no decimal. bad_instants: likewise. scheme_kinds: of the registrations that
    some law knows.
    """

    consignments: Frame
    items: Frame
    first_items: Int64s
    bad_amounts: dict[str, Int64s]
    bad_instants: dict[str, Int64s]
    stated_accepted_at: Int64s
    scheme_kinds: Container[str]


@dataclass(frozen=True, slots=True)
class KnownMoments:
    """What is known of each document beyond its own words, milliseconds of UTC; ABSENT: nothing.

    lodged_at: when its first version came in. arrived_at: a reported arrival, which takes the place of the
    expected one. accepted_at: of an earlier acceptance, which an amendment does not move.
    """

    lodged_at: Int64s
    arrived_at: Int64s
    accepted_at: Int64s


def read_columns(
    documents: Sequence[Consignment], declarants: Sequence[str], lodged_at_ms: int, book: LawBook
) -> Columns:
    """Turn consignments into frames.

    declarants: identifier of who sent each document. lodged_at_ms: now, for what the document does not date.
    """
    return columns_of(fields_of_documents(documents), declarants, lodged_at_ms, book)


def columns_of(
    fields: DocumentFields, declarants: Sequence[str], lodged_at_ms: int, book: LawBook
) -> Columns:
    """Turn the fields of consignments into frames. Arguments as above."""
    bad_amounts: dict[str, Int64s] = {}
    bad_instants: dict[str, Int64s] = {}
    consignments, stated = _consignment_columns(fields, lodged_at_ms, bad_amounts, bad_instants)
    counts = fields.item_counts
    first_items = np.cumsum(counts) - counts
    owner = np.repeat(np.arange(fields.count), counts)
    columns = _item_columns(fields.items, owner, bad_amounts)
    columns["document_type_codes"] = _document_type_codes(fields, owner)
    columns["additional_commodity_codes"] = _additional_commodity_codes(fields.items)
    items = Frame(len(owner), columns)
    frame = add_standing(Frame(fields.count, consignments), fields, declarants, book)
    kinds = book.schemes.kinds
    return Columns(frame, items, first_items, bad_amounts, bad_instants, stated, kinds)


def set_moments(columns: Columns, known: KnownMoments) -> Columns:
    """Put what is known of moments in the place of what was expected.

    A declaration sent before the goods are presented is accepted when they arrive (UCC art. 171; likewise
    elsewhere). Until then the expected arrival stands for it and the decision is provisional.
    """
    frame = columns.consignments
    lodged = np.where(known.lodged_at == ABSENT, frame.numbers("lodged_at"), known.lodged_at)
    arrived = np.where(known.arrived_at == ABSENT, frame.numbers("arrived_at"), known.arrived_at)
    stated = np.where(known.accepted_at == ABSENT, columns.stated_accepted_at, known.accepted_at)
    moments: dict[str, Column] = {
        "lodged_at": lodged,
        "arrived_at": arrived,
        "accepted_at": _acceptance(stated, arrived, lodged),
    }
    return replace(
        columns,
        consignments=Frame(frame.row_count, {**frame.columns, **moments}),
        stated_accepted_at=stated,
    )


def _acceptance(stated: Int64s, arrived: Int64s, lodged: Int64s) -> Int64s:
    return np.where(stated == ABSENT, np.where(arrived == ABSENT, lodged, arrived), stated)


def _consignment_columns(
    documents: DocumentFields,
    lodged_at_ms: int,
    bad_amounts: dict[str, Int64s],
    bad_instants: dict[str, Int64s],
) -> tuple[dict[str, Column], Int64s]:
    fields = documents.consignments
    consignees = _consignees(documents)
    columns: dict[str, Column] = {name: fields.words(name) for name in CONSIGNMENT_CODES}
    columns["consignee_country_code"] = consignees.words("country_code")
    columns["consignee_region_code"] = consignees.words("region_code")
    amounts = _decimals(fields, CONSIGNMENT_AMOUNTS, bad_amounts)
    columns.update({f"{name}_micro": micro for name, micro in amounts.items()})
    for name in CONSIGNMENT_FLAGS:
        columns[name] = fields.flags(name)
    columns.update(_details(fields))
    columns.update(_procedures(fields, documents.items, documents.item_counts))
    buyers = documents.people("buyer")
    for name, field in (("has_buyer_tax_number", "tax_number"), ("has_buyer_identity", "identity_number")):
        given = consignees.is_given(field)
        if buyers is not None:
            given[buyers[0]] |= buyers[1].is_given(field)
        columns[name] = given
    moments = _instants(fields, MOMENTS, bad_instants)
    stated = _add_moments(columns, moments, lodged_at_ms)
    return columns, stated


_FREE_CIRCULATION = Procedure()
"""What is asked for where nothing is said."""


def _procedures(fields: Fields, items: Fields, item_counts: Int64s) -> dict[str, Column]:
    """Return what each consignment asks for.

    One goods item that asks for another procedure makes it the consignment's, which moves as a whole; what
    items ask for beside stands among the consignment's own.
    """
    procedures = fields.objects("procedure")
    details, beside = items.objects("detail"), items.objects("additional_procedure_codes")
    count = len(procedures)
    if not any(procedures) and not any(details) and not any(beside):
        return {
            "direction_code": fill_word(_FREE_CIRCULATION.direction_code, count),
            "requested_procedure_code": fill_word(_FREE_CIRCULATION.requested_procedure_code, count),
            "previous_procedure_code": fill_word(_FREE_CIRCULATION.previous_procedure_code, count),
            "additional_procedure_codes": fill_word("", count),
        }
    asked = [one or _FREE_CIRCULATION for one in procedures]
    requested = [one.requested_procedure_code for one in asked]
    codes = [dict.fromkeys(one.additional_procedure_codes) for one in asked]
    owner = np.repeat(np.arange(count), item_counts).tolist()
    for row, detail, own in zip(owner, details, beside, strict=True):
        codes[row].update(dict.fromkeys(own or ()))
        other = detail.requested_procedure_code if detail is not None else None
        if other is not None and requested[row] == asked[row].requested_procedure_code:
            requested[row] = other
    return {
        "direction_code": encode_words(one.direction_code for one in asked),
        "requested_procedure_code": encode_words(requested),
        "previous_procedure_code": encode_words(one.previous_procedure_code for one in asked),
        "additional_procedure_codes": encode_words(" ".join(one) for one in codes),
    }


def _consignees(documents: DocumentFields) -> Fields:
    """Return the fields of the consignees: each document has one."""
    found = documents.people("consignee")
    return StructFields(()) if found is None else found[1]


def is_import_charge(charge: ValuationCharge, charges_currency: str | None) -> bool:
    """Say whether a valuation charge is one of the import, which becomes a column."""
    return charge.type_code == IMPORT_CHARGE and charge.currency_code == charges_currency


def import_charges_micro(detail: ConsignmentDetail, charges_currency: str | None) -> int | None:
    """Return the sum of the charges of the import, millionths; None where none is stated or one is no
    amount.
    """
    stated = [one.amount for one in detail.charges if is_import_charge(one, charges_currency)]
    if not stated:
        return None
    micro, is_decimal = read_decimals(stated)
    return sum(micro.tolist()) if is_decimal.all() and int(micro.min()) >= 0 else None


_BEYOND = NUMBER_MAX * MICRO + 1


def _details(fields: Fields) -> dict[str, Column]:
    """Return what a full declaration alone says: terms of the sale, and the charges of the import."""
    details = fields.objects("detail")
    count = len(details)
    if not any(details):
        none = np.full(count, ABSENT, dtype=np.int64)
        return {
            "trade_terms_code": fill_word(None, count),
            "import_charges_amount_micro": none,
            "returned_state_code": fill_word(None, count),
            "returned_importer_code": fill_word(None, count),
            "export_relief_code": fill_word(None, count),
            "has_export_reference": np.zeros(count, dtype=np.bool_),
            "returned_exported_on": none,
        }
    sums = [
        None if detail is None else import_charges_micro(detail, currency)
        for detail, currency in zip(details, fields.texts("charges_currency_code"), strict=True)
    ]
    # What is beyond is refused by `advise`; it only has to fit here.
    charges = np.array([ABSENT if one is None else min(one, _BEYOND) for one in sums], dtype=np.int64)
    terms = encode_words(None if detail is None else detail.trade_terms_code for detail in details)
    return {"trade_terms_code": terms, "import_charges_amount_micro": charges, **_returned_goods(details)}


def _returned_goods(details: Sequence[ConsignmentDetail | None]) -> dict[str, Column]:
    """Return what is said of goods that come back."""
    nothing = ReturnedGoods()
    said = [nothing if detail is None else detail.returned_goods or nothing for detail in details]
    return {
        "returned_state_code": encode_words(one.state_code for one in said),
        "returned_importer_code": encode_words(one.importer_code for one in said),
        "export_relief_code": encode_words(one.export_relief_code for one in said),
        "has_export_reference": np.array([one.export_reference is not None for one in said]),
        "returned_exported_on": np.array([_day(one.exported_on) for one in said], dtype=np.int64),
    }


def _day(text: str | None) -> int:
    """Return a day since 1970; ABSENT where none is stated or it is none of the calendar."""
    try:
        return ABSENT if text is None else day_number(dt.date.fromisoformat(text))
    except ValueError:
        return ABSENT


def _add_moments(columns: dict[str, Column], instants: dict[str, Int64s], lodged_at_ms: int) -> Int64s:
    """Add the moments the document states; return the acceptance as stated."""
    arrived, stated = instants.pop("expected_arrival_at"), instants.pop("accepted_at")
    lodged = np.full(len(arrived), lodged_at_ms, dtype=np.int64)
    columns["lodged_at"] = lodged
    columns["arrived_at"] = arrived
    columns["accepted_at"] = _acceptance(stated, arrived, lodged)
    columns.update(instants)
    columns["presented_at"] = columns["released_at"] = np.full(len(arrived), ABSENT, dtype=np.int64)
    return stated


def _item_columns(fields: Fields, owner: Int64s, bad_amounts: dict[str, Int64s]) -> dict[str, Column]:
    amounts = _decimals(fields, ITEM_AMOUNTS, bad_amounts)
    gross, net = amounts["gross_mass_kg"], amounts["net_mass_kg"]
    return {
        "owner": owner,
        "sequence_number": fields.numbers("sequence_number"),
        **{name: fields.words(name) for name in ITEM_CODES},
        "description": _fold_words(fields.words("description")),
        "invoice_amount_micro": amounts["invoice_amount"],
        "quantity_micro": amounts["quantity"],
        "supplementary_quantity_micro": amounts["supplementary_quantity"],
        "excise_amount_micro": amounts["excise_amount"],
        "gross_mass_g": np.where(gross == ABSENT, ABSENT, gross // (MICRO // 1000)),
        "net_mass_g": np.where(net == ABSENT, ABSENT, net // (MICRO // 1000)),
        "declaration_line_number": fields.numbers("declaration_line_number"),
        "is_excise_given": amounts["excise_amount"] != ABSENT,
        "has_product_id": fields.is_given("merchant_product_id"),
    }


def _document_type_codes(fields: DocumentFields, owner: Int64s) -> Coded:
    """Return the types of each item's documents, those of its consignment among them; no documents is known
    too: no text.
    """
    of_items = fields.items.objects("additional_documents")
    of_consignments = fields.consignments.objects("additional_documents")
    if not any(of_items) and not any(of_consignments):
        return fill_word("", len(of_items))
    return encode_words(
        # Nobody declares what only a permit that was held against the goods may say.
        " ".join(
            sorted(
                {one.type_code for one in (*of_consignments[row], *own) if OPENING_MARK not in one.type_code}
            )
        )
        if own or of_consignments[row]
        else ""
        for own, row in zip(of_items, owner.tolist(), strict=True)
    )


def _additional_commodity_codes(items: Fields) -> Coded:
    """Return each item's additional codes without the names of their lists; none is known too: no text."""
    details = items.objects("detail")
    if not any(details):
        return fill_word("", len(details))
    return encode_words(
        " ".join(sorted({one.rpartition(":")[2] for one in detail.additional_commodity_codes}))
        if detail is not None
        else ""
        for detail in details
    )


def add_standing(frame: Frame, documents: DocumentFields, declarants: Sequence[str], book: LawBook) -> Frame:
    """Add what tables of a law render: territories, and scheme numbers' standing on the day of acceptance."""
    lodged_days = frame.numbers("accepted_at") // 86_400_000
    customs, tax, zone = book.territories.resolve(
        frame.words("consignee_country_code"),
        frame.words("consignee_region_code"),
        _consignees(documents).words("postcode"),
        lodged_days,
    )
    fields = documents.consignments
    vendors = fields.words_where("additional_fiscal_references", "role", VENDOR, "identification_number")
    rows = np.flatnonzero(vendors.codes >= 0)
    scheme_status = fill_word("none", frame.row_count)
    if len(rows):
        days, _ = local_days(frame.numbers("accepted_at"), zone, "UTC")
        # Many use one number: each use is looked up once.
        keys = [
            frame.words("scheme_kind_code").take(rows),
            vendors.take(rows),
            encode_words(declarants).take(rows),
        ]
        first, places = distinct_rows([*(key.codes for key in keys), days[rows]])
        kinds, numbers, names = (key.take(np.array(first)).texts() for key in keys)
        found = book.schemes.statuses(
            kinds, numbers, [name or "" for name in names], days[rows][first].tolist()
        )
        known = encode_words(["none", *found])
        codes = np.zeros(frame.row_count, dtype=np.int32)
        codes[rows] = known.codes[1:][places]
        scheme_status = Coded(known.words, codes)
    standing: dict[str, Column] = {
        "customs_territory_code": customs,
        "tax_territory_code": tax,
        "time_zone": zone,
        "scheme_status_code": scheme_status,
    }
    return Frame(frame.row_count, {**frame.columns, **standing})


def _decimals(fields: Fields, names: Sequence[str], bad: dict[str, Int64s]) -> dict[str, Int64s]:
    """Read columns of decimals: millionths, ABSENT where there is none."""
    read: dict[str, Int64s] = {}
    for name, found in fields.decimals(names).items():
        if found is None:
            read[name] = np.full(fields.count, ABSENT, dtype=np.int64)
            continue
        micro, is_decimal = found
        read[name] = np.where(is_decimal, micro, ABSENT)
        if not all_true(is_decimal):
            faulty = np.flatnonzero(fields.is_given(name) & ~is_decimal)
            if len(faulty):
                bad[name] = faulty
    return read


def _instants(fields: Fields, names: Sequence[str], bad: dict[str, Int64s]) -> dict[str, Int64s]:
    """Read columns of RFC 3339 instants: milliseconds of UTC, ABSENT where there is none."""
    count = fields.count
    instants, faulty = fields.instants(names)
    read = {}
    for place, name in enumerate(names):
        read[name] = instants[place * count : (place + 1) * count]
        rows = [row - place * count for row in faulty if row // count == place]
        if rows:
            bad[name] = np.array(rows, dtype=np.int64)
    return read


def _fold_words(coded: Coded) -> Coded:
    """Bring descriptions into lower case with single blanks, words that fall together becoming one."""
    folded = encode_words([" ".join(word.lower().split()) for word in coded.words])
    codes = np.append(folded.codes, -1).astype(np.int32)
    return Coded(folded.words, codes[coded.codes])
