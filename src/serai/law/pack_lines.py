"""Lines of a pack's parts in its file, so that a lawyer finds what is spoken of."""

import re
from collections.abc import Mapping
from typing import Any

import yaml

from serai.law.pack import Pack
from serai.law.pack_shape import Path

_Parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PART = re.compile(r"^(?P<code>[A-Z0-9-]+)(?:, (?P<part>[a-z_]+)(?: (?P<name>[\w-]+))?(?:, (?P<row>.+))?)?$")
_LISTS = {
    "parameter": ("parameters", "name"),
    "definition": ("definitions", "name"),
    "charge": ("charges", "rule_id"),
    "reason": ("reasons", "rule_id"),
    "requirement": ("requirements", "rule_id"),
    "exclusion": ("exclusions", "rule_id"),
    "registration": ("registrations", "kind"),
}
"""Part as the loader names it: the list it stands in, and the key that names it there."""


class PackLines:
    """The lines of one pack's file."""

    def __init__(self, content: bytes) -> None:
        try:
            self._root = yaml.compose(content, Loader=_Parser)
        except (yaml.YAMLError, RecursionError):
            self._root = None

    def line(self, path: Path) -> int | None:
        """Return the line of a part, or of the closest part around it; None where the file is no YAML."""
        return None if self._root is None else line_of(self._root, path)


def line_of(root: Any, path: Path) -> int:
    """Return the line of a part below a node of YAML, or of the closest part around it."""
    node, mark = root, root.start_mark
    for step in path:
        found = _step_into(node, step)
        if found is None:
            break
        node, mark = found
    return int(mark.line) + 1


def render_path(path: Path) -> str:
    """Return a way for people: `$.charges[2].rate`."""
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)


def _step_into(node: Any, step: str | int) -> tuple[Any, Any] | None:
    """Return a child and where it begins: a value of a map where its key stands."""
    if isinstance(node, yaml.MappingNode):
        return next(((value, key.start_mark) for key, value in node.value if key.value == step), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        child = node.value[step]
        return child, child.start_mark
    return None


def find_place(
    place: str,
    packs: Mapping[str, Pack],
    files: Mapping[str, bytes],
    known: dict[str, PackLines] | None = None,
) -> tuple[str, int | None]:
    """Return file and line of the place a LawPackError names: `file:line`, or pack, part and name.

    A place of two packs is that of the later one. The place itself and None where no file is meant. known:
    lines of files looked at before, kept for the next.
    """
    file, _, number = place.rpartition(":")
    if file in files and number.isdigit():
        return file, int(number)
    match = _PART.match(place.rpartition(", ")[2] if _names_two_packs(place, packs) else place)
    path = f"{match['code']}/pack.yaml" if match else ""
    if match is None or path not in files:
        return place, None
    pack = packs.get(match["code"])
    way = _path_of(match["part"], match["name"], pack) if pack is not None and match["part"] else ()
    if _names_two_packs(place, packs):
        way = ("valid_from",)
    known = {} if known is None else known
    if path not in known:
        known[path] = PackLines(files[path])
    return path, known[path].line(way)


def _names_two_packs(place: str, packs: Mapping[str, Pack]) -> bool:
    first, _, second = place.partition(", ")
    return first in packs and second in packs


def _path_of(part: str, name: str | None, pack: Pack) -> Path:
    if part not in _LISTS:
        return (part,)
    field, key = _LISTS[part]
    for number, one in enumerate(getattr(pack, field)):
        # The row that rounds a consignment's sum is the loader's own: it stands in its charge.
        if name is not None and getattr(one, key) == name.removesuffix("-rounding"):
            return (field, number)
    return (field,)
