"""Packs composed into a program: every name resolved, every expression checked and compiled, once.

Composition is data: a layer's expressions may name the base law's parameters and definitions; charges of all
layers run in one order (duty, excise, fees inside the tax base, tax, other fees, claims). A name used twice,
a cycle or an unknown name is a load error.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from threading import Lock
from typing import Literal, NamedTuple, NoReturn

import msgspec

from serai.law.expression import (
    Compiled,
    ExpressionError,
    Symbol,
    compile_expression,
    names_in,
)
from serai.law.node import ITEMS_MAX, PRODUCT_MOST, SUM_MOST, SharedParts
from serai.law.pack import (
    Charge,
    Choice,
    ConsignmentTotal,
    Definition,
    Exclusion,
    Pack,
    Parameter,
    Rounding,
    opening_code,
)
from serai.law.parameter_check import find_ground_faults, find_value_faults, level_of, most_of
from serai.law.plain import PlainFunction, first_that_holds, those_that_hold
from serai.law.program import (
    CHARGES_MAX,
    DUE_CODES,
    CompiledCharge,
    CompiledChoice,
    CompiledDefinition,
    CompiledRule,
    LawPackError,
    Program,
)
from serai.law.shared_words import SHARED_WORDS
from serai.law.tariff_measures import asked_measure
from serai.law.vocabulary import DERIVED, NOTHING_UNLESS_GIVEN, WORDS, Kind, Level

_CHARGE_ORDER: dict[str, int] = {"duty": 0, "excise": 1, "fee_in_base": 2, "tax": 3, "fee": 4, "claim": 5}


RESTRICTED = "restricted"
"""Where codes and kinds of all exclusions stand together, as they stand of one under its rule id."""
ROUNDING = "-rounding"
"""End of the rule id of the row that brings items' charges to what the consignment owes."""


def _charge_rank(charge: Charge) -> int:
    return _CHARGE_ORDER["fee_in_base" if charge.kind == "fee" and charge.is_in_tax_base else charge.kind]


def charge_name(rule_id: str) -> str:
    """Return the name under which later expressions read a charge's amount."""
    return "charge_" + rule_id.replace("-", "_")


def compile_program(packs: Sequence[Pack], hashes: Sequence[str]) -> Program:
    """Compile a base pack and its layers.

    Raises LawPackError naming pack and rule: `unknown-name`, `wrong-type`, `cyclic-definition`,
    `duplicate-name`, `unknown-source`, `too-many-rules`, and what compile_expression refuses.
    """
    return _ProgramCompiler(packs, hashes).compile()


_PROGRAMS_KEPT = 1_024
_programs: OrderedDict[tuple[tuple[int, ...], tuple[str, ...]], Program] = OrderedDict()
_programs_lock = Lock()


def program_of(packs: Sequence[Pack], hashes: Sequence[str]) -> Program:
    """Return the program of a base pack and its layers, compiled once for all books that hold them.

    A program rests on its packs alone. A new list or another pack makes a new generation of law, most of
    whose programs are there already. Raises what `compile_program` raises.
    """
    # By identity: packs read from the same bytes are the same, and one that stands in for another is not.
    key = (tuple(map(id, packs)), tuple(hashes))
    with _programs_lock:
        program = _programs.get(key)
        if program is not None:
            _programs.move_to_end(key)
            return program
    program = compile_program(packs, hashes)  # it holds its packs: no other is at their place meanwhile
    with _programs_lock:
        program = _programs.setdefault(key, program)
        while len(_programs) > _PROGRAMS_KEPT:
            _programs.popitem(last=False)
    return program


def find_program_faults(packs: Sequence[Pack]) -> list[LawPackError]:
    """Find all that keeps a base pack and its layers from being compiled; none: they are.

    What only follows from another fault, such as a rule that reads a faulty definition, is left out.
    """
    compiler = _ProgramCompiler(packs, [""] * len(packs), faults=[])
    try:
        compiler.compile()
    except LawPackError as fault:
        compiler.faults = [*(compiler.faults or ()), fault]
    return [fault for fault in compiler.faults or () if not isinstance(fault, _FollowingError)]


class _FollowingError(LawPackError):
    """A fault that another one brought about."""


