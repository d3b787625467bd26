"""The bad packs of `bad_packs.yaml` as folders of files, by path."""

from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

TERRITORIES = (
    b"country_code,postcode_pattern,region_codes,customs_territory_code,tax_territory_code,time_zone,"
    b"valid_from,valid_to,name,source\nXX,,,XX,XX,Europe/Berlin,1993-01-01,,Nowhere,Test Act\n"
)
PLACES = {"pack": "XX-2026/pack.yaml", "tariff": "XX-2026/tariff.csv"}


class Expected(NamedTuple):
    """A fault that must be told. line_holds: text of its line; empty: no line."""

    code: str
    line_holds: str
    says: str


class BadPack(NamedTuple):
    """A folder of law with one file made faulty. text: of that file as it can be read."""

    name: str
    path: str
    text: str
    files: dict[str, bytes]
    expected: list[Expected]


def _slow() -> str:
    parts = [str(number) for number in range(256)]
    while len(parts) > 1:
        parts = [f"({one}+{other})" for one, other in zip(parts[::2], parts[1::2], strict=True)]
    return f"{parts[0]}=1"


GROWN = {
    "{slow}": _slow(),
    "{deep}": "NOT " * 60 + "is_low",
    "{digits}": "9" * 5_000,
    "{brackets}": "[" * 2_000 + "]" * 2_000,
}
"""What would make the file of cases unreadable."""


@cache
def _data() -> Any:
    return yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text("utf-8"))


def sound_files() -> dict[str, bytes]:
    files = {path: _data()["sound"][name].encode() for name, path in PLACES.items()}
    return {**files, "tables/territories.csv": TERRITORIES}


def bad_packs() -> list[BadPack]:
    return [_bad_pack(case) for case in _data()["cases"]]


def _bad_pack(case: dict[str, Any]) -> BadPack:
    path = PLACES.get(case["file"], case["file"])
    kind = "tariff" if path.endswith(".csv") else "pack"
    text = _data()["sound"][kind]
    text = text.replace(*case.get("everywhere", ("", "")))
    put = case.get("put", text)
    for name, grown in GROWN.items():
        put = put.replace(name, grown)
    for old, new in ((case.get("find", text), put), case.get("then", ("", ""))):
        assert old in text, f"{case['name']}: {old!r} is not in the sound file"
        text = text.replace(old, new, 1)
    content = text.encode(case.get("encoding", "utf-8"))
    expected = [Expected(*fault) for fault in case["faults"]]
    return BadPack(case["name"], path, text, {**sound_files(), path: content}, expected)
