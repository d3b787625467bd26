"""What a plan of repayment says: which charge was annulled, on what ground, which interest is due. Pure."""

from datetime import date
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from serai.journey.repayments.interest import Interest
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

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


class Terms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A plan of repayment as its file has it."""

    format: Literal["serai-repayment-plan/1"]
    title: Annotated[str, Meta(min_length=1, max_length=120)]
    annulled: Annulled
    ground: Ground
    interest: Interest


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
