"""Acts on a case: what it owes at the border was paid, put on account or secured; an act is taken back."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import msgspec
from psycopg import AsyncConnection

from serai.foundation.id_text import format_id
from serai.journey.consignments import store as consignment_store
from serai.journey.consignments.act_records import (
    record_act,
    select_act,
    select_act_by_reference,
    select_acts,
    select_standing_acts,
)
from serai.journey.documents.not_found import not_found
from serai.journey.documents.submission import Sender
from serai.journey.guarantees.reserving import give_back, lessen, reserve
from serai.journey.linking.case_locks import lock_roots
from serai.journey.mandates import store as mandate_store
from serai.journey.matching import store as matching_store
from serai.journey.matching.store import DeclaredRow
from serai.journey.measure_rules.governing_law import law_of_counter_act
from serai.journey.measure_rules.measure_law import CounterForm, faulty
from serai.journey.payment_accounts import store as account_store
from serai.journey.payment_accounts.drawing import account_unknown, check_usable, draw
from serai.journey.payment_accounts.store import Moved, PaymentAccount
from serai.journey.processing.notify import notify_case
from serai.journey.processing.redetermine import redetermine
from serai.journey.processing.supporting_documents.process import redetermine_cases
from serai.journey.processing.transaction import Processor
from serai.journey.recording.payment_entries import ENTERED_KINDS, enter_payments
from serai.journey.recording.payments.owed import read_owed
from serai.journey.recording.payments.rounding_differences import ROUNDED, take_back_roundings
from serai.journey.refunds.order_moves import withdraw_undue
from serai.journey.revenue.payment_recorded import PaymentRecorded
from serai.journey.services import Services
from serai.journey.tasks import store as task_store
from serai.journey.tasks.requests import open_request
from serai.journey.tasks.rules import CUSTODY, RECORD_CHANGED
from serai.model.acts import ACT_KINDS, LESSENING, QUESTIONED, SECURING, Act
from serai.model.errors import SeraiError
from serai.model.frames import RELEASED, WITHDRAWN
from serai.model.message_text import MessageText
from serai.model.money import MICRO_PLACES, PLACES, format_minor, read_decimals

Connection = AsyncConnection[Any]
First = Callable[[Connection], Awaitable[None]]
Hear = Callable[[Connection, Act], Awaitable[dict[str, Any]]]
"""Holds what is taken back against the hearing before it."""

WORKED_OUT: Final = frozenset(
    {
        "declared_mass_micro",
        "ended_rules",
        "hearing",
        "answer",
        "exception",
        "exception_law",
        "way",
        "highest_minor",
    }
)
"""Parameters that no order states."""
_ABOUT_WHICH_A_TASK_IS: Final = frozenset({"information-requested", "hearing-opened"})
PAYMENT_KINDS: Final = ("paid", "on-account", "secured")


class ActDone(msgspec.Struct, frozen=True):
    """An act that was taken. act_id: for its receipt. case_id: as the case is called now."""

    act_id: str
    case_id: str
    kind: str
    at: datetime


class FoundCase(NamedTuple):
    """A case, locked. on_behalf_of: by whose mandate the sender acts in it; None: in its own name."""

    root: int
    on_behalf_of: int | None


def done_of(act: Act, root: int) -> ActDone:
    """Return what is answered of an act. root: its case, as it is called now."""
    return ActDone(format_id(act.act_id), format_id(root), act.kind, act.at)


async def mark_payment_status(
    processor: Processor,
    sender: Sender,
    case_id: int,
    *,
    reference: str,
    kind: str,
    currency_code: str,
    amount: str,
    account: str | None = None,
    expected_decision_id: int | None = None,
    first: First | None = None,
) -> PaymentRecorded:
    """Mark that something was paid, put on account or secured for what a case owes at the border.

    By who declared the goods, by who has a mandate of theirs (for an account, over that account), by who has
    a part in the case and puts it on an account of its own (UCC 109(2)), or by an officer: whoever only has
    a part in the case can say nothing else about money. The case is decided again: free
    to go when the payments cover what is due, else the answer says what is missing. The same act again is
    harmless. account: on which it is put or secured. expected_decision_id: one that stands on the case;
    None: whichever does. first: what is done before all else in the transaction. Raises SeraiError
    `not-found`, `payment-record-not-authorised`, `mark-faulty`, `mark-currency-differs`, `reference-reused`,
    `decision-not-current`, and those of guarantees and payment accounts.
    """
    services, at = processor.services, processor.services.clock.now()
    if kind not in PAYMENT_KINDS:
        raise _faulty(MessageText("See to it that kind is one of {listed}.", listed=", ".join(PAYMENT_KINDS)))
    amount_minor = read_amount(currency_code, amount)
    require_account(services, sender, kind, account)

    async def work(connection: Connection) -> PaymentRecorded:
        if first is not None:
            await first(connection)
        case = await find_case(processor, connection, sender, case_id)
        held = await _find_account(processor, connection, kind, account, currency_code)
        case = await _authorise(processor, connection, sender, case, kind=kind, account=account, held=held)
        owed = (await read_owed(services, connection, processor.law, [case.root]))[case.root]
        if owed.dues.keys() - {currency_code}:
            raise SeraiError(
                "mark-currency-differs",
                "What is due is not in the currency of this mark.",
                MessageText("Mark it in {listed}.", listed=", ".join(sorted(owed.dues))),
            )
        act_id = int(services.ids.take(1)[0])
        act = Act(
            act_id=act_id,
            case_id=case.root,
            kind=kind,
            subject_id=case.root,
            party_id=sender.party_id,
            acting_user=sender.acting_user,
            on_behalf_of=case.on_behalf_of,
            at=at,
            leaf_id=act_id,
            law_reference=owed.law_reference,
            parameters={"currency_code": currency_code, "amount_minor": amount_minor}
            | ({} if account is None else {"account": account})
            | ({} if held is None else {"way": held.way}),
            expected_decision_id=expected_decision_id,
            reference=reference,
        )
        stands = await do_once(processor, connection, act)
        return await _payment_recorded(processor, connection, stands, currency_code)

    payment_status: PaymentRecorded = await processor.write(work)
    return payment_status


async def reverse_act(
    processor: Processor,
    sender: Sender,
    case_id: int,
    *,
    act_id: int,
    reference: str,
    reason_code: str,
    reason: str,
    expected_decision_id: int | None,
    form: CounterForm | None = None,
    hear: Hear | None = None,
    first: First | None = None,
) -> ActDone:
    """Take back an act on a case: by the party that did it, or an officer. The case is decided again.
    form: in which an officer's measure is taken back, on its own legal basis; needed of one, and of no other
    act. hear: says what is recorded of the hearing before it, or raises. first: what is done before all else
    in the transaction.

    After release nothing is taken back of that; what is owed again is shown, and an officer gets a task. The
    same act again is harmless. Raises SeraiError `not-found`, `act-not-reversible`, `act-reversed-already`,
    `reference-reused`, `decision-not-current`.
    """
    services, at = processor.services, processor.services.clock.now()

    async def work(connection: Connection) -> ActDone:
        if first is not None:
            await first(connection)
        case = await find_case(processor, connection, sender, case_id)
        target = await select_act(connection, act_id, administration_id=services.administration_id)
        if (
            target is None
            or (await lock_roots(connection, [target[0].case_id]))[target[0].case_id] != case.root
        ):
            raise not_found()
        reversed_act = target[0]
        if "officer" not in sender.roles and reversed_act.party_id != sender.party_id:
            raise not_found()
        kind = ACT_KINDS[reversed_act.kind]
        if not kind.is_reversible:
            raise SeraiError(
                "act-not-reversible",
                MessageText(
                    "An act of the kind {kind} is not taken back by another.", kind=reversed_act.kind
                ),
                "What was destroyed is not brought back: appeal, or claim compensation."
                if reversed_act.kind == "destruction"
                else "Do what is right by an act of its own: an amendment, a payment.",
            )
        if (form is None) == kind.is_measure:
            raise faulty(
                "See to it that form says how an officer's measure is taken back, and nothing of another act."
            )
        law_reference = reversed_act.law_reference
        heard = {} if hear is None else await hear(connection, reversed_act)
        if form is not None:
            _, law_reference = await law_of_counter_act(processor, connection, reversed_act, form)
        new_id = int(services.ids.take(1)[0])
        act = Act(
            act_id=new_id,
            case_id=case.root,
            kind="reversal",
            subject_id=case.root,
            party_id=sender.party_id,
            acting_user=sender.acting_user,
            on_behalf_of=case.on_behalf_of,
            at=at,
            leaf_id=new_id,
            reason_code=reason_code,
            expected_decision_id=expected_decision_id,
            law_reference=law_reference,
            parameters=heard if form is None else {"form": form, **heard},
            reverses=act_id,
            reference=reference,
        )
        stands = await do_once(processor, connection, act, reason, taken_back=reversed_act)
        return done_of(stands, case.root)

    done: ActDone = await processor.write(work)
    return done


async def take_back_payment(
    processor: Processor,
    connection: Connection,
    sender: Sender,
    act_id: int,
    *,
    reference: str,
    at: datetime,
) -> bool:
    """Take back a payment that a bank takes back, in the caller's transaction; say whether it still stood."""
    services = processor.services
    found = await select_act(connection, act_id, administration_id=services.administration_id)
    assert found is not None, "a movement names an act of ours"
    root = (await lock_roots(connection, [found[0].case_id]))[found[0].case_id]
    new_id = int(services.ids.take(1)[0])
    act = Act(
        act_id=new_id,
        case_id=root,
        kind="reversal",
        subject_id=root,
        party_id=sender.party_id,
        acting_user=sender.acting_user,
        at=at,
        leaf_id=new_id,
        reason_code="payment-bounced",
        law_reference=found[0].law_reference,
        reverses=act_id,
        reference=reference,
    )
    try:
        await do_once(processor, connection, act, taken_back=found[0])
    except SeraiError as fault:
        if fault.code != "act-reversed-already":
            raise
        return False
    return True


