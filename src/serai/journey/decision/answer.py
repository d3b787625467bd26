"""A decision in words of the wire: the one struct that is answered, committed to in the log, shown and
replayed."""

from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from serai.model.columns import Int64s
from serai.model.frames import ABSENT


class ChargeOut(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One charge. Amounts: decimal in currency_code. rate: exact fraction; absent where the charge is an
    amount."""

    rule_id: str
    kind: str
    tax_type_code: str
    amount: str
    currency_code: str
    due: str
    debtor: str
    base_amount: str | None = None
    rate_numerator: int | None = None
    rate_denominator: int | None = None
    is_waived: bool = False


class GoodsItemOut(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A goods item as decided."""

    sequence_number: int
    lane: str
    charges: list[ChargeOut]
    customs_value_amount: str | None = None
    relief_code: str | None = None
    reasons: list[str] = []


class Totals(msgspec.Struct, frozen=True, gc=False):
    """Sums over the charges in the law's currency; decimal amounts. Claims and waived charges are in none."""

    duty_amount: str
    tax_amount: str
    excise_amount: str
    fee_amount: str
    due_at_border_amount: str
    due_at_sale_amount: str


class DecisionOut(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A decision. law: codes of the packs in force; basis: hash of all it rests on; reasons: rule ids, public
    ones only.

    kind: pre-loading, pre-arrival, release or post-clearance. is_provisional: a legal moment lies ahead; it
    is decided again then.
    """

    decision_id: str
    mrn: str
    version: int
    kind: str
    lane: str
    status: str
    decided_at: str
    goods_items: list[GoodsItemOut]
    law: str | None = None
    law_on: str | None = None
    basis: str | None = None
    currency_code: str | None = None
    form_code: str | None = None
    totals: Totals | None = None
    charges: list[ChargeOut] = []
    reasons: list[str] = []
    findings: list[str] = []
    is_provisional: bool = False
    supersedes: str | None = None


def format_amounts(amounts_minor: Int64s, places: int) -> Any:
    """Write many amounts with so many decimal places, as an Arrow array of text; ABSENT becomes null."""
    absent = amounts_minor == ABSENT
    halves = np.zeros((len(amounts_minor), 2), dtype="<i8")
    halves[:, 0] = amounts_minor
    halves[:, 1] = halves[:, 0] >> 63
    decimals = pa.Array.from_buffers(
        pa.decimal128(19, places), len(amounts_minor), [None, pa.py_buffer(halves)]
    )
    if absent.any():
        halves[absent] = 0
        return pc.if_else(pa.array(~absent), decimals.cast(pa.string()), None)
    return decimals.cast(pa.string())
