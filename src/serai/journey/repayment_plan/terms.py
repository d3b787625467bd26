"""What a plan of repayment says: which charge was annulled, on what ground, which interest is due. Pure."""

from datetime import date
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

RATE_UNIT: Final = 1_000_000
"""Rates of interest are in millionths a year."""

_Text = Annotated[str, Meta(min_length=1, max_length=500)]
_Code = Annotated[str, Meta(min_length=1, max_length=64)]


class Annulled(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which charges were annulled. law_codes: packs; rule_ids: their rules, all of tax_type_code where none
    is named. law_from, law_to: days whose law applied, half-open. country_codes: destinations; none: all."""

    law_codes: Annotated[list[_Code], Meta(min_length=1)]
    tax_type_code: _Code
    law_from: date
    law_to: date
    rule_ids: list[_Code] = []
    country_codes: list[Annotated[str, Meta(pattern="^[A-Z]{2}$")]] = []


class Ground(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """By which act a charge was annulled. article: by which what was paid goes back."""

    act: _Text
    article: _Text
    dated: date
    source: _Text


class Rate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A rate of interest from a day on, until the next. rate_ppm: millionths a year."""

    valid_from: date
    rate_ppm: Annotated[int, Meta(ge=0, le=RATE_UNIT)]


class Interest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Simple interest from the day of payment (included) until a day (not included).

    rates: empty: the law grants none, as source says. days_in_year: by which a year's rate is divided.
    """

    until: date
    source: _Text
    days_in_year: Literal[360, 365] = 365
    rates: list[Rate] = []


class Terms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A plan of repayment as its file has it."""

    format: Literal["serai-repayment-plan/1"]
    title: Annotated[str, Meta(min_length=1, max_length=120)]
    annulled: Annulled
    ground: Ground
    interest: Interest


class RatePeriod(msgspec.Struct, frozen=True):
    """A rate and the days for which it counts, half-open."""

    begins_on: date
    ends_on: date
    rate_ppm: int


def read_terms(content: bytes) -> Terms:
    """Read a plan's file (YAML). Raises SeraiError `repayment-plan-faulty`."""
    try:
        terms: Terms = msgspec.yaml.decode(content, type=Terms)
    except (msgspec.ValidationError, msgspec.DecodeError) as fault:
        raise _faulty(MessageText("The plan cannot be read: {why}.", why=str(fault))) from fault
    if terms.annulled.law_to <= terms.annulled.law_from:
        raise _faulty("annulled.law_to lies after annulled.law_from.")
    days = [one.valid_from for one in terms.interest.rates]
    if days != sorted(set(days)):
        raise _faulty("The rates of interest stand in the order of their days, each day once.")
    return terms


def rate_periods(interest: Interest) -> list[RatePeriod]:
    """Return the rates with the days for which each counts, until the last day of the plan."""
    ends = [*(one.valid_from for one in interest.rates[1:]), interest.until]
    return [
        RatePeriod(one.valid_from, min(end, interest.until), one.rate_ppm)
        for one, end in zip(interest.rates, ends, strict=True)
        if one.valid_from < min(end, interest.until)
    ]


def interest_minor(amount_minor: int, paid_on: date, interest: Interest) -> int:
    """Return the interest on an amount paid on a day, minor units, half up.

    The reference for what the plan computes in bulk (calculation.sql), which a test holds against it.
    """
    parts = sum(
        max((one.ends_on - max(one.begins_on, paid_on)).days, 0) * one.rate_ppm
        for one in rate_periods(interest)
    )
    whole = interest.days_in_year * RATE_UNIT
    return (2 * amount_minor * parts + whole) // (2 * whole)


def terms_json(terms: Terms) -> dict[str, Any]:
    """Return a plan as it is stored and committed to."""
    built: dict[str, Any] = msgspec.to_builtins(terms)
    return built


def _faulty(message: str | MessageText) -> SeraiError:
    return SeraiError(
        "repayment-plan-faulty",
        message,
        "Correct the plan: docs/how-to/repay-an-annulled-charge.md shows one.",
    )
