"""What an explanation is made of. Everything is plain data: it can be written as JSON and read back."""

from typing import Literal

import msgspec

StepKind = Literal[
    "law", "datum", "word", "parameter", "definition", "condition", "choice", "row", "charge", "total"
]


class Step(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One step of a calculation, with the steps it rests on.

    id: the same step has the same id in every explanation of the same kind of consignment, so that two can
    be laid side by side. formula: as the author of the law wrote it; filled: the same with figures. exact:
    before rounding; rounding: mode and unit. result: formatted with unit or currency. result_minor: of
    money, minor units of `currency`. law_ref: act and article. source: where a figure was published.
    pointer: place in the document, RFC 6901. needed: what would make an unknown result known. is_repeat: the
    step stands in full elsewhere in the explanation, under the same id.
    """

    id: str
    kind: StepKind
    name: str
    meaning: str
    result: str
    formula: str | None = None
    filled: str | None = None
    exact: str | None = None
    rounding: str | None = None
    result_minor: int | None = None
    currency: str | None = None
    law_ref: str | None = None
    source: str | None = None
    source_address: str | None = None
    pointer: str | None = None
    valid_from: str | None = None
    valid_to: str | None = None
    is_known: bool = True
    needed: str | None = None
    is_repeat: bool = False
    children: list["Step"] = []


class ChargeExplained(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One charge of the record.

    Amounts are minor units of `currency`; rate 0 / 0 where the charge is an amount.
    """

    rule_id: str
    title: str
    kind: str
    tax_type_code: str
    currency: str
    amount_minor: int
    base_minor: int
    rate_percent: str | None
    rate_numerator: int
    rate_denominator: int
    due_code: str | None
    debtor_code: str | None
    is_waived: bool
    step: Step


class ItemExplained(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A goods item: its value, the relief it has, what is charged, and the charges of its law that do not
    fall on it.
    """

    sequence_number: int
    description: str
    value: Step | None
    relief: Step
    charges: list[ChargeExplained]
    not_charged: list[Step]


class PackNamed(msgspec.Struct, frozen=True):
    """A pack of the law that was applied, by the hash of its content."""

    code: str
    title: str
    content_hash: str


class Total(msgspec.Struct, frozen=True, kw_only=True):
    """A sum of charges, minor units of `currency`.

    name: duty, tax, excise, fee, due_at_border, due_at_sale, waived, claims and so on.
    """

    name: str
    amount_minor: int
    currency: str
    step: Step


class Needed(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something unknown that stood in the way. code: of the finding. pointer: where the declarant can give
    it."""

    code: str
    word: str
    meaning: str
    pointer: str | None = None
    sequence_number: int | None = None


class Explanation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The whole calculation of one consignment, in the order in which it is read.

    law: None where no law governs it. law_not_confirmed_since: the last day on which a source shows all of
    it in force, where that is past. cumulative_allowances: what was counted before it, what it adds and
    what stands then.
    """

    law: Step | None
    packs: list[PackNamed] = []
    law_on: str | None = None
    law_not_confirmed_since: str | None = None
    currency: str | None = None
    reference: str | None = None
    items: list[ItemExplained] = []
    thresholds: list[Step] = []
    cumulative_allowances: list[Step] = []
    form: Step | None = None
    charges: list[ChargeExplained] = []
    not_charged: list[Step] = []
    totals: list[Total] = []
    needed: list[Needed] = []

    def all_charges(self) -> list[ChargeExplained]:
        """Return the charges of the goods items in their order, then those of the consignment."""
        return [charge for item in self.items for charge in item.charges] + self.charges

    def only_item(self, sequence_number: int) -> "Explanation":
        """Return the explanation with one goods item's own part; what concerns the consignment stays."""
        items = [item for item in self.items if item.sequence_number == sequence_number]
        return msgspec.structs.replace(self, items=items)

    def sections(self) -> list[Step]:
        """Return every step that stands on its own, in reading order."""
        steps = [] if self.law is None else [self.law]
        steps += [item.value for item in self.items if item.value is not None]
        steps += self.thresholds + self.cumulative_allowances
        for item in self.items:
            steps += [item.relief, *(charge.step for charge in item.charges), *item.not_charged]
        steps += [] if self.form is None else [self.form]
        steps += [charge.step for charge in self.charges] + self.not_charged
        return steps + [total.step for total in self.totals]
