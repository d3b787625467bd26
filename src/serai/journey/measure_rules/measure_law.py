"""Which measures an officer may take, when and why, and what the law says of each: laws/measures.yaml."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, Final, Literal

import msgspec

from serai.foundation.shipped import find_shipped
from serai.model.acts import GOODS_STATES, MEASURES
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

_FILE: Final = "measures.yaml"
FINAL_STATES: Final = ("released", "invalidated")
"""Beside those to which measures bring goods: where nothing is decided any more."""


class Measure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a measure may be taken and why. allowed_in: states of the goods. is_adverse: whom it reaches is
    heard first; is_adverse_if_more_is_owed: likewise where it raises what is owed. is_favourable: taking it
    back is adverse. needs_second_person: whatever the settings say."""

    kind: str
    allowed_in: list[str]
    reasons: list[str]
    is_adverse: bool = False
    is_adverse_if_more_is_owed: bool = False
    is_favourable: bool = False
    needs_second_person: bool = False


class HearingLaw(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How whom a decision would be adverse to is heard. days: calendar days from proven notification.
    exceptions: by code, the law that lets an officer decide without."""

    days: int
    law_reference: str
    exceptions: dict[str, str]


class AppealLaw(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a measure or decision is appealed against. lodge_days: from when it was served; decide_days: until
    an appeal is decided, after which the second instance is open."""

    lodge_days: int
    decide_days: int
    law_reference: str
    suspension_reference: str


class MeasureLaw(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What measures rest on where some laws govern. jurisdictions: of packs; none: wherever no other row
    says. references: by kind of measure; second_examination: on request. valid_to: the first day out of
    force. read: where it was read, by what was read: a kind of measure, another field, `hearing.days`,
    `appeal.law_reference` and the like; what is not named there is written from general knowledge, and is to
    be read before anybody relies on it."""

    jurisdictions: list[str]
    valid_from: date
    valid_to: date | None
    references: dict[str, str]
    annulment: str
    revocation: str
    annulment_of_favourable: str
    revocation_of_favourable: str
    second_examination: str
    hearing: HearingLaw
    appeal: AppealLaw
    read: dict[str, str]
    source: str

    def counter_reference(self, form: "CounterForm", measure: Measure) -> str:
        """Return the law by which a measure is annulled or revoked."""
        if measure.is_favourable:
            return self.annulment_of_favourable if form == "annulment" else self.revocation_of_favourable
        return self.annulment if form == "annulment" else self.revocation


CounterForm = Literal["annulment", "revocation"]
"""How a measure is taken back: as if it had never been, or from now on."""


ExaminationResult = Literal[
    "conforms",
    "quantity-differs",
    "description-differs",
    "value-differs",
    "origin-differs",
    "prohibited",
    "counterfeit-suspected",
    "dangerous",
    "empty",
]
"""What an examination has found."""


class Weekend(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Weekdays (ISO 8601, Monday is 1) on which no period ends in some countries; none named: elsewhere."""

    country_codes: list[str]
    weekdays: list[int]
    source: str


class Holidays(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Days on which no period ends in some countries, beside weekends."""

    country_codes: list[str]
    days: list[date]
    source: str


class AnswerDays(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long a party has to answer what an officer asks, where he states no other time; no country named:
    elsewhere."""

    country_codes: list[str]
    days: int
    source: str


class RestDays(msgspec.Struct, frozen=True):
    """Days on which no period ends in a country: `day in rest_days`. weekdays: as in `Weekend`."""

    weekdays: frozenset[int]
    holidays: frozenset[date]

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and (day.isoweekday() in self.weekdays or day in self.holidays)


class MeasureRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole table. answer_days, weekends, holidays: by country of the administration."""

    measures: list[Measure]
    laws: list[MeasureLaw]
    answer_days: list[AnswerDays]
    weekends: list[Weekend]
    holidays: list[Holidays]

    def measure(self, kind: str) -> Measure:
        """Return the row of a kind of measure."""
        return next(one for one in self.measures if one.kind == kind)

    def answer_days_of(self, country_code: str) -> int:
        """Return how many days a party has to answer an officer of a country."""
        named = [one for one in self.answer_days if country_code in one.country_codes]
        return (named or [one for one in self.answer_days if not one.country_codes])[0].days

    def rest_days_of(self, country_code: str) -> RestDays:
        """Return the days on which no period ends in a country."""
        named = [one for one in self.weekends if country_code in one.country_codes]
        weekend = (named or [one for one in self.weekends if not one.country_codes])[0]
        holidays = (day for one in self.holidays if country_code in one.country_codes for day in one.days)
        return RestDays(frozenset(weekend.weekdays), frozenset(holidays))

    def law_of(self, jurisdiction: str, at: datetime) -> MeasureLaw:
        """Return what measures rest on where a law of some territory governs."""
        on = at.astimezone(UTC).date()
        valid = [
            one for one in self.laws if one.valid_from <= on and (one.valid_to is None or on < one.valid_to)
        ]
        named = [one for one in valid if jurisdiction in one.jurisdictions]
        return (named or [one for one in valid if not one.jurisdictions])[0]


@cache
def shipped_measure_rules() -> MeasureRules:
    """Return the table that came with the laws."""
    return read_measure_rules((find_shipped("laws") / _FILE).read_bytes())


def read_measure_rules(content: bytes) -> MeasureRules:
    """Read a table. Raises msgspec.ValidationError, ValueError where a kind or state is missing or not
    known."""
    rules = msgspec.yaml.decode(content, type=MeasureRules)
    kinds = [one.kind for one in rules.measures]
    states = {state for one in rules.measures for state in one.allowed_in}
    if sorted(kinds) != sorted(MEASURES):
        raise ValueError(
            f"measures.yaml names other kinds than there are: {sorted(set(kinds) ^ set(MEASURES))}"
        )
    for law in rules.laws:
        if unknown := set(law.read) - _readable(law):
            raise ValueError(f"measures.yaml says of what is not there that it was read: {sorted(unknown)}")
    if unknown := states - set(GOODS_STATES) - set(FINAL_STATES):
        raise ValueError(f"measures.yaml names states that are not known: {sorted(unknown)}")
    return rules


def _readable(law: MeasureLaw) -> set[str]:
    """Return the names of all that a row says of law."""
    own = {"annulment", "revocation", "annulment_of_favourable", "revocation_of_favourable"}
    parts = {f"hearing.{name}" for name in HearingLaw.__struct_fields__}
    parts |= {f"appeal.{name}" for name in AppealLaw.__struct_fields__}
    return {*law.references, *own, "second_examination", *parts}


def check_allowed(measure: Measure, state: str, reason_code: str | None) -> None:
    """Raise SeraiError `measure-not-allowed`, `reason-not-allowed` unless goods in a state may be so treated
    for a reason."""
    if state not in measure.allowed_in:
        raise SeraiError(
            "measure-not-allowed",
            MessageText(
                "Goods that are {state} do not allow the measure {kind}.", state=state, kind=measure.kind
            ),
            MessageText(
                "It is for goods that are: {listed}. Read the acts of the case.",
                listed=", ".join(measure.allowed_in),
            ),
        )
    if measure.reasons and reason_code not in measure.reasons:
        raise SeraiError(
            "reason-not-allowed",
            MessageText("The measure {kind} is not taken for this reason.", kind=measure.kind),
            MessageText("reason_code is one of: {listed}.", listed=", ".join(measure.reasons)),
        )


def reasons_of(rules: MeasureRules) -> Sequence[str]:
    """Return the codes of all reasons."""
    return sorted({reason for one in rules.measures for reason in one.reasons})


PARAMETERS: Final[Mapping[str, frozenset[str]]] = {
    "examination-recorded": frozenset({"result_code"}),
    "value-determined": frozenset({"currency_code", "amount"}),
    "classification-determined": frozenset({"goods_item", "commodity_code"}),
    "origin-determined": frozenset({"goods_item", "origin_country_code"}),
    "quantity-determined": frozenset({"goods_item", "quantity"}),
    "security-called": frozenset({"security", "currency_code", "amount"}),
    "security-freed": frozenset({"security"}),
}
"""By kind, what its order must state beside reference and reason."""
MAY_STATE: Final[Mapping[str, frozenset[str]]] = {
    "examination-recorded": frozenset({"gross_mass_kg", "second_of", "counting"}),
    "information-requested": frozenset({"due_at"}),
    "assignment": frozenset({"assigned_to"}),
    "release-against-security": frozenset(
        {
            "currency_code",
            "amount",
            "account",
            "goods_item",
            "possible_commodity_codes",
            "possible_origins",
            "highest_price",
        }
    ),
    "security-freed": frozenset({"currency_code", "amount"}),
}
"""By kind, what it may state as well. An assignment to nobody gives the case back. What is secured is stated,
or what is possible, of which the highest amount is worked out."""


def check_parameters(kind: str, stated: Mapping[str, Any]) -> None:
    """Raise SeraiError `measure-faulty` unless an order states what its kind needs, and nothing else."""
    needed = PARAMETERS.get(kind, frozenset())
    allowed = needed | MAY_STATE.get(kind, frozenset())
    said = {name for name, value in stated.items() if value is not None}
    if missing := needed - said:
        raise faulty(
            MessageText(
                "See to it that {kind} states {listed}.", kind=kind, listed=", ".join(sorted(missing))
            )
        )
    if more := said - allowed:
        raise faulty(
            MessageText(
                "See to it that {kind} does not state {listed}.", kind=kind, listed=", ".join(sorted(more))
            )
        )


def faulty(next_step: str) -> SeraiError:
    """Return the error of an order that is not as it should be."""
    return SeraiError(
        "measure-faulty",
        "This measure is not as it should be.",
        next_step,
    )
