"""Marks that what a case owes at the border was paid, put on account or secured."""

from typing import Any

import msgspec
from psycopg import AsyncConnection

from serai.foundation.id_text import format_id
from serai.journey.clearance.again import decide_again, lock_roots
from serai.journey.clearance.corridor import Corridor
from serai.journey.clearance.events import tell_case
from serai.journey.clearance.filing import Sender
from serai.journey.clearance.not_found import not_found
from serai.journey.mandates import store as mandate_store
from serai.journey.mandates.rules import has_mandate
from serai.journey.match import store as match_store
from serai.journey.settle import store as settle_store
from serai.journey.settle.settlement import Settlement
from serai.journey.settle.store import MARK_KINDS, Mark
from serai.model.errors import SeraiError
from serai.model.frames import WITHDRAWN
from serai.model.money import MICRO_PLACES, PLACES, format_minor, read_decimals

Connection = AsyncConnection[Any]


async def mark_settled(
    corridor: Corridor,
    sender: Sender,
    case_id: int,
    *,
    reference: str,
    kind: str,
    currency_code: str,
    amount: str,
) -> Settlement:
    """Mark that something was paid, put on account or secured for what a case owes at the border.

    The case is decided again: free to go when the marks cover what is due, else the answer says what is
    missing. The same mark again is harmless. Raises SeraiError `not-found`, `mark-faulty`,
    `mark-currency-differs`, `reference-reused`.
    """
    equipment, law, at = corridor.equipment, corridor.law, corridor.equipment.clock.now()
    amount_minor = _read_amount(kind, currency_code, amount)

    async def work(connection: Connection) -> Settlement:
        root = await _find_case(corridor, connection, sender, case_id)
        dues = await settle_store.select_border_dues(
            connection, [root], administration_id=equipment.administration_id
        )
        if {due.currency_code for due in dues} - {currency_code}:
            raise SeraiError(
                "mark-currency-differs",
                "What is due is not in the currency of this mark.",
                f"Mark it in {', '.join(sorted({due.currency_code for due in dues}))}.",
            )
        mark = Mark(int(equipment.ids.take(1)[0]), root, kind, currency_code, amount_minor)
        stands = await settle_store.insert_mark(
            connection,
            mark,
            administration_id=equipment.administration_id,
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
            declared = await match_store.select_declared(
                connection,
                [root],
                administration_id=equipment.administration_id,
                withdrawn=WITHDRAWN,
            )
            ids = sorted({one.consignment_id for one in declared})
            await decide_again(equipment, connection, law, ids, at)
            await tell_case(equipment, connection, "settled", [(root, sender.party_id, 0)], at)
        return await _settled(corridor, connection, root, currency_code)

    settled: Settlement = await corridor.write(work)
    return settled


async def _find_case(corridor: Corridor, connection: Connection, sender: Sender, case_id: int) -> int:
    """Return the surviving case, locked, if the sender has a part in it, or a mandate of one
    that has, or is an officer."""
    root = await match_store.resolve_case(
        connection, case_id, administration_id=corridor.equipment.administration_id
    )
    if root is None:
        raise not_found()
    root = (await lock_roots(connection, [root]))[root]
    if "officer" in sender.roles:
        return root
    parties = (await match_store.select_parties(connection, [root])).get(root, set())
    if sender.party_id in parties:
        return root
    covered = await mandate_store.select_covered(
        connection,
        [sender.party_id],
        administration_id=corridor.equipment.administration_id,
        at=corridor.equipment.clock.now(),
    )
    if not has_mandate(sender.party_id, "settlement-mark", parties, covered):
        raise not_found()
    return root


async def _settled(corridor: Corridor, connection: Connection, root: int, currency_code: str) -> Settlement:
    administration_id = corridor.equipment.administration_id
    dues = await settle_store.select_border_dues(connection, [root], administration_id=administration_id)
    marks = await settle_store.select_marks(connection, [root], administration_id=administration_id)
    due = sum(one.amount_minor for one in dues)
    settled = marks.get(root, {}).get(currency_code, 0)
    missing = max(due - settled, 0)
    return Settlement(
        format_id(root),
        "settled" if not missing else "insufficient",
        currency_code,
        *(format_minor(amount, currency_code) for amount in (due, settled, missing)),
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