class _ProgramCompiler:
    """faults: where all are collected; None: the first is raised."""

    def __init__(
        self, packs: Sequence[Pack], hashes: Sequence[str], faults: list[LawPackError] | None = None
    ) -> None:
        self.faults = faults
        self.spoilt: set[str] = set()
        self.packs = tuple(packs)
        self.hashes = tuple(hashes)
        self.currency = _home_currency(packs[0])
        self.symbols: dict[str, Symbol] = {}
        self.parameters: dict[str, tuple[Parameter, Pack]] = {}
        self.code_lists: dict[str, tuple[str, ...]] = {}
        self.rests_on: dict[str, tuple[str, ...]] = dict(DERIVED)
        # Where a definition stands that is made of something else.
        self.stands_in: dict[str, str] = {}
        # Sums that grow from charge to charge.
        self.shared = SharedParts(frozenset({"charges_in_tax_base", "due_at_border"}))

    def compile(self) -> Program:
        for word in WORDS.values():
            currency = self.currency if word.kind == "money" else None
            self.symbols[word.name] = Symbol(word.kind, word.level, currency, codes=word.codes)
        for pack in self.packs:
            for fault in find_ground_faults(pack):
                with self._telling():
                    raise fault
            for parameter in pack.parameters:
                with self._telling(parameter.name):
                    self._add_parameter(parameter, pack)
            for rate in pack.tariff_rates:
                with self._telling(rate.name):
                    self._add_symbol(rate.name, Symbol("rate", "item", measure=asked_measure(rate)), pack)
        with self._telling("allowance_used"):
            self._add_allowance()
        definitions = self._compile_definitions()
        relief = self._compile_choices("relief", "item")
        form = self._compile_choices("declaration_form", "consignment")
        charges = self._compile_charges()
        rules = self._compile_rules()
        return Program(
            code="+".join(pack.code for pack in self.packs),
            packs=self.packs,
            hashes=self.hashes,
            currency=self.currency,
            parameters=self.parameters,
            definitions=definitions,
            definition_of={one.definition.name: one for one in definitions},
            relief=relief,
            declaration_form=form,
            charges=charges,
            rules=rules,
            symbols=self.symbols,
            code_lists=self.code_lists,
            rests_on=self.rests_on,
            plain_rules=(_plain_rules(rules, of_items=True), _plain_rules(rules, of_items=False)),
        )

    # ---- faults ----

    @contextmanager
    def _telling(self, *names: str) -> Iterator[None]:
        """Collect a fault and go on, where all are asked for; what reads one of `names` follows from it."""
        try:
            yield
        except LawPackError as fault:
            if self.faults is None:
                raise
            self.faults.append(fault)
            self.spoilt.update(names)

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
        for fault in find_value_faults(parameter, pack):
            with self._telling(parameter.name):
                raise fault
        level = level_of(parameter, pack, self.packs[0])
        currency = (
            (parameter.currency or pack.currency or self.currency) if parameter.kind == "money" else None
        )
        symbol = Symbol(parameter.kind, level, currency, parameter.is_list, most_of(parameter))
        self._add_symbol(parameter.name, symbol, pack)
        self.parameters[parameter.name] = (parameter, pack)

    def _add_allowance(self) -> None:
        """Give `allowance_used` the kind of what the law counts; a law has one allowance."""
        said = [(pack.allowance, pack) for pack in self.packs if pack.allowance is not None]
        if len(said) > 1:
            raise LawPackError("duplicate-name", said[1][1].code, "another layer has an allowance already.")
        for allowance, _ in said:
            currency = self.currency if allowance.kind == "money" else None
            self.symbols["allowance_used"] = Symbol(allowance.kind, "consignment", currency)

    def _compile_choices(self, field: Literal["relief", "declaration_form"], level: Level) -> CompiledChoice:
        rows = [(row, _Place(pack, field, level)) for pack in self.packs for row in getattr(pack, field)]
        choice = self._choice(rows)
        name = f"{field}_code"
        self._add_symbol(name, Symbol("code", level), self.packs[0])
        self.rests_on[name] = _names_of(choice)
        return choice

    # ---- definitions ----

    def _compile_definitions(self) -> tuple[CompiledDefinition, ...]:
        listed = [(d, pack) for pack in self.packs for d in (*pack.definitions, *_defined_by_blocks(pack))]
        listed += self._restricted_goods()
        waiting = {d.name: (d, pack) for d, pack in listed}
        if len(waiting) < len(listed):
            raise LawPackError("duplicate-name", self.packs[0].code, "two definitions have one name.")
        for word in SHARED_WORDS:
            if word.name not in self.symbols:
                waiting.setdefault(word.name, (word, self.packs[0]))
        for name, (_, pack) in waiting.items():
            if name in self.symbols:
                message = f"definition `{name}` is a word of the vocabulary or a parameter."
                with self._telling():
                    raise LawPackError("duplicate-name", f"{pack.code}, definition {name}", message)
        done: list[CompiledDefinition] = []
        open_names: list[str] = []

        def visit(name: str) -> None:
            definition, pack = waiting[name]
            if name in open_names:
                cycle = " -> ".join([*open_names[open_names.index(name) :], name])
                where = f"{pack.code}, definition {name}"
                raise LawPackError("cyclic-definition", where, f"it needs itself: {cycle}.")
            open_names.append(name)
            try:
                for needed in names_in(definition.expression):
                    if needed in waiting and needed not in self.symbols and needed not in self.spoilt:
                        visit(needed)
            finally:
                open_names.pop()
            place = _Place(pack, self.stands_in.get(name, f"definition {name}"), definition.level)
            compiled = self._expression(definition.expression, place, definition.rounding)
            if "charges_in_tax_base" in compiled.names:
                # A definition has one value; this sum grows from charge to charge.
                where = f"{pack.code}, definition {name}"
                raise LawPackError("unknown-name", where, "only a charge can read `charges_in_tax_base`.")
            symbol = Symbol(compiled.kind, definition.level, compiled.currency, most=compiled.most)
            self._add_symbol(name, symbol, pack)
            self.rests_on[name] = compiled.names
            done.append(CompiledDefinition(definition, pack, compiled))

        for name in waiting:
            if name not in self.symbols and name not in self.spoilt:
                with self._telling(name):
                    visit(name)
        return tuple(done)

    # ---- charges ----

    def _compile_charges(self) -> tuple[CompiledCharge, ...]:
        listed = [(charge, pack) for pack in self.packs for charge in pack.charges]
        listed.sort(key=lambda row: _charge_rank(row[0]))
        in_base = sum(charge.is_in_tax_base and charge.level == "item" for charge, _ in listed)
        self.symbols["charges_in_tax_base"] = replace(
            self.symbols["charges_in_tax_base"], most=in_base * PRODUCT_MOST
        )
        compiled: list[CompiledCharge] = []
        for charge, pack in listed:
            name = charge_name(charge.rule_id)
            with self._telling(name, charge_name(f"{charge.rule_id}{ROUNDING}")):
                self._add_charge(charge, pack, compiled)
                if charge.total is not None:
                    self._add_charge(_rounding_row(charge, compiled[-1], charge.total), pack, compiled)
        self.rests_on["charges_in_tax_base"] = tuple(
            one.name for one in compiled if one.charge.is_in_tax_base and one.charge.level == "item"
        )
        self.rests_on["due_at_border"] = tuple(one.name for one in compiled)
        if len(compiled) > CHARGES_MAX:
            message = f"{len(compiled)} charges, {CHARGES_MAX} is the most."
            with self._telling():
                raise LawPackError("too-many-rules", self.packs[0].code, message)
        due = Symbol("money", "consignment", self.currency, most=SUM_MOST - 1)
        self._add_symbol("due_at_border", due, self.packs[0])
        return tuple(self._with_waiver(one) for one in compiled)

    def _add_charge(self, charge: Charge, pack: Pack, compiled: list[CompiledCharge]) -> None:
        one = self._compile_charge(
            len(compiled), charge, _Place(pack, f"charge {charge.rule_id}", charge.level)
        )
        compiled.append(one)
        most = PRODUCT_MOST if charge.level == "item" else PRODUCT_MOST * ITEMS_MAX
        self._add_symbol(one.name, Symbol("money", charge.level, one.currency, most=most), pack)
        parts = [part.names for part in (one.when, one.base, one.rate, one.amount) if part is not None]
        self.rests_on[one.name] = tuple(dict.fromkeys(name for names in parts for name in names))

    def _compile_charge(self, number: int, charge: Charge, place: "_Place") -> CompiledCharge:
        is_rated = charge.base is not None and charge.rate is not None
        if (charge.amount is None) != is_rated or (charge.amount is not None and charge.rate is not None):
            raise LawPackError(
                "wrong-type", place.text, "give `base` and `rate`, or `amount` (and `base`, to be shown)."
            )
        currency = charge.currency or place.pack.currency or self.currency
        due = [Choice(code=charge.due)] if isinstance(charge.due, str) else charge.due
        if unknown := {row.code for row in due} - set(DUE_CODES):
            message = f"due: {', '.join(sorted(unknown))} is none of {', '.join(DUE_CODES)}."
            raise LawPackError("wrong-type", place.text, message)
        base = self._optional(charge.base, place, "money", charge.rounding)
        amount = self._optional(charge.amount, place, "money", charge.rounding)
        for part in (base, amount):
            if part is not None and part.currency not in (currency, None):
                message = f"`{part.text}` is in {part.currency}, the charge in {currency}."
                raise LawPackError("mixed-currency", place.text, message)
        return CompiledCharge(
            number=number,
            charge=charge,
            pack=place.pack,
            name=charge_name(charge.rule_id),
            when=self._flag(self._guarded(charge, (base, amount)), place, charge.rounding),
            base=base,
            rate=self._optional(charge.rate, place, "rate", charge.rounding),
            amount=amount,
            due=self._choice([(row, place) for row in due]),
            debtor=self._choice([(row, place) for row in charge.debtor]),
            waived=None,
            currency=currency,
        )

    def _guarded(self, charge: Charge, parts: Iterable[Compiled | None]) -> str:
        """Return the condition of a charge: where the law asks for an amount that the charge reads and that
        is not given, the charge is unknown, not nothing."""
        read = {name for part in parts if part is not None for name in part.names}
        given = {WORDS[name].pointer: flag for name, flag in NOTHING_UNLESS_GIVEN.items() if name in read}
        needs = [
            f"BOOL_OR({condition})" if (need.level, charge.level) == ("item", "consignment") else condition
            for pack in self.packs
            for need in pack.requirements
            if need.pointer in given
            for condition in [f"(({need.condition}) AND NOT {given[need.pointer]})"]
        ]
        return f"UNLESS_AWAITED({charge.condition}, {' OR '.join(needs)})" if needs else charge.condition

    def _with_waiver(self, compiled: CompiledCharge) -> CompiledCharge:
        # Only now, because a waiver asks for what is due in sum, which rests on every charge.
        place = _Place(compiled.pack, f"charge {compiled.charge.rule_id}", "consignment")
        return replace(compiled, waived=self._optional(compiled.charge.is_waived_when, place, "flag"))

    # ---- rules ----

    def _compile_rules(self) -> tuple[CompiledRule, ...]:
        rules = [rule for pack in self.packs for rule in self._rules_of(pack)]
        seen: set[str] = set()
        for rule in rules:
            if rule.rule_id in seen:
                with self._telling():
                    raise LawPackError(
                        "duplicate-name", rule.pack.code, f"two rules are called {rule.rule_id}."
                    )
            seen.add(rule.rule_id)
        return tuple(rules)

    def _rules_of(self, pack: Pack) -> Iterable[CompiledRule]:
        for reason in pack.reasons:
            place = _Place(pack, f"reason {reason.rule_id}", reason.level)
            holds = self._flag(reason.condition, place)
            yield CompiledRule(reason.rule_id, reason.level, holds, reason.lane, pack, reason)
        for need in pack.requirements:
            place = _Place(pack, f"requirement {need.rule_id}", need.level)
            holds = self._flag(f"({need.condition}) AND NOT ({need.is_there})", place)
            yield CompiledRule(need.rule_id, need.level, holds, need.lane, pack, need)
        for exclusion in pack.exclusions:
            place = _Place(pack, f"exclusion {exclusion.rule_id}", "item")
            condition = f"{_goods_of(exclusion)}{self._unless_opened(exclusion)}"
            yield CompiledRule(
                exclusion.rule_id, "item", self._flag(condition, place), exclusion.lane, pack, exclusion
            )

    def _unless_opened(self, exclusion: Exclusion) -> str:
        alone = [codes[0] for codes in exclusion.document_sets if len(codes) == 1]
        ways = [self._has_document(exclusion, "documents", alone)] if alone else []
        for together in (codes for codes in exclusion.document_sets if len(codes) > 1):
            each = [self._has_document(exclusion, f"document {code}", [code]) for code in together]
            ways.append(f"({' AND '.join(each)})")
        return f" AND NOT ({' OR '.join(ways)})" if ways else ""

    def _has_document(self, exclusion: Exclusion, what: str, codes: Sequence[str]) -> str:
        # A permit that was held against the goods opens the rule of its agency alone.
        ways = [*codes, *(opening_code(exclusion.rule_id, code) for code in codes)]
        return f"HAS_ANY_CODE(document_type_codes, {self._list_of(exclusion, what, ways)})"

    # ---- restricted goods ----

    def _restricted_goods(self) -> Iterator[tuple[Definition, Pack]]:
        """Define of each exclusion which goods it speaks of, and of all of them `is_restricted`."""
        for pack in self.packs:
            for exclusion in pack.exclusions:
                self.stands_in[_goods_of(exclusion)] = f"exclusion {exclusion.rule_id}"
                yield (
                    Definition(
                        name=_goods_of(exclusion),
                        level="item",
                        value=self._speaks_of(exclusion),
                        meaning=f"Goods of which the rule {exclusion.rule_id} speaks",
                        law_ref=exclusion.law_ref,
                    ),
                    pack,
                )
        yield (
            Definition(
                name="is_restricted",
                level="item",
                value=self._any_of([one for pack in self.packs for one in pack.exclusions]),
                meaning="Goods under a prohibition or restriction",
                law_ref="Exclusions of the packs in force",
            ),
            self.packs[0],
        )

    def _any_of(self, exclusions: Iterable[Exclusion]) -> str:
        """Say whether an exclusion that bars the reduced data set speaks of an item: those that ask for
        nothing but codes and kinds are one list of each, since most goods are on none."""
        barring = [one for one in exclusions if one.bars_reduced_data]
        plain = [one for one in barring if one.when == "TRUE" and not one.other_prefixes]
        ways = [_goods_of(one) for one in barring if one not in plain]
        if plain:
            prefixes = [prefix for one in plain for prefix in one.prefixes]
            kinds = [kind for one in plain for kind in one.kinds]
            every = msgspec.structs.replace(
                plain[0],
                rule_id=RESTRICTED,
                prefixes=list(dict.fromkeys(prefixes)),
                kinds=list(dict.fromkeys(kinds)),
            )
            ways.insert(0, self._speaks_of(every))
        return " OR ".join(ways) or "FALSE"

    def _speaks_of(self, exclusion: Exclusion) -> str:
        ways = []
        if exclusion.kinds:
            kinds = self._list_of(exclusion, "kinds", exclusion.kinds)
            ways.append(f"HAS_ANY_CODE(goods_kind_codes, {kinds})")
        if exclusion.prefixes:
            codes = self._list_of(exclusion, "codes", exclusion.prefixes)
            condition = f"STARTS_WITH_ANY(commodity_code, {codes})"
            if exclusion.other_prefixes:
                others = self._list_of(exclusion, "other codes", exclusion.other_prefixes)
                condition += f" AND NOT STARTS_WITH_ANY(commodity_code, {others})"
            ways.append(f"({condition})")
        goods = " OR ".join(ways) or "FALSE"
        return goods if exclusion.when == "TRUE" else f"({goods}) AND ({exclusion.when})"

    def _list_of(self, exclusion: Exclusion, what: str, codes: Sequence[str]) -> str:
        name = f"{exclusion.rule_id}: {what}"
        self.code_lists[name] = tuple(codes)
        self.symbols[name] = Symbol("code", None, is_list=True)
        return f'"{name}"'

    # ---- expressions ----

    def _choice(self, rows: Sequence[tuple[Choice, "_Place"]]) -> CompiledChoice:
        compiled = []
        for row, place in rows:
            here = _Place(place.pack, f"{place.rule}, {row.code}", place.level)
            compiled.append((row.code, self._flag(row.condition, here), row))
        return CompiledChoice(tuple(compiled), first_that_holds([one.plain for _, one, _ in compiled]))

    def _flag(self, text: str, place: "_Place", rounding: Rounding | None = None) -> Compiled:
        compiled = self._optional(text, place, "flag", rounding)
        assert compiled is not None
        return compiled

    def _optional(
        self, text: str | None, place: "_Place", kind: Kind, rounding: Rounding | None = None
    ) -> Compiled | None:
        if text is None:
            return None
        try:
            compiled = self._expression(text, place, rounding)
            is_bare_number = compiled.kind == "count" and compiled.level is None and kind in ("money", "rate")
            if compiled.kind != kind and not is_bare_number:
                message = f"`{text}` is a {compiled.kind}; a {kind} is needed."
                raise LawPackError("wrong-type", place.text, message)
        except LawPackError as fault:
            if self.faults is None:
                raise
            self.faults.append(fault)
            # It stands in so that the faults of the others are found, and is never computed.
            return Compiled(kind, None, None, _never_computed, PlainFunction(_never_computed), (), text, 0)
        return compiled

    def _expression(self, text: str, place: "_Place", rounding: Rounding | None) -> Compiled:
        how = rounding or Rounding()
        if self.spoilt and (behind := self.spoilt.intersection(names_in(text))):
            raise _FollowingError("unknown-name", place.text, f"{', '.join(sorted(behind))}: faulty.")
        try:
            compiled = compile_expression(
                text,
                self.symbols,
                rounding_mode=how.mode,
                rounding_unit_minor=how.unit_minor,
                shared=self.shared,
            )
        except ExpressionError as fault:
            raise LawPackError(fault.code, place.text, fault.message) from fault
        if place.level == "consignment" and compiled.level == "item":
            message = f"`{text}` speaks of goods items where one answer for the consignment is needed."
            raise LawPackError("wrong-level", place.text, message)
        return compiled


