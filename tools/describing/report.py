"""The page that says how well descriptions are understood: docs/reference/descriptions.md."""

import csv
import hashlib
import time
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Final

from serai.journey.descriptions.description import describe
from serai.journey.descriptions.goods_words import LANGUAGES, shipped_goods_words
from serai.journey.descriptions.vagueness import Vagueness
from serai.journey.descriptions.weights import Weights, shipped_weights
from serai.law.vague_words import VagueWords

from tools.describing import evaluation
from tools.describing.evaluation import Hits, count_hits, find_nearest, rate_vagueness, suggest
from tools.describing.references import (
    LABELLED,
    OUR_OWN,
    Example,
    References,
    is_held_out,
    read_references,
)

INTRODUCTION: Final = Path(__file__).with_suffix(".md")
_SPEED_TEXTS = 20_000


def build_page(folder: Path, words: VagueWords) -> str:
    """Measure, and write the page. folder: of reference data."""
    references = read_references(folder)
    settings = evaluation.choose_settings(references, words)
    weights = evaluation.train_without_held_out(references, settings)
    parts = [
        INTRODUCTION.read_text(encoding="utf-8").rstrip(),
        _split(references),
        _codes(references, weights),
        _doubts(references, weights, folder),
        _titles(references, weights),
        _vagueness(references, weights, words),
        _shipped(references, words),
    ]
    return "\n\n".join(parts) + "\n"


def _split(references: References) -> str:
    held = evaluation.held_out(references)
    vague = sum(is_held_out(one) for one in references.vague)
    return (
        "## What is measured\n\n"
        "One text in five of the labelled descriptions is held out, by a hash of the text, so that equal\n"
        f"texts stay on one side: {len(held):,} descriptions with codes and {vague:,} vague ones. The\n"
        "weights measured here never saw them; temperature, threshold and the weight of doubt were\n"
        "chosen on another tenth. The descriptions of the nomenclature and the tariff and our own two\n"
        "tables are always learned from, by the model and by what it is compared with alike. Who wrote\n"
        "the second table had read samples of these data, held-out lines among them. None was copied on\n"
        "purpose, yet some stand in it, and the figures may flatter: hence a row of those that do not.\n"
        "Figures on descriptions of another source would be fairer; there are none here."
    )


def _codes(references: References, weights: Weights) -> str:
    held, known = evaluation.held_out(references), evaluation.seen(references)
    texts = [one.text for one in held]
    suggested = suggest(texts, weights)
    ours = (
        [[code.code for code in one.headings] for one in suggested],
        [[code.code for code in one.subheadings] for one in suggested],
    )
    contenders = {
        "Serai": ours,
        "nearest text, TF-IDF": find_nearest(texts, known, evaluation.rank_by_features(known, weights)),
        "nearest text, rapidfuzz": find_nearest(texts, known, evaluation.rank_by_letters(known)),
    }
    lines = [
        "## Commodity code of a description",
        "",
        "Share of held-out descriptions whose code is the first proposed, or among the first five.",
        "",
        "| texts | by | 4 digits, first | of five | 6 digits, first | of five |",
        "|---|---|---|---|---|---|",
    ]
    ours_too = {one.text for one in known if one.source in OUR_OWN}
    groups = {
        "all": [*range(len(held))],
        "those not in our tables": [place for place, one in enumerate(held) if one.text not in ours_too],
        **{source: [place for place, one in enumerate(held) if one.source == source] for source in LABELLED},
    }
    for source, chosen in groups.items():
        for name, (headings, subheadings) in contenders.items():
            hits = count_hits(
                [held[place] for place in chosen],
                [headings[place] for place in chosen],
                [subheadings[place] for place in chosen],
            )
            lines.append(_hits_line(source, name, hits))
    lines += [
        "",
        "`search_references` are words of a tariff's index; `extra_references` and `brands` what parcels",
        "say, often cut off after some thirty letters. rapidfuzz is its `token_sort_ratio`.",
    ]
    return "\n".join(lines)


def _hits_line(source: str, name: str, hits: Hits) -> str:
    shares = " | ".join(f"{share:.3f}" for share in hits[1:])
    return f"| {source} ({hits.of_count}) | {name} | {shares} |"


def _doubts(references: References, weights: Weights, folder: Path) -> str:
    held = evaluation.held_out(references)
    right = evaluation.count_doubts(held, [one.code for one in held], weights)
    wrong = evaluation.count_doubts(held, evaluation.exchange_codes(held), weights)
    lines = [
        "## Commodity code against description",
        "",
        "The held-out descriptions with their own codes, and with the code of another of them from another",
        "chapter. *Suggestion right*: the heading suggested instead is that of the description.",
        "",
        "| pairs | doubted | untold | suggestion right |",
        "|---|---|---|---|",
        f"| own code ({len(held)}) | {right.doubted:.3f} | {right.untold:.3f} | |",
        f"| another's code ({len(held)}) | {wrong.doubted:.3f} | {wrong.untold:.3f} | {wrong.right:.3f} |",
    ]
    pairs = _known_wrong(folder)
    found = evaluation.count_doubts(pairs, [one.code for one in pairs], weights)
    lines += [
        "",
        f"Of the {len(pairs)} wrong pairs that the reference data name, "
        f"{found.doubted * len(pairs):.0f} are doubted and {found.untold * len(pairs):.0f} left untold.",
    ]
    return "\n".join(lines)


