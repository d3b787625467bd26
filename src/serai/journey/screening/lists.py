"""Denied-party lists: bytes of a published list into entries, and entries into an index for look-ups."""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import msgspec
from lxml import etree

from serai.law.goods_kinds import GoodsKinds, no_goods_kinds
from serai.law.vague_words import VagueWords, no_vague_words
from serai.model.errors import SeraiError
from serai.model.names.normalised import normalise_name, sort_words

LIST_BYTES_MAX = 200_000_000
_UN_NAMES = ("FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME")


class ListFileError(SeraiError):
    """A file is not the list it should be."""


class ListEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A person or organisation on a list. names: the listed one first, then those it is also known by."""

    list_code: str
    entry_id: str
    kind_code: str
    names: tuple[str, ...]


class ListedName(NamedTuple):
    """One name of an entry. normalised: in the order of the list."""

    list_code: str
    entry_id: str
    normalised: str


@dataclass(frozen=True, slots=True)
class Lists:
    """The lists of one generation in memory. names: by normalised name, words sorted."""

    names: Mapping[str, tuple[ListedName, ...]]
    vague_words: VagueWords
    goods_kinds: GoodsKinds

    @staticmethod
    def empty() -> "Lists":
        """Return lists on which nobody and nothing stands."""
        return Lists({}, no_vague_words(), no_goods_kinds())


def entries_named(name: str, lists: Lists) -> tuple[ListedName, ...]:
    """Return the entries of lists that bear a name, whatever the order of its words."""
    normalised = normalise_name(name)
    return lists.names.get(sort_words(normalised), ()) if normalised else ()


def build_lists(entries: Iterable[ListEntry], vague_words: VagueWords, goods_kinds: GoodsKinds) -> Lists:
    """Index entries by each of their names."""
    found: dict[str, dict[ListedName, None]] = defaultdict(dict)
    for entry in entries:
        for name in entry.names:
            normalised = normalise_name(name)
            if normalised:
                found[sort_words(normalised)][ListedName(entry.list_code, entry.entry_id, normalised)] = None
    return Lists({name: tuple(listed) for name, listed in found.items()}, vague_words, goods_kinds)


def decode_un_list(content: bytes) -> list[ListEntry]:
    """Decode the consolidated list of the UN Security Council (XML, sanctions.xsd).

    Names: the parts of the listed name in order, the name in its own script, and aliases but those the
    Council itself marks as of low quality (often a first name alone: they confirm a person who was found,
    they do not find one). Raises ListFileError `list-file`.
    """
    root = _read_xml(content)
    if root.tag != "CONSOLIDATED_LIST":
        raise _unfit(f"the root element is {root.tag}, not CONSOLIDATED_LIST")
    entries = []
    for kind_code, path in (("person", "INDIVIDUALS/INDIVIDUAL"), ("organisation", "ENTITIES/ENTITY")):
        for element in root.iterfind(path):
            entry_id = _text(element, "REFERENCE_NUMBER") or _text(element, "DATAID")
            names = tuple(dict.fromkeys(name for name in _un_names(element) if name))
            if not entry_id or not names:
                raise _unfit(f"an entry at line {element.sourceline} has no name or no number")
            entries.append(ListEntry(list_code="UN", entry_id=entry_id, kind_code=kind_code, names=names))
    if not entries:
        raise _unfit("it has no entries")
    return entries


def _un_names(element: etree._Element) -> Iterable[str]:
    yield " ".join(part for tag in _UN_NAMES if (part := _text(element, tag)))
    yield _text(element, "NAME_ORIGINAL_SCRIPT")
    for tag in ("INDIVIDUAL_ALIAS", "ENTITY_ALIAS"):
        for alias in element.iterfind(tag):
            if _text(alias, "QUALITY").lower() != "low":
                yield _text(alias, "ALIAS_NAME")


def _text(element: etree._Element, tag: str) -> str:
    return " ".join((element.findtext(tag) or "").split())


def _read_xml(content: bytes) -> etree._Element:
    if len(content) > LIST_BYTES_MAX:
        raise _unfit(f"it has {len(content)} bytes, more than {LIST_BYTES_MAX}")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as fault:
        raise _unfit(f"it is not well-formed XML ({fault.msg})") from fault
    if root.getroottree().docinfo.doctype:
        raise _unfit("it has a DOCTYPE, which is never read")
    return root


def decode_csv_list(content: bytes, list_code: str) -> list[ListEntry]:
    """Decode a plain list: CSV with columns entry_id, name, kind_code and, if wanted, aliases (`;` between).

    Raises ListFileError `list-file` naming the row.
    """
    try:
        reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        rows = list(reader)
    except (UnicodeDecodeError, csv.Error) as fault:
        raise _unfit(f"it is not CSV in UTF-8 ({fault})") from fault
    entries = []
    for number, row in enumerate(rows, start=2):
        entry_id, name, kind_code = (row.get(column) for column in ("entry_id", "name", "kind_code"))
        if not entry_id or not name or kind_code not in ("person", "organisation"):
            raise _unfit(f"row {number} needs entry_id, name, and kind_code person or organisation")
        aliases = (alias.strip() for alias in (row.get("aliases") or "").split(";"))
        names = (name.strip(), *(alias for alias in aliases if alias))
        entries.append(ListEntry(list_code=list_code, entry_id=entry_id, kind_code=kind_code, names=names))
    return entries


def _unfit(what: str) -> ListFileError:
    return ListFileError(
        "list-file", f"The list cannot be read: {what}.", "Fetch the list again from its publisher."
    )
