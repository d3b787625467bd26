"""The law this process decides by: one generation, its book, its lists, and the bases already recorded."""

import hashlib
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from weakref import WeakValueDictionary

from psycopg import AsyncConnection

from serai.journey.assessment import store as assessment_store
from serai.journey.assessment.store import Component, make_component
from serai.journey.decision.rules import reason_set_of
from serai.journey.law_in_force.list_rows import read_list_rows
from serai.journey.law_in_force.requirements import REQUIREMENTS, versions_by_pack
from serai.journey.law_in_force.risk_model import RISK_MODEL, ModelInForce, model_in_force
from serai.journey.preloading.required_data import (
    PRE_LOADING,
    PreloadingRules,
    no_preloading_rules,
    read_preloading_rules,
)
from serai.journey.screening.list_entry import ListEntry
from serai.journey.screening.list_formats.recognised import decode_list
from serai.journey.screening.lists import Lists
from serai.journey.screening.screener import Screener, build_screener
from serai.journey.screening.word_marks import WORD_MARKS, build_word_marks, read_rights
from serai.journey.selection.compiled import compile_risk, file_hash_of
from serai.journey.selection.risk_file import RISK_RULES, RiskFile, read_risk_file
from serai.law.book import LawBook, confirmed_until
from serai.law.goods_kinds import read_goods_kinds
from serai.law.library import load_book
from serai.law.program import Program
from serai.law.vague_words import VAGUE_WORDS, no_vague_words, read_vague_words
from serai.law.versions import file_code
from serai.law.without_collector import without_collector

ENGINE_SEMANTICS = 2
"""Raised whenever the same law on the same data could give another result; recorded with every basis."""
IN_FORCE_EVERYWHERE: Final = timedelta(seconds=5)
"""So long after it was put in force every process decides by a generation: each takes it up within a second,
and what was under way before has ended."""


class RiskLaw(NamedTuple):
    """Officers' rules and the budget in force, with what compilations are kept by."""

    file: RiskFile
    file_hash: bytes


