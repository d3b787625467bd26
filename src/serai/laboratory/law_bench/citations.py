"""What kind of page a source is, and remarks on citations that no court would accept.

Acts and pages of authorities are law or tell it. Press, firms, forwarders and mirrors may support an open
question and tell what an act says; no rule rests on them by name.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from serai.law.library import PackFiles
from serai.law.load import decode_table
from serai.law.pack import Pack, Source
from serai.law.pack_shape import Path

PUBLISHERS = "tables/publishers.csv"
Kind = Literal["act", "authority", "mirror", "firm", "press", "forwarder"]
KINDS: tuple[Kind, ...] = ("act", "authority", "mirror", "firm", "press", "forwarder")
OFFICIAL = frozenset({"act", "authority", "mirror"})
"""What a source that counts as sourced may be read at; a mirror repeats the text of an act."""


class Publisher(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who stands behind the pages of a host. language: of most of its pages (ISO 639-1)."""

    host: str
    kind: Kind
    language: str
    name: str


def read_publishers(files: PackFiles) -> dict[str, Publisher]:
    """Return the publishers of the folder's table, by host. Raises LawPackError."""
    content = files.get(PUBLISHERS)
    rows = () if content is None else decode_table(content, Publisher, PUBLISHERS)
    return {row.host: row for row in rows}


def publisher_of(source: Source, publishers: Mapping[str, Publisher]) -> Publisher | None:
    """Return who publishes a source; None where it has no address or nobody knows its host."""
    host = urlsplit(source.address or "").netloc.removeprefix("www.")
    return publishers.get(host)


def count_kinds(pack: Pack, publishers: Mapping[str, Publisher]) -> Counter[str]:
    """Count a pack's sources by kind of page: `none` for those without an address."""
    found = (publisher_of(one, publishers) for one in pack.sources.values() if one.address)
    counts = Counter("unknown" if one is None else one.kind for one in found)
    counts["none"] = sum(one.address is None for one in pack.sources.values())
    return +counts


_Said = tuple[Path, str, str, str]
"""Where, and the remark's code, message and next step."""


def citation_remarks(pack: Pack, publishers: Mapping[str, Publisher]) -> Iterator[_Said]:
    """Find sources of hosts that nobody knows, sources rated too high, and rules that rest on no law."""
    for name, source in pack.sources.items():
        if source.address is None:
            continue
        publisher = publisher_of(source, publishers)
        if publisher is None:
            yield (
                ("sources", name),
                "publisher-unknown",
                f"source `{name}`: nobody knows who stands behind {source.address}.",
                f"Add its host to {PUBLISHERS}, with what kind of page it is.",
            )
        elif source.confidence == "sourced" and publisher.kind not in OFFICIAL:
            yield (
                ("sources", name),
                "source-rated-too-high",
                f"source `{name}` counts as sourced, and what was read is of a {publisher.kind} "
                f"({publisher.name}).",
                "Name the address of the act or of an authority's page, or say `confidence: partly`.",
            )
    official = {one.name for one in publishers.values() if one.kind in OFFICIAL}
    others = sorted({one.name for one in publishers.values()} - official, key=len, reverse=True)
    for path, law_ref in _law_refs(msgspec.to_builtins(pack), ()):
        named = next((name for name in others if _names(law_ref, name)), None)
        if named is not None:
            yield (
                path,
                "law-ref-no-law",
                f"the law reference `{law_ref}` rests on {named}, which is no act and no authority.",
                "Name the act and article; what a newspaper, firm or forwarder says belongs to the sources "
                "or to an open question.",
            )


def _names(text: str, name: str) -> bool:
    """Say whether a text has a name as words of its own."""
    place = text.find(name)
    if place < 0:
        return False
    around = text[place - 1 : place] + text[place + len(name) : place + len(name) + 1]
    return not any(sign.isalnum() for sign in around)


def _law_refs(node: object, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "law_ref" and isinstance(value, str):
                yield (*path, key), value
            else:
                yield from _law_refs(value, (*path, str(key)))
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from _law_refs(value, (*path, number))
