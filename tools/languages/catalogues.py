"""Catalogues of texts in the `messages/` of rooms: where they lie, and their texts by place."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml
from serai.foundation.shipped import read_law_files
from serai.journey.law_in_force.requirements import OTHER_DOCUMENTS
from serai.law.library import read_packs
from serai.law.pack import Pack
from serai.model.languages import DEFAULT_LANGUAGE

from tools.languages.interface import MACHINE_MADE, ROOT, WORDS

_NOT_SAID: Final = frozenset({"why", "source", "rule", "commodity_code", "description"})
"""Parts of an entry that no page or answer says in another language: notes for the reference of findings,
sources, and what a declaration is filled in with."""


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


class LawCatalogue(NamedTuple):
    """What readers see of the shipped law packs; the English text itself is the place."""

    name: str = "laws"

    def path(self, language: str) -> Path:
        """Return the file of a language."""
        return ROOT / f"src/serai/journey/texts/laws/{language}.yaml"

    def texts(self, language: str) -> dict[str, str]:
        """Return texts by English text; nothing where there is no file."""
        if language == DEFAULT_LANGUAGE:
            packs = read_packs(read_law_files(ROOT / "laws"))
            shown = [text for pack in packs for text in _shown(pack.pack)]
            # What stands in for the remedy of a rule that its agency has changed.
            return {text: text for text in (*shown, OTHER_DOCUMENTS)}
        path = self.path(language)
        return yaml.safe_load(path.read_text(encoding="utf-8")) if path.is_file() else {}


def find_catalogues() -> list[Catalogue | LawCatalogue]:
    """Return every catalogue of the source, by name."""
    found: list[Catalogue | LawCatalogue] = []
    for path in sorted((ROOT / "src/serai").glob("**/messages/*.yaml")):
        match = re.fullmatch(rf"(.*?){DEFAULT_LANGUAGE}\.yaml", path.name)
        if match:
            room = path.parent.parent.relative_to(ROOT / "src/serai").as_posix()
            name = f"{room}/{match[1].rstrip('-')}".rstrip("/")
            found.append(Catalogue(name, path.parent, match[1]))
    return [*found, LawCatalogue()]


def is_machine_made(language: str, catalogue: Catalogue | LawCatalogue | None) -> bool:
    """Say whether nobody has read a catalogue (None: the words of the pages) in a language."""
    path = WORDS / f"{language}.po" if catalogue is None else catalogue.path(language)
    return MACHINE_MADE in path.read_text(encoding="utf-8").partition("\n")[0]


def _shown(pack: Pack) -> Iterator[str]:
    texts: list[str | None] = [pack.title, *(charge.title for charge in pack.charges)]
    for reason in pack.reasons:
        texts += [reason.sentence, reason.public_sentence, reason.remedy, reason.appeal]
    for requirement in pack.requirements:
        texts += [requirement.sentence, requirement.remedy]
    for exclusion in pack.exclusions:
        texts += [exclusion.sentence, exclusion.remedy, exclusion.appeal]
    return (text for text in texts if text)


def _flatten(texts: Any, place: str) -> Iterator[tuple[str, str]]:
    if isinstance(texts, list):
        texts = dict(enumerate(texts))
    if isinstance(texts, dict):
        for key, value in texts.items():
            if key not in _NOT_SAID or not place:
                yield from _flatten(value, f"{place}.{key}" if place else str(key))
    elif isinstance(texts, str):
        yield place, texts