async def part_possible_match(
    processor: Processor, sender: Sender, case_id: int, *, document_id: int, reason: str
) -> ActDone:
    """Say that a document that may belong to a case does not: its task is closed, and it is not offered for
    the case again. The same again is harmless. For officers. Raises SeraiError `not-found`."""
    services, at = processor.services, processor.services.clock.now()
    key = {"administration_id": services.administration_id}

    async def work(connection: Connection) -> ActDone:
        case = await find_case(processor, connection, sender, case_id)
        declared = await matching_store.select_declared(connection, [case.root], withdrawn=WITHDRAWN, **key)
        ids = sorted({one.consignment_id for one in declared})
        if not await task_store.close_task_about(connection, document_id, ids, at=at, **key):
            return await _said_before(processor, connection, case.root, "match-parted", document_id)
        word = _Word(case.root, "match-parted", document_id, at, reason)
        return await _record_word(processor, connection, sender, word)

    done: ActDone = await processor.write(work)
    return done


async def settle_custody(processor: Processor, sender: Sender, case_id: int, *, reason: str) -> ActDone:
    """Say that the events of who does not hold the goods of a case were looked at: its task is closed. The
    same again is harmless. For officers. Raises SeraiError `not-found`."""
    services, at = processor.services, processor.services.clock.now()
    key = {"administration_id": services.administration_id}

    async def work(connection: Connection) -> ActDone:
        case = await find_case(processor, connection, sender, case_id)
        if not await task_store.close_kind(connection, case.root, CUSTODY, at=at, **key):
            return await _said_before(processor, connection, case.root, "custody-settled", case.root)
        word = _Word(case.root, "custody-settled", case.root, at, reason)
        return await _record_word(processor, connection, sender, word)

    done: ActDone = await processor.write(work)
    return done


