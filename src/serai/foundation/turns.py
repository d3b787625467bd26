"""Who waits is served in turn: each asker has a line of its own, and each turn lets a share of rows on."""

from collections import deque
from collections.abc import Callable, Hashable, Iterator
from typing import Generic, TypeVar

Thing = TypeVar("Thing")


class _Line(Generic[Thing]):
    """What one asker waits with, oldest first, and how many rows it may still have in its turn."""

    __slots__ = ("asker", "credit_count", "rows_count", "waiting")

    def __init__(self, asker: Hashable, credit_count: int) -> None:
        self.asker = asker
        self.credit_count = credit_count
        self.rows_count = 0
        self.waiting: deque[tuple[Thing, int]] = deque()


class Turns(Generic[Thing]):
    """Deficit round robin (Shreedhar and Varghese, 1996): over time all who wait get equally many rows,
    however large the things are that they wait with. What one asker hands in keeps its order.

    share_count: rows that a turn lets through. is_gone: says of a thing that nobody waits for it any more.
    """

    def __init__(self, *, share_count: int, is_gone: Callable[[Thing], bool]) -> None:
        assert share_count > 0
        self._share_count = share_count
        self._is_gone = is_gone
        self._lines: dict[Hashable, _Line[Thing]] = {}
        self._in_turn: deque[_Line[Thing]] = deque()
        self._count = 0
        self.rows_count = 0

    def __len__(self) -> int:
        """How many things wait."""
        return self._count

    @property
    def askers_count(self) -> int:
        """How many wait with something."""
        return len(self._lines)

    def rows_count_of(self, asker: Hashable) -> int:
        """How many rows one asker waits with."""
        line = self._lines.get(asker)
        return 0 if line is None else line.rows_count

    def oldest(self) -> Iterator[Thing]:
        """Yield the oldest thing of each asker."""
        return (line.waiting[0][0] for line in self._in_turn)

    def add(self, asker: Hashable, thing: Thing, rows_count: int) -> None:
        """Put a thing at the end of its asker's line; who did not wait comes after those who do."""
        line = self._lines.get(asker)
        if line is None:
            line = self._lines[asker] = _Line(asker, self._share_count)
            self._in_turn.append(line)
        line.waiting.append((thing, rows_count))
        line.rows_count += rows_count
        self.rows_count += rows_count
        self._count += 1

    def take(self, rows_count_max: int) -> list[Thing]:
        """Take what fits together; a single larger thing goes alone. Things that are gone are left out.

        A turn that a full batch cuts short goes on with the next one.
        """
        taken: list[Thing] = []
        taken_rows_count = 0
        while self._in_turn:
            line = self._in_turn[0]
            while line.waiting:
                thing, rows_count = line.waiting[0]
                if not self._is_gone(thing):
                    if taken and taken_rows_count + rows_count > rows_count_max:
                        return taken
                    if rows_count > line.credit_count:
                        break
                    taken.append(thing)
                    taken_rows_count += rows_count
                    line.credit_count -= rows_count
                line.waiting.popleft()
                line.rows_count -= rows_count
                self.rows_count -= rows_count
                self._count -= 1
            self._in_turn.popleft()
            if line.waiting:
                line.credit_count += self._share_count
                self._in_turn.append(line)
            else:
                del self._lines[line.asker]
        return taken
