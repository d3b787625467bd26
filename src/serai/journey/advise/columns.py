"""Documents into the columns of a batch: the only place where a struct's field becomes a column."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain
from operator import attrgetter
from typing import Any

import numpy as np

from serai.journey.advise.instants import read_instants
from serai.law.book import LawBook
from serai.law.run import local_days
from serai.model.columns import Coded, Column, Flags, Frame, Int64s, encode_words, fill_word
from serai.model.documents import Consignment, ConsignmentDetail, GoodsItem, Person, ValuationCharge
from serai.model.frames import ABSENT
from serai.model.money import MICRO, NUMBER_MAX, read_decimals

_MOMENTS = ("purchased_at", "paid_at", "exported_at", "accepted_at", "expected_arrival_at")
_CONSIGNMENT_CODES = (
    "channel_code",
    "sale_nature_code",
    "transport_mode_code",
    "dispatch_country_code",
    "scheme_kind_code",
    "charges_currency_code",
)
_CONSIGNMENT_AMOUNTS = ("freight_amount", "insurance_amount", "discount_amount")
_CONSIGNMENT_FLAGS = ("is_platform_sale", "is_duty_charged_to_buyer", "is_preference_claimed")
_CONSIGNMENT_FIELDS = (
    *_CONSIGNMENT_CODES,
    *_CONSIGNMENT_AMOUNTS,
    *_CONSIGNMENT_FLAGS,
    *_MOMENTS,
    "procedure",
    "buyer",
    "consignee",
    "detail",
)
IMPORT_CHARGE = "IC"
"""Type of a valuation charge that belongs to the import: brokerage, port, documents."""
_ITEM_CODES = (
    "commodity_code",
    "origin_country_code",
    "preference_code",
    "quantity_unit_code",
    "supplementary_unit_code",
    "invoice_currency_code",
)
_ITEM_AMOUNTS = (
    "gross_mass_kg",
    "net_mass_kg",
    "invoice_amount",
    "quantity",
    "supplementary_quantity",
    "excise_amount",
)
_ITEM_FIELDS = (
    *_ITEM_CODES,
    *_ITEM_AMOUNTS,
    "description",
    "sequence_number",
    "declaration_line_number",
    "merchant_product_id",
)


@dataclass(frozen=True, slots=True)
class Columns:
    """Frames of a batch, and which decimals and instants could not be read (for `advise` to say so).

    stated_accepted_at: acceptance as the document states it, ABSENT: not at all. bad_amounts: by column
    name, the rows whose text is no decimal. bad_instants: likewise.
    """

    consignments: Frame
    items: Frame
    first_items: Int64s
    bad_amounts: dict[str, Int64s]
    bad_instants: dict[str, Int64s]
    stated_accepted_at: Int64s


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
    documents: Sequence[Consignment], filers: Sequence[str], lodged_at_ms: int, book: LawBook
) -> Columns:
    """Turn consignments into frames.

    filers: identifier of who sent each document. lodged_at_ms: now, for what the document does not date.
    """
    bad_amounts: dict[str, Int64s] = {}
    bad_instants: dict[str, Int64s] = {}
    consignments, stated = _consignment_columns(documents, lodged_at_ms, bad_amounts, bad_instants)
    counts = np.fromiter((len(document.goods_items) for document in documents), np.int64, len(documents))
    first_items = np.cumsum(counts) - counts
    owner = np.repeat(np.arange(len(documents)), counts)
    columns = _item_columns(chain_items(documents), owner, bad_amounts)
    items = Frame(len(owner), {**columns, "document_type_codes": _document_type_codes(documents)})
    frame = add_standing(Frame(len(documents), consignments), documents, filers, book)
    return Columns(frame, items, first_items, bad_amounts, bad_instants, stated)


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
    documents: Sequence[Consignment],
    lodged_at_ms: int,
    bad_amounts: dict[str, Int64s],
    bad_instants: dict[str, Int64s],
) -> tuple[dict[str, Column], Int64s]:
    fields = _read(documents, _CONSIGNMENT_FIELDS)
    consignees = _read(fields["consignee"], ("country_code", "region_code", "tax_number", "identity_number"))
    columns: dict[str, Column] = {name: encode_words(fields[name]) for name in _CONSIGNMENT_CODES}
    columns["consignee_country_code"] = encode_words(consignees["country_code"])
    columns["consignee_region_code"] = encode_words(consignees["region_code"])
    amounts = _decimals({name: fields[name] for name in _CONSIGNMENT_AMOUNTS}, bad_amounts)
    columns.update({f"{name}_micro": micro for name, micro in amounts.items()})
    for name in _CONSIGNMENT_FLAGS:
        columns[name] = np.array(fields[name], dtype=np.bool_)
    columns.update(_details(fields["detail"], fields["charges_currency_code"]))
    procedures = fields["procedure"]
    if any(procedures):
        beside = [" ".join(p.additional_procedure_codes) if p else "" for p in procedures]
        columns["additional_procedure_codes"] = encode_words(beside)
        requested = [p.requested_procedure_code if p else "40" for p in procedures]
        previous = [p.previous_procedure_code if p else "00" for p in procedures]
        columns["requested_procedure_code"] = encode_words(requested)
        columns["previous_procedure_code"] = encode_words(previous)
    else:
        columns["additional_procedure_codes"] = fill_word("", len(documents))
        columns["requested_procedure_code"] = fill_word("40", len(documents))
        columns["previous_procedure_code"] = fill_word("00", len(documents))
    for name, field in (("has_buyer_tax_number", "tax_number"), ("has_buyer_identity", "identity_number")):
        columns[name] = _any_given(consignees[field], fields["buyer"], field)
    moments = _instants({name: fields[name] for name in _MOMENTS}, bad_instants)
    stated = _add_moments(columns, moments, lodged_at_ms)
    return columns, stated


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


def _details(
    details: Sequence[ConsignmentDetail | None], currencies: Sequence[str | None]
) -> dict[str, Column]:
    """Return what a full declaration alone says: terms of the sale, and the charges of the import."""
    count = len(details)
    if not any(details):
        none = np.full(count, ABSENT, dtype=np.int64)
        return {"trade_terms_code": fill_word(None, count), "import_charges_amount_micro": none}
    sums = [
        None if detail is None else import_charges_micro(detail, currency)
        for detail, currency in zip(details, currencies, strict=True)
    ]
    # What is beyond is refused by `advise`; it only has to fit here.
    charges = np.array([ABSENT if one is None else min(one, _BEYOND) for one in sums], dtype=np.int64)
    terms = encode_words(None if detail is None else detail.trade_terms_code for detail in details)
    return {"trade_terms_code": terms, "import_charges_amount_micro": charges}


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


def _item_columns(
    items: Sequence[GoodsItem], owner: Int64s, bad_amounts: dict[str, Int64s]
) -> dict[str, Column]:
    fields = _read(items, _ITEM_FIELDS)
    amounts = _decimals({name: fields[name] for name in _ITEM_AMOUNTS}, bad_amounts)
    gross, net = amounts["gross_mass_kg"], amounts["net_mass_kg"]
    lines, products = fields["declaration_line_number"], fields["merchant_product_id"]
    return {
        "owner": owner,
        "sequence_number": np.array(fields["sequence_number"], dtype=np.int64),
        **{name: encode_words(fields[name]) for name in _ITEM_CODES},
        "description": _fold_words(encode_words(fields["description"])),
        "invoice_amount_micro": amounts["invoice_amount"],
        "quantity_micro": amounts["quantity"],
        "supplementary_quantity_micro": amounts["supplementary_quantity"],
        "excise_amount_micro": amounts["excise_amount"],
        "gross_mass_g": np.where(gross == ABSENT, ABSENT, gross // (MICRO // 1000)),
        "net_mass_g": np.where(net == ABSENT, ABSENT, net // (MICRO // 1000)),
        "declaration_line_number": np.array([ABSENT if n is None else n for n in lines], dtype=np.int64),
        "has_product_id": np.array([p is not None for p in products], dtype=np.bool_),
    }


def _document_type_codes(documents: Sequence[Consignment]) -> Coded:
    """Return the types of each item's documents, those of its consignment among them; no documents is known
    too: no text.
    """
    items = chain_items(documents)
    if not any(map(_DOCUMENTS, items)) and not any(map(_DOCUMENTS, documents)):
        return fill_word("", len(items))
    return encode_words(
        " ".join(
            sorted({one.type_code for one in (*document.additional_documents, *item.additional_documents)})
        )
        if item.additional_documents or document.additional_documents
        else ""
        for document in documents
        for item in document.goods_items
    )


def add_standing(
    frame: Frame, documents: Sequence[Consignment], filers: Sequence[str], book: LawBook
) -> Frame:
    """Add what tables of a law say: territories, and scheme numbers' standing on the day of acceptance."""
    postcodes = [document.consignee.postcode for document in documents]
    lodged_days = frame.numbers("accepted_at") // 86_400_000
    customs, tax, zone = book.territories.resolve(
        frame.words("consignee_country_code"), frame.words("consignee_region_code"), postcodes, lodged_days
    )
    days, _ = local_days(frame.numbers("accepted_at"), zone, "UTC")
    numbers = [document.scheme_number for document in documents]
    if any(numbers):
        statuses = book.schemes.statuses(
            frame.words("scheme_kind_code").texts(), numbers, filers, days.tolist()
        )
        scheme_status = encode_words(statuses)
    else:
        scheme_status = fill_word("none", len(documents))
    standing: dict[str, Column] = {
        "customs_territory_code": customs,
        "tax_territory_code": tax,
        "time_zone": zone,
        "scheme_status_code": scheme_status,
    }
    return Frame(frame.row_count, {**frame.columns, **standing})