def _titles(references: References, weights: Weights) -> str:
    found = evaluation.count_contradictions(evaluation.held_out(references), weights)
    return (
        "## Title of an offer against declared goods\n\n"
        "Held-out texts in pairs, one as the title of the offer, one as the description declared with its\n"
        "own code. *Told*: `listing-of-other-goods`. Those of equal heading are lawful: told falsely.\n"
        "Their texts were written apart; a title and a description of one sale mostly share words.\n\n"
        "| pairs | told |\n|---|---|\n"
        f"| of equal heading ({found.equal_count:,}) | {found.equal_told:.4f} |\n"
        f"| of different chapters ({found.different_count:,}) | {found.different_told:.4f} |"
    )


def _known_wrong(folder: Path) -> list[Example]:
    with (folder / "descriptions" / "incorrect_code_desc_pairs.csv").open(encoding="utf-8") as lines:
        return [Example(row["GDSDESC"], row["CMDTYCODE_Seen"], "wrong") for row in csv.DictReader(lines)]


def _vagueness(references: References, weights: Weights, words: VagueWords) -> str:
    vague = [one for one in references.vague if is_held_out(one)]
    held = evaluation.held_out(references)
    both = sum(one.text in set(references.vague) for one in references.examples if one.source in LABELLED)
    groups = {
        "vague terms": vague,
        "all clear ones": [one.text for one in held],
        **{source: [one.text for one in held if one.source == source] for source in LABELLED},
    }
    rated = {name: rate_vagueness(texts, weights, words) for name, texts in groups.items()}
    lines = [
        "## Vague descriptions",
        "",
        "Share of held-out texts called vague: of the vague terms the recall, of the others false alarms.",
        "",
        "| called vague by | "
        + " | ".join(f"{name} ({len(texts)})" for name, texts in groups.items())
        + " |",
        "|---|" + "---|" * len(groups),
        "| the list (holds a parcel) | " + " | ".join(_listed(one) for one in rated.values()) + " |",
    ]
    for title, threshold in (
        ("**list or model, as shipped**", weights.vague_threshold),
        *((f"list or model, score of {score:.2f}", score) for score in (0.9, 0.8, 0.5, 0.35)),
    ):
        lines.append(f"| {title} | " + " | ".join(_called(one, threshold) for one in rated.values()) + " |")
    lines += [
        "",
        f"The shipped threshold ({weights.vague_threshold:.2f}) was chosen so that of eight clear texts one",
        f"is advised in vain. {both} texts stand in the reference data both as vague and as clear, so no",
        "detector reaches 1 and 0: many of the vague terms are brands, colours, sizes and article numbers,",
        "and so are many of the clear ones.",
    ]
    return "\n".join(lines)


def _listed(rated: Sequence[Vagueness]) -> str:
    return f"{sum(one.is_listed for one in rated) / len(rated):.3f}"


def _called(rated: Sequence[Vagueness], threshold: float) -> str:
    return f"{sum(one.is_listed or one.score >= threshold for one in rated) / len(rated):.3f}"


def _shipped(references: References, words: VagueWords) -> str:
    content = (files("serai.journey.descriptions") / "weights.bin").read_bytes()
    weights = shipped_weights()
    labelled = [one.text for one in references.examples if one.source in LABELLED]
    vague = rate_vagueness(references.vague, weights, words)
    clear = rate_vagueness(labelled, weights, words)
    recall = sum(one.is_vague for one in vague) / len(vague)
    alarms = sum(one.is_vague for one in clear) / len(clear)
    count, seconds = _time(labelled, words)
    sha = hashlib.sha256(content).hexdigest()
    sizes = f"{len(weights.headings):,} headings and {len(weights.subheadings):,} subheadings"
    return "\n".join(
        [
            "## What is shipped",
            "",
            f"`weights.bin`, version {weights.version}: {len(content):,} bytes, {len(weights.values):,}",
            f"weights of {sizes}, SHA-256",
            f"`{sha}`.",
            "It is trained with the same settings on everything, the held-out texts too; so on the reference",
            f"data themselves, which it has seen, recall of vague terms is {recall:.3f} and false alarms are",
            f"{alarms:.3f}.",
            "",
            f"`describe()` took {seconds / count * 1e6:.0f} µs of processor time a description on one core,",
            "vagueness, codes, words and suggestions together:",
            f"{count / seconds:,.0f} descriptions/s ({count:,} texts).",
        ]
    )


def _time(texts: Sequence[str], words: VagueWords) -> tuple[int, float]:
    many = (list(texts) * (_SPEED_TEXTS // len(texts) + 1))[:_SPEED_TEXTS]
    weights, goods = shipped_weights(), shipped_goods_words()
    describe(many[:1000], vague_words=words, weights=weights, goods_words=goods, language=LANGUAGES[0])
    began = time.process_time()
    for start in range(0, len(many), 4096):
        describe(many[start : start + 4096], vague_words=words, weights=weights, goods_words=goods)
    return len(many), time.process_time() - began
