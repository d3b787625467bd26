"""Reading an act tells what of a payment was ordered back: its SQL names the ended orders by number."""

import re

from serai.journey.consignments.store import QUERIES
from serai.model.refunds import ENDED_PLACES


def test_orders_that_ended_without_money_are_the_same_wherever_acts_are_read() -> None:
    named = re.findall(r"status NOT IN \(([\d, ]+)\)", "\n".join(QUERIES.values()))

    assert named
    assert {tuple(map(int, one.split(", "))) for one in named} == {tuple(ENDED_PLACES)}
