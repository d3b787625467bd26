"""Remarks on a pack that is law and could be better: nothing here keeps it from being in force.

A source that nothing cites, a number without a source, a name nobody reads, a rule that can never act, a pack
that nothing brings into force, a rate that can only be a slip, a rule that charges or holds and names no way
out; and citations that no court would accept (`citations.py`).
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import sqlglot
from sqlglot import exp
from sqlglot.optimizer.simplify import simplify

from serai.laboratory.law_bench.citations import citation_remarks, read_publishers
from serai.laboratory.law_bench.mutants import expressions_in
from serai.law.book import BASE_LAYER, NOT_LAW, LawBook, LoadedPack
from serai.law.exchange import Exchange
from serai.law.expression import names_in
from serai.law.goods_kinds import GOODS_KINDS, read_goods_kinds
from serai.law.library import TERRITORIES, PackFiles
from serai.law.load import decode_table
from serai.law.pack import Choice, Pack
from serai.law.pack_lines import PackLines
from serai.law.pack_shape import Path
from serai.law.registration import SchemeRegister
from serai.law.run import Reference
from serai.law.tariff import Tariff
from serai.law.territory import Territories, Territory

_READ_BY_NAME = frozenset({"intrinsic_value", "customs_value", "threshold_value", "tax_restored"})
"""Definitions that pages, decisions and worked examples look for (`docs/how-to/write-a-law-pack.md`)."""


@dataclass(frozen=True, slots=True)
class Remark:
    """What could be better, and where. file: inside the folder of packs; line: None where it is not known."""

    code: str
    file: str
    line: int | None
    message: str
    next_step: str


def find_remarks(packs: Mapping[str, Pack], files: PackFiles, codes: Iterable[str]) -> list[Remark]:
    """Return the remarks on packs, in the order of codes and of each file.

    packs: all of the folder, by code: a layer's names may be read by a base law. codes: those to speak of.
    """
    whole = {code: msgspec.to_builtins(pack) for code, pack in packs.items()}
    read = {name for one in whole.values() for _, text in expressions_in(one, ()) for name in names_in(text)}
    remarks: list[Remark] = []
    appealed = {
        pack.jurisdiction for pack in packs.values() if any(one.remedy and one.appeal for one in pack.reasons)
    }
    publishers = read_publishers(files)
    reached = _reached(packs, files)
    kinds = {one.kind for one in read_goods_kinds(files).kinds}
    for code in codes:
        file = f"{code}/pack.yaml"
        lines = PackLines(files[file])
        found = [
            Remark(name, file, lines.line(path), message, next_step)
            for path, name, message, next_step in (
                *_remarks_on(packs[code], read, appealed),
                *citation_remarks(packs[code], publishers),
                *_reach(packs[code], reached),
                *_exclusions(packs[code], kinds),
            )
        ]
        remarks += sorted(found, key=lambda remark: remark.line or 0)
    return remarks


_Said = tuple[Path, str, str, str]
"""Where, and the remark's code, message and next step."""


def _reached(packs: Mapping[str, Pack], files: PackFiles) -> set[str] | None:
    """Return the packs that some place, day, channel and procedure bring into force; None: unknown places."""
    content = files.get(TERRITORIES)
    if content is None:
        return None
    territories = Territories(decode_table(content, Territory, TERRITORIES))
    loaded = {code: LoadedPack(pack, "") for code, pack in packs.items()}
    nothing = Reference(Tariff([]), Exchange([]))
    schemes = SchemeRegister([], [])
    # Some packs govern only where their law is asked for as it became known later.
    books = (LawBook(loaded, territories, nothing, schemes, known_on=known) for known in (None, dt.date.max))
    return {code for book in books for codes in book.compositions(territories.pairs()) for code in codes}


def _reach(pack: Pack, reached: set[str] | None) -> Iterator[_Said]:
    if reached is not None and pack.status not in NOT_LAW and pack.code not in reached:
        yield (
            ("jurisdiction",),
            "pack-not-reached",
            f"nothing brings `{pack.code}` into force: no place, day, channel and procedure lead to it.",
            "Give its territory a base law, add the territory to tables/territories.csv, or correct layer, "
            "days and procedures.",
        )


def _exclusions(pack: Pack, kinds: set[str]) -> Iterator[_Said]:
    for number, exclusion in enumerate(pack.exclusions):
        path: Path = ("exclusions", number)
        for kind in exclusion.kinds:
            if kind not in kinds:
                yield (
                    path,
                    "goods-kind-unknown",
                    f"exclusion `{exclusion.rule_id}`: no words name goods of the kind `{kind}`.",
                    f"Add the kind with its words to {GOODS_KINDS}, or correct it.",
                )
        if not exclusion.prefixes and not exclusion.kinds:
            yield _never(path, f"exclusion `{exclusion.rule_id}`")


def _remarks_on(pack: Pack, read: set[str], appealed: set[str]) -> Iterator[_Said]:
    yield from _sources(pack)
    yield from _parameters(pack)
    yield from _ways_out(pack, appealed)
    yield from _unread(pack, read)
    for field in ("relief", "declaration_form"):
        yield from _rows(getattr(pack, field), (field,), field)
    for number, charge in enumerate(pack.charges):
        path: Path = ("charges", number)
        if _constant(charge.condition) is False:
            yield _never((*path, "when"), f"charge `{charge.rule_id}`")
        for key, rows in (("due", charge.due), ("debtor", charge.debtor)):
            if not isinstance(rows, str):
                yield from _rows(rows, (*path, key), f"charge `{charge.rule_id}`, {key}")
    for number, reason in enumerate(pack.reasons):
        if _constant(reason.condition) is False:
            yield _never(("reasons", number, "when"), f"reason `{reason.rule_id}`")
    for number, need in enumerate(pack.requirements):
        if _constant(need.condition) is False or _constant(need.is_there) is True:
            yield _never(("requirements", number), f"requirement `{need.rule_id}`")


