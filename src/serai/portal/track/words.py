"""What a buyer is told, from this room's `messages/`."""

from functools import cache
from pathlib import Path

import msgspec


class StatusWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A status in plain words. title: the state of affairs; says: what it means; next: what happens."""

    title: str
    says: str
    next: str


class TrackWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A language's words, by status."""

    statuses: dict[str, StatusWords]


@cache
def track_words(language: str) -> TrackWords:
    """Return the words of a language; English where there is no translation."""
    folder = Path(__file__).with_name("messages")
    file = folder / f"track-{language}.yaml"
    return msgspec.yaml.decode(
        (file if file.is_file() else folder / "track-en.yaml").read_bytes(), type=TrackWords
    )
