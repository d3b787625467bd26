"""How well descriptions are understood: on texts that training never saw, beside the nearest known text."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from importlib import import_module
from itertools import permutations
from statistics import fmean
from typing import Final, NamedTuple

import numpy as np
from serai.journey.descriptions.agreement import Verdict, compare_code
from serai.journey.descriptions.commodity import Suggested, suggest_codes
from serai.journey.descriptions.features import FEATURES_COUNT, hash_features
from serai.journey.descriptions.title_goods import contradict
from serai.journey.descriptions.vagueness import Vagueness, find_vagueness, measure_doubt, sum_vagueness
from serai.journey.descriptions.weights import Weighed, Weights, weigh_features
from serai.law.vague_words import VagueWords
from serai.model.text_arrays import cut_texts

from tools.describing.references import LABELLED, Example, References, is_for_trying, is_held_out, third_of
from tools.describing.training import fit_temperature, train, train_codes

FALSE_ALARMS_WANTED: Final = 0.125
"""Share of clear descriptions that may be called likely vague: nothing is held for it, advice is given."""
_NEIGHBOURS = 60
_TOP = 5
_NEWTON_STEPS, _RIDGE = 12, 1e-3

Codes = Sequence[Sequence[str]]
"""Of each text the codes proposed, best first."""


class Hits(NamedTuple):
    """Shares of texts whose code was the first, or among the first five, at four and at six digits."""

    of_count: int
    first_of_4: float
    five_of_4: float
    first_of_6: float
    five_of_6: float


class Settings(NamedTuple):
    """What is chosen on texts kept apart for it: the temperature of scores; by how much what words say of
    vagueness, and doubt about the heading, count; the threshold."""

    temperature: float
    vague_scale: float
    vague_doubt: float
    vague_bias: float
    vague_threshold: float


def choose_settings(references: References, words: VagueWords) -> Settings:
    """Train without the texts for trying, and choose on them."""
    seen = [one for one in references.examples if not _is_kept(one) and not _is_tried(one)]
    vague = [one for one in references.vague if not is_held_out(one) and not is_for_trying(one)]
    tried = [one for one in references.examples if _is_tried(one)]
    weights = train(seen, vague, "for trying")
    weights = replace(weights, temperature=fit_temperature(weights, tried))
    clear_texts = [one.text for one in tried]
    vague_texts = [one for one in references.vague if is_for_trying(one)]
    scale, doubt, bias = _fit_vagueness(clear_texts, vague_texts, weights)
    settings = Settings(weights.temperature, scale, doubt, bias, 1.0)
    found = rate_vagueness(clear_texts, settle(weights, settings), words)
    threshold = float(np.quantile([one.score for one in found], 1 - FALSE_ALARMS_WANTED))
    return settings._replace(vague_threshold=threshold)


def _fit_vagueness(clear: Sequence[str], vague: Sequence[str], weights: Weights) -> tuple[float, ...]:
    """Return scale, doubt and bias under which vague and clear texts that training never saw are told apart
    best (logistic, Newton's steps; both sides weigh the same)."""
    texts = [*clear, *vague]
    weighed = _weigh(texts, weights)
    suggested = suggest_codes(cut_texts(texts), weighed, weights)
    sums, _ = sum_vagueness(weighed, suggested, replace(weights, vague_doubt=0.0))
    known = np.column_stack((sums, measure_doubt(suggested), np.ones(len(texts)))).astype(np.float64)
    truth = np.repeat((0.0, 1.0), (len(clear), len(vague)))
    share = np.where(truth == 1, 0.5 / len(vague), 0.5 / len(clear))
    chosen = np.zeros(3)
    for _ in range(_NEWTON_STEPS):
        likely = 1 / (1 + np.exp(-known @ chosen))
        bend = (known * (share * likely * (1 - likely))[:, None]).T @ known + _RIDGE * np.eye(3)
        slope = known.T @ (share * (likely - truth)) + _RIDGE * chosen
        chosen -= np.linalg.solve(bend, slope)
    return tuple(chosen.tolist())


def try_third(references: References, third: int) -> Hits:
    """Train without one third of what may be seen, and count how often its codes are proposed: by this the
    features, the sources and the training were chosen, never by the held-out texts."""
    known = seen(references)
    tried = [one for one in known if one.source in LABELLED and third_of(one.text) == third]
    kept_apart = set(tried)
    weights = train_codes([one for one in known if one not in kept_apart], "for trying")
    suggested = suggest([one.text for one in tried], weights)
    return count_hits(
        tried,
        [[code.code for code in one.headings] for one in suggested],
        [[code.code for code in one.subheadings] for one in suggested],
    )


def train_without_held_out(references: References, settings: Settings) -> Weights:
    """Train on all but the held-out texts: the weights that are measured."""
    seen = [one for one in references.examples if not _is_kept(one)]
    vague = [one for one in references.vague if not is_held_out(one)]
    return settle(train(seen, vague, "without the held out"), settings)


def settle(weights: Weights, settings: Settings) -> Weights:
    """Return weights with the settings."""
    return replace(
        weights,
        temperature=settings.temperature,
        vague_values=weights.vague_values * np.float32(settings.vague_scale),
        vague_doubt=settings.vague_doubt,
        vague_bias=weights.vague_bias * settings.vague_scale + settings.vague_bias,
        vague_threshold=settings.vague_threshold,
    )


def held_out(references: References) -> list[Example]:
    """Return the labelled examples that are held out."""
    return [one for one in references.examples if _is_kept(one)]


def seen(references: References) -> list[Example]:
    """Return all other examples."""
    return [one for one in references.examples if not _is_kept(one)]


def suggest(texts: Sequence[str], weights: Weights) -> list[Suggested]:
    """Suggest codes for texts."""
    return suggest_codes(cut_texts(texts), _weigh(texts, weights), weights)


def rate_vagueness(texts: Sequence[str], weights: Weights, words: VagueWords) -> list[Vagueness]:
    """Rate how vague texts are."""
    cut, weighed = cut_texts(texts), _weigh(texts, weights)
    suggested = suggest_codes(cut, weighed, weights)
    return find_vagueness(texts, cut, weighed, suggested, words=words, weights=weights)


def _weigh(texts: Sequence[str], weights: Weights) -> Weighed:
    return weigh_features(hash_features(cut_texts(texts)), weights.rarity)


# ---- codes ----


def count_hits(examples: Sequence[Example], headings: Codes, subheadings: Codes) -> Hits:
    """Count how often the right code was proposed; at six digits over examples that have six."""
    fours = [_rank(one.code[:4], codes) for one, codes in zip(examples, headings, strict=True)]
    sixes = [
        _rank(one.code[:6], codes)
        for one, codes in zip(examples, subheadings, strict=True)
        if len(one.code) >= 6
    ]
    return Hits(len(examples), _share(fours, 1), _share(fours, _TOP), _share(sixes, 1), _share(sixes, _TOP))


def find_nearest(
    texts: Sequence[str], known: Sequence[Example], rank: Callable[[Sequence[str]], Iterable[Sequence[int]]]
) -> tuple[list[list[str]], list[list[str]]]:
    """Propose the codes of the nearest known texts. rank: gives of each text the places of its nearest."""
    headings, subheadings = [], []
    for places in rank(texts):
        codes = [known[place].code for place in places]
        headings.append(list(dict.fromkeys(code[:4] for code in codes))[:_TOP])
        subheadings.append(list(dict.fromkeys(code[:6] for code in codes if len(code) >= 6))[:_TOP])
    return headings, subheadings


def rank_by_features(
    known: Sequence[Example], weights: Weights
) -> Callable[[Sequence[str]], Iterable[Sequence[int]]]:
    """Return what ranks known texts by the cosine of rarity-weighed features (TF-IDF), the model's own."""
    theirs, their_amounts = weigh_features(
        hash_features(cut_texts([one.text for one in known])), weights.rarity
    )
    by_number = np.argsort(theirs.numbers, kind="stable")
    starts = np.searchsorted(theirs.numbers[by_number], np.arange(FEATURES_COUNT + 1))
    owners, amounts = theirs.owners[by_number], their_amounts[by_number]

    def rank(texts: Sequence[str]) -> Iterable[Sequence[int]]:
        for text in texts:
            ours, our_amounts = weigh_features(hash_features(cut_texts([text])), weights.rarity)
            linkage_feature = np.zeros(len(known))
            for number, amount in zip(ours.numbers.tolist(), our_amounts.tolist(), strict=True):
                part = slice(starts[number], starts[number + 1])
                linkage_feature[owners[part]] += amounts[part] * amount
            yield np.argsort(-linkage_feature, kind="stable")[:_NEIGHBOURS].tolist()

    return rank


def rank_by_letters(known: Sequence[Example]) -> Callable[[Sequence[str]], Iterable[Sequence[int]]]:
    """Return what ranks known texts by rapidfuzz's ratio of sorted words."""
    # Of the bench group: only the report needs it.
    fuzz, process = import_module("rapidfuzz.fuzz"), import_module("rapidfuzz.process")

    choices = [one.text for one in known]

    def rank(texts: Sequence[str]) -> Iterable[Sequence[int]]:
        for text in texts:
            found = process.extract(text, choices, scorer=fuzz.token_sort_ratio, limit=_NEIGHBOURS)
            yield [place for _, _, place in found]

    return rank


def _rank(code: str, codes: Sequence[str]) -> int:
    return codes.index(code) if code in codes else _TOP


def _share(ranks: Sequence[int], within: int) -> float:
    return sum(rank < within for rank in ranks) / max(len(ranks), 1)


# ---- codes against descriptions ----


class Doubts(NamedTuple):
    """Shares of pairs that were doubted, left untold, and whose suggestion was the right heading."""

    of_count: int
    doubted: float
    untold: float
    right: float


def count_doubts(examples: Sequence[Example], declared: Sequence[str], weights: Weights) -> Doubts:
    """Compare declared codes with descriptions whose true codes are known."""
    found = [
        compare_code(code, one)
        for code, one in zip(declared, suggest([one.text for one in examples], weights), strict=True)
    ]
    is_doubted = [one.verdict is Verdict.DOUBTFUL for one in found]
    is_untold = [one.verdict is Verdict.UNTOLD for one in found]
    is_right = [
        one.suggestion is not None and one.suggestion.code[:4] == example.code[:4]
        for one, example in zip(found, examples, strict=True)
    ]
    count = len(examples)
    return Doubts(count, sum(is_doubted) / count, sum(is_untold) / count, sum(is_right) / count)


class Contradictions(NamedTuple):
    """Pairs of a title and a description, and shares of those where the title names other goods: of equal
    heading, of different chapters."""

    equal_count: int
    equal_told: float
    different_count: int
    different_told: float


def count_contradictions(examples: Sequence[Example], weights: Weights) -> Contradictions:
    """Hold every example as a title against every other as the description of goods sold by it."""
    suggested = suggest([one.text for one in examples], weights)
    equal: list[bool] = []
    different: list[bool] = []
    for title, description in permutations(range(len(examples)), 2):
        first, second = examples[title].code, examples[description].code
        if first[:2] == second[:2] and first[:4] != second[:4]:
            continue
        told = contradict(second, suggested[title], suggested[description]) is not None
        (equal if first[:4] == second[:4] else different).append(told)
    return Contradictions(len(equal), fmean(equal), len(different), fmean(different))


def exchange_codes(examples: Sequence[Example]) -> list[str]:
    """Return for each example the code of a later one of another chapter: wrong, yet as common as the right
    ones."""
    codes = [one.code for one in examples]
    half = len(codes) // 2
    turned = codes[half:] + codes[:half]
    found = []
    for place, code in enumerate(codes):
        later = turned[place:] + turned[:place]
        found.append(next(other for other in later if other[:2] != code[:2]))
    return found


def _is_kept(example: Example) -> bool:
    return example.source in LABELLED and is_held_out(example.text)


def _is_tried(example: Example) -> bool:
    return example.source in LABELLED and is_for_trying(example.text)
