"""What an agency sees: the parcels that are before it, and of each the goods that a rule of its remit keeps,
with what its requirement needs and nothing else. Never another agency's part, a score, or who else is in the
case."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from psycopg import AsyncConnection

from serai.foundation.access.registry import find_party
from serai.foundation.id_text import format_id
from serai.foundation.vault.reading import Reach
from serai.journey.agency_controls import store
from serai.journey.agency_controls.agency_law import (
    Shown,
    references_of,
    shipped_agency_rules,
    silences_of,
)
from serai.journey.agency_controls.store import AgencyControl, ControlState, Inspection
from serai.journey.consignments import store as consignment_store
from serai.journey.consignments.act_records import select_standing_acts
from serai.journey.consignments.act_words import read_act_words
from serai.journey.consignments.store import ConsignmentRow
from serai.journey.documents.not_found import not_found
from serai.journey.linking.case_locks import resolve_cases
from serai.journey.measure_rules.hearing_rules import HEARING_KINDS, OPENED, find_hearing
from serai.journey.permits.opening import opening_rules, speaks_of
from serai.journey.processing.transaction import Processor
from serai.journey.recording.read_back import read_messages
from serai.law.pack import Exclusion
from serai.model.acts import Act
from serai.model.documents import AdditionalDocument, Consignment, GoodsItem

Connection = AsyncConnection[Any]
PURPOSE: Final = "agency-control"
_WORDS: Final = (
    "agency-maintained",
    "agency-cleared",
    "agency-refused",
    "agency-lapsed",
    "agency-examination-wanted",
    "agency-examination-recorded",
)
SAID_KINDS: Final = (*_WORDS, *HEARING_KINDS)
"""Acts that an agency reads: its own words, and hearings that it has opened."""


class AgencyParcel(msgspec.Struct, frozen=True, kw_only=True):
    """A parcel before an agency. parcel: its number here. rules: of the agency's remit, that keep the goods.
    due_at: when silence ends the suspension; None: never. inspection: of a joint one, "" for none."""

    parcel: str
    mrn: str
    rules: list[str]
    state: ControlState
    inspection: Inspection
    destination_country_code: str
    opened_at: datetime
    due_at: datetime | None
    expected_arrival_at: datetime | None
    arrived_at: datetime | None


class AgencyGoods(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A goods item that a rule of an agency keeps, with what the rule needs. Quantity, masses, value: as
    declared, absent where the rule does not need them. documents: kind and number, with a blank between."""

    goods_item: int
    commodity_code: str
    description: str
    origin_country_code: str
    quantity: str | None = None
    quantity_unit_code: str | None = None
    net_mass_kg: str | None = None
    gross_mass_kg: str | None = None
    invoice_amount: str | None = None
    invoice_currency_code: str | None = None
    documents: list[str] = []


class AgencySaid(msgspec.Struct, frozen=True, kw_only=True):
    """What an agency, or the law in its stead, has said of a parcel, or the declarant in its hearing. reason:
    in words; "" where there are none, or they were erased."""

    act_id: str
    kind: str
    at: datetime
    reason_code: str | None
    reason: str
    law_reference: str | None
    due_at: datetime | None


class AgencyRule(msgspec.Struct, frozen=True):
    """A rule of an agency's remit. documents: that open it, those that only do so together with "+" between;
    sentence: what it asks, in English as the law pack has it."""

    rule_id: str
    sentence: str
    law_reference: str
    documents: list[str]


class AgencyParcelDetail(msgspec.Struct, frozen=True, kw_only=True):
    """A parcel as its agency sees it. silence_law: by which law silence ends the suspension. refusal_law: on
    which a refusal rests. open_hearing: of a hearing that was opened and not decided; may_refuse: it has
    ended. inspected_with: names of other agencies that take part in its inspection."""

    parcel: AgencyParcel
    rules: list[AgencyRule]
    goods: list[AgencyGoods]
    said: list[AgencySaid]
    silence_law: str | None
    refusal_law: str
    open_hearing: str | None = None
    inspected_with: list[str] = []
    may_refuse: bool = False


async def read_parcels(
    processor: Processor, party_id: int, states: Sequence[str], *, after_id: int, limit: int
) -> list[AgencyParcel]:
    """Return an agency's own parcels in some states, the oldest first. Nothing of declarations is opened."""
    services = processor.services
    key = {"administration_id": services.administration_id}
    async with services.database.read(services.administration_id) as connection:
        found = await store.select_controls(
            connection, party_id, states, after_id=after_id, limit=limit, **key
        )
        rows = {
            one.consignment_id: one
            for one in await consignment_store.select_consignments(
                connection, [one.consignment_id for one in found], **key
            )
        }
    return [_parcel(one, rows[one.consignment_id]) for one in found if one.consignment_id in rows]


