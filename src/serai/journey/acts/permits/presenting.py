"""Naming a permit for goods after their declaration was lodged: it is written off and the case is decided
again, at once."""

from typing import Any, Literal

import msgspec
from psycopg import AsyncConnection

from serai.foundation.access.administering import ActingUser
from serai.foundation.id_text import format_id
from serai.journey.acts.case_acts import find_case, reference_reused
from serai.journey.consignments import store as consignment_store
from serai.journey.consignments.act_records import record_act, select_act_by_reference
from serai.journey.consignments.store import ConsignmentRow
from serai.journey.documents.not_found import not_found
from serai.journey.documents.submission import Sender
from serai.journey.permits import store as permit_store
from serai.journey.permits.permit import EXHAUSTED, PERMIT_FINDINGS, has_some_left
from serai.journey.permits.registering import bring_permit, person_hash
from serai.journey.processing.notify import notify_case
from serai.journey.processing.redetermine import newest_decisions, redetermine
from serai.journey.processing.transaction import Processor
from serai.model.acts import PERMIT_PRESENTED, Act
from serai.model.errors import SeraiError
from serai.model.frames import FINAL_STATUSES, LANES

Connection = AsyncConnection[Any]


class PermitPresented(msgspec.Struct, frozen=True, omit_defaults=True):
    """What came of a permit that was named for goods. lane: of the goods, as they are decided now. finding:
    `permit-exhausted` where it has too little left for all of them: it is kept, and one named beside it may
    cover them with it."""

    act_id: str
    case_id: str
    consignment: str
    goods_item: int
    permit: str
    lane: Literal["proceed", "await", "review", "examine", "refuse"]
    finding: Literal["permit-exhausted"] | None = None


