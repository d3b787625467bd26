"""The public texts that descriptions are learned from, and which of them are held out."""

import csv
import gzip
import hashlib
from collections.abc import Iterable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from serai.model.text_arrays import fold

_HELD_OUT_BELOW, _TRIED_BELOW = 51, 77  # of 256: a fifth is held out, a tenth of the whole tries settings


class Example(NamedTuple):
    """A description whose commodity code is known. code: 4 digits or more. source: which list it is of."""

    text: str
    code: str
    source: str


class References(NamedTuple):
    """Everything there is. examples: descriptions with codes. vague: descriptions that were too vague."""

    examples: list[Example]
    vague: list[str]


LABELLED = ("search_references", "extra_references", "brands")
"""Descriptions as people write them; results are measured on these alone."""
OUR_OWN = ("goods_words", "parcel_words")
"""Tables that we wrote."""


def read_references(folder: Path) -> References:
    """Read the folder of reference data, and our own two tables of words."""
    described = folder / "descriptions"
    examples = [
        *_read(described / "search_references.csv", "term", "commodity_code"),
        *_read(described / "extra_references.csv", "description", "commodity_code"),
        *_read(described / "brands.csv", "GDSDESC", "CMDTYCODE"),
        *_read(folder / "hs" / "harmonized-system.csv", "description", "hscode"),
        *_read(folder / "tariff" / "us_hts8.csv.gz", "brief_description", "hts8"),
        *_goods_words(),
        *_parcel_words(),
    ]
    vague = [fold(row["term"]) for row in _rows(described / "vague_terms.csv")]
    kept = [one for one in examples if one.text and len(one.code) >= 4 and one.code[:2] < "98"]
    return References(kept, sorted(set(vague)))


def is_held_out(text: str) -> bool:
    """Say whether a text is kept from training: one in five, by its hash, so equal texts stay together."""
    return _place(text) < _HELD_OUT_BELOW


def is_for_trying(text: str) -> bool:
    """Say whether a text is not held out but kept from the first training, to choose settings by."""
    return _HELD_OUT_BELOW <= _place(text) < _TRIED_BELOW


def third_of(text: str) -> int:
    """Return in which third of the texts a text is, whether held out or not: 0, 1 or 2."""
    return _digest(text)[1] % 3


def _place(text: str) -> int:
    return _digest(text)[0]


def _digest(text: str) -> bytes:
    return hashlib.sha256(" ".join(text.split()).encode()).digest()


def _read(path: Path, text: str, code: str) -> Iterator[Example]:
    for row in _rows(path):
        yield Example(fold(row[text]), row[code].strip(), path.name.partition(".")[0])


def _goods_words() -> Iterable[Example]:
    path = files("serai.journey.descriptions") / "goods_words.csv"
    for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines()):
        code = row.pop("code")
        for words in row.values():
            for text in words.split(";"):
                yield Example(fold(text), code, "goods_words")


def _parcel_words() -> Iterable[Example]:
    """Yield what parcels say in place of good words: brands, cuts, words of the street, in any language.

    They teach; nobody is told to write so, which is why they are not in the package's table.
    """
    for row in _rows(Path(__file__).with_name("parcel_words.csv")):
        for text in row["words"].split(";"):
            yield Example(fold(text), row["code"], "parcel_words")


def _rows(path: Path) -> Iterator[dict[str, str]]:
    content = path.read_bytes()
    text = gzip.decompress(content) if path.suffix == ".gz" else content
    return csv.DictReader(text.decode("utf-8-sig").splitlines())
