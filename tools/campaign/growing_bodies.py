"""Bodies that can be made of any length, each meant to make one kind of work grow faster than itself.

Two kinds: written by hand, each against one way to be slow; and made of a sound message, one of whose parts
is repeated until it is long enough.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any, Final

import msgspec
from lxml import etree

from tools.campaign.growth import Body
from tools.campaign.mutation import Shape

_EPCIS: Final = (
    b'{"@context":["https://ref.gs1.org/standards/epcis/epcis-context.jsonld",{%s}],"type":"EPCISDocument",'
    b'"schemaVersion":"2.0","creationDate":"2026-01-01T00:00:00Z","epcisBody":{"eventList":[%s]}}'
)
_EVENT_WITH_UNKNOWN_CODE: Final = b'{"type":"ObjectEvent","bizStep":"urn:epcglobal:cbv:bizstep:shp"}'


def _filled(before: bytes, piece: bytes, after: bytes = b"") -> Body:
    """Repeat one piece between two others."""
    return lambda length: before + piece * (length // len(piece)) + after


def _both(before: bytes, piece: bytes, between: bytes, other: bytes, after: bytes) -> Body:
    """Repeat two pieces, each for half of the length."""
    return lambda length: b"".join(
        (before, piece * (length // 2 // len(piece)), between, other * (length // 2 // len(other)), after)
    )


def _numbered(piece: bytes, length: int) -> bytes:
    """Repeat a piece with ever another number where it has a `#`."""
    count = max(1, length // (len(piece) + 4))
    return b"".join(piece.replace(b"#", b"%d" % number) for number in range(count))


def _nested(opening: bytes, closing: bytes) -> Body:
    return lambda length: (
        opening * (length // (len(opening) + len(closing)))
        + closing * (length // (len(opening) + len(closing)))
    )


def _of_numbered(template: bytes, *pieces: bytes) -> Body:
    """Fill a template, each gap with its piece numbered up for an equal share of the length."""
    return lambda length: template % tuple(_numbered(piece, length // len(pieces)) for piece in pieces)


_JSON: Final[Mapping[str, Body]] = {
    "lists in lists, never closed": _filled(b"", b"["),
    "lists in lists": _nested(b"[", b"]"),
    "objects in objects": lambda length: _nested(b'{"a":', b"}")(length).replace(b":}", b":1}", 1),
    "lists below a name": _filled(b'{"goods_items":', b"[", b"}"),
    "quotes released, never closed": _filled(b'{"', rb"\""),
    "quotes": _filled(b"{", b'"'),
    "release signs": _filled(b'{"a":"', b"\\"),
    "a long name over many entries": _both(b'{"', b"a", b'":[', b"1,", b"1]}"),
    "long names in long names": _both(b'{"', b"a", b'":{"', b"b", b'":[1,2,3]}}'),
    "unknown fields": _of_numbered(b'{%s"end":1}', b'"f#":1,'),
    "one field again and again": _filled(b"{", b'"reference":"A",', b'"reference":"B"}'),
    "entries that are nothing": _filled(b'{"goods_items":[', b"{},", b"{}]}"),
    "entries with unknown fields": _filled(b'{"goods_items":[', b'{"quantty":1,"descrption":"a"},', b"{}]}"),
    "digits": _filled(b'{"reference":', b"9", b"}"),
    "digits behind a point": _filled(b'{"reference":0.', b"9", b"}"),
    "blanks": _filled(b"{", b" ", b"}"),
    "line ends": _filled(b"{", b"\n", b"}"),
    "broken characters": _filled(b'{"reference":"', rb"\ud800", b'"}'),
    "prefixes of a context over many events": lambda length: _EPCIS
    % (
        _numbered(b'"p#":"urn:x:",', length // 2) + b'"q":"urn:q:"',
        b'{"@context":{}},' * (length // 32) + b"{}",
    ),
    "prefixes over unknown fields": lambda length: _EPCIS
    % (
        _numbered(b'"p#":"urn:x:",', length // 2) + b'"q":"urn:q:"',
        b'{"type":"ObjectEvent",' + _numbered(b'"z:f#":1,', length // 2) + b'"z:g":1}',
    ),
    "contexts in contexts": lambda length: _EPCIS
    % (
        b"",
        b'{"type":"ObjectEvent","ex:a":'
        + _nested(b'{"@context":{"a":"urn:a:"},"ex:b":', b"}")(length).replace(b":}", b":1}", 1)
        + b"}",
    ),
    "events that are nothing": lambda length: _EPCIS % (b"", b"{}," * (length // 3) + b"{}"),
    "events without what they need": lambda length: _EPCIS
    % (b"", b",".join([b'{"type":"ObjectEvent","bizStp":"a"}'] * (length // 36))),
    "codes unknown": lambda length: _EPCIS
    % (b"", b",".join([_EVENT_WITH_UNKNOWN_CODE] * (length // len(_EVENT_WITH_UNKNOWN_CODE)))),
    "leaves below long names": lambda length: _EPCIS
    % (
        b"",
        b'{"type":"ObjectEvent","ex:a":'
        + b"".join(b'{"ex:%s":' % (b"n" * 60) for _ in range(40))
        + b"[" + b"1," * (length // 2) + b"1]" + b"}" * 41,
    ),
}  # fmt: skip

_XML: Final[Mapping[str, Body]] = {
    "elements in elements": _nested(b"<a>", b"</a>"),
    "elements in elements, never closed": _filled(b"", b"<a>"),
    "starts of a DOCTYPE": _filled(b"<a>", b"<!DOCTYP", b"</a>"),
    "blanks before the encoding": _filled(b"<?xml ", b" ", b"?><a/>"),
    "encodings": _filled(b"<?xml ", b"encoding ", b"?><a/>"),
    "quotes": _filled(b"<a b='", b'"', b"'/>"),
    "comments": _filled(b"<a>", b"<!---->", b"</a>"),
    "entities": _filled(b"<a>", b"&amp;", b"</a>"),
    "blanks": _filled(b"<a>", b" ", b"</a>"),
    "line ends": _filled(b"<a>", b"\n", b"</a>"),
}

_NAME_BYTES_MAX: Final = 40_000
"""Of an element: libxml2 itself reads no longer one."""
_WRAPPED: Final = b"<extension>" * 30 + b"<x/>" * 9 + b"</extension>" * 30
_IN_ROOT: Final[Mapping[str, Callable[[bytes, int], tuple[bytes, bytes]]]] = {
    "namespaces over many elements": lambda _, length: (
        _numbered(b' xmlns:p#="urn:#"', length // 2), b"<x><y/></x>" * (length // 22)
    ),
    "a long namespace over many elements": lambda _, length: (b"", b'<x xmlns="' + b"n" * (length // 2)
        + b'">' + b"<y/>" * (length // 8) + b"</x>"),
    "a long namespace over many attributes": lambda _, length: (
        b' xmlns:n="' + b"n" * (length // 2) + b'"', b'<x n:a="1"/>' * (length // 24)
    ),
    "a long name over many elements": lambda _, length: (
        b"",
        b"<N>%b</N>".replace(b"N", b"n" * min(length // 4, _NAME_BYTES_MAX)) % (b"<y>1</y>" * (length // 16)),
    ),
    "many attributes": lambda _, length: (_numbered(b' a#="1"', length), b""),
    "many unknown elements": lambda _, length: (b"", _numbered(b"<e#>1</e#>", length // 2)),
    "one unknown element often": lambda _, length: (b"", b"<x>1</x>" * (length // 8)),
    "text between elements": lambda _, length: (b"", b"<x/>t" * (length // 5)),
    "wrappers in wrappers": lambda _, length: (b"", _WRAPPED * (length // len(_WRAPPED))),
}  # fmt: skip


def _below_head(piece: bytes, after: bytes = b"") -> Callable[[bytes], Body]:
    return lambda head: _filled(head + b"\n", piece, after)


def _without_head(piece: bytes) -> Callable[[bytes], Body]:
    return lambda _: _filled(b"", piece)


_CSV: Final[Mapping[str, Callable[[bytes], Body]]] = {
    "columns": _without_head(b"reference,"),
    "columns that nobody knows": lambda _: _of_numbered(b"%s", b"column#,"),
    "columns without a name": _without_head(b","),
    "quotes that go on and on": _below_head(b'x","\n'),
    "quotes below the head": _below_head(b'"'),
    "quotes, each in its row": _below_head(b'"\n'),
    "quotes closed too early": _below_head(b'"a"b\n'),
    "rows of nothing": _below_head(b"\n"),
    "rows too long": _below_head(b"A,1,,,,,,\n"),
    "rows of one reference": _below_head(b"A,1\n"),
    "blanks below the head": _below_head(b" "),
    "cells": _below_head(b"1,"),
    "blanks in a cell": _below_head(b" ", b"x\n"),
}

_EDIFACT: Final[Mapping[str, Body]] = {
    "release signs": _filled(b"UNB+UNOA:1+A+B+260101:0000+1'UNH+1+CUSCAR:D:95B:UN'FTX+", b"?"),
    "released ends": _filled(b"UNB+UNOA:1+A+B+260101:0000+1'UNH+1+CUSCAR:D:95B:UN'FTX+", b"?'"),
    "elements": _filled(b"UNB+UNOA:1+A+B+260101:0000+1'UNH+1+CUSCAR:D:95B:UN'FTX", b"+"),
    "components": _filled(b"UNB+UNOA:1+A+B+260101:0000+1'UNH+1+CUSCAR:D:95B:UN'FTX+", b":"),
    "segments without a tag": _filled(b"UNB+UNOA:1+A+B+260101:0000+1'UNH+1+CUSCAR:D:95B:UN'", b"'"),
    "messages": _filled(b"UNB+UNOA:1+A+B+260101:0000+1'", b"UNH+1+CUSCAR:D:95B:UN'UNT+2+1'"),
    "beginnings of messages": _filled(b"UNB+UNOA:1+A+B+260101:0000+1'", b"UNH+1+CUSCAR:D:95B:UN'"),
    "groups": _filled(b"UNB+UNOA:1+A+B+260101:0000+1'", b"UNG+1'"),
    "letters of UNH": _filled(b"UNB+", b"UNH"),
    "line ends": _filled(b"UNB+UNOA:1+A+B+260101:0000+1'", b"\r\n"),
    "blanks": _filled(b"", b" ", b"UNB"),
}  # fmt: skip

_LINES: Final[Mapping[str, Body]] = {
    "blanks": _filled(b"", b" "),
    "line ends": _filled(b"", b"\n"),
    "one letter": _filled(b"", b"a"),
    "digits": _filled(b"", b"1"),
    "signs": _filled(b"", b"&=|"),
    "quotes": _filled(b"", b'"'),
}


def bodies_of(shape: Shape, samples: tuple[bytes, ...]) -> Iterator[tuple[str, Body]]:
    """List the bodies for a reader of a shape. samples: sound messages, whose parts are repeated."""
    match shape:
        case "json":
            yield from _JSON.items()
            # Of a file of a document a line the first line is one.
            yield from _repeated_json(next(_wholes(samples[0])))
        case "xml":
            yield from _XML.items()
            yield from _in_root(samples[0])
            yield from _repeated_xml(samples[0])
        case _:
            is_edifact = samples[0].startswith((b"UNA", b"UNB"))
            yield from (_EDIFACT if is_edifact else _LINES).items()
            if not is_edifact:
                head = samples[0].partition(b"\n")[0]
                yield from ((name, below(head)) for name, below in _CSV.items())
            yield from _repeated_pieces(samples[0], b"'" if is_edifact else b"\n")


# ---- parts of a sound message, repeated ----

_ROOT: Final = re.compile(rb"<([\w.-]+:)?([A-Za-z][\w.-]*)([^<>]*)>")


def _in_root(sample: bytes) -> Iterator[tuple[str, Body]]:
    """Put things into the root of a message, and into what stands first in it."""
    places = [found for found in _ROOT.finditer(sample) if not found[0].endswith(b"/>")][:3]
    for depth, found in enumerate(places):
        for name, fill in _IN_ROOT.items():
            yield f"{name}, at level {depth + 1}", _with_inner(sample, found, fill)


def _with_inner(
    sample: bytes, found: re.Match[bytes], fill: Callable[[bytes, int], tuple[bytes, bytes]]
) -> Body:
    def body(length: int) -> bytes:
        attributes, inner = fill(sample, length)
        begin = sample[: found.end() - 1]
        return begin + attributes + b">" + inner + sample[found.end() :]

    return body


def _repeated_xml(sample: bytes) -> Iterator[tuple[str, Body]]:
    root = etree.fromstring(sample)
    seen: set[str] = set()
    for number, element in enumerate(root.iterdescendants(etree.Element)):
        way = root.getroottree().getelementpath(element)
        bare = re.sub(r"\[\d+\]|\{[^}]*\}", "", way)
        if bare not in seen:
            seen.add(bare)
            yield f"repeated {bare}", _repeating_xml(sample, number)


def _repeating_xml(sample: bytes, number: int) -> Body:
    def body(length: int) -> bytes:
        root = etree.fromstring(sample)
        element = list(root.iterdescendants(etree.Element))[number]
        tail, element.tail = element.tail, None
        piece = etree.tostring(element)
        element.tail = tail
        mark = etree.Element("serai-here")
        element.addnext(mark)
        whole: bytes = etree.tostring(root)
        return whole.replace(b"<serai-here/>", piece * (length // len(piece)), 1)

    return body


def _wholes(sample: bytes) -> Iterator[bytes]:
    for one in (sample, sample.partition(b"\n")[0]):
        with suppress(msgspec.DecodeError):
            msgspec.json.decode(one)
            yield one


def _repeated_json(sample: bytes) -> Iterator[tuple[str, Body]]:
    tree = msgspec.json.decode(sample)
    for way in dict.fromkeys(_lists_of(tree)):
        yield f"repeated {'.'.join(way)}", _repeating_json(sample, way)


def _lists_of(node: Any, way: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if isinstance(node, dict):
        for name, value in node.items():
            yield from _lists_of(value, (*way, name))
    elif isinstance(node, list) and node:
        yield way
        yield from _lists_of(node[0], (*way, "0"))


def _repeating_json(sample: bytes, way: tuple[str, ...]) -> Body:
    def body(length: int) -> bytes:
        tree = msgspec.json.decode(sample)
        node = tree
        for step in way:
            node = node[int(step)] if isinstance(node, list) else node[step]
        piece = len(msgspec.json.encode(node[0])) + 1
        node[:] = [node[0]] * max(1, length // piece)
        return msgspec.json.encode(tree)

    return body


def _repeated_pieces(sample: bytes, sign: bytes) -> Iterator[tuple[str, Body]]:
    """Repeat each line of a file, each segment of an interchange."""
    pieces = sample.split(sign)[:40]
    for number, piece in enumerate(pieces):
        yield f"repeated {number + 1}: {piece[:12]!r}", _repeating_piece(sample, sign, number)


def _repeating_piece(sample: bytes, sign: bytes, number: int) -> Body:
    def body(length: int) -> bytes:
        pieces = sample.split(sign)
        piece = pieces[number]
        pieces[number : number + 1] = [piece] * max(1, length // (len(piece) + len(sign)))
        return sign.join(pieces)

    return body