def _never_computed(*_: object) -> NoReturn:
    raise AssertionError("a program with a fault never runs")


def _home_currency(base: Pack) -> str:
    if base.currency is None:
        raise LawPackError("wrong-type", base.code, "only a layer may leave its currency to the base law.")
    return base.currency


def _defined_by_blocks(pack: Pack) -> Iterable[Definition]:
    """Return the definitions that stand in the pack's allowance and aggregation."""
    allowance, aggregation = pack.allowance, pack.aggregation
    if allowance is not None:
        yield Definition(
            name="allowance_drawn",
            level="consignment",
            value=allowance.draws,
            meaning="What this consignment draws on the buyer's allowance",
            law_ref=allowance.law_ref,
        )
        yield Definition(
            name="allowance_used_after",
            level="consignment",
            value="allowance_used + allowance_drawn",
            meaning="What the buyer has drawn on the allowance after this consignment",
            law_ref=allowance.law_ref,
        )
    if aggregation is not None:
        yield Definition(
            name="aggregated_value",
            level="consignment",
            value=aggregation.value,
            meaning="What this consignment adds to the value of those that count together",
            law_ref=aggregation.law_ref,
        )


def _goods_of(exclusion: Exclusion) -> str:
    """Return the name of the definition that says of which goods an exclusion speaks."""
    return "goods_of_" + exclusion.rule_id.replace("-", "_")


