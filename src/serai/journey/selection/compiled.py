"""Risk rules compiled against a program of law: its vocabulary, its exchange rates and tariff, their own
values.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from serai.journey.selection.risk_file import RiskFile, RiskRule, check_cost, pack_of, write_risk_file
from serai.law.expression import ExpressionError, compile_expression
from serai.law.node import Compiled, SharedParts, Symbol
from serai.law.parameter_check import level_of, most_of
from serai.law.program import Program
from serai.law.shared_words import SHARED_WORDS
from serai.law.vocabulary import WORDS
from serai.model.errors import SeraiError
from serai.model.message_text import MessageText

_LATER: Final = frozenset(
    {"is_selected_for_review", "is_selected_for_examination", "charges_in_tax_base", "relief_code"}
)
"""Words that are known only after selection."""
_KEPT: Final = "risk rules"
_PARTS_FROM: Final = 1 << 20
"""Rules run beside a program, whose own parts are numbered from 0."""


@dataclass(frozen=True, slots=True)
class CompiledRisk:
    """The rules of one file against one program. program: that one, with the rules' own values."""

    file_hash: bytes
    program: Program
    rules: tuple[tuple[RiskRule, Compiled], ...]


def file_hash_of(file: RiskFile) -> bytes:
    """Return what a compilation is kept by."""
    return hashlib.sha256(write_risk_file(file)).digest()


def compile_risk(program: Program, file: RiskFile, file_hash: bytes) -> CompiledRisk:
    """Compile rules against a program; kept with it until other rules come.

    Raises SeraiError `risk-rule-faulty` naming the rule, and what it says of names and types.
    """
    kept = program.kept.get(_KEPT)
    if isinstance(kept, CompiledRisk) and kept.file_hash == file_hash:
        return kept
    made = _compile(program, file, file_hash)
    program.kept[_KEPT] = made
    return made


def check_risk(programs: Iterable[Program], file: RiskFile) -> int:
    """Compile rules against every program of a book, so that none fails in mid-decision; return in how many
    parts they are computed.

    Raises SeraiError `risk-rule-faulty`, `risk-rule-too-costly`.
    """
    cost = check_cost(file.rules)
    file_hash = file_hash_of(file)
    for program in programs:
        _compile(program, file, file_hash)
    return cost


def _compile(program: Program, file: RiskFile, file_hash: bytes) -> CompiledRisk:
    pack = pack_of(file.rules)
    symbols = {name: one for name, one in program.symbols.items() if _is_readable(program, name)}
    for parameter in pack.parameters:
        if parameter.name in program.symbols:
            raise SeraiError(
                "risk-rule-faulty",
                MessageText("{name} is a word of the law already.", name=parameter.name),
                "Give the value of the rule another name.",
            )
        currency = parameter.currency if parameter.kind == "money" else None
        level = level_of(parameter, pack, program.base)
        symbols[parameter.name] = Symbol(
            parameter.kind, level, currency, parameter.is_list, most_of(parameter)
        )
    shared = SharedParts(_LATER, numbered_from=_PARTS_FROM)
    rules = tuple((rule, _rule(rule, symbols, shared)) for rule in file.rules)
    own = {one.name: (one, pack) for one in pack.parameters}
    extended = replace(
        program,
        parameters={**program.parameters, **own},
        symbols={**program.symbols, **symbols},
        dated={},
        on_days={},
        plain_readers={},
        kept={},
    )
    return CompiledRisk(file_hash, extended, rules)


def _is_readable(program: Program, name: str) -> bool:
    """Say whether a rule may read a name: the vocabulary, and what all laws share. A law's own words are not
    there where another law decides."""
    if name in _LATER:
        return False
    if name in WORDS or name in _SHARED:
        return True
    over_all = {pack.code for pack in program.packs if pack.jurisdiction == "*"}
    if name in program.parameters:
        return program.parameters[name][1].code in over_all
    definition = program.definition_of.get(name)
    return definition is not None and definition.pack.code in over_all


_SHARED: Final = frozenset(one.name for one in SHARED_WORDS)


def _rule(rule: RiskRule, symbols: Mapping[str, Symbol], shared: SharedParts) -> Compiled:
    try:
        compiled = compile_expression(rule.when, symbols, shared=shared)
    except ExpressionError as fault:
        raise _faulty(rule, fault.message, fault.next_step) from fault
    if compiled.kind != "flag":
        raise _faulty(
            rule,
            f"`{rule.when[:200]}` is a {compiled.kind}; a condition is needed.",
            "Write what holds or does not, such as origin_country_code = 'CN'.",
        )
    if rule.level == "consignment" and compiled.level == "item":
        raise _faulty(
            rule,
            "it speaks of goods items where one answer for the consignment is needed.",
            "Set its level to item, or put BOOL_OR(...) around it.",
        )
    return compiled


def _faulty(rule: RiskRule, what: str, next_step: str) -> SeraiError:
    return SeraiError(
        "risk-rule-faulty",
        MessageText("Rule {rule_id}: {what}", rule_id=rule.rule_id, what=what),
        next_step,
    )
