"""A decision in words of the wire: the one struct that is answered, committed to in the log, shown and
replayed."""

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from serai.model.columns import Int64s
from serai.model.findings import FindingOut
from serai.model.frames import ABSENT


class LawPackOut(msgspec.Struct, frozen=True, gc=False):
    """One pack of the law that was applied. version: the first 16 hexadecimal digits of the SHA-256 of its
    files. address: where they are read, byte for byte."""

    code: str
    version: str
    address: str


class ReasonOut(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A reason that everybody may read. code: of the rule. law_reference: act and article, where it has one.

    lane (that follows), pointer, sentence, remedy, appeal: where texts are asked for; no decision rests on
    them.
    """

    code: str
    law_reference: str | None = None
    lane: str | None = None
    pointer: str | None = None
    sentence: str | None = None
    remedy: str | None = None
    appeal: str | None = None


class ChargeOut(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """One charge. Amounts: decimal in currency_code. base_amount: absent where the charge is an amount.
    rate_percent: decimal; absent, too, where no six places hold it (the explanation has the fraction)."""

    rule_id: str
    kind: str
    tax_type_code: str
    amount: str
    currency_code: str
    due: str
    debtor: str
    base_amount: str | None = None
    rate_percent: str | None = None
    is_waived: bool = False


class GoodsItemOut(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A goods item as decided."""

    sequence_number: int
    lane: str
    charges: list[ChargeOut]
    customs_value_amount: str | None = None
    relief_code: str | None = None
    reasons: list[ReasonOut] = []


class Totals(msgspec.Struct, frozen=True, gc=False):
    """Sums over the charges in the law's currency; decimal amounts. Claims and waived charges are in none."""

    duty_amount: str
    tax_amount: str
    excise_amount: str
    fee_amount: str
    due_at_border_amount: str
    due_at_sale_amount: str


class DecisionOut(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """A decision. law: the packs in force, the base first; basis: hash of all it rests on; reasons: public
    ones only.

    law_not_confirmed_since: last day on which a source shows the law in force, where law_on is later. kind:
    pre-loading, pre-arrival, release or post-clearance. totals: absent where there is no law, or a
    charge cannot be said: reasons and findings say what is missing. is_provisional: a legal moment lies
    ahead; it is decided again then.
    """

    decision_id: str
    mrn: str
    version: int
    kind: str
    lane: str
    status: str
    decided_at: str
    goods_items: list[GoodsItemOut]
    law: list[LawPackOut] = []
    law_on: str | None = None
    law_not_confirmed_since: str | None = None
    basis: str | None = None
    currency_code: str | None = None
    form_code: str | None = None
    totals: Totals | None = None
    charges: list[ChargeOut] = []
    reasons: list[ReasonOut] = []
    findings: list[FindingOut] = []
    is_provisional: bool = False
    supersedes: str | None = None


def law_packs_of(code: str, versions: Sequence[str]) -> list[LawPackOut]:
    """Return the packs of a program. code: the packs' codes joined with `+`. versions: one for each."""
    return [
        LawPackOut(name, version, f"/v1/law-packs/{name}/{version}")
        for name, version in zip(code.split("+"), versions, strict=True)
    ]


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
