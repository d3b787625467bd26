"""Goods detained for a right: begun by an officer as a measure, of which the declarant is told at once; then
the holder is told of the goods alone; both answer. What a party answers is an act of the case."""

import datetime as dt
from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from serai.foundation.id_text import format_id, parse_id
from serai.journey.acts.case_acts import FoundCase, find_case
from serai.journey.acts.measures import MeasureOrder, take_within
from serai.journey.consignments import store as consignment_store
from serai.journey.consignments.act_records import record_act
from serai.journey.consignments.store import ConsignmentRow
from serai.journey.documents.not_found import not_found
from serai.journey.documents.submission import Sender
from serai.journey.linking.stored_documents import read_documents
from serai.journey.measure_rules.measure_law import shipped_measure_rules
from serai.journey.measure_rules.rights_law import RightsLaw, rights_law_of
from serai.journey.measure_rules.working_days import working_days_end
from serai.journey.processing.transaction import Processor
from serai.journey.recordals import detention_store as store
from serai.journey.recordals import store as recordal_store
from serai.journey.recordals.clocks import (
    DeclarantAnswer,
    ExtensionAnswer,
    HolderAnswer,
    Outcome,
    Procedure,
    State,
    step_of,
)
from serai.journey.recordals.detention_store import Connection, DetainedItem, DetentionRow
from serai.journey.recordals.store import RecordalRow
from serai.journey.services import Services
from serai.model.acts import Act
from serai.model.documents import Consignment
from serai.model.errors import SeraiError
from serai.model.money import read_decimals

PURPOSE: Final = "rights-detention"
ANSWERED: Final = "rights-answered"
REASON: Final = "intellectual-property"
_MICRO: Final = 1_000_000
_GOODS = msgspec.json.Decoder(list[DetainedItem])


class RightsDetentionOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Goods that an officer detains for a right. reference: the officer's own, once for ever. recordal_id:
    of the right; absent: on customs' own initiative, for a recordal to be lodged. kind: suspension of
    release, or detention. expected_decision_id: the decision that was read. reason: in words, for the
    declarant. is_perishable: the goods do not keep."""

    reference: Annotated[str, Meta(min_length=1, max_length=70)]
    expected_decision_id: str
    recordal_id: str | None = None
    kind: Literal["suspension", "detention"] = "suspension"
    consignment_id: str | None = None
    reason: Annotated[str, Meta(max_length=512)] = ""
    is_perishable: bool = False


class RightsDetention(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Goods that are detained for a right. To its holder nothing tells whose they are: case_id,
    consignment_id and act_id are for officers and the declarant. *_due_at: until when each may answer.
    outcome: how it ended. is_baseless: as the priority of the recordal counts it. extension_days_max: by how
    many working days at most the holder may ask now for more time; absent: it may not. extension_*: what it
    has asked for."""

    detention_id: str
    state: State
    procedure: Procedure
    is_perishable: bool
    begun_at: dt.datetime
    declarant_due_at: dt.datetime
    goods: list[DetainedItem]
    law_reference: str
    recordal_id: str | None = None
    recordal_reference: str | None = None
    case_id: str | None = None
    consignment_id: str | None = None
    act_id: str | None = None
    end_act_id: str | None = None
    holder_told_at: dt.datetime | None = None
    holder_due_at: dt.datetime | None = None
    holder_answer: HolderAnswer | None = None
    holder_answered_at: dt.datetime | None = None
    declarant_answer: DeclarantAnswer | None = None
    declarant_answered_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None
    outcome: Outcome | None = None
    is_baseless: bool | None = None
    disputed_at: dt.datetime | None = None
    dispute_reason_code: str | None = None
    dispute_answer: str | None = None
    dispute_decided_at: dt.datetime | None = None
    extension_asked_at: dt.datetime | None = None
    extension_days: int | None = None
    extension_days_max: int | None = None
    extension_reason_code: str | None = None
    extension_answer: ExtensionAnswer | None = None
    extension_decided_at: dt.datetime | None = None


