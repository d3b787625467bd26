"""Lines of declarations spoilt in every way that two readers of JSON might see differently."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from random import Random
from typing import Any

import msgspec

from serai.laboratory.invented.parcels import consignments

AT = datetime(2026, 7, 1, tzinfo=UTC)
Tree = dict[str, Any]


@cache
def sound_lines(count: int, seed: int = 11) -> list[bytes]:
    """Lines of invented parcels, some of them faulty as the generator makes them."""
    return [msgspec.json.encode(one) for one in consignments(count, seed, at=AT, first_acceptance=AT)]


def _spoil_value(tree: Tree, random: Random) -> None:
    """Put a value of another kind, or none, in the place of one."""
    holder = random.choice([tree, tree["goods_items"][0], tree.get("consignee") or tree])
    name = random.choice(list(holder))
    holder[name] = random.choice(_VALUES)


_VALUES: list[Any] = [
    None,
    "",
    " ",
    0,
    1,
    -1,
    1.0,
    1.5,
    10**30,
    True,
    False,
    [],
    {},
    [[]],
    [None],
    "null",
    "x" * 36,
    "石" * 36,
    "x" * 600,
    "石" * 300,
    "a b",
    "é",
    "\u0007",
    "\\",
    '"',
    "a/b",
    "\ud800",
    "\u0000",
    "EUR",
    "12.50",
    "12.5000000",
    "1e3",
    "-3",
    "\u0663",
    "2026-07-01T00:00:00Z",
    "2026-07-01T02:00:00+02:00",
    "2026-07-01",
    "2026-02-30T00:00:00Z",
    "de",
    "XX",
    "QU",
    ["C07"],
    {"a": 1},
    [{"type_code": "N380"}],
    "\uff19" * 6,
    "a:b",
    "Test",
    "n/a",
]


def _add_field(tree: Tree, random: Random) -> None:
    holder = random.choice([tree, tree["goods_items"][-1], tree.get("consignor") or tree])
    name, value = random.choice(_FIELDS)
    holder[name] = value


_FIELDS: list[tuple[str, Any]] = [
    ("unknown_field", 1),
    ("Reference", "x"),
    ("procedure", {"requested_procedure_code": "42"}),
    ("additional_procedure_codes", ["C08"]),
    ("additional_documents", [{"type_code": "C506", "line_number": 3}]),
    ("packages", [{"count": 2}, {"type_code": "BX", "marks": "m"}]),
    ("packages", [{"count": 0}]),
    ("amends_version", 2),
    ("amends_version", 0),
    ("amendment_reason", "why"),
    ("buyer", {"name": "B", "country_code": "DE", "tax_number": "DE136695976"}),
    ("buyer", {"country_code": "DE"}),
    ("buyer", {"name": "B"}),
    ("seller", {"party_identifier": "E1", "country_code": "CN"}),
    ("remarks", [{"text": "careful"}]),
    ("detail", {"trade_terms_code": "DAP"}),
    ("detail", None),
    ("standard_product_id", "4006381333931"),
    ("standard_product_id", "4006381333932"),
    ("tax_number", "DE136695977"),
    ("quantity_unit_code", "C62"),
    ("quantity_unit_code", "QQ"),
    ("sale_nature_code", "not-stated"),
    ("origin_country_code", "QU"),
    ("freight_amount", "3.00"),
    ("discount_amount", "99999.00"),
    ("charges_currency_code", "JPY"),
    ("invoice_total_amount", "1,000"),
    ("declaration_line_number", 7),
    ("sequence_number", 10_000),
    ("order_references", ["A1", "A 2"]),
    ("additional_fiscal_references", [{"role": "FR2", "identification_number": "DE136695976"}]),
    (
        "additional_fiscal_references",
        [
            {"role": "FR5", "identification_number": "IM2760000742"},
            {"identification_number": "FR40303265045", "role": "FR3"},
        ],
    ),
    ("identity_number", "ID 1"),
    ("is_platform_sale", False),
    ("postcode", "10115"),
    ("region_code", "ES-CN"),
    ("house_document", "LA000000005CN"),
    ("transport_mode_code", "4"),
    ("purchased_at", "2027-01-01T00:00:00Z"),
    ("accepted_at", "2101-01-01T00:00:00Z"),
]


def _drop_field(tree: Tree, random: Random) -> None:
    holder = random.choice([tree, tree["goods_items"][0], tree.get("consignee") or tree])
    if len(holder) > 1:
        del holder[random.choice(list(holder))]


def _mix_up(tree: Tree, random: Random) -> None:
    items = list(tree.items())
    random.shuffle(items)
    tree.clear()
    tree.update(items)


def _repeat_items(tree: Tree, random: Random) -> None:
    tree["goods_items"] = tree["goods_items"] * random.choice([0, 2, 3, 1_000])


_OF_TREES: list[Callable[[Tree, Random], None]] = [
    _spoil_value,
    _spoil_value,
    _add_field,
    _add_field,
    _drop_field,
    _mix_up,
    _repeat_items,
]


def _cut_at(line: bytes, random: Random) -> tuple[bytes, bytes]:
    place = random.randrange(len(line) + 1)
    return line[:place], line[place:]


def _insert(line: bytes, random: Random) -> bytes:
    before, after = _cut_at(line, random)
    return before + random.choice(_PIECES) + after


_PIECES = [
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b'"',
    b"\\",
    b"null",
    b" ",
    b"\t",
    b"\r",
    b"\x00",
    b"\x7f",
    b"\xff",
    b"\xc0\x80",
    b"\xed\xa0\x80",
    b"\xf0\x9f\x98\x80",
    b"\\u0000",
    b"\\ud800",
    b"\\u003a",
    b"\\n",
    b"\\/",
    b"1e400",
    b"NaN",
    b"01",
    b"//",
    b"\xef\xbb\xbf",
    b"{}",
    b"\x0b",
    b"-0",
    b"true",
    b'"a":1,',
    b'"ucr":"U2",',
]


def _repeat_key(line: bytes, random: Random) -> bytes:
    end = line.rfind(b"}")
    return line[:end] + b"," + random.choice(_REPEATED) + line[end:] if end > 0 else line


_REPEATED = [
    b'"reference":"R2"',
    b'"ucr":"U2"',
    b'"ucr":"U2","ucr":"U3"',
    b'"re\\u0066erence":"R3"',
    b'"goods_items":[]',
]


def _write_otherwise(line: bytes, random: Random) -> bytes:
    """Write the same with blanks, escapes or in other forms of text."""
    try:
        tree = json.loads(line)
    except ValueError:
        return line
    return random.choice(
        [
            json.dumps(tree).encode(),
            json.dumps(tree, ensure_ascii=False).encode("utf-8", "surrogatepass"),
            json.dumps(tree, ensure_ascii=False, separators=(" , ", " : ")).encode("utf-8", "surrogatepass"),
            json.dumps(tree).encode("utf-16"),
        ]
    )


_NUMBERS: list[bytes] = [
    b"1e0",
    b"1.0",
    b"-0",
    b"1e400",
    b"99999999999999999999",
    b'"1"',
    b"null",
    b"1.5",
    b"01",
    b"+1",
    b"0x1",
]

_OF_LINES: list[Callable[[bytes, Random], bytes]] = [
    _insert,
    _insert,
    _repeat_key,
    _write_otherwise,
    _write_otherwise,
    lambda line, random: _cut_at(line, random)[0],
    lambda line, _: line + line,
    lambda line, _: line + b" ",
    lambda line, _: b"\xef\xbb\xbf" + line,
    lambda _, random: random.choice([b"", b" ", b"[]", b"{}", b"null", b'"x"', b"[" * 900, b'{"a":' * 900]),
    lambda line, random: line.replace(
        b'"sequence_number":1', b'"sequence_number":' + random.choice(_NUMBERS), 1
    ),
    lambda line, random: (
        line[:-1] + b',"' + random.choice([b"ucr", b"x"]) + b'":' + b"[" * 40 + b"]" * 40 + b"}"
    ),
]


def _has_parts(tree: Any) -> bool:
    """Say whether a tree is still so much of a declaration that its parts can be spoilt."""
    if not isinstance(tree, dict) or not isinstance(tree.get("goods_items"), list):
        return False
    parts = [*tree["goods_items"], tree.get("consignee", {}), tree.get("consignor", {})]
    return bool(tree["goods_items"]) and all(
        isinstance(one, dict) and (one or one is parts[-1]) for one in parts
    )


def spoilt(line: bytes, random: Random) -> bytes:
    """Spoil a line in one to three ways. A line end never comes in: it would be two lines."""
    for _ in range(random.choice([1, 1, 2, 3])):
        if random.random() < 0.5:
            try:
                tree = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if _has_parts(tree):
                random.choice(_OF_TREES)(tree, random)
                line = json.dumps(tree, ensure_ascii=random.random() < 0.2, separators=(",", ":")).encode(
                    "utf-8", "surrogatepass"
                )
        else:
            line = random.choice(_OF_LINES)(line, random)
    return line.replace(b"\n", b" ")


def spoilt_chunk(seed: int, count: int = 96) -> list[bytes]:
    """Return a chunk of lines: sound ones, and among them some that are spoilt, few or many."""
    random = Random(seed)
    share = random.choice([0.0, 0.02, 0.1, 0.5])
    lines = random.choices(sound_lines(600), k=count)
    return [spoilt(line, random) if random.random() < share else line for line in lines]
