"""Keys that a process has added lately: a hint, so that what is there already is looked for first."""

from collections import deque
from collections.abc import Hashable
from collections.abc import Set as AbstractSet
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)


_RECENT_BATCHES_COUNT = 2


class RecentKeys(Generic[K]):
    """Keys of the last large batches that this process has added.

    What comes again mostly follows soon, and one key that is known beforehand spares the others a second try.
    A hint and no more: what is there the table says.
    """

    def __init__(self) -> None:
        self._batches: deque[AbstractSet[K]] = deque(maxlen=_RECENT_BATCHES_COUNT)

    def among(self, keys: AbstractSet[K]) -> set[K]:
        """Return those of the keys that were there lately."""
        return {key for batch in self._batches for key in keys & batch}

    def add(self, keys: AbstractSet[K]) -> None:
        """Remember the keys of a batch, in place of the oldest."""
        self._batches.append(keys)