def law_now(services: Services) -> RightsLaw:
    """Return how rights are enforced here now."""
    return rights_law_of(services.country_code, services.clock.now())


async def begin_detention(
    processor: Processor, sender: Sender, case_id: int, order: RightsDetentionOrder, time_zone: str
) -> tuple[RightsDetention, bool]:
    """Suspend or detain goods for a right; the declarant is told at once, the holder afterwards. Says whether
    it is new; the same again is harmless. time_zone: in which days are counted.

    Raises SeraiError `recordal-not-in-force`, `rights-detention-open`, and those of `take_measure`.
    """
    services = processor.services
    key: dict[str, Any] = {"administration_id": services.administration_id}

    async def work(connection: Connection) -> tuple[DetentionRow, bool]:
        before = await _begun(services, connection, sender, order.reference)
        if before is not None:
            return before, False
        recordal = await _recordal_of(services, connection, order.recordal_id)
        measure = MeasureOrder(
            reference=order.reference,
            kind=order.kind,
            reason_code=REASON,
            reason=order.reason,
            expected_decision_id=parse_id(order.expected_decision_id),
            consignment_id=None if order.consignment_id is None else parse_id(order.consignment_id),
        )
        done = await take_within(processor, connection, sender, case_id, measure)
        row = await _consignment_of(services, connection, parse_id(done.case_id), measure.consignment_id)
        goods, pieces, mass_g = await _goods_of(services, row)
        law, at = law_now(services), services.clock.now()
        procedure = _procedure(law, recordal, order, pieces, mass_g)
        days = law.declarant.perishable_days if order.is_perishable else law.declarant.days
        begun = await store.execute(
            connection,
            "insert_detention",
            detention_id=int(services.ids.take(1)[0]),
            recordal_id=None if recordal is None else recordal.recordal_id,
            holder_party_id=None if recordal is None else recordal.party_id,
            case_id=parse_id(done.case_id),
            consignment_id=row.consignment_id,
            act_id=parse_id(done.act_id),
            officer_party_id=sender.party_id,
            at=at,
            declarant_due_at=due_at(services, at, days, time_zone),
            holder_due_at=None
            if recordal is not None
            else due_at(services, at, law.own_initiative.days, time_zone),
            is_perishable=order.is_perishable,
            procedure=procedure,
            reference=order.reference,
            acting_user=sender.acting_user,
            goods=msgspec.json.encode(goods).decode(),
            **key,
        )
        if not begun:
            raise SeraiError(
                "rights-detention-open",
                "These goods are detained for a right already.",
                "Read that detention; it ends before another one can begin.",
            )
        found = await _begun(services, connection, sender, order.reference)
        assert found is not None, "it was inserted"
        return found, True

    row, is_new = await processor.write(work)
    return detention_out(services, row, sender), is_new


async def read_detentions(
    services: Services, sender: Sender, *, case_id: int | None = None
) -> list[RightsDetention]:
    """Return detentions, the newest first: officers see all, a holder those that it was told of."""
    async with services.database.read(services.administration_id) as connection:
        rows = await store.select_detentions(
            connection,
            administration_id=services.administration_id,
            holder_party_id=_holder(sender),
            case_id=case_id,
        )
    return [detention_out(services, row, sender) for row in rows]


async def read_detention(processor: Processor, sender: Sender, detention_id: int) -> RightsDetention:
    """Return one detention: for officers, the holder who was told, and parties of its case. Raises SeraiError
    `not-found`."""

    async def work(connection: Connection) -> DetentionRow:
        return await find_detention(processor, connection, sender, detention_id)

    return detention_out(processor.services, await processor.write(work), sender)


