"""Booking by hand what the bank told of and nobody could say for which case: an officer's act, once."""

from datetime import datetime
from typing import Any, Final

import msgspec
from psycopg import AsyncConnection

from serai.foundation.copying import TableBuffer
from serai.foundation.id_text import format_id
from serai.journey.acts.case_acts import ActDone, First, do_once, done_of, find_case
from serai.journey.bank_statements import store
from serai.journey.bank_statements.matching import Outcome
from serai.journey.bank_statements.store import Waiting
from serai.journey.consignments.act_records import record_acts, select_act
from serai.journey.documents.not_found import not_found
from serai.journey.documents.submission import Sender
from serai.journey.ledger.posting import enter_posting
from serai.journey.processing.transaction import Processor
from serai.journey.recording.payments.owed import Owed, read_owed
from serai.journey.recording.payments.rounding_differences import roundings_of
from serai.journey.services import Services
from serai.model.acts import Act
from serai.model.errors import SeraiError
from serai.model.ledger import KIND_PLACES, POSTED, Account, Entry, Posting
from serai.model.message_text import MessageText

Connection = AsyncConnection[Any]

MATCHABLE: Final[frozenset[Outcome]] = frozenset(
    {"no-reference", "several-references", "reference-unknown", "reference-ended", "currency-differs"}
)
"""What came in, and is for a case that somebody may know."""


class MovementToMatch(msgspec.Struct, frozen=True):
    """What an officer says that a movement is for. reason: how he knows, in words."""

    sender: Sender
    movement_id: int
    case_id: int
    reason: str


async def match_movement(
    processor: Processor, said: MovementToMatch, *, first: First | None = None
) -> ActDone:
    """Book a movement that waits to a case: it pays what is owed there, what is more is due back. For
    officers; the same again is harmless. first: done before all else, such as an approval.

    Raises SeraiError `not-found`, `movement-matched-already`, `movement-not-a-payment`,
    `mark-currency-differs`.
    """
    services, at = processor.services, processor.services.clock.now()
    key = {"administration_id": services.administration_id}

    async def work(connection: Connection) -> ActDone:
        if first is not None:
            await first(connection)
        if "officer" not in said.sender.roles:
            raise not_found()
        case = await find_case(processor, connection, said.sender, said.case_id)
        waiting = await store.lock_movement(connection, said.movement_id, **key)
        if waiting is None:
            raise not_found()
        if waiting.act_id is not None:
            return await _done_before(connection, waiting, case.root, services.administration_id)
        if waiting.outcome not in MATCHABLE or waiting.amount_minor <= 0:
            raise SeraiError(
                "movement-not-a-payment",
                "This movement is no payment that came in for a case.",
                "Do what its next step says.",
            )
        owed = (await read_owed(services, connection, processor.law, [case.root]))[case.root]
        _require_currency(owed, waiting)
        act_id = int(services.ids.take(1)[0])
        act = Act(
            act_id=act_id,
            case_id=case.root,
            kind="payment-received",
            subject_id=case.root,
            party_id=said.sender.party_id,
            acting_user=said.sender.acting_user,
            at=at,
            leaf_id=act_id,
            law_reference=owed.law_reference,
            parameters={
                "currency_code": waiting.currency_code,
                "amount_minor": waiting.amount_minor,
                "bank_account": waiting.account_number,
            },
            reference=f"bank-{waiting.movement_key.hex()}",
        )
        await _take_out_of_suspense(services, connection, waiting, at)
        await record_acts(services, connection, roundings_of(services, [act], {case.root: owed}))
        done = await do_once(processor, connection, act, said.reason)
        await store.match_movement(connection, said.movement_id, act_id=done.act_id, case_id=case.root, **key)
        return done_of(done, case.root)

    done: ActDone = await processor.write(work)
    return done


async def _done_before(
    connection: Connection, waiting: Waiting, root: int, administration_id: int
) -> ActDone:
    """Return the act that booked a movement, where it was to this case."""
    assert waiting.act_id is not None, "it was booked"
    found = await select_act(connection, waiting.act_id, administration_id=administration_id)
    if found is None or waiting.case_id != root:
        raise SeraiError(
            "movement-matched-already",
            "This movement was booked before, to something else.",
            "Read the acts of its case; if that was wrong, take the payment there back first.",
        )
    return done_of(found[0], root)


def _require_currency(owed: Owed, waiting: Waiting) -> None:
    others = sorted(owed.dues.keys() - {waiting.currency_code})
    if others:
        raise SeraiError(
            "mark-currency-differs",
            "What this case owes is in another currency than the money that came.",
            MessageText("It owes in {listed}: send the money back.", listed=", ".join(others)),
        )


async def _take_out_of_suspense(
    services: Services, connection: Connection, waiting: Waiting, at: datetime
) -> None:
    """Undo what the import entered: the payment enters the bank's account itself."""
    bank = Account(KIND_PLACES["bank"], waiting.currency_code, number=waiting.account_number)
    entries = [
        Entry(bank, POSTED, -waiting.amount_minor),
        Entry(bank._replace(kind=KIND_PLACES["suspense"]), POSTED, waiting.amount_minor),
    ]
    buffer = TableBuffer()
    subject_id = int(services.ids.take(1)[0])
    await enter_posting(services, connection, buffer, Posting("bank", subject_id, at, entries))
    await buffer.write(connection)


def detail_of(said: MovementToMatch) -> str:
    """Return what a second person reads of it."""
    return f"movement {format_id(said.movement_id)} pays case {format_id(said.case_id)}"
