"""Catalogues of texts in the `messages/` of rooms: where they lie, and their texts by place."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
import yaml
from serai.model.languages import DEFAULT_LANGUAGE

from tools.languages.interface import MACHINE_MADE, ROOT, WORDS

LISTS: Final = Path(__file__).with_name("lists.yaml")
_NOT_SAID: Final = frozenset({"why", "source", "rule", "commodity_code", "description"})
"""Parts of an entry that no page or answer says in another language: notes for the reference of findings,
sources, and what a declaration is filled in with."""


class Lists(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the check leaves out, and why.

    waiting: catalogues that are not translated yet. templates: folders whose words wait. same: texts that
    are the same in other languages.
    """

    waiting: dict[str, str]
    templates: dict[str, str]
    same: dict[str, str]


class Catalogue(NamedTuple):
    """One list of texts. name: folder and list, as `journey/decision` or `journey/cases/pages`."""

    name: str
    folder: Path
    prefix: str

    def path(self, language: str) -> Path:
        """Return the file of a language."""
        return self.folder / f"{self.prefix}{language}.yaml"

    def texts(self, language: str) -> dict[str, str]:
        """Return texts by place (`no-law.sentence`); nothing where there is no file."""
        path = self.path(language)
        if not path.is_file():
            return {}
        return dict(_flatten(yaml.safe_load(path.read_text(encoding="utf-8")), ""))


def read_lists() -> Lists:
    """Return what is left out."""
    return msgspec.yaml.decode(LISTS.read_bytes(), type=Lists)


def find_catalogues() -> list[Catalogue]:
    """Return every catalogue of the source, by name."""
    found = []
    for path in sorted((ROOT / "src/serai").glob("**/messages/*.yaml")):
        match = re.fullmatch(rf"(.*?){DEFAULT_LANGUAGE}\.yaml", path.name)
        if match:
            room = path.parent.parent.relative_to(ROOT / "src/serai").as_posix()
            name = f"{room}/{match[1].rstrip('-')}".rstrip("/")
            found.append(Catalogue(name, path.parent, match[1]))
    return found


def is_machine_made(language: str, catalogue: Catalogue | None) -> bool:
    """Say whether nobody has read a catalogue (None: the words of the pages) in a language."""
    path = WORDS / f"{language}.po" if catalogue is None else catalogue.path(language)
    return MACHINE_MADE in path.read_text(encoding="utf-8").partition("\n")[0]


def _flatten(texts: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(texts, list):
        texts = dict(enumerate(texts))
    if isinstance(texts, dict):
        for key, value in texts.items():
            if key not in _NOT_SAID or not place:
                yield from _flatten(value, f"{place}.{key}" if place else str(key))
    elif isinstance(texts, str):
        yield place, texts