async def join_possible_match(
    processor: Processor, sender: Sender, case_id: int, *, document_id: int, reason: str
) -> ActDone:
    """Say that a document that may belong to a case does: it counts from now on, and the case is decided
    again.

    The same again is harmless. What was joined is parted by taking this act back. For officers. Raises
    SeraiError `not-found`, also where another officer has parted it meanwhile.
    """
    services, law, at = processor.services, processor.law, processor.services.clock.now()
    key = {"administration_id": services.administration_id}

    async def work(connection: Connection) -> ActDone:
        if "officer" not in sender.roles:
            raise not_found()
        root = await matching_store.resolve_case(connection, case_id, **key)
        if root is None:
            raise not_found()
        waiting = await matching_store.select_waiting_document(connection, document_id, **key)
        # Both at once, in the order in which everybody locks.
        roots = await lock_roots(connection, sorted({root, root if waiting is None else waiting[0]}))
        root = roots[root]
        declared = await matching_store.select_declared(connection, [root], withdrawn=WITHDRAWN, **key)
        ids = sorted({one.consignment_id for one in declared})
        waiting = await matching_store.select_waiting_document(connection, document_id, **key)
        if waiting is None or not await task_store.close_task_about(
            connection, document_id, ids, at=at, **key
        ):
            return await _said_before(processor, connection, root, "match-joined", document_id)
        own_id, party_id = waiting
        own = (await lock_roots(connection, [own_id]))[own_id]
        survivor = min(root, own)
        if own != root:
            merged = {max(root, own): survivor}
            await matching_store.merge_cases(connection, merged, new=set(), at=at, **key)
        await matching_store.confirm_documents(connection, [document_id])
        await matching_store.insert_links(
            connection,
            case_ids=[survivor],
            document_ids=[document_id],
            scores_ppm=[1_000_000],
            details=["officer"],
            at=at,
            **key,
        )
        await task_store.close_possible_matches(connection, [document_id], at=at, **key)
        word = _Word(survivor, "match-joined", document_id, at, reason)
        done = await _record_word(processor, connection, sender, word)
        await redetermine_cases(services, connection, law, {survivor}, at)
        await notify_case(services, connection, "document-added", [(survivor, party_id, 0)], at)
        return done

    done: ActDone = await processor.write(work)
    return done


