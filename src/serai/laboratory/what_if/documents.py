"""Parcels of a file, or invented ones, as batches of a what-if."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import BinaryIO, Final

import msgspec
import numpy as np

from serai.formats.json_lines import decode_to_read
from serai.formats.registry import FormatName
from serai.journey.pipeline import Context, check_documents, screen_checked
from serai.journey.screening.lists import Lists
from serai.journey.screening.rules import screen
from serai.journey.validation.columns import add_standing
from serai.journey.validation.fields import fields_of_documents
from serai.laboratory.compare.parcels import Chunk, invent
from serai.laboratory.decide_file import Block, read_blocks
from serai.laboratory.invented.registers import scheme_register
from serai.laboratory.what_if.batch import Batch
from serai.laboratory.what_if.laws import Home
from serai.laboratory.what_if.trial import Trial
from serai.law.book import LawBook
from serai.law.registration import SchemeEntry
from serai.law.without_collector import without_collector
from serai.model.columns import encode_words, fill_word
from serai.model.documents import Consignment

CHUNK_CONSIGNMENTS: Final = 10_000
DECLARANT: Final = "try"
SEED: Final = 1
ASSUMED: Final = (
    "Nothing was drawn on an allowance before, and no other parcel of the day counts together with one.",
)

ASSUMED_RATES: Final = (
    "Rates of exchange that are not published with the packs, and duty on goods of which a law's own "
    "tariff says nothing, are invented, the same for both."
)

ASSUMED_OF_COLUMNS: Final = (
    "Territories and the standing of scheme numbers are those the parcels were kept with, under both laws."
)
_ORDINARY_POSTCODE: Final = "0"
"""Of no place with a law of its own; without any the territory of some countries is unknown."""

Documents = list[Consignment | None]
"""None stands for what could not be read."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a what-if over documents asks. lists: of denied parties and vague words. at_ms: now."""

    trial: Trial
    current_book: LawBook
    draft_book: LawBook
    lists: Lists
    at_ms: int


def read_documents(source: BinaryIO, form: FormatName) -> Iterator[tuple[int, Documents]]:
    """Give the documents of a file some at a time, with the place of the first, from 1."""
    for block in read_blocks(source, form):
        yield from _documents_of(block)


def _documents_of(block: Block) -> Iterator[tuple[int, Documents]]:
    if block.decoded is not None:
        yield block.first_line, block.decoded.documents
        return
    lines = block.content.removesuffix(b"\n").split(b"\n")
    for begin in range(0, len(lines), CHUNK_CONSIGNMENTS):
        chunk = lines[begin : begin + CHUNK_CONSIGNMENTS]
        yield block.first_line + begin, decode_to_read(chunk, Consignment).documents


def invent_documents(count: int, at: dt.datetime, home: Home | None) -> Iterator[tuple[int, Documents]]:
    """Give invented parcels some at a time. home: where those go whose address has another law; None:
    they keep theirs.
    """
    rows = iter(invent(count, SEED, at))
    first = 1
    while some := list(islice(rows, CHUNK_CONSIGNMENTS)):
        yield first, some if home is None else [one and send_home(one, home) for one in some]
        first += len(some)


def invented_register(count: int) -> tuple[SchemeEntry, ...]:
    """Return the scheme numbers that invented parcels use rightly."""
    entries = scheme_register(count, SEED).entries
    return tuple(
        SchemeEntry(
            kind=one.kind_code,
            number=one.number,
            valid_from=dt.date.fromisoformat(one.valid_from),
            valid_to=None if one.valid_to is None else dt.date.fromisoformat(one.valid_to),
        )
        for one in entries
    )


def send_home(document: Consignment, home: Home) -> Consignment:
    """Return a declaration with its address where a law may govern it: as it is, or the home's."""
    if document.consignee.country_code in home.country_codes:
        return document
    consignee = msgspec.structs.replace(
        document.consignee,
        country_code=home.address.country_code,
        region_code=None,
        postcode=_ORDINARY_POSTCODE,
    )
    return msgspec.structs.replace(document, consignee=consignee)


def try_documents(asked: Asked, parts: Iterable[tuple[int, Documents]]) -> None:
    """Ask both laws about documents as they come. Nothing else is known of them than what they say."""
    rereads = _reads_otherwise(asked.current_book, asked.draft_book)
    with without_collector():
        for first, documents in parts:
            sound = [(place, one) for place, one in enumerate(documents, first) if one is not None]
            asked.trial.refused += len(documents) - len(sound)
            if sound:
                _try(asked, [one for _, one in sound], [str(place) for place, _ in sound], rereads=rereads)


def _try(asked: Asked, documents: Sequence[Consignment], names: Sequence[str], *, rereads: bool) -> None:
    declarants = [DECLARANT] * len(documents)
    checked = check_documents(documents, declarants, asked.at_ms, asked.current_book)
    accepted = checked.accepted_rows.tolist()
    asked.trial.refused += len(documents) - len(accepted)
    if not accepted:
        return
    columns, screened = screen_checked(checked, asked.lists, _nothing_known(len(accepted)))
    kept = [documents[row] for row in accepted]
    batch = Batch(
        screened.consignments,
        screened.items,
        columns.first_items,
        [names[row] for row in accepted],
        encode_words(document.seller_id for document in kept),
    )
    other = None
    if rereads:
        frame = add_standing(
            batch.consignments, fields_of_documents(kept), declarants[: len(kept)], asked.draft_book
        )
        other = replace(batch, consignments=frame)
    asked.trial.add(batch, asked.current_book, asked.draft_book, other)


def try_chunks(asked: Asked, chunks: Iterable[Chunk]) -> None:
    """Ask both laws about parcels kept as columns, as they come: territories and the standing of scheme
    numbers are those they were kept with, and nobody says who sold them.
    """
    first = 1
    for chunk in chunks:
        count = chunk.consignments.row_count
        screened = screen(chunk.consignments, chunk.items, [], asked.lists)
        names = [str(place) for place in range(first, first + count)]
        batch = Batch(screened.consignments, screened.items, chunk.first_items, names, fill_word(None, count))
        asked.trial.add(batch, asked.current_book, asked.draft_book)
        first += count


def _nothing_known(count: int) -> Context:
    """Return a context in which a law that counts what a buyer drew before has something to count with."""
    none = np.zeros(count, dtype=np.int64)
    return replace(Context.empty(count), allowance_used=none, same_day_value=none)


def _reads_otherwise(one: LawBook, other: LawBook) -> bool:
    """Say whether two laws may find another territory, or another standing of a scheme number."""
    registered = [
        [each for pack in book.packs.values() for each in pack.pack.registrations] for book in (one, other)
    ]
    return registered[0] != registered[1] or one.territories.pairs() != other.territories.pairs()
