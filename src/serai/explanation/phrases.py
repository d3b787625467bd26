"""Words of an explanation by language, from `explanation/messages/explanation-<language>.yaml`."""

from functools import cache
from pathlib import Path

import msgspec
import yaml

from serai.model.errors import SeraiError

_FOLDER = Path(__file__).with_name("messages")


class Phrases(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All texts of one language.

    phrases: of steps and tables; words, functions: meanings of the vocabulary; the others by their place.
    """

    phrases: dict[str, str]
    totals: dict[str, str]
    words: dict[str, str]
    functions: dict[str, str]
    roles: dict[str, str]
    sentences: dict[str, str]
    side_by_side: dict[str, str]

    def render(self, key: str, /, **figures: object) -> str:
        """Return a phrase with its figures filled in."""
        return self.phrases[key].format(**figures)


@cache
def read_phrases(language: str) -> Phrases:
    """Return the texts of a language (`en`). Raises SeraiError `language-unknown`."""
    path = _FOLDER / f"explanation-{language}.yaml"
    if not language.isalpha() or not path.is_file():
        known = ", ".join(
            sorted(found.stem.partition("-")[2] for found in _FOLDER.glob("explanation-*.yaml"))
        )
        raise SeraiError(
            "language-unknown",
            f"There is no explanation in language `{language[:12]}`.",
            f"Choose one of {known}.",
        )
    return msgspec.convert(yaml.safe_load(path.read_bytes()), Phrases)