@dataclass(slots=True)
class LawState:
    """One generation in memory. Read-only but for `basis_ids`, which fills as programs are used, and
    `earlier`: laws that goods were accepted under, by their components. risk: officers' rules and the budget;
    None: nothing is selected. model: the learned one; None: nothing is scored. unreadable: codes of what
    stood in the way of a basis, one mapping for all generations of a process."""

    generation_id: int
    components: tuple[Component, ...]
    book: LawBook
    lists: Lists
    preloading_rules: PreloadingRules = field(default_factory=no_preloading_rules)
    basis_ids: dict[int, int] = field(default_factory=dict)
    basis_hashes: dict[int, str] = field(default_factory=dict)
    earlier: dict[frozenset[bytes], "LawState"] = field(default_factory=dict)
    risk: RiskLaw | None = None
    model: ModelInForce | None = None
    unreadable: dict[int, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Which generation, not its hundred megabytes: asyncio writes results of tasks into what it tells."""
        return f"LawState(generation_id={self.generation_id})"


def build_state(generation_id: int, components: Sequence[Component]) -> LawState:
    """Build law and lists from their kept contents; nothing else is read. Raises LawPackError and what lists
    raise."""
    with without_collector():  # it runs once for all that a law is made of, and finds nothing
        return _build(generation_id, components)


def _build(generation_id: int, components: Sequence[Component]) -> LawState:
    files = _law_files(components)
    book = _book_of(components)
    vague = files.get(VAGUE_WORDS)
    words = read_vague_words(vague) if vague else no_vague_words()
    marked = next((one.content for one in components if one.kind == WORD_MARKS), None)
    word_marks = build_word_marks(() if marked is None else read_rights(marked))
    lists = Lists(_screener_of(components), words, read_goods_kinds(files), word_marks)
    loading = files.get(PRE_LOADING)
    preloading_rules = read_preloading_rules(loading) if loading else no_preloading_rules()
    return LawState(
        generation_id,
        tuple(components),
        book,
        lists,
        preloading_rules,
        risk=_risk_of(components, book),
        model=model_in_force(components),
    )


BESIDE_THE_BOOK: Final = frozenset({"denied-parties", WORD_MARKS, RISK_RULES, RISK_MODEL})
"""Kinds of components that look at goods and people: no law is made of them, and no sum rests on them."""
_BOOKS: Final[WeakValueDictionary[frozenset[bytes], LawBook]] = WeakValueDictionary()
"""By the hashes of what they are made of: a new list of denied parties, or a rule of risk, changes no law."""


def _book_of(components: Sequence[Component]) -> LawBook:
    # Of the contents as they are: what somebody has changed behind Serai's back is read, and found.
    key = frozenset(
        make_component(one.kind, one.name, one.content).component_hash
        for one in components
        if one.kind not in BESIDE_THE_BOOK
    )
    found = _BOOKS.get(key)
    if found is None:
        found = _BOOKS[key] = _load_book(components)
    return found


def _load_book(components: Sequence[Component]) -> LawBook:
    rows = read_list_rows(components)
    book = load_book(
        _law_files(components),
        versions=versions_by_pack(components),
        tariff_lines=rows.lines,
        exchange_rates=rows.rates,
        scheme_entries=rows.scheme_entries,
    )
    # A generation is put in force, or taken up, only when all of it compiles.
    book.compile_all()
    return book


def _law_files(components: Sequence[Component]) -> dict[str, bytes]:
    return {one.name: one.content for one in components if one.kind == "law-file"}


def _risk_of(components: Sequence[Component], book: LawBook) -> RiskLaw | None:
    """Read officers' rules and compile them against every program: none fails in mid-decision."""
    content = next((one.content for one in components if one.kind == RISK_RULES), None)
    if content is None:
        return None
    file = read_risk_file(content)
    file_hash = file_hash_of(file)
    for program in book.programs:
        compile_risk(program, file, file_hash)
    return RiskLaw(file, file_hash)


_SCREENERS: Final[WeakValueDictionary[frozenset[bytes], Screener]] = WeakValueDictionary()
"""By the hashes of their lists: laws of earlier acceptances share the lists of the one in force."""


def _screener_of(components: Sequence[Component]) -> Screener:
    lists = [one for one in components if one.kind == "denied-parties"]
    key = frozenset(one.component_hash for one in lists)
    found = _SCREENERS.get(key)
    if found is None:
        found = build_screener(entry for one in lists for entry in denied_entries(one))
        _SCREENERS[key] = found
    return found


def denied_entries(one: Component) -> list[ListEntry]:
    """Decode a list of denied parties as it is kept. Raises what lists raise."""
    return decode_list(one.content, one.name)


async def ensure_bases(
    begin: Callable[[], AbstractAsyncContextManager[AsyncConnection[Any]]],
    state: LawState,
    numbers: Sequence[int],
    *,
    administration_id: int,
    at: datetime,
) -> None:
    """Record the basis of each program that has none yet (-1: no law), once in its life.

    begin: begins a transaction of its own. What is remembered has to be there: in a transaction that came to
    nothing, the id would be remembered and the row would not.
    """
    for number in numbers:
        if number in state.basis_ids:
            continue
        program = state.book.programs[number] if number >= 0 else None
        values = basis_values(state, program)
        async with begin() as connection:
            basis_id = await assessment_store.ensure_basis(
                connection, values={**values, "administration_id": administration_id, "at": at}
            )
        state.basis_ids[number] = basis_id
        state.basis_hashes[number] = values["basis_hash"].hex()


def basis_values(state: LawState, program: Program | None) -> dict[str, Any]:
    """Return what a basis consists of: all components of the generation that a decision under this program
    could rest on."""
    codes = {file_code(pack.code) for pack in program.packs} if program else set()
    hashes = sorted(
        one.component_hash
        for one in state.components
        if one.kind not in ("law-file", REQUIREMENTS)
        or one.name.startswith("tables/")
        or one.name.partition("/")[0] in codes
    )
    reason_set = reason_set_of(program)
    reasons = list(reason_set.rule_ids)
    charges = [charge.charge.rule_id for charge in program.charges] if program else []
    digest = hashlib.sha256(b"".join(hashes) + "\0".join(["|".join(reasons), "|".join(charges)]).encode())
    digest.update(bytes([ENGINE_SEMANTICS]))
    return {
        "basis_hash": digest.digest(),
        "program_code": program.code if program else "",
        "pack_versions": program.versions if program else [],
        "currency_code": program.currency if program else "",
        "engine_semantics": ENGINE_SEMANTICS,
        "component_hashes": hashes,
        "reason_set": reasons,
        "reason_law_references": list(reason_set.law_references),
        "charge_set": charges,
        "confirmed_until": confirmed_until(program.packs) if program else None,
    }
