"""Describe: all that a batch of descriptions says, in one call."""

from collections.abc import Sequence

import msgspec

from serai.journey.descriptions.agreement import Verdict, compare_code
from serai.journey.descriptions.commodity import Suggested, suggest_codes
from serai.journey.descriptions.features import hash_features
from serai.journey.descriptions.goods_words import GoodsWords
from serai.journey.descriptions.language import find_languages
from serai.journey.descriptions.vagueness import Vagueness, find_vagueness
from serai.journey.descriptions.weights import Weights, weigh_features
from serai.law.vague_words import VagueWords
from serai.model.text_arrays import cut_texts

_GUESSED_HEADINGS = 3
_GUESSED_SCORE = 0.2
"""Less likely headings would suggest words for goods that nobody sent."""


class LikelyCode(msgspec.Struct, frozen=True):
    """A commodity code a description speaks of. score: 0 to 1, the likelihood among all codes."""

    code: str
    score: float


class CodeCheck(msgspec.Struct, frozen=True):
    """Whether the declared code fits. suggestion: the code the description speaks of, if doubtful."""

    verdict: Verdict
    suggestion: LikelyCode | None
    words: tuple[str, ...]


class Description(msgspec.Struct, frozen=True, kw_only=True):
    """What one description says.

    vague: it names no goods, surely or likely. listed: surely, since all its words are on the list that
    holds parcels. vagueness: how likely, 0 to 1. terms: the words that make it vague. suggestions: if vague,
    words that would do, as far as the code or the text tells which goods they are. headings, hs: codes of
    four and of six digits, likeliest first; empty if it has no word that says anything. words: those that
    spoke for the first code. declared: of the code that came with it, None without one.
    """

    vague: bool
    listed: bool
    vagueness: float
    terms: tuple[str, ...]
    suggestions: tuple[str, ...]
    headings: tuple[LikelyCode, ...]
    hs: tuple[LikelyCode, ...]
    words: tuple[str, ...]
    declared: CodeCheck | None


def describe(
    texts: Sequence[str],
    *,
    vague_words: VagueWords,
    weights: Weights,
    goods_words: GoodsWords,
    commodity_codes: Sequence[str | None] | None = None,
    language: str | None = None,
) -> list[Description]:
    """Say what each text says; one answer a text, in order.

    commodity_codes: declared with each text, digits only. language: ISO 639-1, of the suggested words; None:
    of each text its own.
    """
    cut = cut_texts(texts)
    weighed = weigh_features(hash_features(cut), weights.rarity)
    suggested = suggest_codes(cut, weighed, weights)
    vague = find_vagueness(texts, cut, weighed, suggested, words=vague_words, weights=weights)
    codes = commodity_codes or [None] * len(texts)
    guesses = [
        [code] if code else _guess(one, likely, vague_words)
        for one, likely, code in zip(vague, suggested, codes, strict=True)
    ]
    languages = [language] * len(texts) if language else find_languages(weighed)
    return [
        _describe_one(one, likely, code, goods_words.suggest(guessed, rendered) if one.is_vague else ())
        for one, likely, code, guessed, rendered in zip(
            vague, suggested, codes, guesses, languages, strict=True
        )
    ]


def _describe_one(
    vague: Vagueness, likely: Suggested, code: str | None, suggestions: tuple[str, ...]
) -> Description:
    return Description(
        vague=vague.is_vague,
        listed=vague.is_listed,
        vagueness=vague.score,
        terms=vague.terms,
        suggestions=suggestions,
        headings=tuple(LikelyCode(*one) for one in likely.headings),
        hs=tuple(LikelyCode(*one) for one in likely.subheadings),
        words=likely.words,
        declared=_check_code(code, likely) if code else None,
    )


def _guess(vague: Vagueness, likely: Suggested, vague_words: VagueWords) -> list[str]:
    """Guess headings from vague words; of words like `gift` that go with any goods nothing is guessed."""
    if vague.is_listed and vague_words.wide.isdisjoint(vague.terms):
        return []
    return [one.code for one in likely.headings[:_GUESSED_HEADINGS] if one.score >= _GUESSED_SCORE]


def _check_code(code: str, likely: Suggested) -> CodeCheck:
    found = compare_code(code, likely)
    suggestion = LikelyCode(*found.suggestion) if found.suggestion else None
    return CodeCheck(found.verdict, suggestion, found.words)
