"""The law book of the last node stays in memory: the next node with the same law need not build it."""

from serai.law.book import LawBook

_kept: list[LawBook] = []


def keep_law(book: LawBook) -> None:
    """Keep a book until another one is kept."""
    _kept[:] = [book]
