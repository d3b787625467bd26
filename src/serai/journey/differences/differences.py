"""What the documents of each case say against each other, by name, and what is still awaited."""

import numpy as np

from serai.journey.differences.found import Found, Limits, Rows
from serai.journey.differences.money_differences import add_money
from serai.journey.reconciliation.case_sums import CARRIED, DECLARED, ORDERED, PAID, CaseSums, Factor
from serai.journey.reconciliation.sale_sums import share_of
from serai.model.columns import Flags, Frame, Int64s
from serai.model.frames import ABSENT

_WEIGHED = "KGM"


def find_sum_differences(
    sums: CaseSums,
    limits: Limits,
    expected_kinds: Int64s,
    documents: Frame,
    factor: Factor,
    *,
    paid_count: Int64s,
    has_undeclared: Flags,
) -> Rows:
    """Find what the sums of cases render: money, mass, pieces, days, and kinds that are not there.

    expected_kinds: bit by kind number of what the case needs. paid_count: as `OrdersElsewhere`.
    has_undeclared: by case, an order of it is in no declaration yet.
    """
    found, pays_others = Found(), paid_count > 0
    words = documents.words("currency_code").words
    add_money(
        found,
        sums,
        limits,
        expected_kinds=expected_kinds,
        pays_others=pays_others,
        words=words,
        factor=factor,
    )
    _add_parts(found, sums, paid_count)
    _add_days(found, sums, limits)
    _add_goods(found, sums, limits, documents.words("quantity_unit_code").words)
    _add_awaited(found, sums, expected_kinds, {DECLARED: has_undeclared, ORDERED: pays_others})
    return found.rows()


# ---- documents in several parts ----


def _add_parts(found: Found, sums: CaseSums, paid_count: Int64s) -> None:
    declared, ordered, paid = (sums.counts[:, kind] for kind in (DECLARED, ORDERED, PAID))
    for code, is_it, count in (
        ("paid-in-parts", (paid > 1) & (paid > ordered) & (ordered > 0), paid),
        (
            "paid-with-other-orders",
            (paid_count > 0) | ((ordered > 1) & (paid > 0) & (paid < ordered)),
            np.maximum(paid_count, ordered),
        ),
        ("order-in-several-parcels", (declared > 1) & (ordered > 0) & (declared > ordered), declared),
        ("orders-in-one-parcel", (ordered > 1) & (declared > 0) & (declared < ordered), ordered),
    ):
        cases = np.flatnonzero(is_it)
        found.add(code, cases, counted=count[cases])


def _add_days(found: Found, sums: CaseSums, limits: Limits) -> None:
    ordered, paid = sums.days[:, ORDERED], sums.days[:, PAID]
    is_known = (ordered != ABSENT) & (paid != ABSENT)
    days = np.where(is_known, paid - ordered, 0)
    cases = np.flatnonzero(days > limits.late_days)
    found.add("paid-late", cases, counted=days[cases])


# ---- goods ----


def _add_goods(found: Found, sums: CaseSums, limits: Limits, units: tuple[str, ...]) -> None:
    declared, carried = sums.mass_g[:, DECLARED], sums.mass_g[:, CARRIED]
    is_known = (declared != ABSENT) & (carried != ABSENT)
    slack = np.maximum(limits.mass_tolerance_g, share_of(np.maximum(declared, 0), limits.mass_tolerance_ppm))
    cases = np.flatnonzero(is_known & (np.abs(declared - carried) > slack))
    found.add("mass-differs", cases, counted=carried[cases], counted_expected=declared[cases])
    packages, moved = sums.packages[:, DECLARED], sums.packages[:, CARRIED]
    cases = np.flatnonzero((packages != ABSENT) & (moved != ABSENT) & (packages != moved))
    found.add("package-count-differs", cases, counted=moved[cases], counted_expected=packages[cases])
    _add_quantities(found, sums, units)


def _add_quantities(found: Found, sums: CaseSums, units: tuple[str, ...]) -> None:
    """Pieces against pieces are compared; pieces against kilograms are no contradiction but two measures."""
    ordered, declared = sums.quantity_micro[:, ORDERED], sums.quantity_micro[:, DECLARED]
    unit, other = sums.quantity_units[:, ORDERED], sums.quantity_units[:, DECLARED]
    is_known = (ordered != ABSENT) & (declared != ABSENT) & (unit >= 0) & (other >= 0)
    cases = np.flatnonzero(is_known & (unit == other) & (ordered != declared))
    found.add(
        "quantity-differs",
        cases,
        counted=declared[cases] // 1_000_000,
        counted_expected=ordered[cases] // 1_000_000,
    )
    if _WEIGHED not in units:
        return
    weighed = units.index(_WEIGHED)
    cases = np.flatnonzero(is_known & ((unit == weighed) != (other == weighed)))
    found.add("counted-and-weighed", cases)


# ---- what is not there ----


def _add_awaited(
    found: Found, sums: CaseSums, expected_kinds: Int64s, is_incomplete: dict[int, Flags]
) -> None:
    """is_incomplete: by kind and case, documents are there and others of the kind are still to come."""
    for kind, code in (
        (DECLARED, "declaration-awaited"),
        (ORDERED, "order-awaited"),
        (PAID, "payment-awaited"),
        (CARRIED, "transport-document-awaited"),
    ):
        is_missing = (sums.counts[:, kind] == 0) | is_incomplete.get(kind, False)
        cases = np.flatnonzero(is_missing & (expected_kinds >> kind & 1 == 1))
        found.add(code, cases)