class _Word(NamedTuple):
    """An officer's word on a case, or on a document in it."""

    root: int
    kind: str
    subject_id: int
    at: datetime
    reason: str


async def _record_word(processor: Processor, connection: Connection, sender: Sender, word: _Word) -> ActDone:
    services = processor.services
    act_id = int(services.ids.take(1)[0])
    act = Act(
        act_id=act_id,
        case_id=word.root,
        kind=word.kind,
        subject_id=word.subject_id,
        party_id=sender.party_id,
        acting_user=sender.acting_user,
        at=word.at,
        leaf_id=act_id,
    )
    await record_act(services, connection, act, word.reason)
    return done_of(act, word.root)


async def _said_before(
    processor: Processor, connection: Connection, root: int, kind: str, document_id: int
) -> ActDone:
    """Return the act of this kind that stands on a document of a case, or on the case itself.

    Raises SeraiError `not-found`.
    """
    standing = await select_standing_acts(
        connection, [root], [kind], administration_id=processor.services.administration_id
    )
    before = next((one for _, one in standing if one.subject_id == document_id), None)
    if before is None:
        raise not_found()
    return done_of(before, root)


async def _part_again(connection: Connection, joined: Act) -> None:
    """Let a document that an officer has joined to a case wait again: it stays in the case, and counts no
    more."""
    await matching_store.unconfirm_documents(connection, [joined.subject_id])
    await matching_store.delete_link(connection, joined.subject_id, [joined.case_id])


