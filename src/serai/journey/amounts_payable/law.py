"""What the law says of the life of amounts payable, and rates of interest: laws/amounts-payable.yaml. What
was not read is None, and nothing is worked out from it."""

from collections.abc import Collection, Mapping
from datetime import date
from functools import cache
from typing import Final, Literal

import msgspec

from serai.foundation.shipped import find_shipped
from serai.model.errors import SeraiError
from serai.model.packed_detail import CHARGE_KINDS

_FILE: Final = "amounts-payable.yaml"
PPM: Final = 1_000_000
MATTERS: Final = (
    *("incurrence", "debtor", "notification", "entry", "payment", "deferment", "interest", "limitation"),
    "ends",
)
"""What a row says something of, each of which is read or not."""
End = Literal["limitation", "paid", "remitted", "invalidated", "confiscated", "destroyed", "abandoned"]
"""By what an amount payable ends."""
SuspendedBy = Literal["appeal", "hearing", "reinstatement"]
"""What stops a limitation period from running. hearing: the period in which a debtor is heard about
the grounds on which a debt is to be notified. reinstatement: the time in which an application was looked at
whose repayment was taken back."""


class Moment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When an amount is incurred: a moment of the consignment."""

    moment: Literal["accepted"]
    law_reference: str


class Reference(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where something is said."""

    law_reference: str


class Period(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A period of calendar days."""

    days: int
    law_reference: str


class InterestLaw(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Interest on arrears: simple, of the amount alone. rate: name of a table; margin_ppm: added to it.
    below_minor: in minor units of below_currency_code, less than it is not charged. unread: what of it the
    law does not say."""

    rate: str
    margin_ppm: int
    year_days: int
    below_minor: int
    below_currency_code: str
    law_reference: str
    unread: str = ""


class Limitation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """In how many years from incurrence an amount has to be notified. crime_years: at least and at most,
    where an act gave rise to it that was liable to be prosecuted. suspended_by: what stops it from running,
    and by which law. unread: what of it was not read."""

    years: int
    crime_years: tuple[int, int]
    law_reference: str
    suspended_by: dict[SuspendedBy, str] = {}
    unread: str = ""


class PayableLaw(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a law says of amounts payable of some kinds. jurisdictions: of packs; none: wherever no other row
    says. is_customs_debt: import or export duty. valid_to: the first day out of force. None: not read. read:
    where each was read, by its name."""

    jurisdictions: list[str]
    kinds: list[str]
    is_customs_debt: bool
    valid_from: date
    valid_to: date | None
    incurrence: Moment | None
    debtor: Reference | None
    notification: Reference | None
    entry: Period | None
    payment: Period | None
    deferment: Period | None
    interest: InterestLaw | None
    limitation: Limitation | None
    ends: dict[End, str]
    read: dict[str, str]
    source: str


class RateRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rate in force from a day until another. rate_ppm: a year."""

    valid_from: date
    valid_to: date
    rate_ppm: int
    source: str


class RateTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The rates of one kind, oldest first. For which no row stands, none was read."""

    title: str
    currency_code: str
    rows: list[RateRow]

    def rate_on(self, day: date) -> RateRow | None:
        """Return the rate in force on a day; None: it was not read."""
        return next((one for one in self.rows if one.valid_from <= day < one.valid_to), None)


class PayableRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file."""

    laws: list[PayableLaw]
    rates: dict[str, RateTable]

    def law_of(self, jurisdiction: str, kind: str, day: date) -> PayableLaw:
        """Return what the law of a territory says on a day of amounts payable of a kind (CHARGE_KINDS)."""
        valid = [
            one
            for one in self.laws
            if kind in one.kinds and one.valid_from <= day and (one.valid_to is None or day < one.valid_to)
        ]
        named = [one for one in valid if jurisdiction in one.jurisdictions]
        return (named or [one for one in valid if not one.jurisdictions])[0]


@cache
def shipped_payable_rules() -> PayableRules:
    """Return the rules that are shipped. Raises SeraiError `payable-rules-unreadable`."""
    return read_payable_rules((find_shipped("laws") / _FILE).read_bytes())


def read_payable_rules(content: bytes) -> PayableRules:
    """Read the rules. Raises SeraiError `payable-rules-unreadable`: every kind of charge has a row for
    wherever no other says, rates do not overlap and are those that laws name."""
    try:
        rules = msgspec.yaml.decode(content, type=PayableRules)
    except (msgspec.ValidationError, msgspec.DecodeError) as fault:
        raise _unreadable(str(fault)) from fault
    kinds = {kind for one in rules.laws for kind in one.kinds}
    everywhere = {kind for one in rules.laws if not one.jurisdictions for kind in one.kinds}
    if unknown := kinds - set(CHARGE_KINDS):
        raise _unreadable(f"kinds: these are not known: {', '.join(sorted(unknown))}")
    if missing := set(CHARGE_KINDS) - {"claim"} - everywhere:
        raise _unreadable(f"laws: no row says what holds everywhere else of {', '.join(sorted(missing))}")
    for law in rules.laws:
        _check_law(law, rules.rates)
    for name, table in rules.rates.items():
        _check_table(name, table)
    return rules


def _check_law(law: PayableLaw, rates: Collection[str]) -> None:
    if unknown := law.read.keys() - set(MATTERS):
        raise _unreadable(f"read: it names what is not there: {', '.join(sorted(unknown))}")
    if law.interest is None:
        return
    if law.interest.rate not in rates:
        raise _unreadable(f"interest: no rates are named {law.interest.rate}")
    if law.interest.year_days <= 0 or min(law.interest.margin_ppm, law.interest.below_minor) < 0:
        raise _unreadable("interest: year_days is above 0, margin_ppm and below_minor are not below it")


def _check_table(name: str, table: RateTable) -> None:
    if any(one.valid_to <= one.valid_from or one.rate_ppm < 0 for one in table.rows):
        raise _unreadable(f"rates, {name}: a row ends after it begins, and no rate is below 0")
    for before, after in zip(table.rows, table.rows[1:], strict=False):
        if after.valid_from < before.valid_to:
            raise _unreadable(f"rates, {name}: two rows are in force on {after.valid_from}")


def unread_of(law: PayableLaw) -> list[str]:
    """Return of what a row says nothing, by name."""
    said: Mapping[str, object] = msgspec.structs.asdict(law)
    return [name for name in MATTERS if not said[name]]


def _unreadable(why: str) -> SeraiError:
    return SeraiError(
        "payable-rules-unreadable",
        f"The rules of amounts payable cannot be read: {why}.",
        f"Correct {_FILE}, or install Serai again.",
    )
