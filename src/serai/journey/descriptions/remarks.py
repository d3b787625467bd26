"""Advice about the descriptions of documents, before they are filed: vague ones, and codes of other goods."""

from collections.abc import Sequence

from serai.journey.descriptions.agreement import Verdict
from serai.journey.descriptions.better_words import NO_WORD, better_words
from serai.journey.descriptions.description import Description, describe
from serai.journey.descriptions.goods_words import LANGUAGES, shipped_goods_words
from serai.journey.descriptions.weights import shipped_weights
from serai.law.vague_words import VagueWords
from serai.model.documents import Consignment, GoodsItem
from serai.model.findings import Finding


def remark_on_descriptions(documents: Sequence[Consignment], vague_words: VagueWords) -> list[list[Finding]]:
    """Return of each document what its descriptions should say better; nothing follows from it.

    The same description with the same code is described once.
    """
    pairs = list(dict.fromkeys(_pair(item) for document in documents for item in document.goods_items))
    answers = describe(
        [text for text, _ in pairs],
        vague_words=vague_words,
        weights=shipped_weights(),
        goods_words=shipped_goods_words(),
        commodity_codes=[code for _, code in pairs],
        language=LANGUAGES[0],
    )
    told = dict(zip(pairs, answers, strict=True))
    return [
        [
            finding
            for place, item in enumerate(document.goods_items)
            for finding in _remarks(told[_pair(item)], item, f"/goods_items/{place}")
        ]
        for document in documents
    ]


def _pair(item: GoodsItem) -> tuple[str, str]:
    return item.description, item.commodity_code


def _remarks(answer: Description, item: GoodsItem, pointer: str) -> list[Finding]:
    found = []
    if answer.vague:
        code = "description-vague" if answer.listed else "description-likely-vague"
        words = better_words([item.commodity_code])[item.commodity_code]
        parameters = {"value": words, "terms": ", ".join(answer.terms) or NO_WORD}
        found.append(Finding(code, f"{pointer}/description", "advice", parameters))
    declared = answer.declared
    if declared and declared.verdict is Verdict.DOUBTFUL and declared.suggestion:
        parameters = {"value": declared.suggestion.code, "terms": ", ".join(declared.words)}
        found.append(Finding("commodity-code-doubtful", f"{pointer}/commodity_code", "advice", parameters))
    return found
