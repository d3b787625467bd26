"""The texts of notices, by kind and language, from `messages/`; their version is the hash of their words."""

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

import msgspec

Parameters = Mapping[str, str]
COMMON: Final = frozenset({"number", "office", "address"})
"""Parameters that every notice has."""


class Template(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of notice in a language. lines: paragraphs of the e-mail; text: what goes to a telephone."""

    subject: str
    lines: list[str]
    text: str


class _Catalogue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    kinds: dict[str, Template]
    footer: list[str]


class Text(msgspec.Struct, frozen=True):
    """A notice in words. short: for a telephone."""

    subject: str
    body: str
    short: str


def languages() -> list[str]:
    """Return the languages in which notices are written."""
    return sorted(path.stem.removeprefix("mail-") for path in _FOLDER.glob("mail-*.yaml"))


def language_near(language: str) -> str:
    """Return the language in which a reader of `language` is written to: English where there is none."""
    return language if language in languages() else "en"


def parameters_of(kind: str) -> frozenset[str]:
    """Return the parameters that the sender of a kind of notice must give."""
    return _NEEDED[kind]


def version_of(kind: str, language: str) -> int:
    """Return the version of the words of a kind of notice."""
    catalogue = _read(language)
    words = msgspec.json.encode((catalogue.kinds[kind], catalogue.footer))
    return int.from_bytes(hashlib.sha256(words).digest()[:8], signed=True)


def write_text(kind: str, language: str, parameters: Parameters) -> Text:
    """Return a notice in words. parameters: those of the kind, and COMMON."""
    catalogue = _read(language)
    template = catalogue.kinds[kind]
    lines = [*template.lines, *catalogue.footer]
    return Text(
        template.subject.format_map(parameters),
        "\n\n".join(line.format_map(parameters) for line in lines) + "\n",
        template.text.format_map(parameters),
    )


_FOLDER: Final = Path(__file__).with_name("messages")
_NEEDED: Final[dict[str, frozenset[str]]] = {
    "buyer-code": frozenset({"code", "minutes"}),
    "buyer-answer": frozenset(),
    "case-news": frozenset(),
    "hearing-opened": frozenset({"case", "parcel", "reason", "law", "days"}),
    "measure-taken": frozenset({"case", "parcel", "measure", "reason", "law", "remedy", "appeal", "place"}),
    "registration-confirm": frozenset({"link", "hours"}),
    "registration-known": frozenset({"link", "hours"}),
    "invitation": frozenset({"link", "hours"}),
    "password-link": frozenset({"link", "hours"}),
}


@cache
def _read(language: str) -> _Catalogue:
    return msgspec.yaml.decode((_FOLDER / f"mail-{language}.yaml").read_bytes(), type=_Catalogue)
