"""Lists that screening looks names and descriptions up in, as they are kept in memory."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from serai.journey.screening.evidence import Asked
from serai.journey.screening.list_entry import ListEntry
from serai.journey.screening.screener import EntryHit, Screener, build_screener
from serai.journey.screening.word_marks import WordMarks, build_word_marks
from serai.law.goods_kinds import GoodsKinds, no_goods_kinds
from serai.law.vague_words import VagueWords, no_vague_words


@dataclass(frozen=True, slots=True)
class Lists:
    """The lists of one generation in memory. screener: of denied parties. word_marks: of recordals."""

    screener: Screener
    vague_words: VagueWords
    goods_kinds: GoodsKinds
    word_marks: WordMarks = field(default_factory=lambda: build_word_marks(()))

    @staticmethod
    def empty() -> "Lists":
        """Return lists on which nobody and nothing stands."""
        return Lists(build_screener(()), no_vague_words(), no_goods_kinds())

    def entries_of(self, asked: Sequence[Asked]) -> list[EntryHit]:
        """Return the entries of denied-party lists that those asked for could be, by their place."""
        return self.screener.find_again(asked)


def build_lists(entries: Iterable[ListEntry], vague_words: VagueWords, goods_kinds: GoodsKinds) -> Lists:
    """Index entries by each of their names."""
    return Lists(build_screener(entries), vague_words, goods_kinds)