# ---- sources and numbers ----


def _sources(pack: Pack) -> Iterator[_Said]:
    cited = {value.source for parameter in pack.parameters for value in parameter.values}
    cited.update(one.source for one in pack.conversions)
    cited.update(one.source for one in pack.registrations)
    cited.update(one.source for one in pack.additional_procedures)
    cited.update(one.source for one in pack.suspended)
    cited.update(one.source for one in pack.matching)
    cited.update(one.source for one in pack.grounds)
    if pack.time_limits is not None:
        cited.add(pack.time_limits.source)
    references = _law_refs(msgspec.to_builtins(pack))
    for name, source in pack.sources.items():
        parts = [part.strip() for part in (source.reference or "").split(";") if part.strip()]
        # A rule cites the text of the law itself; a source that gives that text is cited by it.
        if name not in cited and not any(
            part in reference or reference in part for part in parts for reference in references
        ):
            yield (
                ("sources", name),
                "source-not-cited",
                f"source `{name}` is cited by no value, and no `law_ref` names its reference.",
                "Cite it where it is the ground (of days and tariff: under `grounds`), or leave it out.",
            )


def _law_refs(node: object) -> set[str]:
    """Return the single references of all `law_ref` of a pack."""
    if isinstance(node, dict):
        own = str(node.get("law_ref") or "").split(";")
        return {part.strip() for part in own if part.strip()}.union(*map(_law_refs, node.values()))
    if isinstance(node, list):
        return set().union(*map(_law_refs, node))
    return set()


def _parameters(pack: Pack) -> Iterator[_Said]:
    told = " ".join(pack.open_questions)
    for number, parameter in enumerate(pack.parameters):
        path: Path = ("parameters", number)
        if not parameter.values and f"`{parameter.name}`" not in told:
            yield (
                path,
                "parameter-without-source",
                f"parameter `{parameter.name}` has no value and so no source: it is unknown on every day, "
                "and no open question names it.",
                "Give its value with days and source, or say under `open_questions` what its lack means.",
            )
        for place, value in enumerate(parameter.values):
            is_over = value.valid_to is not None and value.valid_to <= pack.valid_from
            is_late = pack.valid_to is not None and pack.valid_to <= value.valid_from
            if is_over or is_late:
                yield (
                    (*path, "values", place),
                    "value-never-in-force",
                    f"parameter `{parameter.name}`: the value from {value.valid_from} lies outside the days "
                    "of the pack.",
                    "Leave it to the pack of those days, or correct the days.",
                )


def _ways_out(pack: Pack, appealed: set[str]) -> Iterator[_Said]:
    """Find reasons that hold a parcel or tell of a charge, and do not say what to do and where to appeal.

    appealed: jurisdictions some pack of which says both. A reason that has one of the two needs the other.
    """
    for number, reason in enumerate(pack.reasons):
        is_told = reason.audience == "public" or reason.public_sentence is not None
        for field in ("remedy", "appeal"):
            is_needed = reason.lane != "proceed" or reason.remedy or reason.appeal
            if is_needed and is_told and not getattr(reason, field):
                yield (
                    ("reasons", number),
                    f"{field}-missing",
                    f"reason `{reason.rule_id}` holds a parcel or tells of a charge, and names no {field}.",
                    "Say who does what, by when; and before whom the decision can be contested.",
                )
    if pack.layer == BASE_LAYER and pack.charges and pack.jurisdiction not in appealed:
        yield (
            ("charges",),
            "charges-without-appeal",
            f"`{pack.code}` charges, and no reason of it says what to do and where to appeal.",
            "Add a reason with the charge's condition, remedy and appeal.",
        )


def _unread(pack: Pack, read: set[str]) -> Iterator[_Said]:
    for field in ("parameters", "tariff_rates", "definitions"):
        for number, one in enumerate(getattr(pack, field)):
            if one.name not in read | _READ_BY_NAME:
                yield (
                    (field, number),
                    "name-not-read",
                    f"`{one.name}` is read by no expression of any pack: it changes nothing.",
                    "Read it in the rule it belongs to, or leave it out.",
                )


# ---- rules that can never act ----


def _rows(rows: Sequence[Choice], path: Path, table: str) -> Iterator[_Said]:
    earlier: dict[str, str] = {}
    always: str | None = None
    for number, row in enumerate(rows):
        condition = " ".join(row.condition.split())
        if always is not None:
            why = f"row `{always}` above it always holds"
        elif condition in earlier:
            why = f"row `{earlier[condition]}` above it has the same condition"
        elif _constant(row.condition) is False:
            why = "its condition never holds"
        else:
            why = ""
        if why:
            yield (
                (*path, number),
                "row-unreachable",
                f"{table}: row `{row.code}` can never give the answer, for {why}.",
                "Tables are read from the top: move the row up, or leave it out.",
            )
        earlier.setdefault(condition, row.code)
        if _constant(row.condition) is True:
            always = always or row.code


def _never(path: Path, rule: str) -> _Said:
    return (
        path,
        "rule-unreachable",
        f"{rule} can never act: its condition never holds.",
        "Correct the condition, or leave the rule out.",
    )


def _constant(text: str) -> bool | None:
    """Return what a condition always is; None where it depends on the parcel, or is no expression."""
    try:
        tree: Any = simplify(sqlglot.parse_one(text, dialect="postgres"))
    except sqlglot.errors.SqlglotError:
        return None
    return bool(tree.this) if isinstance(tree, exp.Boolean) else None
