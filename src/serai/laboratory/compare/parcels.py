"""Parcels read once into columns, and the same columns sent to another country without reading them again."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import numpy as np

from serai.journey.pipeline import check_documents
from serai.laboratory.compare.regimes import Regime
from serai.laboratory.invented.parcels import consignments
from serai.law.book import LawBook
from serai.law.without_collector import without_collector
from serai.model.columns import Coded, Column, Frame, Int64s, fill_word
from serai.model.documents import Consignment
from serai.model.frames import ABSENT

CHUNK_CONSIGNMENTS = 20_000
_MOMENTS = ("purchased_at", "paid_at", "exported_at", "accepted_at", "arrived_at", "lodged_at")
_DECLARANT = "compare"


@dataclass(frozen=True, slots=True)
class Parcels:
    """Chunks of sound parcels, to be gone through any number of times. count: of parcels.

    refused_count: documents with a fault, which no law is asked about.
    """

    chunks: Iterable["Chunk"]
    count: int
    refused_count: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """Frames of some parcels with the columns of stages `advise` and `match`."""

    consignments: Frame
    items: Frame
    first_items: Int64s


def read_lines(path: Path) -> Iterator[Consignment | None]:
    """Give the consignments of an NDJSON file; None for a line that is none."""
    decoder = msgspec.json.Decoder(Consignment)
    with path.open("rb") as lines:
        for line in lines:
            if line.strip():
                try:
                    yield decoder.decode(line)
                except (msgspec.MsgspecError, UnicodeDecodeError):
                    yield None


def invent(count: int, seed: int, at: dt.datetime) -> Iterator[Consignment | None]:
    """Give invented consignments; None for those that are faulty on purpose. The flights land after `at`."""
    for document in consignments(count, seed, at=at, first_acceptance=at - dt.timedelta(days=1)):
        try:
            yield msgspec.convert(document, Consignment)
        except msgspec.ValidationError:
            yield None


def read_parcels(documents: Iterable[Consignment | None], book: LawBook, at_ms: int) -> Parcels:
    """Read documents into columns. book: any; at_ms: now. Where they go and under which law is set later."""
    chunks: list[Chunk] = []
    given = 0
    with without_collector():
        for some in _chunks_of(documents):
            given += len(some)
            sound = [one for one in some if one is not None]
            if sound:
                chunks.append(_read_chunk(sound, book, at_ms))
    count = sum(chunk.consignments.row_count for chunk in chunks)
    return Parcels([chunk for chunk in chunks if chunk.consignments.row_count], count, given - count)


def _chunks_of(documents: Iterable[Consignment | None]) -> Iterator[list[Consignment | None]]:
    rows = iter(documents)
    while some := list(islice(rows, CHUNK_CONSIGNMENTS)):
        yield some


def _read_chunk(documents: list[Consignment], book: LawBook, at_ms: int) -> Chunk:
    columns = check_documents(documents, [_DECLARANT] * len(documents), at_ms, book).columns
    count = columns.consignments.row_count
    no = np.zeros(count, dtype=np.bool_)
    matched = columns.consignments.with_columns(
        has_order=no,
        has_payment=no,
        has_transport_document=no,
        is_value_contradicted=no,
        allowance_used=np.zeros(count, dtype=np.int64),
        same_day_value=np.zeros(count, dtype=np.int64),
    )
    return Chunk(matched, columns.items, columns.first_items)


def send_to(chunk: Chunk, regime: Regime) -> Chunk:
    """Send the parcels of a chunk to a regime: address, day, channel and registration; nothing else changes.

    All moments fall on noon, local time, of the regime's day, so that no other version of the law is asked.
    Nothing was drawn on an allowance and nothing else came on the day; descriptions name no restricted goods.
    """
    frame = chunk.consignments
    count = frame.row_count
    territory = regime.territory
    local_noon = dt.datetime.combine(regime.on, dt.time(12), ZoneInfo(territory.time_zone))
    noon = np.full(count, int(local_noon.timestamp() * 1000), dtype=np.int64)
    moments: dict[str, Column] = {
        name: np.where(frame.numbers(name) == ABSENT, ABSENT, noon) for name in _MOMENTS
    }
    sent: dict[str, Column] = {
        **moments,
        "consignee_country_code": fill_word(territory.country_code, count),
        "consignee_region_code": fill_word(regime.region_code, count),
        "customs_territory_code": fill_word(territory.customs_territory_code, count),
        "tax_territory_code": fill_word(territory.tax_territory_code, count),
        "time_zone": fill_word(territory.time_zone, count),
        "direction_code": fill_word(regime.direction_code, count),
        "requested_procedure_code": fill_word(regime.procedure_code, count),
        **_registration(frame, regime),
    }
    if regime.channel_codes:
        sent["logistics_channel_code"] = _channels(
            frame.words("logistics_channel_code"), regime.channel_codes
        )
    items = chunk.items.with_columns(goods_kind_codes=fill_word("", chunk.items.row_count))
    return Chunk(Frame(count, {**frame.columns, **sent}), items, chunk.first_items)


def _registration(frame: Frame, regime: Regime) -> dict[str, Column]:
    """A seller that is registered in one scheme is taken to be in that of the regime, if it has one."""
    if regime.scheme_kind_code is None:
        none = frame.row_count
        return {"scheme_kind_code": fill_word(None, none), "scheme_status_code": fill_word("none", none)}
    has_scheme = frame.words("scheme_kind_code").codes >= 0
    return {
        "scheme_kind_code": Coded((regime.scheme_kind_code,), np.where(has_scheme, 0, -1).astype(np.int32)),
        "scheme_status_code": Coded(("valid", "none"), np.where(has_scheme, 0, 1).astype(np.int32)),
    }


def _channels(asked: Coded, open_to: tuple[str, ...]) -> Coded:
    """A channel that the law does not govern becomes the first that it does."""
    table = [open_to.index(word) if word in open_to else 0 for word in asked.words]
    return Coded(open_to, np.array([*table, 0], dtype=np.int32)[asked.codes])
