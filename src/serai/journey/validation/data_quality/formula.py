"""The formula of the score, as `formula.yaml` states it: which questions are asked, and what each weighs."""

import datetime as dt
from functools import cached_property
from importlib.resources import files
from typing import Annotated, Final, Literal, get_args

import msgspec
import numpy as np
from msgspec import Meta

from serai.model.columns import Int64s

CheckKind = Literal["presence", "form", "meaning", "plausibility", "check-digit", "address", "round-numbers"]
Count = Annotated[int, Meta(ge=1)]
Part = Literal["presence", "form", "meaning", "plausibility"]
PARTS: Final[tuple[Part, ...]] = get_args(Part)
"""What the four scores beside the whole one are of."""
BITS_MAX: Final = 34
"""Checks of which a stored bigint can tell which failed; above them it tells the four scores."""
PART_BITS: Final = 7
NOT_ASKED: Final = 127
"""Stands for the score of a part of which nothing was asked."""


class Check(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One question. code: of the finding, and of the remedy. field: of the document or of its goods items."""

    code: str
    field: str
    level: Literal["item", "consignment"]
    kind: CheckKind
    part: Part
    points: Count
    title: str
    is_said: bool = False


class Plausible(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a number is unusual. factor_min: times or parts of the usual that are always plausible."""

    deviations_max: Count
    factor_min: Count
    seen_min: Count


class RoundNumbers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When prices are suspiciously round. step_units: whole units of the currency."""

    step_units: Count
    items_min: Count
    share_max_percent: Count
    declarant_items_min: Count
    declarant_share_max_percent: Count


class Costs(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What faults are weighed by when the ones worth mending first are sought."""

    refused: Count
    person: Count
    ten_points: Count


class Peers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many other declarants there must be for a comparison."""

    count_min: Count


class Formula(msgspec.Struct, frozen=True, forbid_unknown_fields=True, dict=True):
    """The formula whole."""

    version: Count
    since: dt.date
    checks: Annotated[tuple[Check, ...], Meta(min_length=1, max_length=BITS_MAX)]
    plausible: Plausible
    round_numbers: RoundNumbers
    costs: Costs
    peers: Peers

    @cached_property
    def bit_of(self) -> dict[str, int]:
        """Return the place of each check by its code."""
        return {check.code: place for place, check in enumerate(self.checks)}

    @cached_property
    def items(self) -> tuple[str, ...]:
        """Return the checks of goods items, in order."""
        return tuple(check.code for check in self.checks if check.level == "item")

    @cached_property
    def consignments(self) -> tuple[str, ...]:
        """Return the checks of consignments, in order."""
        return tuple(check.code for check in self.checks if check.level == "consignment")

    @cached_property
    def said(self) -> frozenset[str]:
        """Return the checks of which the sender hears in the answer."""
        return frozenset(check.code for check in self.checks if check.is_said)

    @cached_property
    def points(self) -> Int64s:
        """Return the points of each check, by its place."""
        return np.array([check.points for check in self.checks], dtype=np.int64)

    @cached_property
    def is_of_part(self) -> Int64s:
        """Return for each part which checks count for it: part by check, 0 or 1."""
        return np.array([[check.part == part for check in self.checks] for part in PARTS], dtype=np.int64)

    def parts_of(self, bits: int) -> list[int | None]:
        """Return the four scores that a stored number tells, by part; None: nothing was asked."""
        told = [bits >> BITS_MAX + PART_BITS * place & NOT_ASKED for place in range(len(PARTS))]
        return [None if score == NOT_ASKED else score for score in told]

    def codes_of(self, bits: int) -> list[str]:
        """Return the checks that a stored number says have failed."""
        return [check.code for place, check in enumerate(self.checks) if bits >> place & 1]


FORMULA: Final = msgspec.yaml.decode(
    (files("serai.journey.validation.data_quality") / "formula.yaml").read_bytes(), type=Formula
)
