"""A composition of packs, compiled: the base law of a territory with the national layers over it, ready to run on columns.

Composition is data: a layer's expressions may name the base law's parameters and definitions; charges of all layers run in one order (duty,
excise, fees inside the tax base, tax, other fees, claims). A name used twice, a cycle or an unknown name is a load error.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec
import sqlglot
from sqlglot import exp

from serai.law.expression import Compiled, ExpressionError, Symbol, compile_expression
from serai.law.pack import (
    Charge,
    Choice,
    ConsignmentTotal,
    Definition,
    Exclusion,
    Pack,
    Parameter,
    Reason,
    Requirement,
)
from serai.law.vocabulary import WORDS, Kind, Level
from serai.model.errors import SeraiError

DUE_CODES = ("border", "sale", "buyer_return", "none")
REASON_BITS_MAX = 52
"""Rules of one program. The other ten bits of a decision's reasons say what holds under any law (no tariff line, datum needed ...)."""


class LawPackError(SeraiError):
    """A pack cannot be used. place: file and line, or pack and rule."""

    def __init__(
        self,
        code: str,
        place: str,
        message: str,
        next_step: str = "Correct the pack and run `serai law check`.",
    ) -> None:
        super().__init__(code, f"{place}: {message}", next_step)
        self.place = place


@dataclass(frozen=True, slots=True)
class CompiledChoice:
    """A table read from the top: codes and the condition of each."""

    rows: tuple[tuple[str, Compiled, Choice], ...]


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
    liable: CompiledChoice
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


@dataclass(frozen=True, slots=True)
class Program:
    """Everything needed to assess the consignments of one composition. code: the packs' codes joined with `+`.

    symbols: every name an expression may use; an explanation compiles the parts of an expression against them.
    """

    code: str
    packs: tuple[Pack, ...]
    hashes: tuple[str, ...]
    currency: str
    parameters: Mapping[str, tuple[Parameter, Pack]]
    definitions: tuple[CompiledDefinition, ...]
    relief: CompiledChoice
    declaration_form: CompiledChoice
    charges: tuple[CompiledCharge, ...]
    rules: tuple[CompiledRule, ...]
    symbols: Mapping[str, Symbol]

    @property
    def base(self) -> Pack:
        """The law the layers stand on."""
        return self.packs[0]


_CHARGE_ORDER: dict[str, int] = {"duty": 0, "excise": 1, "fee_in_base": 2, "tax": 3, "fee": 4, "claim": 5}


def _charge_rank(charge: Charge) -> int:
    return _CHARGE_ORDER["fee_in_base" if charge.kind == "fee" and charge.is_in_tax_base else charge.kind]


def charge_name(rule_id: str) -> str:
    """Return the name under which later expressions read a charge's amount."""
    return "charge_" + rule_id.replace("-", "_")


def compile_program(packs: Sequence[Pack], hashes: Sequence[str]) -> Program:
    """Compile a base pack and its layers.

    Raises LawPackError naming pack and rule: `unknown-name`, `wrong-type`, `cyclic-definition`, `duplicate-name`, `unknown-source`,
    `too-many-rules`, and what compile_expression refuses.
    """
    return _ProgramCompiler(packs, hashes).compile()


