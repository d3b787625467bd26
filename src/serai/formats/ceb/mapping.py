"""`mapping.yaml`, made ready: element -> place in a tree of fields, and back; one engine for all."""

from collections.abc import Callable
from functools import cache, partial
from importlib.resources import files
from typing import Any

import msgspec

from serai.formats.ceb.codes import read_code, read_day, read_time, write_code, write_time
from serai.formats.ceb.facts import NAMESPACE, Record, editions_of

ROOT = ""
FILING = "filing"
OWN_OF_ANSWERS = frozenset({"guid", "returnStatus", "returnTime", "returnInfo"})
ROW_REMARK = "remark"
"""How the free words of a row are read: they leave the row for a person of the document."""
Convert = Callable[[str], Any]


class _Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    message: str
    group: str
    kind: str
    head: str
    fields: dict[str, str]
    rows: str | None = None
    rows_to: str | None = None
    row_fields: dict[str, str] = {}
    given: dict[str, str] = {}
    constants: dict[str, str] = {}
    copied: dict[str, list[str]] = {}
    shared_out: dict[str, str] = {}
    row_remarks: dict[str, str] = {}


class Place(msgspec.Struct, frozen=True):
    """A field in a tree. node: number of the group it is in. how: as the file says it. is_list: the
    field is a list and this its first. element: name of the element that fills it.
    """

    path: str
    node: int
    leaf: str
    how: str
    is_list: bool
    read: Convert | None
    element: str = ""


class Tree(msgspec.Struct, frozen=True):
    """The shape of one record. nodes: paths of groups, the root first. joints: node, its parent, its name
    there, and whether it is the first of a list; the deepest first. empty_means: tag -> text that it stands
    for where it is empty.
    """

    nodes: tuple[str, ...]
    joints: tuple[tuple[int, int, str, bool], ...]
    message: str
    by_tag: dict[str, Place]
    empty_means: dict[str, str]
    by_path: dict[str, str]


class Mapping(msgspec.Struct, frozen=True):
    """One message. given, constants, copied: for the tree of the head. given: each with the numbers of the
    groups below its own.

    remarks_of: the person with whom the free words of rows are kept. answered: elements of the head that
    answers to the message repeat. person: with whom free words of the document are kept.
    """

    message: str
    group: str
    kind: str
    head: str
    rows: str | None
    rows_to: str | None
    head_tree: Tree
    row_tree: Tree | None
    given: tuple[tuple[Place, str, tuple[int, ...]], ...]
    constants: dict[str, str]
    copied: tuple[tuple[Place, tuple[Place, ...]], ...]
    shared_out: tuple[str, Place] | None
    remarks_of: str | None
    answered: tuple[str, ...]
    person: str


@cache
def mappings() -> dict[str, Mapping]:
    """Return all by message."""
    content = (files("serai.formats.ceb") / "mapping.yaml").read_bytes()
    entries = msgspec.yaml.decode(content, type=list[_Entry])
    return {entry.message: _build(entry) for entry in entries}


def _build(entry: _Entry) -> Mapping:
    copied = [*entry.copied, *(way for ways in entry.copied.values() for way in ways)]
    records = editions_of(entry.message)[0].records
    head_record = records[entry.head or entry.group]
    head_tree, places = _tree(
        entry, entry.fields, head_record, [*entry.given, *copied, *entry.shared_out.values()]
    )
    return Mapping(
        message=entry.message,
        group=entry.group,
        kind=entry.kind,
        head=entry.head,
        rows=entry.rows,
        rows_to=entry.rows_to,
        head_tree=head_tree,
        row_tree=_row_tree(entry, records[entry.rows]) if entry.rows else None,
        given=tuple(
            (places[way], value, _below(places[way], head_tree)) for way, value in entry.given.items()
        ),
        constants=entry.constants,
        copied=tuple((places[to], tuple(places[way] for way in ways)) for to, ways in entry.copied.items()),
        shared_out=next(((to, places[way]) for to, way in entry.shared_out.items()), None),
        remarks_of=next(iter(entry.row_remarks.values()), None),
        answered=_answered(entry, head_record),
        person=entry.fields["note"].partition(".")[0],
    )