class _Place(NamedTuple):
    """Where an expression stands, and for what it answers."""

    pack: Pack
    rule: str
    level: Level

    @property
    def text(self) -> str:
        return f"{self.pack.code}, {self.rule}"


def _names_of(choice: CompiledChoice) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for _, condition, _ in choice.rows for name in condition.names))


def _rounding_row(charge: Charge, compiled: CompiledCharge, total: ConsignmentTotal) -> Charge:
    """Return the charge that brings the sum of an item charge to what the consignment owes."""
    if charge.level != "item":
        raise LawPackError(
            "wrong-level",
            f"{compiled.pack.code}, charge {charge.rule_id}",
            "`total` is for charges of goods items; a consignment's charge has `rounding`.",
        )
    parts = f"SUM({compiled.name})"
    owed = f"ROUNDED({total.amount or parts})"
    applies = f"BOOL_OR({charge.condition})" if compiled.when.level == "item" else f"({charge.condition})"
    return msgspec.structs.replace(
        charge,
        rule_id=f"{charge.rule_id}{ROUNDING}",
        level="consignment",
        title=f"{charge.title}: rounding of the consignment's sum",
        when=f"{applies} AND {owed} <> {parts}",
        unless=[],
        base=None,
        rate=None,
        amount=f"{owed} - {parts}",
        rounding=total.rounding,
        total=None,
        is_in_tax_base=False,
    )


def _plain_rules(rules: Sequence[CompiledRule], *, of_items: bool) -> PlainFunction:
    """Return which rules of items, or of the consignment, speak or are in doubt, in one function."""
    return those_that_hold(
        {n: rule.holds.plain for n, rule in enumerate(rules) if (rule.level == "item") == of_items}
    )
