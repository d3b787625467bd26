"""What documents of one case can say against each other: code, whether it speaks against the match, its cost.

A case's score is that of its weakest join, less the cost of each difference.
"""

from typing import Final, Literal, NamedTuple

Weight = Literal["explained", "against", "awaited"]


class Difference(NamedTuple):
    """A kind of difference. pointer: into the document it is about; cost_ppm: taken off the score."""

    weight: Weight
    pointer: str
    cost_ppm: int


def _explained(pointer: str, cost_ppm: int = 2_000) -> Difference:
    return Difference("explained", pointer, cost_ppm)


def _against(pointer: str, cost_ppm: int = 200_000) -> Difference:
    return Difference("against", pointer, cost_ppm)


def _awaited(pointer: str) -> Difference:
    return Difference("awaited", pointer, 0)


DIFFERENCES: Final[dict[str, Difference]] = {
    "paid-less-by-coupon": _explained("/discount_amount"),
    "coupon-not-redeemed": _explained("/discount_amount", 5_000),
    "paid-less-by-subsidy": _explained("/detail/paid_amount"),
    "freight-paid-apart": _explained("/freight_amount"),
    "insurance-paid-apart": _explained("/insurance_amount"),
    "tax-paid-apart": _explained("/tax_amount"),
    "freight-in-declared-price": _explained("/freight_amount"),
    "insurance-in-declared-price": _explained("/insurance_amount"),
    "tax-in-declared-price": _explained("/tax_amount"),
    "paid-in-parts": _explained("/amount"),
    "paid-with-other-orders": _explained("/order_references"),
    "order-in-several-parcels": _explained("/order_references"),
    "orders-in-one-parcel": _explained("/order_references"),
    "exchange-rate-drift": _explained("/currency_code", 5_000),
    "rounded-differently": _explained("/amount", 1_000),
    "small-amount-difference": _explained("/amount", 20_000),
    "paid-late": _explained("/paid_at", 5_000),
    "name-written-otherwise": _explained("/buyer/name", 5_000),
    "number-written-otherwise": _explained("/reference", 2_000),
    "number-mistyped": _explained("/reference", 10_000),
    "number-in-wrong-field": _explained("/reference", 5_000),
    "counted-and-weighed": _explained("/goods_items"),
    "paid-amount-differs": _against("/amount"),
    "declared-amount-differs": _against("/goods_items"),
    "currency-without-rate": _against("/currency_code", 50_000),
    "person-differs": _against("/buyer/name"),
    "mass-differs": _against("/gross_mass_kg", 100_000),
    "package-count-differs": _against("/packages", 50_000),
    "quantity-differs": _against("/goods_items", 100_000),
    "number-differs": _against("/reference", 100_000),
    "order-awaited": _awaited("/order_references"),
    "payment-awaited": _awaited("/order_references"),
    "transport-document-awaited": _awaited("/house_document"),
    "declaration-awaited": _awaited(""),
}
CODES: Final = tuple(DIFFERENCES)
NUMBER_OF: Final = {code: number for number, code in enumerate(CODES)}
