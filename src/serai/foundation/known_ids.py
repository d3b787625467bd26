"""Ids of what is made once and never changed or removed, as far as this process has met it."""

from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)


class KnownIds(Generic[Key]):
    """Ids by what they are of. Only what is committed may be remembered: in a transaction that came to
    nothing, the id would be known and the row not there."""

    def __init__(self) -> None:
        self._ids: dict[Key, int] = {}

    def missing(self, keys: Iterable[Key]) -> list[Key]:
        """Return those that are not known, each once."""
        return [one for one in dict.fromkeys(keys) if one not in self._ids]

    def add(self, key: Key, number: int) -> None:
        """Remember what is committed."""
        self._ids[key] = number

    def of(self, key: Key) -> int:
        """Return the id of what is known."""
        return self._ids[key]