async def do_once(
    processor: Processor,
    connection: Connection,
    act: Act,
    words: str = "",
    *,
    taken_back: Act | None = None,
    event: str = "settled",
    secured: bool = False,
) -> Act:
    """Record an act on a case, decide the case again and tell its parties; return what stands under the act's
    reference: this one, or the same one done before. taken_back: the act that a reversal reverses. event: of
    which the parties are told; "": of none. secured: what it is about was released against security: it is
    determined anew all the same."""
    services, law = processor.services, processor.law
    key = {"administration_id": services.administration_id}
    before = await select_act_by_reference(connection, act.party_id, str(act.reference), **key)
    if before is None:
        declared = await matching_store.select_declared(connection, [act.case_id], withdrawn=WITHDRAWN, **key)
        ids = sorted({one.consignment_id for one in declared})
        await _require_current(connection, act, ids, services.administration_id)
        if await record_act(services, connection, act, words) is not None:
            was_joined = taken_back is not None and taken_back.kind == "match-joined"
            if taken_back is not None:
                await _undo(services, connection, taken_back, act, ids)
            if taken_back is not None or ACT_KINDS[act.kind].effects:
                await redetermine(
                    services,
                    connection,
                    law,
                    ids,
                    act.at,
                    has_new_documents=was_joined,
                    secured_id=act.subject_id if secured else None,
                )
            await _reserve(services, connection, act, taken_back, declared)
            if {act.kind, taken_back.kind if taken_back is not None else ""} & set(ENTERED_KINDS):
                await enter_payments(services, connection, [act.case_id], act.at)
            if taken_back is not None:
                await withdraw_undue(services, connection, taken_back.act_id, at=act.at)
            if event:
                await notify_case(services, connection, event, [(act.case_id, act.party_id, 0)], act.at)
            if taken_back is not None and taken_back.kind != QUESTIONED:
                await _ask_officer(processor, connection, ids, act)
            return act
        before = await select_act_by_reference(connection, act.party_id, str(act.reference), **key)
    if before is None:
        raise SeraiError(
            "act-reversed-already",
            "This act was taken back before.",
            "Read the acts of the case; if it was wrong to take it back, do it anew under another reference.",
        )
    root = (await lock_roots(connection, [before.case_id]))[before.case_id]
    if _content(before, root) != _content(act, act.case_id):
        raise reference_reused()
    return before


async def _undo(
    services: Services, connection: Connection, taken_back: Act, act: Act, ids: Sequence[int]
) -> None:
    """Undo what an act that is taken back brought about beside decisions. ids: consignments of the case."""
    key = {"administration_id": services.administration_id}
    if taken_back.kind == "match-joined":
        await _part_again(connection, taken_back)
    if taken_back.kind in _ABOUT_WHICH_A_TASK_IS:
        await task_store.close_task_about(connection, taken_back.act_id, ids, at=act.at, **key)
    if taken_back.kind == QUESTIONED:
        await task_store.close_kind(connection, act.case_id, RECORD_CHANGED, at=act.at, **key)
    if taken_back.kind in ROUNDED:
        await take_back_roundings(services, connection, taken_back, act)


async def _reserve(
    services: Services,
    connection: Connection,
    act: Act,
    taken_back: Act | None,
    declared: Sequence[DeclaredRow],
) -> None:
    """Take of a guarantee or payment account what an act takes of it; give back what one that is taken back
    has taken."""
    administration_id = services.administration_id
    if taken_back is not None and taken_back.parameters.get("way"):
        await account_store.take_back_movements(
            connection,
            taken_back.act_id,
            movement_id=int(services.ids.take(1)[0]),
            at=act.at,
            administration_id=administration_id,
        )
    if taken_back is not None and taken_back.kind in SECURING:
        await give_back(
            connection,
            taken_back.act_id,
            ids=services.ids,
            at=act.at,
            administration_id=administration_id,
        )
    said = act.parameters
    if said.get("way"):
        movement_id = int(services.ids.take(1)[0])
        await draw(
            connection,
            said["account"],
            Moved(movement_id, act.act_id, act.case_id, said["amount_minor"], act.at),
            currency_code=said["currency_code"],
            administration_id=administration_id,
        )
    if act.kind in LESSENING and said.get("account"):
        await lessen(connection, act, ids=services.ids, administration_id=administration_id)
    if act.kind in SECURING and said.get("account") and "amount_minor" in said:
        declarants = {one.party_id for one in declared}
        own = {one for one in (act.party_id, act.on_behalf_of) if one is not None}
        await reserve(
            connection,
            said["account"],
            # An officer secures with what is the declarants'.
            principals=own if own & declarants else declarants,
            currency_code=said["currency_code"],
            amount_minor=said["amount_minor"],
            act_id=act.act_id,
            ids=services.ids,
            at=act.at,
            administration_id=administration_id,
        )


