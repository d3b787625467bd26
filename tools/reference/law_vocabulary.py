"""The page of the law's vocabulary: words, functions and the form of a pack, from the code."""

import inspect
from typing import Any

import msgspec
from serai.law import pack
from serai.law.node import DEPTH_MAX, PARTS_MAX
from serai.law.shared_words import SHARED_WORDS
from serai.law.vocabulary import FUNCTIONS, WORDS

from tools.reference.layout import MARK, cell

PAGE = "reference/law-vocabulary.md"
PARTS = (
    pack.Pack,
    pack.Source,
    pack.Parameter,
    pack.DatedValue,
    pack.Conversion,
    pack.Rounding,
    pack.TariffRate,
    pack.Allowance,
    pack.Aggregation,
    pack.Definition,
    pack.Choice,
    pack.Charge,
    pack.ConsignmentTotal,
    pack.Reason,
    pack.Requirement,
    pack.Exclusion,
    pack.AdditionalProcedure,
    pack.Unless,
    pack.Registration,
    pack.Checksum,
    pack.TimeLimits,
    pack.Suspension,
    pack.Ground,
)
KINDS = (
    ("money", "minor units of a currency; two currencies never meet"),
    ("rate", "an exact fraction; a parameter gives parts per million"),
    ("count", "whole units"),
    ("mass", "grams"),
    ("date", "a local calendar day"),
    ("code", "a value of a list; compared with = and <> and IN"),
    ("flag", "true or false"),
)


def build_pages() -> dict[str, str]:
    """Return the page by its path below docs."""
    return {PAGE: "\n".join([*_head(), *_words(), *_functions(), *_parts()]) + "\n"}


def _head() -> list[str]:
    rows = [f"| {kind} | {meaning} |" for kind, meaning in KINDS]
    return [
        MARK,
        "# Vocabulary of the law",
        "",
        "What a pack's conditions and amounts may say. They are SQL expressions: `AND`, `OR`, `NOT`, `IN`, "
        "`BETWEEN`, `IS NULL`, `CASE`, comparison and arithmetic, over the words and functions below, the "
        "pack's parameters and definitions, and `charge_<rule_id>` for a charge computed before.",
        "",
        "A word that nobody gave is unknown, and a condition over something unknown decides nothing: the "
        "answer is the finding `data-needed`. `AND` with something false is false all the same, `OR` with "
        "something true is true.",
        "",
        f"An expression has at most 2,000 characters, is nested at most {DEPTH_MAX} deep and computed in at "
        f"most {PARTS_MAX} parts; give a part a name as a definition where it needs more.",
        "",
        "## Kinds",
        "",
        "| kind | is |",
        "|---|---|",
        *rows,
        "",
    ]


def _words() -> list[str]:
    lines = ["## Words", "", "| word | of | kind | meaning | given at |", "|---|---|---|---|---|"]
    for word in WORDS.values():
        place = f"`{word.pointer}`" if word.pointer else ""
        lines.append(f"| `{word.name}` | {word.level} | {word.kind} | {cell(word.meaning)} | {place} |")
    lines += [
        "",
        "Words that laws share; a pack that means something else by one defines it.",
    ]
    lines += ["", "| word | of | is | meaning |", "|---|---|---|---|"]
    lines += [
        f"| `{word.name}` | {word.level} | `{word.value}` | {cell(word.meaning)} |" for word in SHARED_WORDS
    ]
    return [*lines, ""]


def _functions() -> list[str]:
    rows = [f"| `{name}` | {cell(meaning)} |" for name, meaning in FUNCTIONS.items()]
    return ["## Functions", "", "| function | gives |", "|---|---|", *rows, ""]


def _parts() -> list[str]:
    lines = ["## Form of a pack", ""]
    for part in PARTS:
        described = " ".join((inspect.getdoc(part) or "").split())
        lines += [f"### {part.__name__}", "", described, "", "| key | needed |", "|---|---|"]
        lines += [f"| `{name}` | {need} |" for name, need in _fields(part)]
        lines.append("")
    return lines


def _fields(part: Any) -> list[tuple[str, str]]:
    return [
        (field.name, "yes" if field.required else f"no, else {cell(_default(field))}")
        for field in msgspec.structs.fields(part)
    ]


def _default(field: Any) -> str:
    if field.default is not msgspec.NODEFAULT:
        if isinstance(field.default, pack.Rounding):
            return "half up to one minor unit"
        return "empty" if field.default is None else f"`{field.default}`"
    return "empty"
