"""Sound messages spoilt: by bytes, by lines, by the structure of XML and JSON. Same seed, same message."""

import json
from collections.abc import Sequence
from random import Random
from typing import Any, Final, Literal

from lxml import etree

Shape = Literal["xml", "json", "lines"]
BYTES_MAX: Final = 256 * 1024
"""Longest spoilt message, so that a campaign tries many; what is larger, the bad-input table tries."""

_PIECES: Final = (
    b"",
    b"\x00",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\xc3\x28",
    b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"<",
    b">",
    b"</",
    b"<![CDATA[",
    b"<!--",
    b"<?x ?>",
    b"<!DOCTYPE a>",
    b"&amp;",
    b"&x;",
    b"&#0;",
    b"&#x10FFFF;",
    b"'",
    b'"',
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b";",
    b"\t",
    b"\r",
    b"\n",
    b"+",
    b"?",
    b"\\u0000",
    b"\\ud800",
    b"null",
    b"NaN",
    b"1e400",
    b"-0",
    b"9" * 400,
    b"=1+1",
    "\u202e\u0665\u0130\ufb03".encode(),
    b"xmlns=''",
    b"*" * 5_000,
    b"-",
    b"%s%n{0}{a}",
)
_TEXTS: Final = (
    "",
    " ",
    "0",
    "-1",
    "1.",
    ".5",
    "1e5",
    "NaN",
    "Infinity",
    "9" * 30,
    "0" * 5_000,
    "true",
    "null",
    "\u0661\u0662",
    "\u00bd",
    "2026-02-30",
    "0000-00-00T00:00:00Z",
    "2026-06-30T24:00:00+14:59",
    "99999999999999",
    "20260630",
    "XX",
    "zz",
    "\u0130",
    "\U0001f4e6",
    "a\u0300" * 50,
    "{0}{a}",
    "../../x",
    "urn:epc:id:sgtin:1.2.3",
    "https://id.example/01/00000000000000",
    "EUR",
    "GB",
    "\u2028",
    "x" * 10_000,
)
_VALUES: Final[tuple[Any, ...]] = (
    None,
    True,
    0,
    -1,
    1e308,
    10**30,
    2**63,
    0.1,
    [],
    {},
    [[]],
    [None],
    {"": None},
    *_TEXTS,
)


def spoil(samples: Sequence[bytes], shape: Shape, random: Random) -> bytes:
    """Take one of the samples and spoil it one to four times."""
    content = random.choice(samples)
    for _ in range(random.randint(1, 4)):
        if shape != "lines" and random.random() < 0.6:
            content = _spoil_structure(content, shape, random)
        elif random.random() < 0.25:
            content = _spoil_lines(content, random)
        else:
            content = _spoil_bytes(content, random.choice(samples), random)
        content = content[:BYTES_MAX]
    return content


def _spoil_bytes(content: bytes, other: bytes, random: Random) -> bytes:  # noqa: PLR0911 seven ways
    begin = random.randint(0, len(content))
    end = min(len(content), begin + random.choice((0, 1, 1, 4, 30, 300)))
    match random.randrange(7):
        case 0:
            return content[:begin] + random.choice(_PIECES) + content[end:]
        case 1:
            return content[:begin] + random.randbytes(end - begin) + content[end:]
        case 2:
            return content[:begin] + content[end:]
        case 3:
            return content[:begin]
        case 4:
            return content[:end] + content[begin:end] * 50 + content[end:]
        case 5:
            return content[:begin] + other[begin:]
        case _:
            return content[:begin] + other[end:]


def _spoil_lines(content: bytes, random: Random) -> bytes:
    lines = content.splitlines(keepends=True)
    if not lines:
        return content
    place = random.randrange(len(lines))
    line = lines[place]
    match random.randrange(7):
        case 0:
            del lines[place]
        case 1:
            lines.insert(place, line)
        case 2:
            random.shuffle(lines)
        case 3:
            lines[place] = b" " * random.randint(1, 9) + line
        case 4:
            lines[place] = line.replace(b",", random.choice((b";", b"\t", b"|", b",,", b'"')))
        case 5:
            head, sign, _ = line.partition(random.choice((b",", b":", b"=", b" ")))
            lines[place] = head + sign + random.choice(_TEXTS).encode() + b"\n"
        case _:
            lines[place] = random.choice(_PIECES) + line
    return b"".join(lines)


def _spoil_structure(content: bytes, shape: Shape, random: Random) -> bytes:
    try:
        return _spoil_xml(content, random) if shape == "xml" else _spoil_json(content, random)
    except (ValueError, etree.LxmlError, RecursionError):
        # Spoilt before so that it has no structure any more, or would hold what XML cannot.
        return _spoil_bytes(content, content, random)


def _spoil_xml(content: bytes, random: Random) -> bytes:
    # Our own spoilt samples: nothing here is to be safe from them but the entities.
    root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
    elements = [one for one in root.iter() if isinstance(one.tag, str)]
    one, other = random.choice(elements), random.choice(elements)
    parent = one.getparent()
    match random.randrange(9):
        case 0 if parent is not None:
            parent.remove(one)
        case 1 if parent is not None:
            for _ in range(random.choice((1, 3, 100))):
                parent.append(_copied(one))
        case 2 if parent is not None and one not in list(other.iterancestors()) and one is not other:
            other.append(one)
        case 3:
            one.tag = random.choice((etree.QName(other).localname, other.tag, "{urn:x}y", "y"))
        case 4:
            one.set(random.choice(("type", "{urn:x}y", "currencyID", "version")), random.choice(_TEXTS))
        case 5:
            _nest(one, random.choice((5, 45, 260)))
        case 6:
            for name in one.attrib:
                one.set(name, random.choice(_TEXTS))
        case _:
            one.text = random.choice(_TEXTS)
    return bytes(etree.tostring(root, encoding="utf-8"))


def _copied(one: Any) -> Any:
    return etree.fromstring(etree.tostring(one, with_tail=False))


def _nest(one: Any, levels_count: int) -> None:
    for _ in range(levels_count):
        one = etree.SubElement(one, one.tag)


def _spoil_json(content: bytes, random: Random) -> bytes:
    lines = content.split(b"\n") if _is_lines(content) else [content]
    place = random.randrange(len(lines))
    tree = [json.loads(lines[place])]
    places: list[tuple[Any, Any]] = [(tree, 0)]
    for holder, key in places:
        value = holder[key]
        if isinstance(value, dict | list):
            places += [(value, one) for one in (value if isinstance(value, dict) else range(len(value)))]
    holder, key = random.choice(places)
    match random.randrange(6):
        case 0 if holder is not tree:
            del holder[key]
        case 1 if isinstance(holder, dict):
            holder[random.choice(_TEXTS)] = holder.pop(key)
        case 2:
            other, at = random.choice(places)
            holder[key] = json.loads(json.dumps(other[at]))
        case 3 if isinstance(holder[key], list):
            holder[key] = holder[key] * random.choice((2, 200))
        case 4:
            for _ in range(random.choice((5, 70, 500))):
                holder[key] = [holder[key]]
        case _:
            holder[key] = random.choice(_VALUES)
    lines[place] = json.dumps(tree[0], ensure_ascii=random.random() < 0.5).encode("utf-8", "surrogatepass")
    return b"\n".join(lines)


def _is_lines(content: bytes) -> bool:
    return content.count(b"\n{") > 0 and content.lstrip().startswith(b"{")
