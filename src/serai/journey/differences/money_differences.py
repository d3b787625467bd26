"""What amounts of a case say against each other: paid, ordered and declared."""

import numpy as np

from serai.journey.differences.found import Found, Limits
from serai.journey.reconciliation import sale_sums
from serai.journey.reconciliation.case_sums import DECLARED, ORDERED, PAID, CaseSums, Factor, convert_minor
from serai.journey.reconciliation.gaps import ROUNDED, SMALL, UNEXPLAINED, Gap
from serai.journey.reconciliation.sale_sums import DECLARED_PARTS, PAID_PARTS, Sale, share_of
from serai.model.columns import Flags, Int64s
from serai.model.frames import ABSENT

_PAID_CODES = {
    "freight": "freight-paid-apart",
    "insurance": "insurance-paid-apart",
    "tax": "tax-paid-apart",
    "subsidy": "paid-less-by-subsidy",
    "coupon": "coupon-not-redeemed",
}
_DECLARED_CODES = {
    "freight": "freight-in-declared-price",
    "insurance": "insurance-in-declared-price",
    "tax": "tax-in-declared-price",
}


def add_money(
    found: Found,
    sums: CaseSums,
    limits: Limits,
    *,
    expected_kinds: Int64s,
    pays_others: Flags,
    words: tuple[str, ...],
    factor: Factor,
) -> None:
    """Add what was paid, ordered and declared otherwise. expected_kinds: as `find_sum_differences`.
    pays_others: what was paid in a case is for orders besides, and says nothing of its own."""
    has = sums.counts > 0
    has_sale = has[:, ORDERED] & sums.is_sale_known & (sums.currencies[:, ORDERED] >= 0)
    is_paid = has[:, PAID] & ~pays_others
    cases = np.flatnonzero(has_sale & is_paid)
    _compare_paid(found, sums, limits, cases=cases, words=words, factor=factor)
    is_declared = has[:, DECLARED] & sums.is_declared_known
    cases = np.flatnonzero(has_sale & is_declared)
    _compare_declared(found, sums, limits, cases=cases, words=words, factor=factor)
    # An order that is still to come may explain what was paid.
    is_final = ~has[:, ORDERED] & (expected_kinds >> ORDERED & 1 == 0)
    _compare_paid_with_declared(found, sums, limits, np.flatnonzero(is_final & is_paid & is_declared))


def _compare_paid(
    found: Found, sums: CaseSums, limits: Limits, *, cases: Int64s, words: tuple[str, ...], factor: Factor
) -> None:
    paid, sale = sums.paid_minor[cases], _sale_of(sums.sale, cases)
    currency, paid_in = sums.currencies[cases, ORDERED], sums.currencies[cases, PAID]
    if (foreign := np.flatnonzero(paid_in != currency)).size:
        day = sums.days[cases[foreign], PAID]
        due = sale.due_minor[foreign]
        _add_foreign(
            found,
            "paid-amount-differs",
            cases[foreign],
            converted=_in_currency(
                paid[foreign],
                words,
                sources=paid_in[foreign],
                targets=currency[foreign],
                days=day,
                factor=factor,
            ),
            candidates=[due, due - sale.freight_minor[foreign], sale.stated_paid_minor[foreign]],
            expected=due,
            currency=currency[foreign],
            drift_ppm=limits.exchange_drift_ppm[cases[foreign]],
        )
        same = np.flatnonzero(paid_in == currency)
        cases, paid, sale, currency = cases[same], paid[same], _sale_of(sale, same), currency[same]
    gap = sale_sums.explain_paid(
        sale,
        paid,
        rounding_minor=limits.rounding_minor[cases],
        tolerance_ppm=limits.amount_tolerance_ppm[cases],
    )
    part_amounts = (
        sale.freight_minor, sale.insurance_minor, sale.tax_minor, sale.subsidy_minor, sale.discount_minor
    )  # fmt: skip
    for place, part in enumerate(PAID_PARTS):
        _add_part(
            found,
            _PAID_CODES[part],
            cases,
            gap=gap,
            place=place,
            amounts=part_amounts[place],
            currency=currency,
        )
    _add_rest(found, "paid-amount-differs", cases, gap, has=paid, expected=sale.due_minor, currency=currency)


