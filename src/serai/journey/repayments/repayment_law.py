"""What of a charge goes back, on which ground, in which form, how long: laws/repayments.yaml."""

from collections.abc import Iterable
from datetime import date, datetime, tzinfo
from functools import cache
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from serai.foundation.shipped import find_shipped
from serai.journey.amounts_payable.law import shipped_payable_rules
from serai.journey.repayments.interest import BreachInterest, LateInterest
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

_FILE: Final = "repayments.yaml"

RepaymentGround = Literal["returned-goods", "overcharged", "defective", "error", "equity"]
Form = Literal["ex-officio", "application"]
Part = Literal["proportional", "whole-item", "never"]
CountedFrom = Literal["acceptance", "release", "notification"]
Leg = Literal["customs-repays", "supplier-corrects"]
"""Who makes a double charge good."""


class RepaymentRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What goes back of charges of some packs on one ground; fields as the file says them. charges: by rule
    of a pack. valid_to: the first day out of force; None: open. Days None: the law sets no limit. interest,
    breach_interest: None: of it nothing was read."""

    packs: list[str]
    ground: RepaymentGround
    form: Form
    charges: dict[str, Part]
    apply_within_days: int | None
    return_within_days: int | None
    counted_from: CountedFrom
    law_reference: str
    valid_from: date
    valid_to: date | None
    is_read: bool
    source: str
    gives_back_allowance: bool = False
    interest: LateInterest | None = None
    breach_interest: BreachInterest | None = None

    def is_in_time(self, counted_from: datetime, applied: datetime, zone: tzinfo) -> bool:
        """Say whether something is applied for in time, in days of a zone."""
        return _is_within(self.apply_within_days, counted_from, applied, zone)

    def is_back_in_time(self, counted_from: datetime, returned: datetime, zone: tzinfo) -> bool:
        """Say whether goods have gone back in time, in days of a zone."""
        return _is_within(self.return_within_days, counted_from, returned, zone)


class DoubleChargeTerms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """By when a double charge is made good; fields as the file says them. packs: none: of all. None: no time
    was read. unread: what of it the law that was read does not say."""

    leg: Leg
    packs: list[str]
    decide_within_working_days: Annotated[int, Meta(ge=1, le=250)] | None
    correct_within_years: Annotated[int, Meta(ge=1, le=30)] | None
    law_reference: str
    unread: str
    valid_from: date
    valid_to: date | None
    is_read: bool
    source: str


class RepaymentRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All rules. mass_tolerance_ppm: how much goods may differ from what they were declared to weigh."""

    mass_tolerance_ppm: int
    double_charges: list[DoubleChargeTerms]
    rules: list[RepaymentRule]

    def double_charge_terms(self, leg: Leg, packs: Iterable[str], on: date) -> DoubleChargeTerms | None:
        """Return by when a double charge is made good where some packs have decided, as of a day; None: of
        that nothing was read."""
        decided = set(packs)
        return next(
            (
                one
                for one in self.double_charges
                if one.leg == leg
                and (not one.packs or decided.intersection(one.packs))
                and one.valid_from <= on
                and (one.valid_to is None or on < one.valid_to)
            ),
            None,
        )

    def of(self, packs: Iterable[str], ground: RepaymentGround, on: date) -> list[RepaymentRule]:
        """Return the rules on a ground for charges that some packs have decided, as of a day."""
        decided = set(packs)
        return [
            one
            for one in self.rules
            if one.ground == ground
            and decided.intersection(one.packs)
            and one.valid_from <= on
            and (one.valid_to is None or on < one.valid_to)
        ]

    def rule_of(self, ground: str, law_reference: str, on: date) -> RepaymentRule | None:
        """Return the rule of a repayment that was granted on a ground by an article, as of a day; None: the
        law says nothing of it that was read."""
        for one in self.rules:
            is_valid = one.valid_from <= on and (one.valid_to is None or on < one.valid_to)
            if is_valid and (one.ground, one.law_reference) == (ground, law_reference):
                return one
        return None


@cache
def shipped_repayment_rules() -> RepaymentRules:
    """Return the rules that are shipped. Raises SeraiError `repayment-rules-unreadable`."""
    return read_repayment_rules((find_shipped("laws") / _FILE).read_bytes())


def read_repayment_rules(content: bytes) -> RepaymentRules:
    """Read rules: on one ground each charge of a pack has one at a time. Raises SeraiError
    `repayment-rules-unreadable`."""
    try:
        rules = msgspec.yaml.decode(content, type=RepaymentRules)
    except (msgspec.ValidationError, msgspec.DecodeError) as fault:
        raise _unreadable(str(fault)) from fault
    rates = shipped_payable_rules().rates
    for place, one in enumerate(rules.rules):
        for interest in (one.interest, one.breach_interest):
            if interest is not None and interest.rate is not None and interest.rate not in rates:
                raise _unreadable(f"interest: no rates are named {interest.rate}")
        for other in rules.rules[:place]:
            is_at_once = (one.valid_to is None or other.valid_from < one.valid_to) and (
                other.valid_to is None or one.valid_from < other.valid_to
            )
            shared = set(one.charges) & set(other.charges)
            if one.ground == other.ground and is_at_once and shared:
                raise _unreadable(f"two rules say of {', '.join(sorted(shared))} at once ({one.ground})")
    return rules


def _is_within(days: int | None, begin: datetime, end: datetime, zone: tzinfo) -> bool:
    if days is None:
        return True
    passed = end.astimezone(zone).date() - begin.astimezone(zone).date()
    return 0 <= passed.days <= days


def _unreadable(why: str) -> SeraiError:
    return SeraiError(
        "repayment-rules-unreadable",
        MessageText("The rules of repayment cannot be read: {why}.", why=why),
        MessageText("Correct {file}, or install Serai again.", file=_FILE),
    )
