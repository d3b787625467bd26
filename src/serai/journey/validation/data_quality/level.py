"""Checks of one level: which rows each was asked of and where it fails; a row a check, a column each."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from serai.model.columns import Flags, Int64s

FlagRows = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Level:
    """The checks of one level. codes: of the rows. asked, failed: check by row of the frame; failed implies
    asked."""

    codes: tuple[str, ...]
    asked: FlagRows
    failed: FlagRows

    @staticmethod
    def of(codes: tuple[str, ...], count: int) -> "Level":
        """Ask every check of every row; none has failed yet."""
        shape = (len(codes), count)
        return Level(codes, np.ones(shape, dtype=np.bool_), np.zeros(shape, dtype=np.bool_))

    def mark(self, code: str, failed: Flags, asked: Flags | None = None) -> None:
        """Say where a check fails, and of which rows it was asked at all (None: of all)."""
        place = self.codes.index(code)
        self.failed[place] = failed
        if asked is not None:
            self.asked[place] = asked
            self.failed[place] &= asked

    def skip(self, code: str) -> None:
        """Ask a check of no row."""
        self.asked[self.codes.index(code)] = False

    def failures(self, code: str) -> Flags:
        """Return where a check fails."""
        failed: Flags = self.failed[self.codes.index(code)]
        return failed

    def take(self, rows: Int64s) -> "Level":
        """Return the rows asked for."""
        return Level(self.codes, self.asked[:, rows], self.failed[:, rows])


def count_by_owner(rows: FlagRows, first_items: Int64s) -> npt.NDArray[np.int64]:
    """Count flags of goods items by consignment; each consignment has one item at least. Check by row."""
    if not rows.shape[1]:
        return np.zeros((rows.shape[0], len(first_items)), dtype=np.int64)
    return np.add.reduceat(rows, first_items, axis=1, dtype=np.int64)
