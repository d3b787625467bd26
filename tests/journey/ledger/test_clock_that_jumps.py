"""The clock jumps between payments: whatever time they say, the books hold and nothing is paid twice."""

from datetime import timedelta
from pathlib import Path

import msgspec

from serai.foundation.clock import FixedClock
from tests.journey.acts.test_acts import pay, take_back
from tests.journey.bank_statements.test_import import message, paid, reference_of_case, take
from tests.journey.ledger.books import assert_books_agree
from tests.journey.ledger.test_ledger import due_minor, since, standing
from tests.journey.processing.support import DECLARANT, arrival, opened, parcel, send, statuses
from tests.journey.repayment_plan.support import BEGIN


async def test_payments_before_and_after_a_clock_that_jumps_come_to_the_same(
    database: str, tmp_path: Path
) -> None:
    clock = FixedClock(BEGIN)
    async with opened(database, tmp_path, clock=clock) as node:
        (declared,) = await send(node, DECLARANT, "declaration", parcel("jumps"))
        case, due = declared.case_id, await due_minor(node, declared.case_id)
        await send(node, DECLARANT, "arrival", arrival("jumps"))
        before = await standing(node)

        content = message(paid(due, reference_of_case(case), "J-1"), name="JUMP")
        assert (await take(node, content)).outcomes == {"paid": 1}
        for hours in (-2, 3):
            clock.move(timedelta(hours=hours))
            lease = msgspec.structs.replace(node.ids.lease, leased_until=clock.now() + timedelta(hours=9))
            node.ids.renew(lease)
            second = await pay(node, case, f"J-{hours}", "5.00", sender=DECLARANT)
            assert (await take(node, content)).known_count == 1
            await take_back(node, case, second.act_id, f"JB-{hours}", sender=DECLARANT)

        assert await statuses(node, "D-jumps") == ["released"]
        assert since(await standing(node), before) == {
            ("bank", "posted"): due,
            ("amounts-payable", "posted"): -due,
        }
        await assert_books_agree(node)
