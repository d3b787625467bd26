"""Marks that what a case owes at the border was paid, put on account or secured."""

from typing import Any

import msgspec
from psycopg import AsyncConnection

from serai.foundation.id_text import format_id
from serai.journey.documents.not_found import not_found
from serai.journey.documents.submission import Sender
from serai.journey.linking.case_locks import lock_roots
from serai.journey.mandates import store as mandate_store
from serai.journey.mandates.rules import has_mandate
from serai.journey.matching import store as matching_store
from serai.journey.processing.notify import notify_case
from serai.journey.processing.redetermine import redetermine
from serai.journey.processing.transaction import Processor
from serai.journey.revenue import store as revenue_store
from serai.journey.revenue.payment_recorded import PaymentRecorded
from serai.journey.revenue.store import MARK_KINDS, Mark
from serai.model.errors import SeraiError
from serai.model.frames import WITHDRAWN
from serai.model.money import MICRO_PLACES, PLACES, format_minor, read_decimals

Connection = AsyncConnection[Any]


async def mark_payment_status(
    processor: Processor,
    sender: Sender,
    case_id: int,
    *,
    reference: str,
    kind: str,
    currency_code: str,
    amount: str,
) -> PaymentRecorded:
    """Mark that something was paid, put on account or secured for what a case owes at the border.

    The case is decided again: free to go when the marks cover what is due, else the answer says what is
    missing. The same mark again is harmless. Raises SeraiError `not-found`, `mark-faulty`,
    `mark-currency-differs`, `reference-reused`.
    """
    services, law, at = processor.services, processor.law, processor.services.clock.now()
    amount_minor = _read_amount(kind, currency_code, amount)

    async def work(connection: Connection) -> PaymentRecorded:
        root = await _find_case(processor, connection, sender, case_id)
        dues = await revenue_store.select_border_dues(
            connection, [root], administration_id=services.administration_id
        )
        if {due.currency_code for due in dues} - {currency_code}:
            raise SeraiError(
                "mark-currency-differs",
                "What is due is not in the currency of this mark.",
                f"Mark it in {', '.join(sorted({due.currency_code for due in dues}))}.",
            )
        mark = Mark(int(services.ids.take(1)[0]), root, kind, currency_code, amount_minor)
        stands = await revenue_store.insert_mark(
            connection,
            mark,
            administration_id=services.administration_id,
            party_id=sender.party_id,
            reference=reference,
            at=at,
        )
        standing_root = (await lock_roots(connection, [stands.case_id]))[stands.case_id]
        if msgspec.structs.replace(stands, mark_id=mark.mark_id, case_id=standing_root) != mark:
            raise SeraiError(
                "reference-reused",
                "This reference was used before for another mark.",
                "Give the mark a reference of its own.",
            )
        if stands.mark_id == mark.mark_id:
            declared = await matching_store.select_declared(
                connection,
                [root],
                administration_id=services.administration_id,
                withdrawn=WITHDRAWN,
            )
            ids = sorted({one.consignment_id for one in declared})
            await redetermine(services, connection, law, ids, at)
            await notify_case(services, connection, "settled", [(root, sender.party_id, 0)], at)
        return await _settled(processor, connection, root, currency_code)

    payment_status: PaymentRecorded = await processor.write(work)
    return payment_status


async def _find_case(processor: Processor, connection: Connection, sender: Sender, case_id: int) -> int:
    """Return the surviving case, locked, if the sender has a part in it, or a mandate of one
    that has, or is an officer."""
    root = await matching_store.resolve_case(
        connection, case_id, administration_id=processor.services.administration_id
    )
    if root is None:
        raise not_found()
    root = (await lock_roots(connection, [root]))[root]
    if "officer" in sender.roles:
        return root
    parties = (await matching_store.select_parties(connection, [root])).get(root, set())
    if sender.party_id in parties:
        return root
    covered = await mandate_store.select_covered(
        connection,
        [sender.party_id],
        administration_id=processor.services.administration_id,
        at=processor.services.clock.now(),
    )
    if not has_mandate(sender.party_id, "payment-record", parties, covered):
        raise not_found()
    return root


async def _settled(
    processor: Processor, connection: Connection, root: int, currency_code: str
) -> PaymentRecorded:
    administration_id = processor.services.administration_id
    dues = await revenue_store.select_border_dues(connection, [root], administration_id=administration_id)
    marks = await revenue_store.select_marks(connection, [root], administration_id=administration_id)
    due = sum(one.amount_minor for one in dues)
    payment_status = marks.get(root, {}).get(currency_code, 0)
    missing = max(due - payment_status, 0)
    return PaymentRecorded(
        format_id(root),
        "settled" if not missing else "insufficient",
        currency_code,
        *(format_minor(amount, currency_code) for amount in (due, payment_status, missing)),
    )


def _read_amount(kind: str, currency_code: str, amount: str) -> int:
    """Return minor units; raises SeraiError `mark-faulty`."""
    micro, is_decimal = read_decimals([amount])
    faulty = None
    if kind not in MARK_KINDS:
        faulty = f"kind is one of {', '.join(MARK_KINDS)}"
    elif currency_code not in PLACES:
        faulty = "currency_code is a currency of ISO 4217"
    elif not is_decimal[0] or int(micro[0]) <= 0:
        faulty = "amount is a decimal above zero"
    elif int(micro[0]) % 10 ** (MICRO_PLACES - PLACES[currency_code]):
        faulty = f"amount has at most {PLACES[currency_code]} decimals in {currency_code}"
    if faulty is not None:
        raise SeraiError("mark-faulty", "This mark is not as it should be.", f"See to it that {faulty}.")
    divisor: int = 10 ** (MICRO_PLACES - PLACES[currency_code])
    return int(micro[0]) // divisor
