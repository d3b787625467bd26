"""How orders and plans are called on pages: every kind there is, in the words that programs read."""

from typing import get_args

from serai.model import refunds
from serai.portal import refund_words


def test_every_status_and_ground_is_said_on_pages_as_to_programs() -> None:
    assert refund_words.STATUSES == refunds.STATUS_SENTENCES
    assert set(refund_words.GROUNDS) == set(get_args(refunds.Ground))