def _compare_declared(
    found: Found, sums: CaseSums, limits: Limits, *, cases: Int64s, words: tuple[str, ...], factor: Factor
) -> None:
    declared, sale = sums.declared_minor[cases], _sale_of(sums.declared_sale, cases)
    currency, declared_in = sums.currencies[cases, ORDERED], sums.currencies[cases, DECLARED]
    if (foreign := np.flatnonzero(declared_in != currency)).size:
        day = sums.days[cases[foreign], DECLARED]
        day = np.where(day == ABSENT, sums.days[cases[foreign], ORDERED], day)
        its_sale = _sale_of(sale, foreign)
        converted = _in_currency(
            declared[foreign],
            words,
            sources=declared_in[foreign],
            targets=currency[foreign],
            days=day,
            factor=factor,
        )
        _add_foreign(
            found,
            "declared-amount-differs",
            cases[foreign],
            converted=converted,
            candidates=[its_sale.goods_minor, its_sale.goods_minor - its_sale.discount_minor],
            expected=_expected_of(its_sale, converted),
            currency=currency[foreign],
            drift_ppm=limits.exchange_drift_ppm[cases[foreign]],
        )
        same = np.flatnonzero(declared_in == currency)
        cases, declared, sale, currency = cases[same], declared[same], _sale_of(sale, same), currency[same]
    gap = sale_sums.explain_declared(
        sale,
        declared,
        rounding_minor=limits.rounding_minor[cases],
        tolerance_ppm=limits.amount_tolerance_ppm[cases],
    )
    coupon = DECLARED_PARTS.index("coupon")
    keeps_coupon = (
        (sale.discount_minor > 0)
        & (gap.parts >> coupon & 1 == 0)
        & (gap.closing != UNEXPLAINED)
        & (sums.counts[cases, PAID] > 0)
    )
    rows = np.flatnonzero(keeps_coupon)
    found.add("paid-less-by-coupon", cases[rows], amount=sale.discount_minor[rows], currency=currency[rows])
    part_amounts = (sale.discount_minor, sale.freight_minor, sale.insurance_minor, sale.tax_minor)
    for place, part in enumerate(DECLARED_PARTS):
        if part in _DECLARED_CODES:
            _add_part(
                found,
                _DECLARED_CODES[part],
                cases,
                gap=gap,
                place=place,
                amounts=part_amounts[place],
                currency=currency,
            )
    expected = _expected_of(sale, declared)
    rest = np.where(gap.closing == UNEXPLAINED, declared - expected, gap.rest_minor)
    _add_rest(
        found,
        "declared-amount-differs",
        cases,
        gap._replace(rest_minor=rest),
        has=declared,
        expected=expected,
        currency=currency,
    )


def _expected_of(sale: Sale, declared: Int64s) -> Int64s:
    """Return what a declared price is held against: the goods, or where it is no more than they, what is left
    of them by the coupon: who declares more than that has not declared too little."""
    return np.where(declared > sale.goods_minor, sale.goods_minor, sale.goods_minor - sale.discount_minor)


def _compare_paid_with_declared(found: Found, sums: CaseSums, limits: Limits, cases: Int64s) -> None:
    """Without an order nobody knows of coupons: only what is paid beyond price and freight says something."""
    is_comparable = sums.currencies[cases, PAID] == sums.currencies[cases, DECLARED]
    cases = cases[is_comparable & (sums.currencies[cases, PAID] >= 0)]
    paid, declared = sums.paid_minor[cases], sums.declared_minor[cases]
    most = declared + sums.freight_declared_minor[cases]
    slack = np.maximum(limits.rounding_minor[cases], share_of(most, limits.amount_tolerance_ppm[cases]))
    rows = np.flatnonzero(paid > most + slack)
    found.add(
        "paid-amount-differs",
        cases[rows],
        amount=(paid - most)[rows],
        has=paid[rows],
        expected=most[rows],
        currency=sums.currencies[cases, PAID][rows],
    )


def _add_part(
    found: Found, code: str, cases: Int64s, *, gap: Gap, place: int, amounts: Int64s, currency: Int64s
) -> None:
    rows = np.flatnonzero(gap.parts >> place & 1)
    found.add(code, cases[rows], amount=amounts[rows], currency=currency[rows])


def _add_rest(
    found: Found, code: str, cases: Int64s, gap: Gap, *, has: Int64s, expected: Int64s, currency: Int64s
) -> None:
    for closing, its_code in (
        (ROUNDED, "rounded-differently"),
        (SMALL, "small-amount-difference"),
        (UNEXPLAINED, code),
    ):
        rows = np.flatnonzero(gap.closing == closing)
        found.add(
            its_code,
            cases[rows],
            amount=gap.rest_minor[rows],
            has=has[rows],
            expected=expected[rows],
            currency=currency[rows],
        )


def _in_currency(
    amounts: Int64s,
    words: tuple[str, ...],
    *,
    sources: Int64s,
    targets: Int64s,
    days: Int64s,
    factor: Factor,
) -> Int64s:
    """Turn sums into the currency of the order; those of several currencies are in it already."""
    converted = convert_minor(amounts, words, sources=sources, targets=targets, days=days, factor=factor)
    return np.where(sources < -1, amounts, converted)


def _add_foreign(
    found: Found,
    code: str,
    cases: Int64s,
    *,
    converted: Int64s,
    candidates: list[Int64s],
    expected: Int64s,
    currency: Int64s,
    drift_ppm: Int64s,
) -> None:
    """Compare a sum that was converted with the nearest of what it may stand for; where that is too far, say
    by how much it is not what was expected."""
    is_known = (converted != ABSENT) & (currency >= 0)
    unknown = np.flatnonzero(~is_known)
    found.add("currency-without-rate", cases[unknown])
    stack = np.stack(candidates)
    nearest = np.abs(stack - converted).argmin(axis=0)
    near = stack[nearest, np.arange(len(cases))]
    within = np.abs(converted - near) <= share_of(near, drift_ppm)
    expected = np.where(within, near, expected)
    gap = converted - expected
    ppm = np.abs(gap) * 1_000_000 // np.maximum(np.abs(expected), 1)
    for its_code, is_it in (("exchange-rate-drift", within), (code, ~within)):
        rows = np.flatnonzero(is_known & is_it)
        found.add(
            its_code,
            cases[rows],
            amount=gap[rows],
            has=converted[rows],
            expected=expected[rows],
            currency=currency[rows],
            counted=ppm[rows],
        )


def _sale_of(sale: Sale, rows: Int64s) -> Sale:
    return Sale(*(column[rows] for column in sale))