async def read_parcel(
    processor: Processor, party_id: int, control_id: int, *, actor: str
) -> AgencyParcelDetail:
    """Return one of an agency's own parcels; its declaration is opened, and the ledger says so. Raises
    SeraiError `not-found`."""
    services, at = processor.services, processor.services.clock.now()
    key = {"administration_id": services.administration_id}
    async with services.database.write() as connection:
        control = await store.select_control(connection, control_id, party_id, **key)
        if control is None:
            raise not_found()
        rows = await consignment_store.select_consignments(connection, [control.consignment_id], **key)
        if not rows:
            raise not_found()
        root = (await resolve_cases(connection, [control.case_id]))[control.case_id]
        others = await _inspected_with(connection, control, administration_id=services.administration_id)
        acts = await _own_acts(connection, root, control, administration_id=services.administration_id)
    reach = Reach(services.administration_id, PURPOSE, actor, at)
    opened = await read_messages(services, [rows[0].document_id], reach)
    document = opened[rows[0].document_id][0] if rows[0].document_id in opened else None
    words = await read_act_words(
        services.database.write,
        services.keyring,
        services.codec,
        [one.act_id for one in acts if one.has_words],
        reach,
    )
    laws = shipped_agency_rules().laws_of(control.rules, control.opened_at)
    rules = _rules_of(processor, control)
    hearing_id, may_refuse = _hearing(acts, at)
    return AgencyParcelDetail(
        parcel=_parcel(control, rows[0]),
        rules=[
            AgencyRule(one.rule_id, one.sentence, one.law_ref, [*one.opened_by_document_codes])
            for one in rules
        ],
        goods=_goods(processor, document, rules, {name for law in laws for name in law.shown}),
        said=[_said(one, words.get(one.act_id, "")) for one in acts],
        silence_law="; ".join(dict.fromkeys(one.law_reference for one in silences_of(laws))) or None,
        refusal_law=references_of(laws, "refused"),
        open_hearing=None if hearing_id is None else format_id(hearing_id),
        may_refuse=may_refuse,
        inspected_with=others,
    )


async def _inspected_with(
    connection: Connection, control: AgencyControl, *, administration_id: int
) -> list[str]:
    """Return the names of other agencies that take part in the inspection of a parcel; of who takes none
    nobody learns anything, and whoever wants none sees nobody."""
    if not control.inspection:
        return []
    found = await store.select_of_consignments(
        connection, [control.consignment_id], administration_id=administration_id
    )
    others = [one.party_id for one in found if one.inspection and one.party_id != control.party_id]
    parties = [await find_party(connection, administration_id, one) for one in others]
    return sorted(one.name for one in parties)


async def _own_acts(
    connection: Connection, root: int, control: AgencyControl, *, administration_id: int
) -> list[Act]:
    """Return what this agency has said of a parcel, and its hearings with what was answered in them."""
    standing = await select_standing_acts(connection, [root], SAID_KINDS, administration_id=administration_id)
    acts = [act for _, act in standing if act.subject_id == control.consignment_id]
    hearings = {
        format_id(act.act_id) for act in acts if act.kind == OPENED and act.party_id == control.party_id
    }
    return [
        act
        for act in acts
        if (act.kind in (*_WORDS, OPENED) and act.party_id == control.party_id)
        or act.parameters.get("hearing") in hearings
    ]


def _hearing(acts: Sequence[Act], at: datetime) -> tuple[int | None, bool]:
    decided = {act.parameters.get("hearing") for act in acts if act.kind in _WORDS}
    for act in reversed(acts):
        if act.kind == OPENED and format_id(act.act_id) not in decided:
            hearing = find_hearing(acts, act.act_id)
            return act.act_id, hearing is not None and hearing.is_ended(at)
    return None, False


def _rules_of(processor: Processor, control: AgencyControl) -> list[Exclusion]:
    rules = {one.rule_id: one for its in opening_rules(processor.law.book).values() for one in its}
    return [rules[rule_id] for rule_id in control.rules.split() if rule_id in rules]


def _goods(
    processor: Processor, document: Consignment | None, rules: Sequence[Exclusion], shown: set[Shown]
) -> list[AgencyGoods]:
    """Return the goods that rules speak of, with what they need; none where the declaration was erased."""
    if document is None:
        return []
    kinds = processor.law.lists.goods_kinds
    return [
        _item(item, document.additional_documents, shown)
        for item in document.goods_items
        if any(speaks_of(rule, item.commodity_code, kinds.name(item.description.lower())) for rule in rules)
    ]


def _item(item: GoodsItem, of_all: Sequence[AdditionalDocument], shown: set[Shown]) -> AgencyGoods:
    has_quantity, has_mass, has_value = ("quantity" in shown, "mass" in shown, "value" in shown)
    documents = [*item.additional_documents, *of_all] if "documents" in shown else []
    return AgencyGoods(
        goods_item=item.sequence_number,
        commodity_code=item.commodity_code,
        description=item.description,
        origin_country_code=item.origin_country_code,
        quantity=item.quantity if has_quantity else None,
        quantity_unit_code=item.quantity_unit_code if has_quantity else None,
        net_mass_kg=item.net_mass_kg if has_mass else None,
        gross_mass_kg=item.gross_mass_kg if has_mass else None,
        invoice_amount=item.invoice_amount if has_value else None,
        invoice_currency_code=item.invoice_currency_code if has_value else None,
        documents=[f"{one.type_code} {one.reference or ''}".strip() for one in documents],
    )


def _said(act: Act, reason: str) -> AgencySaid:
    return AgencySaid(
        act_id=format_id(act.act_id),
        kind=act.kind,
        at=act.at,
        reason_code=act.reason_code,
        reason=reason,
        law_reference=act.law_reference,
        due_at=act.due_at,
    )


def _parcel(control: AgencyControl, row: ConsignmentRow) -> AgencyParcel:
    return AgencyParcel(
        parcel=format_id(control.control_id),
        mrn=row.mrn,
        rules=control.rules.split(),
        state=control.state,
        inspection=control.inspection,
        destination_country_code=row.consignee_country_code,
        opened_at=control.opened_at,
        due_at=control.due_at,
        expected_arrival_at=row.expected_arrival_at,
        arrived_at=row.arrived_at,
    )