def answer_name(name: str) -> str:
    """Return the message that answers one: CEB312 to CEB311, CEB404 to CEB403."""
    return f"CEB{int(name[3:6]) + 1}Message"


def _answered(entry: _Entry, head: Record) -> tuple[str, ...]:
    answer = answer_name(entry.message)
    records = editions_of(answer)[0].records
    wanted = {step.name for step in records[str(records[answer].steps[0].group)].steps} - OWN_OF_ANSWERS
    return tuple(step.name for step in head.steps[:-1] if step.name in wanted)


def _below(place: Place, tree: Tree) -> tuple[int, ...]:
    prefix = f"{tree.nodes[place.node]}."
    return tuple(number for number, path in enumerate(tree.nodes) if path.startswith(prefix))


def _row_tree(entry: _Entry, record: Record) -> Tree:
    tree, _ = _tree(entry, entry.row_fields, record, [])
    for name, person in entry.row_remarks.items():
        path = f"{person}.remarks.N.text"
        place = Place(path, 0, ROW_REMARK, ROW_REMARK, is_list=False, read=None, element=name)
        tree.by_tag[f"{{{NAMESPACE}}}{name}"] = place
        tree.by_path[place.path] = name
    return tree


def _tree(
    entry: _Entry, fields: dict[str, str], record: Record, more: list[str]
) -> tuple[Tree, dict[str, Place]]:
    """Lay out the groups of all ways, parents before children."""
    nodes = [ROOT, FILING]
    for way in (*fields.values(), *more):
        steps = way.partition(" as ")[0].split(".")
        for length in range(1, len(steps)):
            node = ".".join(steps[:length])
            is_list_of_texts = steps[-1] == "0" and length == len(steps) - 1
            is_list_itself = steps[length] == "0"
            if node not in nodes and not is_list_of_texts and not is_list_itself:
                nodes.append(node)
    places = {way: _place(way, nodes) for way in (*fields.values(), *more)}
    joints = tuple(_joint(number, nodes) for number in range(len(nodes) - 1, 1, -1))
    by_tag = {
        f"{{{NAMESPACE}}}{name}": msgspec.structs.replace(places[way], element=name)
        for name, way in fields.items()
    }
    leaves = {step.tag: step.leaf for step in record.steps if step.leaf is not None}
    tree = Tree(
        message=entry.message,
        nodes=tuple(nodes),
        joints=joints,
        by_tag=by_tag,
        empty_means={tag: leaf.empty_means for tag, leaf in leaves.items() if leaf.empty_means},
        by_path={places[way].path: name for name, way in fields.items()},
    )
    return tree, places


def _place(way: str, nodes: list[str]) -> Place:
    path, _, how = way.partition(" as ")
    is_list = path.endswith(".0")
    node, _, leaf = path.removesuffix(".0").rpartition(".")
    return Place(path, nodes.index(node), leaf, how, is_list, _reader(how))


def _joint(number: int, nodes: list[str]) -> tuple[int, int, str, bool]:
    path = nodes[number]
    is_list = path.endswith(".0")
    parent, _, name = path.removesuffix(".0").rpartition(".")
    return number, nodes.index(parent), name, is_list


def _reader(how: str) -> Convert | None:
    if how == "":
        return None
    if how == "time":
        return read_time
    if how == "day":
        return read_day
    return _whole if how == "whole" else partial(read_code, how)


def _whole(text: str) -> int | str:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else text


def write_value(place: Place, value: Any) -> str | None:
    """Write a field's value as the element holds it; None: there is no way."""
    if place.how == "time":
        return write_time(value, "%Y%m%d%H%M%S")
    if place.how == "day":
        return write_time(value, "%Y%m%d")
    return write_code(place.how, value) if place.how not in {"", "whole"} else str(value)
