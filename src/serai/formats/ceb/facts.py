"""What may stand in a CEB message: `facts.yaml`, decoded and made ready for checking."""

import re
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec

NAMESPACE = "http://www.chinaport.gov.cn/ceb"
SIGNATURE_NAMESPACE = "http://www.w3.org/2000/09/xmldsig#"
UNLIMITED = 1_000_000_000

_SPACE = r"[ \t\r\n]*"
_WHOLE_NUMBER_DIGITS_SAFE = 9
"""So many digits always fit into 32 bits."""


class Leaf(msgspec.Struct, frozen=True):
    """The content of an element without children. type: s text, d decimal, i whole number.

    at_least, at_most: characters of a text; digits_max, decimals_max: of a number. fixed: the only text
    allowed. empty_means: the text that an empty element stands for.
    """

    type: str
    at_least: int = 0
    at_most: int = UNLIMITED
    is_collapsed: bool = False
    digits_max: int = 0
    decimals_max: int = 0
    fixed: str | None = None
    empty_means: str | None = None


class Step(msgspec.Struct, frozen=True):
    """One child of a record. group: the record that says what is in it. leaf: None of groups and the like.

    match: fits every text that is certainly allowed; what it does not fit may still be. content: as the file
    says it (`any`, `signature`).
    """

    tag: str
    name: str
    least: int
    most: int
    content: str
    group: str | None = None
    leaf: Leaf | None = None
    match: Any = None


class Record(msgspec.Struct, frozen=True):
    """Children in order. steps ends with a step that no element has, so that a search ends there."""

    name: str
    steps: tuple[Step, ...]
    by_tag: dict[str, Step]
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
    steps = tuple(_step(line) for line in lines)
    end = Step("", "", 1, 0, "end")
    has_groups = any(step.leaf is None for step in steps)
    return Record(name, (*steps, end), {step.tag: step for step in steps}, has_groups)


def _step(line: str) -> Step:
    name, least, most, content = line.split(" ", 3)
    namespace = SIGNATURE_NAMESPACE if content == "signature" else NAMESPACE
    leaf = _leaf(content)
    pattern = _pattern(leaf) if leaf else ""
    return Step(
        tag=f"{{{namespace}}}{name}",
        name=name,
        least=int(least),
        most=UNLIMITED if most == "*" else int(most),
        content=content,
        group=content[2:] if content.startswith("> ") else None,
        leaf=leaf,
        match=re.compile(pattern, re.DOTALL | re.ASCII).fullmatch if leaf else None,
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
        at_most = UNLIMITED if most == "*" else int(most)
        return Leaf("s", int(least), at_most, "collapse" in bounds, fixed=fixed, empty_means=empty_means)
    digits, _, decimals = bounds[0].partition(".")
    return Leaf(
        kind, digits_max=int(digits), decimals_max=int(decimals or 0), fixed=fixed, empty_means=empty_means
    )


def _pattern(leaf: Leaf) -> str:
    if leaf.fixed is not None:
        return re.escape(leaf.fixed)
    if leaf.type == "s":
        # Of a text that is collapsed first, one without any space is certainly right.
        most = "" if leaf.at_most == UNLIMITED else leaf.at_most
        return (
            rf"[^ \t\r\n]{{{leaf.at_least},{most}}}" if leaf.is_collapsed else rf".{{{leaf.at_least},{most}}}"
        )
    if leaf.type == "i":
        return rf"{_SPACE}[+-]?\d{{1,{min(leaf.digits_max, _WHOLE_NUMBER_DIGITS_SAFE)}}}{_SPACE}"
    whole = leaf.digits_max - leaf.decimals_max
    return rf"{_SPACE}[+-]?\d{{1,{whole}}}(?:\.\d{{1,{leaf.decimals_max}}})?{_SPACE}"