def _read(rows: Sequence[object], names: Sequence[str]) -> dict[str, list[Any]]:
    """Return the fields of structs, a list for each.

    Some structs at a time, all their fields: what is once in the processor's cache is read while it is there.
    """
    fields: dict[str, list[Any]] = {name: [] for name in names}
    readers = [(fields[name].extend, _reader(name)) for name in names]
    for begin in range(0, len(rows), _AT_A_TIME):
        some = rows[begin : begin + _AT_A_TIME]
        for extend, read in readers:
            extend(map(read, some))
    return fields


_AT_A_TIME = 128
_reader = cache(attrgetter)
_DOCUMENTS = attrgetter("additional_documents")


def _any_given(of_consignees: Sequence[str | None], buyers: Sequence[Person | None], field: str) -> Flags:
    given = np.array([value is not None for value in of_consignees], dtype=np.bool_)
    for row, buyer in enumerate(buyers):
        if buyer is not None and getattr(buyer, field) is not None:
            given[row] = True
    return given


def _decimals(columns: Mapping[str, Sequence[str | None]], bad: dict[str, Int64s]) -> dict[str, Int64s]:
    """Read columns of decimals of equal length, in one go: millionths, ABSENT where there is none."""
    count = len(next(iter(columns.values())))
    given = {name: texts for name, texts in columns.items() if any(texts)}
    absent = np.full(count, ABSENT, dtype=np.int64)
    read = dict.fromkeys(columns, absent)
    if not given:
        return read
    texts = list(chain.from_iterable(given.values()))
    micro, is_decimal = read_decimals(texts)
    micro = np.where(is_decimal, micro, ABSENT)
    is_all_read = bool(is_decimal.all())
    for place, name in enumerate(given):
        rows = slice(place * count, (place + 1) * count)
        read[name] = micro[rows]
        if not is_all_read:
            is_given = np.array([text is not None for text in texts[rows]], dtype=np.bool_)
            faulty = np.flatnonzero(is_given & ~is_decimal[rows])
            if len(faulty):
                bad[name] = faulty
    return read


def _instants(columns: Mapping[str, Sequence[str | None]], bad: dict[str, Int64s]) -> dict[str, Int64s]:
    """Read columns of RFC 3339 instants of equal length, in one go: milliseconds of UTC."""
    count = len(next(iter(columns.values())))
    instants, faulty = read_instants(list(chain.from_iterable(columns.values())))
    read = {}
    for place, name in enumerate(columns):
        read[name] = instants[place * count : (place + 1) * count]
        rows = [row - place * count for row in faulty if row // count == place]
        if rows:
            bad[name] = np.array(rows, dtype=np.int64)
    return read


def _fold_words(coded: Coded) -> Coded:
    """Bring descriptions into lower case with single blanks, words that fall together becoming one."""
    folded = encode_words(" ".join(word.lower().split()) for word in coded.words)
    codes = np.append(folded.codes, -1).astype(np.int32)
    return Coded(folded.words, codes[coded.codes])


def chain_items(documents: Iterable[Consignment]) -> list[GoodsItem]:
    """Return all goods items of a batch, in the order of the items frame."""
    return list(chain.from_iterable(document.goods_items for document in documents))