def reference_reused() -> SeraiError:
    """Return the error of a reference that stands for another act."""
    return SeraiError(
        "reference-reused",
        "This reference was used before for another act.",
        "Give the act a reference of its own.",
    )


def _content(act: Act, root: int) -> tuple[Any, ...]:
    """Return what makes an act the same when it is sent again."""
    stated = {name: value for name, value in act.parameters.items() if name not in WORKED_OUT}
    return root, act.kind, act.subject_number, stated, act.reason_code, act.reverses


async def _require_current(
    connection: Connection, act: Act, consignment_ids: list[int], administration_id: int
) -> None:
    if act.expected_decision_id is None:
        return
    standing = await consignment_store.select_consignments(
        connection, consignment_ids, administration_id=administration_id
    )
    if act.expected_decision_id not in {one.decision_id for one in standing}:
        acts = await select_acts(connection, [act.case_id], administration_id=administration_id)
        # Ids rise with time: what was done since the decision that is named.
        since = [one.act.kind for one in acts if one.act.act_id > act.expected_decision_id]
        raise SeraiError(
            "decision-not-current",
            MessageText(
                "The decision that this act is meant for does not stand any more; nothing was done. Since"
                " then: {listed}.",
                listed=", ".join(since),
            )
            if since
            else "The decision that this act is meant for does not stand any more; nothing was done.",
            "Read the newest decision of the case; if the act is still right, send it with that one's id.",
        )


async def _ask_officer(processor: Processor, connection: Connection, ids: list[int], act: Act) -> None:
    """Let an officer look at what was released on something that was taken back since."""
    services = processor.services
    rows = await consignment_store.select_consignments(
        connection, ids, administration_id=services.administration_id
    )
    for row in rows:
        if row.status == RELEASED:
            await open_request(
                connection,
                row,
                task_id=int(services.ids.take(1)[0]),
                administration_id=services.administration_id,
                at=act.at,
            )


async def find_case(processor: Processor, connection: Connection, sender: Sender, case_id: int) -> FoundCase:
    """Return the surviving case, locked, if the sender has a part in it, or a mandate of one that has, or is
    an officer, or the buyer whose session is at its parcel.

    A case that is not there and one that is not the sender's are looked for alike, and a stranger locks none.
    """
    case = await _part_of(processor, connection, sender, case_id)
    if case is None:
        raise not_found()
    root = (await lock_roots(connection, [case.root]))[case.root]
    if root != case.root:  # it was merged while we waited
        case = await _part_of(processor, connection, sender, root)
        if case is None:
            raise not_found()
    return case


async def _part_of(
    processor: Processor, connection: Connection, sender: Sender, case_id: int
) -> FoundCase | None:
    """Return the case that an id stands for, and in whose name a sender may act in it; None: in nobody's."""
    key = {"administration_id": processor.services.administration_id}
    if "officer" in sender.roles or sender.at_case is not None:
        root = await matching_store.resolve_case(connection, case_id, **key)
        if sender.at_case is not None and root != await matching_store.resolve_case(
            connection, sender.at_case, **key
        ):
            return None
        return None if root is None else FoundCase(root, None)
    covered = await mandate_store.select_covered(
        connection, [sender.party_id], at=processor.services.clock.now(), **key
    )
    grantors = {
        grantor_id
        for grantor_id, grantee_id, kind in covered
        if (grantee_id, kind) == (sender.party_id, "payment-record")
    }
    root, parties = await matching_store.select_parts_of_case(
        connection, case_id, {sender.party_id, *grantors}, **key
    )
    if root is None:
        return None
    return FoundCase(root, None if sender.party_id in parties else min(parties))


def require_account(services: Services, sender: Sender, kind: str, account: str | None) -> None:
    """Raise SeraiError `mark-faulty` where a party says something about money that no account of its own
    answers for. An officer takes cash, and cash as security."""
    if kind == "paid" and account is not None:
        raise _faulty("See to it that what goes over an account is of the kind on-account.")
    if "officer" in sender.roles or account is not None:
        return
    if kind == "secured":
        raise _faulty("See to it that account names the guarantee.")
    if services.needs_accounts:
        raise _faulty(
            "See to it that kind is on-account and account names your payment account, or pay by reference."
        )