async def answer_as_holder(
    processor: Processor, sender: Sender, detention_id: int, answer: HolderAnswer
) -> RightsDetention:
    """Keep what a holder answers. The same again is harmless; proceedings may begin after an answer that
    the goods infringe the right. Raises SeraiError `not-found`, `rights-answered`,
    `rights-detention-ended`."""
    services = processor.services
    key: dict[str, Any] = {"administration_id": services.administration_id}

    async def work(connection: Connection) -> DetentionRow:
        row = await lock_detention(services, connection, detention_id, holder_party_id=sender.party_id)
        if row.holder_answer == answer:
            return row
        is_further = (row.holder_answer, answer) == ("infringes-destroy", "infringes-proceedings")
        _require_open(row, is_answered=row.holder_answer is not None and not is_further)
        if row.holder_due_at is not None and services.clock.now() >= row.holder_due_at:
            raise detention_ended("The time to answer has passed.")
        await record_answer(processor, connection, sender, row, side="holder", answer=answer)
        await store.execute(
            connection,
            "answer_as_holder",
            detention_id=detention_id,
            answer=answer,
            at=services.clock.now(),
            acting_user=sender.acting_user,
            **key,
        )
        return await read_again(services, connection, detention_id)

    return detention_out(services, await processor.write(work), sender)


async def answer_as_declarant(
    processor: Processor, sender: Sender, detention_id: int, answer: Literal["agrees", "opposes"]
) -> RightsDetention:
    """Keep whether whoever declared the goods agrees to their destruction, or somebody with a mandate of it.
    The same again is harmless. Raises SeraiError `not-found`, `rights-answered`, `rights-detention-ended`."""
    services = processor.services
    key: dict[str, Any] = {"administration_id": services.administration_id}

    async def work(connection: Connection) -> DetentionRow:
        case = await _find_its_case(processor, connection, sender, detention_id)
        row = await lock_detention(services, connection, detention_id)
        declared = await consignment_store.select_consignments(connection, [row.consignment_id], **key)
        if not declared or declared[0].party_id not in (sender.party_id, case.on_behalf_of):
            raise not_found()
        if row.declarant_answer == answer:
            return row
        _require_open(row, is_answered=row.declarant_answer is not None)
        await record_answer(
            processor,
            connection,
            sender,
            row,
            side="declarant",
            answer=answer,
            on_behalf_of=case.on_behalf_of,
        )
        await store.execute(
            connection,
            "answer_as_declarant",
            detention_id=detention_id,
            answer=answer,
            at=services.clock.now(),
            acting_user=sender.acting_user,
            **key,
        )
        return await read_again(services, connection, detention_id)

    return detention_out(services, await processor.write(work), sender)


async def find_detention(
    processor: Processor, connection: Connection, sender: Sender, detention_id: int
) -> DetentionRow:
    """Return a detention that a sender sees. Raises SeraiError `not-found`."""
    own = processor.services.administration_id
    if "rights_holder" in sender.roles and "officer" not in sender.roles:
        told = await store.select_detentions(
            connection, detention_id=detention_id, holder_party_id=sender.party_id, administration_id=own
        )
        if told:
            return told[0]
    await _find_its_case(processor, connection, sender, detention_id)
    return await read_again(processor.services, connection, detention_id)


async def _find_its_case(
    processor: Processor, connection: Connection, sender: Sender, detention_id: int
) -> FoundCase:
    """Return the case of a detention, locked, if it is for the sender. Raises SeraiError `not-found`."""
    own = processor.services.administration_id
    case_id = await store.case_of_detention(connection, detention_id, administration_id=own)
    # Where there is none, the same statements run as where it is of another's case.
    return await find_case(processor, connection, sender, case_id or detention_id)


def days_to_extend(law: RightsLaw, row: DetentionRow, at: dt.datetime) -> int | None:
    """Return by how many working days at most a holder may ask now for more time to begin proceedings; None:
    it may not."""
    is_open = row.ended_at is None and row.holder_due_at is not None and at < row.holder_due_at
    if not is_open or row.is_perishable or row.extension_asked_at is not None:
        return None
    if row.holder_answer != "infringes-destroy" or law.holder.extension is None:
        return None
    return law.holder.extension.days_max


