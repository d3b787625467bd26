"""Documents into the columns of a batch: the only place where a struct's field becomes a column."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from operator import attrgetter

import numpy as np

from serai.law.book import LawBook
from serai.law.run import local_days
from serai.model.columns import Coded, Column, Flags, Frame, Int64s, encode_words, fill_word
from serai.model.documents import Consignment, GoodsItem
from serai.model.frames import ABSENT
from serai.model.money import MICRO, read_decimals

_MOMENTS = ("purchased_at", "paid_at", "exported_at", "accepted_at", "expected_arrival_at")
_CONSIGNMENT_CODES = attrgetter(
    "channel_code",
    "sale_nature_code",
    "transport_mode_code",
    "dispatch_country_code",
    "scheme_kind_code",
    "charges_currency_code",
    "scheme_number",
    "consignee.country_code",
    "consignee.region_code",
    "consignee.postcode",
)
_CONSIGNMENT_AMOUNTS = attrgetter("freight_amount", "insurance_amount", "discount_amount")
_CONSIGNMENT_FLAGS = attrgetter("is_platform_sale", "is_duty_charged_to_buyer", "is_preference_claimed")
_CONSIGNMENT_MOMENTS = attrgetter(*_MOMENTS)
_ITEM_CODES = attrgetter(
    "commodity_code",
    "origin_country_code",
    "preference_code",
    "quantity_unit_code",
    "invoice_currency_code",
    "description",
)
_ITEM_AMOUNTS = attrgetter("invoice_amount", "quantity", "gross_mass_kg", "net_mass_kg", "excise_amount")
_ITEM_NUMBERS = attrgetter("sequence_number", "declaration_line_number", "merchant_product_id")


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
    frame = _resolve(Frame(len(documents), consignments), documents, filers, book)
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
    channel, nature, mode, dispatch, kind, currency, _, country, region, _ = _transpose(
        documents, _CONSIGNMENT_CODES, 10
    )
    columns: dict[str, Column] = {
        "channel_code": encode_words(channel),
        "sale_nature_code": encode_words(nature),
        "transport_mode_code": encode_words(mode),
        "dispatch_country_code": encode_words(dispatch),
        "scheme_kind_code": encode_words(kind),
        "charges_currency_code": encode_words(currency),
        "consignee_country_code": encode_words(country),
        "consignee_region_code": encode_words(region),
    }
    for name, texts in zip(
        ("freight", "insurance", "discount"), _transpose(documents, _CONSIGNMENT_AMOUNTS, 3), strict=True
    ):
        columns[f"{name}_amount_micro"] = _decimals(f"{name}_amount", texts, bad_amounts)
    flag_names = ("is_platform_sale", "is_duty_charged_to_buyer", "is_preference_claimed")
    for name, flags in zip(flag_names, _transpose(documents, _CONSIGNMENT_FLAGS, 3), strict=True):
        columns[name] = np.array(flags, dtype=np.bool_)
    procedures = [document.procedure for document in documents]
    columns["requested_procedure_code"] = encode_words(
        p.requested_procedure_code if p else "40" for p in procedures
    )
    columns["previous_procedure_code"] = encode_words(
        p.previous_procedure_code if p else "00" for p in procedures
    )
    columns["has_buyer_tax_number"] = _any_person(documents, "tax_number")
    columns["has_buyer_identity"] = _any_person(documents, "identity_number")
    stated = _add_moments(columns, documents, lodged_at_ms, bad_instants)
    return columns, stated


def _add_moments(
    columns: dict[str, Column],
    documents: Sequence[Consignment],
    lodged_at_ms: int,
    bad_instants: dict[str, Int64s],
) -> Int64s:
    """Add the moments the document states; return the acceptance as stated."""
    instants = {
        name: _instants(name, texts, bad_instants)
        for name, texts in zip(_MOMENTS, _transpose(documents, _CONSIGNMENT_MOMENTS, 5), strict=True)
    }
    lodged = np.full(len(documents), lodged_at_ms, dtype=np.int64)
    arrived, stated = instants.pop("expected_arrival_at"), instants.pop("accepted_at")
    columns["lodged_at"] = lodged
    columns["arrived_at"] = arrived
    columns["accepted_at"] = _acceptance(stated, arrived, lodged)
    columns.update(instants)
    columns["presented_at"] = columns["released_at"] = np.full(len(documents), ABSENT, dtype=np.int64)
    return stated


def _item_columns(
    items: Sequence[GoodsItem], owner: Int64s, bad_amounts: dict[str, Int64s]
) -> dict[str, Column]:
    commodity, origin, preference, unit, currency, description = _transpose(items, _ITEM_CODES, 6)
    amounts = dict(
        zip(
            ("invoice_amount", "quantity", "gross_mass_kg", "net_mass_kg", "excise_amount"),
            _transpose(items, _ITEM_AMOUNTS, 5),
            strict=True,
        )
    )
    sequence, line, product = _transpose(items, _ITEM_NUMBERS, 3)
    gross = _decimals("gross_mass_kg", amounts["gross_mass_kg"], bad_amounts)
    net = _decimals("net_mass_kg", amounts["net_mass_kg"], bad_amounts)
    return {
        "owner": owner,
        "sequence_number": np.array(sequence, dtype=np.int64),
        "commodity_code": encode_words(commodity),
        "origin_country_code": encode_words(origin),
        "preference_code": encode_words(preference),
        "quantity_unit_code": encode_words(unit),
        "invoice_currency_code": encode_words(currency),
        "description": _fold_words(encode_words(description)),
        "invoice_amount_micro": _decimals("invoice_amount", amounts["invoice_amount"], bad_amounts),
        "quantity_micro": _decimals("quantity", amounts["quantity"], bad_amounts),
        "excise_amount_micro": _decimals("excise_amount", amounts["excise_amount"], bad_amounts),
        "gross_mass_g": np.where(gross == ABSENT, ABSENT, gross // (MICRO // 1000)),
        "net_mass_g": np.where(net == ABSENT, ABSENT, net // (MICRO // 1000)),
        "declaration_line_number": np.array([ABSENT if n is None else n for n in line], dtype=np.int64),
        "has_product_id": np.array([p is not None for p in product], dtype=np.bool_),
    }


def _document_type_codes(documents: Sequence[Consignment]) -> Coded:
    """Return the types of each item's documents, those of its consignment among them; no documents is known
    too: no text.
    """
    return encode_words(
        " ".join(
            sorted({one.type_code for one in (*document.additional_documents, *item.additional_documents)})
        )
        if item.additional_documents or document.additional_documents
        else ""
        for document in documents
        for item in document.goods_items
    )


def _resolve(frame: Frame, documents: Sequence[Consignment], filers: Sequence[str], book: LawBook) -> Frame:
    """Add territories, and the standing of scheme numbers on the day of acceptance."""
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
    return frame.with_columns(
        customs_territory_code=customs,
        tax_territory_code=tax,
        time_zone=zone,
        scheme_status_code=scheme_status,
    )


def _transpose(rows: Sequence[object], read: attrgetter, width: int) -> Iterable[tuple]:  # type: ignore[type-arg]
    return zip(*map(read, rows), strict=True) if rows else ((),) * width


def _any_person(documents: Sequence[Consignment], field: str) -> Flags:
    read = attrgetter(field)
    return np.array(
        [
            read(document.consignee) is not None
            or (document.buyer is not None and read(document.buyer) is not None)
            for document in documents
        ],
        dtype=np.bool_,
    )


def _decimals(name: str, texts: Sequence[str | None], bad: dict[str, Int64s]) -> Int64s:
    if not any(texts):
        return np.full(len(texts), ABSENT, dtype=np.int64)
    micro, is_decimal = read_decimals(texts)
    if is_decimal.all():
        return micro
    is_given = np.array([text is not None for text in texts], dtype=np.bool_)
    bad[name] = np.flatnonzero(is_given & ~is_decimal)
    return np.where(is_decimal, micro, ABSENT)


def _instants(name: str, texts: Sequence[str | None], bad: dict[str, Int64s]) -> Int64s:
    """Read RFC 3339 instants into milliseconds of UTC; one without an offset is no instant."""
    known: dict[str | None, int] = {None: ABSENT}
    faulty: set[str] = set()
    values = np.empty(len(texts), dtype=np.int64)
    for row, text in enumerate(texts):
        value = known.get(text)
        if value is None:
            assert text is not None
            value = read_instant(text)
            if value is None:
                faulty.add(text)
                value = ABSENT
            known[text] = value
        values[row] = value
    if faulty:
        bad[name] = np.array([row for row, text in enumerate(texts) if text in faulty], dtype=np.int64)
    return values


def read_instant(text: str) -> int | None:
    """Return milliseconds of UTC since 1970 of an RFC 3339 instant, or None."""
    try:
        instant = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    if instant.tzinfo is None or not 1970 <= instant.year <= 9990:
        return None
    return int(instant.timestamp() * 1000)


def _fold_words(coded: Coded) -> Coded:
    """Bring descriptions into lower case with single blanks, words that fall together becoming one."""
    folded = encode_words(" ".join(word.lower().split()) for word in coded.words)
    codes = np.append(folded.codes, -1).astype(np.int32)
    return Coded(folded.words, codes[coded.codes])


def chain_items(documents: Iterable[Consignment]) -> list[GoodsItem]:
    """Return all goods items of a batch, in the order of the items frame."""
    return list(chain.from_iterable(document.goods_items for document in documents))
