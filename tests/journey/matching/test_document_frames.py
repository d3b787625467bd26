"""Documents as the columns of matching."""

from serai.journey.matching.document_frames import read_documents
from serai.model.documents import Order
from serai.model.frames import ABSENT
from tests.journey.matching.sales import ordered


def order_of_lines(quantity: str, count: int) -> Order:
    lines = [
        {"sequence_number": number, "description": "T-shirt", "quantity": quantity, "amount": "1.00"}
        for number in range(1, count + 1)
    ]
    return ordered(lines=lines)


def quantity_of(order: Order) -> int:
    documents, _ = read_documents([order], [-1])
    return int(documents.numbers("quantity_micro")[0])


def test_quantities_of_one_unit_are_summed_in_millionths() -> None:
    assert quantity_of(order_of_lines("2.5", 3)) == 7_500_000


def test_sum_that_64_bits_cannot_hold_is_absent() -> None:
    # Each is as large as the door lets in.
    assert quantity_of(order_of_lines("1000000000000", 9)) == 9 * 10**18
    assert quantity_of(order_of_lines("1000000000000", 10)) == ABSENT


def test_one_line_that_is_no_number_leaves_the_sum_absent() -> None:
    assert quantity_of(order_of_lines("many", 2)) == ABSENT
