"""Sentences of this room's `messages/`: what a state means, and what happens next."""

from functools import cache

import msgspec

from serai.model.languages import read_texts


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """States and next steps by status; phrases that stand within them; verdicts of matching."""

    states: dict[str, str]
    next_steps: dict[str, str]
    phrases: dict[str, str]
    verdicts: dict[str, str]


@cache
def read_words(language: str) -> Words:
    """Return the sentences in a language; English where there is no translation."""
    return read_texts("serai.journey.case_records", "states", language, Words)
