"""Whether the title of an offer names other goods than those declared as sold by it."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from serai.journey.descriptions.agreement import Verdict, compare_code
from serai.journey.descriptions.commodity import Suggested, suggest_codes
from serai.journey.descriptions.features import hash_features
from serai.journey.descriptions.weights import shipped_weights, weigh_features
from serai.model.text_arrays import cut_texts

OWN_SCORE_MIN: Final = 0.2
"""So likely must the declared heading be by the description: beside one that says little, the title is the
better description and no contradiction."""

TITLE_SCORE_MIN: Final = 0.9
"""Only a title that is this sure of another heading speaks: of pairs of lawful texts less than one in a
hundred is contradicted (docs/reference/descriptions.md)."""


class Sold(NamedTuple):
    """Goods and their offer: its title; description and commodity code as declared."""

    title: str
    description: str
    commodity_code: str


class OtherGoods(NamedTuple):
    """What a title names instead. code: the heading or subheading; words: that speak for it."""

    code: str
    words: tuple[str, ...]


def find_other_goods(sold: Sequence[Sold]) -> list[OtherGoods | None]:
    """Return of each what its title names, where that is of another chapter than the declared goods; else
    None. The description must speak for the declared code: then title and declaration name two kinds."""
    titles = _suggest(list(dict.fromkeys(one.title for one in sold)))
    named = [_named(one.commodity_code, titles[one.title]) for one in sold]
    asked = (one.description for one, other in zip(sold, named, strict=True) if other is not None)
    described = _suggest(list(dict.fromkeys(asked)))
    return [
        contradict(one.commodity_code, titles[one.title], described[one.description]) if other else None
        for one, other in zip(sold, named, strict=True)
    ]


def contradict(commodity_code: str, title: Suggested, description: Suggested) -> OtherGoods | None:
    """Return what a title names instead of the goods described and declared; None: it may be the same."""
    found = compare_code(commodity_code, description)
    if found.verdict is not Verdict.AGREES or found.declared_score < OWN_SCORE_MIN:
        return None
    return _named(commodity_code, title)


def _suggest(texts: Sequence[str]) -> dict[str, Suggested]:
    if not texts:
        return {}
    weights, cut = shipped_weights(), cut_texts(texts)
    weighed = weigh_features(hash_features(cut), weights.rarity)
    return dict(zip(texts, suggest_codes(cut, weighed, weights), strict=True))


def _named(commodity_code: str, title: Suggested) -> OtherGoods | None:
    found = compare_code(commodity_code, title)
    if found.suggestion is None or title.headings[0].score < TITLE_SCORE_MIN:
        return None
    is_of_chapter = found.suggestion.code[:2] == commodity_code[:2]
    return None if is_of_chapter else OtherGoods(found.suggestion.code, found.words)
