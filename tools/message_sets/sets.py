"""The sets as data (`tests/formats/message_sets/*.yaml`), decoded and laid out as single cases.

A set states rules of a published standard in words of its own and never by the tables of our readers: who
changes a table by mistake changes no expectation. Each group states one rule, its source and messages that
break it or keep it; the short forms stand for several cases each.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

ROOT: Final = Path(__file__).parents[2]
FOLDER: Final = ROOT / "tests" / "formats" / "message_sets"
Severity = Literal["fault", "hold", "advice"]


class Base(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A sound message that cases change: a file of the repository, or its text here. edits: made first."""

    file: str = ""
    text: str = ""
    edits: list[list[Any]] = []

    @property
    def content(self) -> bytes:
        """Return its bytes."""
        return (ROOT / self.file).read_bytes() if self.file else self.text.encode()


class Told(msgspec.Struct, frozen=True, forbid_unknown_fields=True, array_like=True):
    """A finding that must be there. place: of the changed message."""

    code: str
    place: str
    severity: Severity = "fault"


class Change(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A case by hand. edits: verb and its arguments, places from the group's `below`. finds: all that may be
    told, and nothing else. reads: values of the documents by their JSON pointers; null: absent."""

    edits: list[list[Any]]
    finds: list[Told] = []
    reads: dict[str, Any] = {}


class Group(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Cases of one rule.

    rule: what the standard says. source: key of the set's sources. base: name of the message they change.
    below: before each place. code, severity, at: what is found at a place broken (at: `{place}`, `{above}`,
    `{name}`). also: what is told beside it.
    drop, double: places. put: values that break the rule; keep: values that keep it. longest: places and how
    long a value may be: one that long keeps the rule, one longer breaks it; fill: its sign. add, into: what
    is set behind or within a place and breaks the rule.
    reads: place, value, pointer into the documents, what stands there.
    """

    rule: str
    source: str
    base: str
    below: str = ""
    code: str = ""
    severity: Severity = "fault"
    at: str = "{place}"
    also: list[Told] = []
    drop: list[str] = []
    double: list[str] = []
    put: dict[str, list[Any]] = {}
    keep: dict[str, list[Any]] = {}
    longest: dict[str, int] = {}
    fill: str = "x"
    add: list[tuple[str, Any]] = []
    into: list[tuple[str, Any]] = []
    reads: list[tuple[str, Any, str, Any]] = []
    changes: list[Change] = []


class OfOthers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Messages of others, which only `../shared/reference` has: its files of these patterns, or the lines of
    those that end in .jsonl.gz. A test counts them there."""

    count: int
    patterns: list[str]


class MessageSet(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One file. format: name of a reader. syntax: of its messages. aside: advice of ours that no rule of the
    format asks for, and the set does not judge."""

    format: str
    syntax: Literal["xml", "json", "ndjson", "csv", "edifact"]
    title: str
    sources: dict[str, str]
    bases: dict[str, Base]
    groups: list[Group]
    aside: list[str] = []
    of_others: OfOthers | None = None


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One message and what must be found in it. reads: None where only the findings count."""

    name: str
    rule: str
    source: str
    syntax: str
    base: bytes
    edits: list[list[Any]]
    finds: list[Told]
    reads: dict[str, Any]


@cache
def message_sets() -> dict[str, MessageSet]:
    """Return the sets by format."""
    found = [
        msgspec.yaml.decode(path.read_bytes(), type=MessageSet) for path in sorted(FOLDER.glob("*.yaml"))
    ]
    return {one.format: one for one in found}


def cases_of(one: MessageSet) -> list[Case]:
    """Lay out the cases of a set; names are unique."""
    found: list[Case] = []
    for number, group in enumerate(one.groups, start=1):
        assert group.source in one.sources, f"{one.format}: {group.rule}: unknown source {group.source}"
        for label, change in _changes(group):
            found.append(
                Case(
                    name=f"{one.format}-{number}-{len(found) + 1}-{label}"[:110],
                    rule=group.rule,
                    source=group.source,
                    syntax=one.syntax,
                    base=one.bases[group.base].content,
                    edits=[*one.bases[group.base].edits, *change.edits],
                    finds=change.finds,
                    reads=change.reads,
                )
            )
    return found


def _changes(group: Group) -> Iterator[tuple[str, Change]]:
    for verb, places in (("drop", group.drop), ("double", group.double)):
        for place in places:
            yield _broken(group, verb, place, [[verb, group.below + place]])
    for verb, pairs in (("put", _pairs(group.put)), ("add", group.add), ("into", group.into)):
        for place, value in pairs:
            yield _broken(group, verb, place, [[verb, group.below + place, value]])
    for place, value in _pairs(group.keep):
        yield f"keep {place}", Change(edits=[["put", group.below + place, value]])
    for place, count in group.longest.items():
        longest, longer = (
            [["put", group.below + place, group.fill * length]] for length in (count, count + 1)
        )
        yield f"as long as may be {place}", Change(edits=longest)
        yield _broken(group, "longer", place, longer)
    for place, value, pointer, expected in group.reads:
        edits = [["put", group.below + place, value]] if place else []
        yield f"read {place or pointer}", Change(edits=edits, reads={pointer: expected})
    for change in group.changes:
        yield _by_hand(group, change)


def _pairs(values: dict[str, list[Any]]) -> list[tuple[str, Any]]:
    return [(place, value) for place, given in values.items() for value in given]


def _by_hand(group: Group, change: Change) -> tuple[str, Change]:
    edits = [[verb, *_below(group.below, verb, given)] for verb, *given in change.edits]
    finds = [Told(one.code, _at(group.below, one.place), one.severity) for one in change.finds]
    label = " ".join(str(part) for edit in change.edits[:1] for part in edit[:2])
    return label or "as it is", Change(edits=edits, finds=finds, reads=change.reads)


def _below(below: str, verb: str, given: list[Any]) -> list[Any]:
    return given if verb == "text" else [below + given[0], *given[1:]]


def _at(below: str, place: str) -> str:
    """Return a place of a finding: `=` before it says that it is whole."""
    return place.removeprefix("=") if place.startswith("=") else below + place


def _broken(group: Group, verb: str, place: str, edits: list[list[Any]]) -> tuple[str, Change]:
    whole = group.below + place
    above, _, name = whole.rpartition("/")
    at = group.at.format(place=whole, above=above, name=name)
    finds = [Told(group.code, at, group.severity), *group.also] if group.code else group.also
    return f"{verb} {place}", Change(edits=edits, finds=finds)
