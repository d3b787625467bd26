"""What an officer needs beside the case itself: what may be done, what is usual, documents side by side, what
the same declarant had before. Few reads, in one connection."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import msgspec

from serai.foundation.access.actor_names import name_actors
from serai.foundation.id_text import format_id
from serai.foundation.vault.reading import Reach, open_messages
from serai.journey.acts.measures import goods_state
from serai.journey.case_records import store as case_store
from serai.journey.case_records.documents import is_own
from serai.journey.case_records.store import CaseDocumentRow, SimilarRow
from serai.journey.cases.page_words import status_colour, status_word
from serai.journey.cases.service import CaseFiles
from serai.journey.consignments.store import ConsignmentRow
from serai.journey.documents.store import DOCUMENT_KINDS
from serai.journey.measure_rules.measure_law import shipped_measure_rules
from serai.journey.name_verdicts import store as name_store
from serai.journey.processing.transaction import Processor
from serai.journey.split_shipments import store as split_shipment_store
from serai.journey.tasks import store as task_store
from serai.journey.validation.data_quality.formula import FORMULA
from serai.journey.validation.data_quality.reference_values import (
    MASS,
    PRICE,
    Key,
    ReferenceValues,
    Usual,
    compare_with_usual,
)
from serai.journey.visibility.open_case import OpenCase
from serai.journey.visibility.table import show
from serai.model.documents import Consignment, GoodsItem
from serai.model.frames import LANES, RELEASED
from serai.portal.case.act_form import LABELS
from serai.portal.case.documents_compared import Compared, Content, compare_documents
from serai.portal.case.price_floor import BesideFloor, beside_floor

_FIRST_KINDS: Final = (
    "release",
    "information-requested",
    "hold",
    "examination-ordered",
    "refusal",
    "seizure",
)
"""What stands in the bar; the others are one step further."""
_SUPPORTING: Final = ("order", "payment", "transport-document")
_DOCUMENTS_COUNT_MAX = 6
_SIMILAR_SHOWN_COUNT_MAX = 5
_REFUSED: Final = LANES.index("refuse")


class Beside(msgspec.Struct, frozen=True):
    """A number of a goods item beside what is usual. usual: None: too few were seen to say."""

    sequence_number: int
    measure: str
    heading: str
    usual: Usual | None


class Floor(msgspec.Struct, frozen=True):
    """The price of a goods item for each kilogram beside its floor."""

    sequence_number: int
    beside: BesideFloor


class SimilarCase(msgspec.Struct, frozen=True):
    """An earlier consignment of the same declarant under the same heading."""

    case_id: str
    reference: str
    colour: str
    word: str
    at: datetime


class OfficerPart(msgspec.Struct, frozen=True, kw_only=True):
    """owner: in whose hands its tasks are; "": nobody's; is_own: in those of who reads. actions: kind and
    label of the measures in the bar that may be taken now. due_at: of the task that is due first;
    is_overdue: that lies behind. similar: the newest; similar_counts: released, refused and others among
    those looked at; headings: by which they are similar. split_group: of parcels that may be one order with
    it; None: it is in none."""

    filer: str
    state: str
    owner: str
    is_own: bool
    has_tasks: bool
    actions: list[tuple[str, str]]
    due_at: datetime | None
    is_overdue: bool
    beside: list[Beside]
    floors: list[Floor]
    compared: Compared | None
    similar: list[SimilarCase]
    similar_counts: tuple[int, int, int]
    headings: list[str]
    split_group: str | None
    has_listed_names: bool


async def read_officer_part(
    files: CaseFiles,
    processor: Processor,
    case: OpenCase,
    row: ConsignmentRow,
    document: Consignment | None,
    *,
    actor: str,
    language: str,
) -> OfficerPart:
    """Return what the page shows to officers alone. document: the declaration without people; None: it was
    erased."""
    key = {"administration_id": files.administration_id}
    headings = [] if document is None else sorted({one.commodity_code[:4] for one in document.goods_items})
    async with files.database.read(files.administration_id) as connection:
        state = await goods_state(processor, connection, case.case_id, row)
        tasks = await task_store.select_open(connection, [row.consignment_id], **key)
        similar = await case_store.select_similar(
            connection, party_id=row.party_id, before_id=row.consignment_id, headings=headings, **key
        )
        documents = await files.documents_of(connection, case)
        names = await name_store.select_hits(connection, {row.consignment_id: row.version}, **key)
        groups = await split_shipment_store.select_memberships(connection, [row.consignment_id], **key)
    owner_id = next((one.owner_id for one in tasks if one.owner_id is not None), None)
    due_at = next((one.due_at for one in tasks if one.due_at is not None), None)
    compared = None
    if document is not None:
        contents = await _read_contents(files, case, documents, actor)
        if contents:
            compared = compare_documents([("declaration", msgspec.to_builtins(document)), *contents])
    return OfficerPart(
        filer=next((one.party_name or "" for one in documents if one.party_id == row.party_id), ""),
        state=state,
        owner="" if owner_id is None else await _owner_name(files, owner_id),
        is_own=owner_id is not None and actor == f"account:{owner_id}",
        has_tasks=bool(tasks),
        actions=_actions(state),
        due_at=due_at,
        is_overdue=due_at is not None and due_at <= files.clock.now(),
        beside=[] if document is None else _beside(document, processor.learner.reference_values),
        floors=[] if document is None else _floors(document, processor, row),
        compared=compared,
        similar=[_similar(one, language) for one in similar[:_SIMILAR_SHOWN_COUNT_MAX]],
        similar_counts=_counts(similar),
        headings=headings,
        split_group=format_id(groups[row.consignment_id]) if groups else None,
        has_listed_names=bool(names),
    )


async def _owner_name(files: CaseFiles, owner_id: int) -> str:
    """Return by which name an account signs in; readers of cases read no accounts."""
    actor = f"account:{owner_id}"
    async with files.database.write() as connection:
        names = await name_actors(connection, [actor], administration_id=files.administration_id)
    return names[actor].name if actor in names else str(owner_id)


def _floors(document: Consignment, processor: Processor, row: ConsignmentRow) -> list[Floor]:
    packs = [one.pack for one in processor.law.book.packs.values()]
    found = [(item.sequence_number, beside_floor(item, packs, row.law_on)) for item in document.goods_items]
    return [Floor(number, beside) for number, beside in found if beside is not None]


def _actions(state: str) -> list[tuple[str, str]]:
    allowed = {one.kind for one in shipped_measure_rules().measures if state in one.allowed_in}
    return [(kind, LABELS[kind]) for kind in _FIRST_KINDS if kind in allowed]


def _beside(document: Consignment, known: ReferenceValues) -> list[Beside]:
    return [
        Beside(item.sequence_number, measure, item.commodity_code[:4], usual)
        for item in document.goods_items
        for measure, usual in _usual_of(item, known).items()
    ]


def _usual_of(item: GoodsItem, known: ReferenceValues) -> Mapping[str, Usual | None]:
    heading, unit, quantity = item.commodity_code[:4], item.quantity_unit_code, Decimal(item.quantity)
    asked = {
        PRICE: (Key(PRICE, heading, unit, item.invoice_currency_code), Decimal(item.invoice_amount)),
        MASS: (Key(MASS, heading, unit, ""), Decimal(item.gross_mass_kg) * 1_000),
    }
    return {
        measure: compare_with_usual(key, number, quantity, known, FORMULA.plausible)
        for measure, (key, number) in asked.items()
    }


async def _read_contents(
    files: CaseFiles, case: OpenCase, documents: Sequence[CaseDocumentRow], actor: str
) -> list[tuple[str, Content]]:
    """Return the supporting documents that count, as the viewer may see them; the vault's ledger tells."""
    chosen = [
        one
        for one in documents
        if one.is_confirmed and one.stands and DOCUMENT_KINDS[one.kind - 1] in _SUPPORTING
    ][:_DOCUMENTS_COUNT_MAX]
    if not chosen:
        return []
    reach = Reach(files.administration_id, "show-document", actor, files.clock.now())
    ids = [one.document_id for one in chosen]
    opened = await open_messages(files.database.write, files.keyring, files.codec, ids, reach)
    found: list[tuple[str, Content]] = []
    for one in chosen:
        if one.document_id in opened:
            content: dict[str, Any] = msgspec.json.decode(opened[one.document_id].value)
            kind = DOCUMENT_KINDS[one.kind - 1]
            shown = show(case.viewer, kind, content, is_sender=is_own(case, one), names_viewer=False)
            found.append((kind, shown))
    return found


def _similar(row: SimilarRow, language: str) -> SimilarCase:
    return SimilarCase(
        format_id(row.case_id),
        row.reference,
        status_colour(row.status, row.lane),
        status_word(row.status, language),
        row.changed_at,
    )


def _counts(rows: Sequence[SimilarRow]) -> tuple[int, int, int]:
    ended = Counter(
        "released" if one.status == RELEASED else "refused" if one.lane == _REFUSED else "open"
        for one in rows
    )
    return ended["released"], ended["refused"], ended["open"]