async def _find_account(
    processor: Processor, connection: Connection, kind: str, account: str | None, currency_code: str
) -> PaymentAccount | None:
    """Return the payment account on which something is to be put; None: it goes over none."""
    if kind != "on-account" or account is None:
        return None
    found = await account_store.select_account(
        connection, account, administration_id=processor.services.administration_id
    )
    return check_usable(found, currency_code)


async def authorise_payer(
    processor: Processor, connection: Connection, sender: Sender, case: FoundCase
) -> FoundCase:
    """Return in whose name the sender may speak of what was paid in this case. Raises SeraiError
    `payment-record-not-authorised`."""
    return await _authorise(processor, connection, sender, case, kind="paid", account=None, held=None)


async def _authorise(
    processor: Processor,
    connection: Connection,
    sender: Sender,
    case: FoundCase,
    *,
    kind: str,
    account: str | None,
    held: PaymentAccount | None,
) -> FoundCase:
    """Return in whose name the sender may speak of money in this case (UCC 18, 108 to 110). held: the payment
    account that it goes over: its owner's money, whoever owes.

    Raises SeraiError `payment-account-unknown`, `payment-record-not-authorised`.
    """
    if "officer" in sender.roles:
        return case if held is None else case._replace(on_behalf_of=held.party_id)
    services = processor.services
    key = {"administration_id": services.administration_id}
    if held is not None:
        if held.party_id == sender.party_id:
            return FoundCase(case.root, None)
        granted = await mandate_store.select_payment_mandates(
            connection, [held.party_id], sender.party_id, at=services.clock.now(), **key
        )
        if not any(account in accounts for _, accounts in granted):
            raise account_unknown()
        return FoundCase(case.root, held.party_id)
    declared = await matching_store.select_declared(connection, [case.root], withdrawn=WITHDRAWN, **key)
    declarants = {one.party_id for one in declared}
    if sender.party_id in declarants:
        return case
    mandates = await mandate_store.select_payment_mandates(
        connection, sorted(declarants), sender.party_id, at=services.clock.now(), **key
    )
    covering = [grantor_id for grantor_id, accounts in mandates if kind == "paid" or account in accounts]
    if not covering:
        raise SeraiError(
            "payment-record-not-authorised",
            "What is owed here is for the declarant to settle, and you act without a mandate for this.",
            "Ask the declarant for a mandate for payment-record, which names the account if one is used.",
        )
    return FoundCase(case.root, covering[0])


async def _payment_recorded(
    processor: Processor, connection: Connection, act: Act, currency_code: str
) -> PaymentRecorded:
    root = (await lock_roots(connection, [act.case_id]))[act.case_id]
    owed = (await read_owed(processor.services, connection, processor.law, [root]))[root]
    stands = owed.stands(currency_code)
    return PaymentRecorded(
        format_id(act.act_id),
        format_id(root),
        "settled" if not stands.missing_minor else "insufficient",
        currency_code,
        *(
            format_minor(amount, currency_code)
            for amount in (stands.due_minor, stands.paid_minor, stands.missing_minor)
        ),
    )


def _faulty(next_step: str) -> SeraiError:
    return SeraiError("mark-faulty", "This mark is not as it should be.", next_step)


def read_amount(currency_code: str, amount: str) -> int:
    """Return minor units; raises SeraiError `mark-faulty`."""
    micro, is_decimal = read_decimals([amount])
    if currency_code not in PLACES:
        raise _faulty("See to it that currency_code is a currency of ISO 4217.")
    if not is_decimal[0] or int(micro[0]) <= 0:
        raise _faulty("See to it that amount is a decimal above zero.")
    if int(micro[0]) % 10 ** (MICRO_PLACES - PLACES[currency_code]):
        raise _faulty(
            MessageText(
                "See to it that amount has at most {places_count} decimals in {currency_code}.",
                places_count=PLACES[currency_code],
                currency_code=currency_code,
            )
        )
    divisor: int = 10 ** (MICRO_PLACES - PLACES[currency_code])
    return int(micro[0]) // divisor