class _ProgramCompiler:
    def __init__(self, packs: Sequence[Pack], hashes: Sequence[str]) -> None:
        self.packs = tuple(packs)
        self.hashes = tuple(hashes)
        self.currency = packs[0].currency
        self.symbols: dict[str, Symbol] = {}
        self.parameters: dict[str, tuple[Parameter, Pack]] = {}

    def compile(self) -> Program:
        for word in WORDS.values():
            self.symbols[word.name] = Symbol(
                word.kind, word.level, self.currency if word.kind == "money" else None
            )
        for pack in self.packs:
            for parameter in pack.parameters:
                self._add_parameter(parameter, pack)
        definitions = self._compile_definitions()
        relief = self._choice([(row, pack) for pack in self.packs for row in pack.relief], "item", "relief")
        self._add_symbol("relief_code", Symbol("code", "item"), self.packs[0])
        form = self._choice(
            [(row, pack) for pack in self.packs for row in pack.declaration_form],
            "consignment",
            "declaration_form",
        )
        self._add_symbol("declaration_form_code", Symbol("code", "consignment"), self.packs[0])
        charges = self._compile_charges()
        rules = tuple(self._compile_rules())
        if len(rules) > REASON_BITS_MAX:
            raise LawPackError(
                "too-many-rules",
                self.packs[0].code,
                f"{len(rules)} rules speak, {REASON_BITS_MAX} is the most.",
            )
        return Program(
            code="+".join(pack.code for pack in self.packs),
            packs=self.packs,
            hashes=self.hashes,
            currency=self.currency,
            parameters=self.parameters,
            definitions=definitions,
            relief=relief,
            declaration_form=form,
            charges=charges,
            rules=rules,
            symbols=self.symbols,
        )

    # ---- symbols ----

    def _add_symbol(self, name: str, symbol: Symbol, pack: Pack) -> None:
        if name in self.symbols:
            raise LawPackError(
                "duplicate-name",
                pack.code,
                f"`{name}` is already a name of the vocabulary or of another layer.",
            )
        self.symbols[name] = symbol

    def _add_parameter(self, parameter: Parameter, pack: Pack) -> None:
        level: Level | None = None
        # A parameter dated by the law of each consignment differs from row to row as soon as it has two values or a key.
        key_name = parameter.by or parameter.by_prefix
        if key_name is not None:
            word = WORDS.get(key_name)
            if word is None or word.kind != "code" or None not in (parameter.by, parameter.by_prefix):
                raise LawPackError(
                    "unknown-name",
                    f"{pack.code}, parameter {parameter.name}",
                    f"`{key_name}` is no code of the vocabulary, or stands beside a second key.",
                )
            level = word.level
        if len(parameter.values) > 1 and not parameter.is_list:
            level = level or "consignment"
        currency = (parameter.currency or pack.currency) if parameter.kind == "money" else None
        self._check_values(parameter, pack)
        self._add_symbol(parameter.name, Symbol(parameter.kind, level, currency, parameter.is_list), pack)
        self.parameters[parameter.name] = (parameter, pack)

    def _check_values(self, parameter: Parameter, pack: Pack) -> None:
        place = f"{pack.code}, parameter {parameter.name}"
        for value in parameter.values:
            if value.source not in pack.sources:
                raise LawPackError(
                    "unknown-source", place, f"source `{value.source}` is not among the pack's sources."
                )
            if (value.key is None) != (parameter.by is None and parameter.by_prefix is None):
                raise LawPackError(
                    "wrong-type",
                    place,
                    "a value has a key exactly when the parameter says `by` or `by_prefix`.",
                )
            expected = list if parameter.is_list else _VALUE_TYPES[parameter.kind]
            if type(value.value) is not expected:
                raise LawPackError(
                    "wrong-type", place, f"`{value.value}` is not the {parameter.kind} that was promised."
                )
            if (
                parameter.kind == "rate"
                and isinstance(value.value, int)
                and not 0 <= value.value <= 10_000_000
            ):
                raise LawPackError(
                    "out-of-range", place, f"rate {value.value} ppm is not between 0 and 1000 %."
                )
            if value.valid_to is not None and value.valid_to <= value.valid_from:
                raise LawPackError(
                    "wrong-dates", place, f"a value ends on {value.valid_to}, before it begins."
                )
        by_key: dict[str | None, list[tuple[object, object]]] = {}
        for value in sorted(parameter.values, key=lambda v: v.valid_from):
            spans = by_key.setdefault(value.key, [])
            if spans and (spans[-1][1] is None or spans[-1][1] > value.valid_from):  # type: ignore[operator]
                raise LawPackError("overlap", place, f"two values are in force on {value.valid_from}.")
            spans.append((value.valid_from, value.valid_to))

    # ---- definitions ----

    def _compile_definitions(self) -> tuple[CompiledDefinition, ...]:
        waiting = {d.name: (d, pack) for pack in self.packs for d in pack.definitions}
        if len(waiting) < sum(len(pack.definitions) for pack in self.packs):
            raise LawPackError("duplicate-name", self.packs[0].code, "two definitions have one name.")
        done: list[CompiledDefinition] = []
        open_names: list[str] = []

        def visit(name: str) -> None:
            definition, pack = waiting[name]
            if name in open_names:
                cycle = " -> ".join([*open_names[open_names.index(name) :], name])
                raise LawPackError(
                    "cyclic-definition", f"{pack.code}, definition {name}", f"it needs itself: {cycle}."
                )
            open_names.append(name)
            for needed in _names_in(definition.value):
                if needed in waiting and needed not in self.symbols:
                    visit(needed)
            open_names.pop()
            compiled = self._expression(
                definition.value, pack, f"definition {name}", definition.level, rounding=definition
            )
            self._add_symbol(name, Symbol(compiled.kind, definition.level, compiled.currency), pack)
            done.append(CompiledDefinition(definition, pack, compiled))

        for name in waiting:
            if name not in self.symbols:
                visit(name)
            elif not any(d.definition.name == name for d in done):
                raise LawPackError(
                    "duplicate-name", waiting[name][1].code, f"`{name}` is a word of the vocabulary."
                )
        return tuple(done)

    # ---- charges and rules ----

    def _compile_charges(self) -> tuple[CompiledCharge, ...]:
        listed = [(charge, pack) for pack in self.packs for charge in pack.charges]
        listed.sort(key=lambda row: _charge_rank(row[0]))
        compiled: list[CompiledCharge] = []
        for charge, pack in listed:
            self._add_charge(charge, pack, compiled)
            if charge.total is not None:
                self._add_charge(self._rounding_row(charge, compiled[-1], charge.total), pack, compiled)
        self._add_symbol("due_at_border", Symbol("money", "consignment", self.currency), self.packs[0])
        return tuple(
            CompiledCharge(
                **{f: getattr(c, f) for f in CompiledCharge.__dataclass_fields__ if f != "waived"},
                waived=self._optional(
                    c.charge.is_waived_when, c.pack, f"charge {c.charge.rule_id}", "consignment", "flag"
                ),
            )
            for c in compiled
        )

    def _add_charge(self, charge: Charge, pack: Pack, compiled: list[CompiledCharge]) -> None:
        one = self._compile_charge(len(compiled), charge, pack)
        compiled.append(one)
        self._add_symbol(one.name, Symbol("money", charge.level, one.currency), pack)

    @staticmethod
    def _rounding_row(charge: Charge, compiled: CompiledCharge, total: ConsignmentTotal) -> Charge:
        """Return the charge that brings the sum of an item charge to what the consignment owes."""
        if charge.level != "item":
            place = f"{compiled.pack.code}, charge {charge.rule_id}"
            raise LawPackError(
                "wrong-level",
                place,
                "`total` is for charges of goods items; a consignment's charge has `rounding`.",
            )
        parts = f"SUM({compiled.name})"
        owed = f"ROUNDED({total.amount or parts})"
        applies = f"BOOL_OR({charge.when})" if compiled.when.level == "item" else f"({charge.when})"
        return msgspec.structs.replace(
            charge,
            rule_id=f"{charge.rule_id}-rounding",
            level="consignment",
            title=f"{charge.title}: rounding of the consignment's sum",
            when=f"{applies} AND {owed} <> {parts}",
            base=None,
            rate=None,
            amount=f"{owed} - {parts}",
            rounding=total.rounding,
            total=None,
            is_in_tax_base=False,
        )

    def _compile_charge(self, number: int, charge: Charge, pack: Pack) -> CompiledCharge:
        place = f"charge {charge.rule_id}"
        if (charge.amount is None) == (charge.base is None or charge.rate is None):
            raise LawPackError(
                "wrong-type", f"{pack.code}, {place}", "give either `base` and `rate`, or `amount`."
            )
        currency = charge.currency or pack.currency
        amount = self._optional(charge.amount, pack, place, charge.level, "money", charge)
        if amount is not None and amount.currency not in (currency, None):
            raise LawPackError(
                "mixed-currency",
                f"{pack.code}, {place}",
                f"the amount is in {amount.currency}, the charge in {currency}.",
            )
        due = [Choice(code=charge.due)] if isinstance(charge.due, str) else charge.due
        if unknown := {row.code for row in due} - set(DUE_CODES):
            raise LawPackError(
                "wrong-type",
                f"{pack.code}, {place}",
                f"due: {', '.join(sorted(unknown))} is none of {', '.join(DUE_CODES)}.",
            )
        return CompiledCharge(
            number=number,
            charge=charge,
            pack=pack,
            name=charge_name(charge.rule_id),
            when=self._flag(charge.when, pack, place, charge.level, charge),
            base=self._optional(charge.base, pack, place, charge.level, "money", charge),
            rate=self._optional(charge.rate, pack, place, charge.level, "rate", charge),
            amount=amount,
            due=self._choice([(row, pack) for row in due], charge.level, place),
            liable=self._choice([(row, pack) for row in charge.liable], charge.level, place),
            waived=None,
            currency=currency,
        )

    def _compile_rules(self) -> Iterable[CompiledRule]:
        for pack in self.packs:
            for reason in pack.reasons:
                place = f"reason {reason.rule_id}"
                yield CompiledRule(
                    reason.rule_id,
                    reason.level,
                    self._flag(reason.when, pack, place, reason.level),
                    reason.lane,
                    pack,
                    reason,
                )
            for requirement in pack.requirements:
                place = f"requirement {requirement.rule_id}"
                text = f"({requirement.when}) AND NOT ({requirement.is_there})"
                yield CompiledRule(
                    requirement.rule_id,
                    requirement.level,
                    self._flag(text, pack, place, requirement.level),
                    requirement.lane,
                    pack,
                    requirement,
                )
            for exclusion in pack.exclusions:
                self.symbols[f"__{exclusion.rule_id}"] = Symbol("code", None, None, is_list=True)
                text = f'STARTS_WITH_ANY(commodity_code, "__{exclusion.rule_id}")'
                place = f"exclusion {exclusion.rule_id}"
                yield CompiledRule(
                    exclusion.rule_id,
                    "item",
                    self._flag(text, pack, place, "item"),
                    exclusion.lane,
                    pack,
                    exclusion,
                )

    def _choice(self, rows: Sequence[tuple[Choice, Pack]], level: Level, place: str) -> CompiledChoice:
        return CompiledChoice(
            tuple(
                (row.code, self._flag(row.when, pack, f"{place}, {row.code}", level), row)
                for row, pack in rows
            )
        )

    # ---- expressions ----

    def _flag(
        self, text: str, pack: Pack, place: str, level: Level, rounding: Charge | None = None
    ) -> Compiled:
        compiled = self._optional(text, pack, place, level, "flag", rounding)
        assert compiled is not None
        return compiled

    def _optional(
        self,
        text: str | None,
        pack: Pack,
        place: str,
        level: Level,
        kind: Kind,
        rounding: Charge | Definition | None = None,
    ) -> Compiled | None:
        if text is None:
            return None
        compiled = self._expression(text, pack, place, level, rounding=rounding)
        if compiled.kind != kind and not (
            kind in ("money", "rate") and compiled.kind == "count" and compiled.level is None
        ):
            raise LawPackError(
                "wrong-type", f"{pack.code}, {place}", f"`{text}` is a {compiled.kind}; a {kind} is needed."
            )
        return compiled

    def _expression(
        self, text: str, pack: Pack, place: str, level: Level, *, rounding: Charge | Definition | None
    ) -> Compiled:
        mode: Literal["half_up", "half_even", "down", "up"] = (
            rounding.rounding.mode if rounding else "half_up"
        )
        unit = rounding.rounding.unit_minor if rounding else 1
        try:
            compiled = compile_expression(text, self.symbols, rounding_mode=mode, rounding_unit_minor=unit)
        except ExpressionError as fault:
            raise LawPackError(fault.code, f"{pack.code}, {place}", fault.message) from fault
        if level == "consignment" and compiled.level == "item":
            raise LawPackError(
                "wrong-level",
                f"{pack.code}, {place}",
                f"`{text}` speaks of goods items where one answer for the consignment is needed.",
            )
        return compiled


_VALUE_TYPES: dict[str, type] = {
    "money": int,
    "rate": int,
    "count": int,
    "mass": int,
    "date": str,
    "code": str,
    "flag": bool,
}


def _names_in(text: str) -> list[str]:
    try:
        tree = sqlglot.parse_one(text, dialect="postgres")
    except sqlglot.errors.SqlglotError:
        return []
    return [column.name for column in tree.find_all(exp.Column)]
