"""Words that say more than vague ones, for goods of a declared code, as findings carry them."""

from collections.abc import Iterable
from typing import Final

from serai.journey.descriptions.chapter_words import CHAPTER_WORDS
from serai.journey.descriptions.goods_words import LANGUAGES, shipped_goods_words

NO_WORD: Final = "no word"
"""Stands for the vague words of a description that has none, such as one of digits alone."""
OF_ANY_GOODS: Final = "what it is, what it is made of, what it is for"


def better_words(commodity_codes: Iterable[str | None]) -> dict[str | None, str]:
    """Return for each declared code words that would do for such goods, `;` between.

    In English, as the sentences are that they stand in. Without a word for the heading an example of the
    chapter, without that what a description has to say.
    """
    return {code: _words_for(code or "") for code in set(commodity_codes)}


def _words_for(code: str) -> str:
    words = shipped_goods_words().suggest([code], LANGUAGES[0])
    return "; ".join(words) or CHAPTER_WORDS.get(code[:2], OF_ANY_GOODS)
