"""What may stand in a CEB message: `facts.yaml`, decoded and made ready for checking."""

import re
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec

from serai.formats.xml_shape import UNLIMITED, Form, Step

NAMESPACE = "http://www.chinaport.gov.cn/ceb"
SIGNATURE_NAMESPACE = "http://www.w3.org/2000/09/xmldsig#"

_SPACE = r"[ \t\r\n]*"
_WHOLE_NUMBER_DIGITS_SAFE = 9
"""So many digits always fit into 32 bits."""


class Leaf(msgspec.Struct, frozen=True):
    """The content of an element without children. empty_means: the text that an empty element stands for."""

    form: Form
    empty_means: str | None = None


class Part(Step, frozen=True, kw_only=True):
    """One child of a record. group: the record that says what is in it. leaf: None of groups and the like.

    match: fits every text that is certainly allowed; what it does not fit may still be. content: as the file
    says it (`any`, `signature`).
    """

    tag: str
    content: str
    group: str | None = None
    leaf: Leaf | None = None
    match: Any = None


class Record(msgspec.Struct, frozen=True):
    """Children in order. steps ends with a step that no element has, so that a search ends there."""

    name: str
    steps: tuple[Part, ...]
    by_tag: dict[str, Part]
    has_groups: bool


class _Schema(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    edition: str
    direction: str
    messages: list[str]
    records: dict[str, list[str]]


class _Facts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    schemas: list[_Schema]


class Edition(msgspec.Struct, frozen=True):
    """One edition of the schema of a direction. messages: those it has."""

    edition: str
    direction: str
    messages: frozenset[str]
    records: dict[str, Record]


def editions_of(message: str) -> tuple[Edition, ...]:
    """Return the editions that know a message such as CEB311Message, newest first; none: it is unknown."""
    return _editions_by_message().get(message, ())


@cache
def _editions_by_message() -> dict[str, tuple[Edition, ...]]:
    # Not a message at a time: senders make names up, and what is cached by them would never end.
    return {name: tuple(one for one in _editions() if name in one.messages) for name in message_names()}


@cache
def message_names() -> tuple[str, ...]:
    """Return the names of all messages, sorted."""
    return tuple(sorted({name for one in _editions() for name in one.messages}))


@cache
def _editions() -> tuple[Edition, ...]:
    facts = msgspec.yaml.decode((files("serai.formats.ceb") / "facts.yaml").read_bytes(), type=_Facts)
    found = []
    newest: dict[str, dict[str, Record]] = {}
    for schema in facts.schemas:
        known = newest.get(schema.direction, {})
        records = known | {name: _record(name, lines) for name, lines in schema.records.items()}
        newest.setdefault(schema.direction, records)
        # Of an earlier edition only the difference is listed.
        messages = frozenset(schema.messages)
        found.append(Edition(schema.edition, schema.direction, messages, records))
    return tuple(sorted(found, key=lambda one: one.edition, reverse=True))


def _record(name: str, lines: list[str]) -> Record:
    steps = tuple(_step(line, place) for place, line in enumerate(lines))
    end = Part("", len(steps), 1, 0, tag="", content="end")
    has_groups = any(step.leaf is None for step in steps)
    return Record(name, (*steps, end), {step.tag: step for step in steps}, has_groups)


def _step(line: str, place: int) -> Part:
    name, least, most, content = line.split(" ", 3)
    namespace = SIGNATURE_NAMESPACE if content == "signature" else NAMESPACE
    leaf = _leaf(content)
    return Part(
        name,
        place,
        int(least),
        UNLIMITED if most == "*" else int(most),
        tag=f"{{{namespace}}}{name}",
        content=content,
        group=content[2:] if content.startswith("> ") else None,
        leaf=leaf,
        match=re.compile(_pattern(leaf.form), re.DOTALL | re.ASCII).fullmatch if leaf else None,
    )


def _leaf(content: str) -> Leaf | None:
    kind, *bounds = content.split(" ")
    if kind not in {"s", "d", "i"}:
        return None
    stated = dict(one.split("=", 1) for one in bounds if "=" in one)
    fixed = stated.get("fixed")
    empty_means = fixed or stated.get("default")
    if kind == "s":
        least, _, most = bounds[0].partition("..")
        return Leaf(
            Form(
                characters_min=int(least),
                characters_max=UNLIMITED if most == "*" else int(most),
                is_collapsed="collapse" in bounds,
                fixed=fixed,
            ),
            empty_means,
        )
    digits, _, decimals = bounds[0].partition(".")
    form = Form(
        "decimal" if kind == "d" else "whole",
        digits_max=int(digits),
        decimals_max=int(decimals or 0),
        fixed=fixed,
    )
    return Leaf(form, empty_means)


def _pattern(form: Form) -> str:
    if form.fixed is not None:
        return re.escape(form.fixed)
    if form.kind == "text":
        # Of a text that is collapsed first, one without any space is certainly right.
        most = "" if form.characters_max == UNLIMITED else form.characters_max
        letter = r"[^ \t\r\n]" if form.is_collapsed else "."
        return rf"{letter}{{{form.characters_min},{most}}}"
    if form.kind == "whole":
        return rf"{_SPACE}[+-]?\d{{1,{min(form.digits_max, _WHOLE_NUMBER_DIGITS_SAFE)}}}{_SPACE}"
    whole = form.digits_max - form.decimals_max
    return rf"{_SPACE}[+-]?\d{{1,{whole}}}(?:\.\d{{1,{form.decimals_max}}})?{_SPACE}"
