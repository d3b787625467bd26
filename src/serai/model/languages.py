"""The languages in which Serai speaks, and catalogues of texts: one YAML file for each of them."""

from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal, TypeVar

import msgspec

Language = Literal["en", "fr", "es", "pt", "ar", "zh", "ru", "sw"]
LANGUAGES: Final[dict[Language, str]] = {
    "en": "English",
    "fr": "Français",
    "es": "Español",
    "pt": "Português",
    "ar": "العربية",
    "zh": "中文",
    "ru": "Русский",
    "sw": "Kiswahili",
}
"""Each by its code (ISO 639-1), with its name in itself."""
DEFAULT_LANGUAGE: Final[Language] = "en"
"""In which texts are written; one that a language lacks is said in this one."""
RIGHT_TO_LEFT: Final = frozenset({"ar"})

Texts = TypeVar("Texts")


def direction_of(language: str) -> str:
    """Return `rtl` or `ltr` for a language."""
    return "rtl" if language in RIGHT_TO_LEFT else "ltr"


def isolate(text: object, language: str) -> str:
    """Return a text that is put into a sentence; where that runs from right to left, between the signs that
    keep the direction of both apart (Unicode's isolates): `Reg. (EU) 2026/382` keeps its brackets."""
    return f"\u2068{text}\u2069" if language in RIGHT_TO_LEFT else str(text)


def read_texts(package: str, name: str, language: str, kind: type[Texts]) -> Texts:
    """Return what stands in `messages/<name>-<language>.yaml` of a package, as `kind`; each text that the
    file lacks, or all where there is no such file, in DEFAULT_LANGUAGE.

    msgspec.ValidationError: an entry is not as it should be, a mistake of ours.
    """
    return msgspec.convert(_read_plain(package, name, language), kind)


@cache
def _read_plain(package: str, name: str, language: str) -> Any:
    base = {} if language == DEFAULT_LANGUAGE else _read_plain(package, name, DEFAULT_LANGUAGE)
    file = files(package) / "messages" / f"{name}-{language}.yaml"
    if language not in LANGUAGES or not file.is_file():
        return base
    return _merge(base, msgspec.yaml.decode(file.read_bytes()))


def _merge(base: Any, own: Any) -> Any:
    if not isinstance(base, dict) or not isinstance(own, dict):
        return own
    return base | {key: _merge(base.get(key), value) for key, value in own.items()}
