"""Words of an explanation by language, from `explanation/messages/explanation-<language>.yaml`."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import msgspec

from serai.journey.texts.law_texts import law_texts
from serai.model.errors import SeraiError
from serai.model.languages import LANGUAGES, isolate, read_texts
from serai.model.message_text import MessageText


class Phrases(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All texts of one language (its code).

    phrases: of steps and tables; words, functions: meanings of the vocabulary; the others by their place.
    """

    language: str
    phrases: dict[str, str]
    totals: dict[str, str]
    words: dict[str, str]
    functions: dict[str, str]
    roles: dict[str, str]
    sentences: dict[str, str]
    side_by_side: dict[str, str]

    def render(self, key: str, /, **figures: object) -> str:
        """Return a phrase with its figures filled in."""
        return self.phrases[key].format(**self.isolated(figures))

    def of_law(self, text: str) -> str:
        """Return a text of a law pack, as it stands where nobody has translated it."""
        return law_texts(self.language).get(text, text)

    def isolated(self, figures: Mapping[str, object]) -> dict[str, str]:
        """Return figures as they stand in a phrase."""
        return {name: isolate(figure, self.language) for name, figure in figures.items()}


@cache
def read_phrases(language: str) -> Phrases:
    """Return the texts of a language; English where there is no translation. Raises SeraiError
    `language-unknown`."""
    if language not in LANGUAGES:
        raise SeraiError(
            "language-unknown",
            MessageText("There is no explanation in language `{language}`.", language=language[:12]),
            MessageText("Choose one of {listed}.", listed=", ".join(LANGUAGES)),
        )
    texts = read_texts("serai.explanation", "explanation", language, dict[str, Any])
    return msgspec.convert({**texts, "language": language}, Phrases)