class PresentedPermit(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody names: a permit that is registered (number), or one as its agency signed it. reference:
    the sender's own. document_code: as which document. consignment_id: of which declaration of the case;
    None: it has one. identity_number: of the person who holds it."""

    reference: str
    goods_item: int
    document_code: str
    number: str | None = None
    signed: str | None = None
    consignment_id: int | None = None
    identity_number: str | None = None


async def present_permit(
    processor: Processor, sender: Sender, case_id: int, named: PresentedPermit, *, administration_code: str
) -> PermitPresented:
    """Name a permit for a goods item; write it off and decide the case again, in one transaction.

    What does not cover the goods changes nothing, and is told as a finding of a declaration is; one that has
    something left, though too little, is kept for goods that several cover together. The same again is
    harmless. Raises SeraiError `not-found`, `permit-faulty`, `permit-not-needed`,
    `permit-presented-late`, `reference-reused`, codes of findings of permits, and those of `bring_permit`.
    """
    services, at = processor.services, processor.services.clock.now()
    if (named.number is None) == (named.signed is None):
        raise SeraiError(
            "permit-faulty",
            "This permit is not as it should be.",
            "State either the number of a registered permit, or the permit as its agency signed it.",
        )

    async def work(connection: Connection) -> PermitPresented:
        case = await find_case(processor, connection, sender, case_id)
        row = await _consignment(processor, connection, case.root, named.consignment_id)
        number = named.number
        if named.signed is not None:
            by = ActingUser(
                services.administration_id, sender.acting_user, at, lambda: int(services.ids.take(1)[0])
            )
            permit, _ = await bring_permit(
                connection,
                by,
                named.signed,
                services.pseudonymiser,
                administration_code=administration_code,
            )
            number = permit.number
        assert number is not None, "one of the two is stated"
        return await _present(processor, connection, sender, row, named, number=number)

    done: PermitPresented = await processor.write(work)
    return done


async def _consignment(
    processor: Processor, connection: Connection, root: int, consignment_id: int | None
) -> ConsignmentRow:
    rows = await consignment_store.select_consignments_of_cases(
        connection, [root], administration_id=processor.services.administration_id
    )
    if consignment_id is not None:
        rows = [one for one in rows if one.consignment_id == consignment_id]
    if not rows:
        raise not_found()
    if len(rows) > 1:
        raise SeraiError(
            "consignment-not-named",
            "The case has several declarations.",
            "Name the one that is meant: consignment.",
        )
    return rows[0]


async def _present(
    processor: Processor,
    connection: Connection,
    sender: Sender,
    row: ConsignmentRow,
    named: PresentedPermit,
    *,
    number: str,
) -> PermitPresented:
    services, at = processor.services, processor.services.clock.now()
    key = {"administration_id": services.administration_id}
    holder = {}
    if named.identity_number is not None:
        holder["holder"] = person_hash(services.pseudonymiser, named.identity_number).hex()
    said = {"document": named.document_code, "permit": number, **holder}
    before = await select_act_by_reference(connection, sender.party_id, named.reference, **key)
    if before is not None:
        if (before.kind, before.subject_id, before.subject_number, before.parameters) != (
            PERMIT_PRESENTED, row.consignment_id, named.goods_item, said,
        ):  # fmt: skip
            raise reference_reused()
        return _answer(before, *await _standing(processor, connection, before))
    if row.status in FINAL_STATUSES:
        raise SeraiError(
            "permit-presented-late",
            "These goods are released or withdrawn: nothing is written off for them any more.",
            "Ask for an amendment after release.",
        )
    act_id = int(services.ids.take(1)[0])
    act = Act(
        act_id=act_id,
        case_id=row.case_id,
        kind=PERMIT_PRESENTED,
        subject_id=row.consignment_id,
        subject_number=named.goods_item,
        party_id=sender.party_id,
        acting_user=sender.acting_user,
        at=at,
        leaf_id=act_id,
        version=row.version,
        parameters=said,
        reference=named.reference,
    )
    _, codes_before = await _standing(processor, connection, act)
    await record_act(services, connection, act)
    await redetermine(services, connection, processor.law, [row.consignment_id], at)
    row, codes = await _standing(processor, connection, act)
    await _require_cover(processor, connection, act, codes=codes, codes_before=codes_before)
    await notify_case(services, connection, "document-added", [(row.case_id, row.party_id, 0)], at)
    return _answer(act, row, codes)


async def _standing(
    processor: Processor, connection: Connection, act: Act
) -> tuple[ConsignmentRow, list[str]]:
    """Return an act's consignment as it stands, and the codes of what its decision says of permits of the
    goods item."""
    (row,) = await consignment_store.select_consignments(
        connection, [act.subject_id], administration_id=processor.services.administration_id
    )
    decisions = await newest_decisions(processor.services, connection, [row])
    return row, [
        finding.code
        for finding in decisions[row.consignment_id].detail.findings
        if finding.code in PERMIT_FINDINGS
        and finding.parameters.get("goods_item") == str(act.subject_number)
        and finding.parameters.get("document") == act.parameters["document"]
    ]


async def _require_cover(
    processor: Processor, connection: Connection, act: Act, *, codes: list[str], codes_before: list[str]
) -> None:
    """Raise SeraiError, which undoes all, unless something is written off of the permit for the goods, or
    would be beside another. codes_before: without the act: what was exhausted then says nothing of this
    permit, which may be for other goods."""
    key = {"administration_id": processor.services.administration_id}
    drawn = await permit_store.select_drawn(connection, [act.subject_id], **key)
    permits = {
        one.permit_id: one
        for one in await permit_store.lock_permits(connection, [act.parameters["permit"]], [], **key)
    }
    if any(one.sequence_number == act.subject_number and one.permit_id in permits for one in drawn):
        return
    is_scanty = codes == [EXHAUSTED] and EXHAUSTED not in codes_before
    if is_scanty and any(has_some_left(one) for one in permits.values()):
        return
    if codes or not permits:
        code = codes[0] if codes else "permit-unknown"
        # What is wrong with it is the title of the code.
        raise SeraiError(
            code,
            "This permit does not cover these goods.",
            "Ask the agency that the decision names for one that does, or amend the declaration.",
        )
    raise SeraiError(
        "permit-not-needed",
        "No rule that an agency keeps permits for asks for this document of these goods.",
        "Read the decision: it says which document is missing, and for which goods item.",
    )


def _answer(act: Act, row: ConsignmentRow, codes: list[str]) -> PermitPresented:
    return PermitPresented(
        format_id(act.act_id),
        format_id(act.case_id),
        format_id(act.subject_id),
        act.subject_number,
        act.parameters["permit"],
        LANES[row.lane],  # type: ignore[arg-type]  # one of the five
        "permit-exhausted" if EXHAUSTED in codes else None,
    )
