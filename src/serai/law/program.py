"""A composition of packs, compiled: everything needed to assess the consignments it governs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from serai.law.fault_kinds import next_step_of
from serai.law.node import Compiled, Symbol
from serai.law.pack import (
    Charge,
    Choice,
    Conversion,
    Definition,
    Exclusion,
    Pack,
    Parameter,
    Reason,
    Requirement,
)
from serai.law.plain import PlainFunction
from serai.law.vocabulary import Level
from serai.model.columns import Int64s
from serai.model.errors import SeraiError

DUE_CODES = ("border", "sale", "buyer_return", "none")
CHARGES_MAX = 60


class LawPackError(SeraiError):
    """A pack cannot be used. place: file and line, or pack and rule. Without next_step that of the code."""

    def __init__(
        self,
        code: str,
        place: str,
        message: str,
        next_step: str | None = None,
    ) -> None:
        super().__init__(code, f"{place}: {message}", next_step or next_step_of(code))
        self.place = place


VERSION_DIGITS: Final = 16
"""How many hexadecimal digits of the hash of a pack name its version."""


@dataclass(frozen=True, slots=True)
class CompiledChoice:
    """A table read from the top: codes and the condition of each."""

    rows: tuple[tuple[str, Compiled, Choice], ...]
    plain: PlainFunction
    """Gives the number of the row, as `first_that_holds` does."""

    @property
    def is_fixed(self) -> bool:
        """Say whether the first row always holds."""
        return bool(self.rows) and self.rows[0][1].text.upper() == "TRUE"


@dataclass(frozen=True, slots=True)
class CompiledCharge:
    """One charge with its expressions. Either base and rate, or amount, is there."""

    number: int
    charge: Charge
    pack: Pack
    name: str
    when: Compiled
    base: Compiled | None
    rate: Compiled | None
    amount: Compiled | None
    due: CompiledChoice
    debtor: CompiledChoice
    waived: Compiled | None
    currency: str


@dataclass(frozen=True, slots=True)
class CompiledDefinition:
    """A named expression."""

    definition: Definition
    pack: Pack
    compiled: Compiled


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """A reason, requirement or exclusion: what sets a bit. holds: the condition under which it speaks."""

    rule_id: str
    level: Level
    holds: Compiled
    lane: str
    pack: Pack
    rule: Reason | Requirement | Exclusion


class DatedTable(NamedTuple):
    """Values of a parameter by day (days since 1970), ascending. ends: exclusive.

    spans: the same, each value as an array of one: most batches lie within one of them.
    """

    begins: Int64s
    ends: Int64s
    numbers: Int64s
    spans: tuple[tuple[int, int, Int64s], ...]


@dataclass(frozen=True, slots=True)
class Program:
    """Everything needed to assess the consignments of one composition.

    code: the packs' codes joined with `+`.

    symbols: every name an expression may use; an explanation compiles the parts of an expression against
    them. code_lists: prefixes and documents of exclusions, by symbol. rests_on: the names a definition, a
    choice or a charge reads. definition_of: definitions by name. plain_rules: those of items and those of
    the consignment, for small batches. dated: tables of parameters, made when first read. on_days: their
    values by key and day, likewise. plain_readers: how names are read in small batches; conversion_of: how
    amounts are converted there. kept: what stages work out of a program once, by name.
    """

    code: str
    packs: tuple[Pack, ...]
    hashes: tuple[str, ...]
    currency: str
    parameters: Mapping[str, tuple[Parameter, Pack]]
    definitions: tuple[CompiledDefinition, ...]
    definition_of: Mapping[str, CompiledDefinition]
    relief: CompiledChoice
    declaration_form: CompiledChoice
    charges: tuple[CompiledCharge, ...]
    rules: tuple[CompiledRule, ...]
    symbols: Mapping[str, Symbol]
    code_lists: Mapping[str, tuple[str, ...]]
    rests_on: Mapping[str, tuple[str, ...]]
    plain_rules: tuple[PlainFunction, PlainFunction]
    dated: dict[tuple[str, str | None], DatedTable] = field(default_factory=dict, compare=False)
    on_days: dict[tuple[str, str | None, int], object] = field(default_factory=dict, compare=False)
    plain_readers: dict[str, Callable[[Any], Any]] = field(default_factory=dict, compare=False)
    conversion_of: dict[str | None, Conversion] = field(default_factory=dict, compare=False)
    kept: dict[str, Any] = field(default_factory=dict, compare=False)

    @property
    def versions(self) -> list[str]:
        """Return the version of each pack, as answers name it: the first digits of its hash."""
        return [one[:VERSION_DIGITS] for one in self.hashes]

    @property
    def base(self) -> Pack:
        """The law the layers stand on."""
        return self.packs[0]