def due_at(services: Services, at: dt.datetime, days: int, time_zone: str) -> dt.datetime:
    """Return the end of a period of working days that begins now."""
    rest_days = shipped_measure_rules().rest_days_of(services.country_code)
    return working_days_end(at, days, time_zone, rest_days)


def detention_out(services: Services, row: DetentionRow, sender: Sender) -> RightsDetention:
    """Return a detention as a sender sees it."""
    law = law_now(services)
    clock = row.clock(silence_is_consent=law.declarant.silence == "consent")
    step = step_of(clock, services.clock.now())
    is_holder = row.holder_party_id == sender.party_id and "officer" not in sender.roles
    return RightsDetention(
        detention_id=format_id(row.detention_id),
        state=step.state,
        procedure=row.procedure,
        is_perishable=row.is_perishable,
        begun_at=row.begun_at,
        declarant_due_at=row.declarant_due_at,
        goods=_GOODS.decode(row.goods),
        law_reference=_reference(law, row),
        recordal_id=None if row.recordal_id is None else format_id(row.recordal_id),
        recordal_reference=row.recordal_reference,
        case_id=None if is_holder else format_id(row.case_id),
        consignment_id=None if is_holder else format_id(row.consignment_id),
        act_id=None if is_holder else format_id(row.act_id),
        end_act_id=None if is_holder or row.end_act_id is None else format_id(row.end_act_id),
        holder_told_at=row.holder_told_at,
        holder_due_at=row.holder_due_at,
        holder_answer=row.holder_answer,
        holder_answered_at=row.holder_answered_at,
        declarant_answer=step.declarant_answer,
        declarant_answered_at=row.declarant_answered_at,
        ended_at=row.ended_at,
        outcome=row.outcome,
        is_baseless=row.is_baseless,
        disputed_at=row.disputed_at,
        dispute_reason_code=row.dispute_reason_code,
        dispute_answer=row.dispute_answer,
        dispute_decided_at=row.dispute_decided_at,
        extension_asked_at=row.extension_asked_at,
        extension_days=row.extension_days,
        extension_days_max=days_to_extend(law, row, services.clock.now()),
        extension_reason_code=row.extension_reason_code,
        extension_answer=row.extension_answer,
        extension_decided_at=row.extension_decided_at,
    )


def _reference(law: RightsLaw, row: DetentionRow) -> str:
    if row.procedure == "own-initiative":
        return law.own_initiative.law_reference
    if row.procedure == "small-consignment" and law.small_consignment is not None:
        return law.small_consignment.law_reference
    return law.detention_reference


def _procedure(
    law: RightsLaw, recordal: RecordalRow | None, order: RightsDetentionOrder, pieces: int, mass_g: int
) -> Procedure:
    if recordal is None:
        return "own-initiative"
    small = law.small_consignment
    asks = recordal.asks_small_consignments and not order.is_perishable
    return "small-consignment" if small and asks and small.is_small(pieces, mass_g) else "standard"


async def _recordal_of(
    services: Services, connection: Connection, recordal_id: str | None
) -> RecordalRow | None:
    if recordal_id is None:
        return None
    rows = await recordal_store.select_recordals(
        connection, recordal_id=parse_id(recordal_id), administration_id=services.administration_id
    )
    if not rows:
        raise not_found()
    if not rows[0].is_in_force(services.clock.now()):
        raise SeraiError(
            "recordal-not-in-force",
            "Goods are detained for recordals that are in force alone.",
            "Grant the recordal first, or detain without one: its holder may lodge it then.",
        )
    return rows[0]


async def _consignment_of(
    services: Services, connection: Connection, root: int, consignment_id: int | None
) -> ConsignmentRow:
    rows = await consignment_store.select_consignments_of_cases(
        connection, [root], administration_id=services.administration_id
    )
    return next(one for one in rows if consignment_id in (None, one.consignment_id))


