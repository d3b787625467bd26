"""Sentences of this room's `messages/`: what a state means, and what happens next."""

from functools import cache
from importlib.resources import files

import msgspec


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """States and next steps by status; phrases that stand within them; verdicts of matching."""

    states: dict[str, str]
    next_steps: dict[str, str]
    phrases: dict[str, str]
    verdicts: dict[str, str]


@cache
def read_words(language: str) -> Words:
    """Return the sentences in a language; English where there is no translation."""
    folder = files("serai.journey.case_records") / "messages"
    file = folder / f"states-{language}.yaml"
    return msgspec.yaml.decode(
        (file if file.is_file() else folder / "states-en.yaml").read_bytes(), type=Words
    )