async def _goods_of(services: Services, row: ConsignmentRow) -> tuple[list[DetainedItem], int, int]:
    """Return what a holder is told of goods, how many pieces they are, and their mass in grams."""
    documents = await read_documents(
        services, {row.document_id: "declaration"}, PURPOSE, services.clock.now(), {}
    )
    items = [item for one in documents.values() if isinstance(one, Consignment) for item in one.goods_items]
    goods = [
        DetainedItem(
            one.sequence_number, one.commodity_code[:6], one.quantity, one.quantity_unit_code,
            one.origin_country_code,
        )
        for one in items
    ]  # fmt: skip
    pieces, _ = read_decimals([one.quantity for one in items])
    masses, _ = read_decimals([one.gross_mass_kg for one in items])
    if not items:
        raise not_found()
    return goods, -(-int(pieces.sum()) // _MICRO), int(masses.sum()) * 1_000 // _MICRO


async def _begun(
    services: Services, connection: Connection, sender: Sender, reference: str
) -> DetentionRow | None:
    rows = await store.select_detentions(
        connection,
        officer_party_id=sender.party_id,
        reference=reference,
        administration_id=services.administration_id,
    )
    return rows[0] if rows else None


async def lock_detention(
    services: Services, connection: Connection, detention_id: int, *, holder_party_id: int | None = None
) -> DetentionRow:
    """Lock a detention, and return it. holder_party_id: only if that holder was told of it; None: whosever.
    Raises SeraiError `not-found`."""
    its: dict[str, Any] = {
        "detention_id": detention_id,
        "holder_party_id": holder_party_id,
        "administration_id": services.administration_id,
    }
    await store.execute(connection, "lock_detention", **its)
    return _own(await store.select_detentions(connection, **its))


async def read_again(services: Services, connection: Connection, detention_id: int) -> DetentionRow:
    """Return a detention as it is now. Raises SeraiError `not-found`."""
    own = services.administration_id
    return _own(await store.select_detentions(connection, detention_id=detention_id, administration_id=own))


def _own(rows: Sequence[DetentionRow]) -> DetentionRow:
    if not rows:
        raise not_found()
    return rows[0]


async def record_answer(
    processor: Processor,
    connection: Connection,
    sender: Sender,
    row: DetentionRow,
    *,
    side: str,
    answer: str,
    on_behalf_of: int | None = None,
) -> None:
    """Record an answer as an act of the case, to which the log commits."""
    act_id = int(processor.services.ids.take(1)[0])
    act = Act(
        act_id=act_id,
        case_id=row.case_id,
        kind=ANSWERED,
        subject_id=row.consignment_id,
        party_id=sender.party_id,
        acting_user=sender.acting_user,
        on_behalf_of=on_behalf_of,
        at=processor.services.clock.now(),
        leaf_id=act_id,
        parameters={"detention": format_id(row.detention_id), "side": side, "answer": answer},
        law_reference=_reference(law_now(processor.services), row),
        reference=f"{ANSWERED}-{format_id(row.detention_id)}-{side}-{answer}",
    )
    await record_act(processor.services, connection, act)


def _require_open(row: DetentionRow, *, is_answered: bool) -> None:
    if row.ended_at is not None:
        raise detention_ended("These goods are not detained for the right any more.")
    if is_answered:
        raise SeraiError(
            "rights-answered",
            "This was answered before, and otherwise.",
            "Write to the customs office that detains the goods, if the answer is to be corrected.",
        )


def detention_ended(message: str) -> SeraiError:
    """Return what is raised for goods that are detained no more, or whose time has passed."""
    return SeraiError("rights-detention-ended", message, "Read how the detention has ended.")


def _holder(sender: Sender) -> int | None:
    return None if "officer" in sender.roles else sender.party_id
