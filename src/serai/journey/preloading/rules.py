"""Assessing goods before they are loaded, on what carrier or post knows of them (WCO-ICAO, pre-loading)."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from serai.journey.preloading.required_data import OUTCOMES, Datum, Outcome, PreloadingRules
from serai.journey.screening.lists import Lists
from serai.journey.screening.rules import NamesOfRole, PartyHit, find_party_hits
from serai.model.columns import encode_words
from serai.model.documents import TransportDocument
from serai.model.findings import Finding

_ROLES = ("consignor", "consignee")


class Assessed(NamedTuple):
    """What becomes of one document. reasons: public ones. hits: of names on lists, for officers alone."""

    outcome: Outcome
    reasons: list[Finding]
    hits: tuple[PartyHit, ...]


def assess_preloading(
    documents: Sequence[TransportDocument], lists: Lists, rules: PreloadingRules
) -> list[Assessed]:
    """Assess documents: data that is missing, words that say nothing, people who stand on a list.

    A name on a list leads to review by a person, never to more: it may be somebody else's.
    """
    hits_of: dict[int, list[PartyHit]] = {}
    for hit in find_party_hits(_names(documents), lists):
        hits_of.setdefault(hit.row, []).append(hit)
    vague = _find_vague(documents, lists)
    assessed = []
    for row, document in enumerate(documents):
        hits = tuple(hits_of.get(row, ()))
        reasons = [_missing(one) for one in rules.data if not _is_known(document, one)]
        if row in vague:
            reasons.append(
                Finding("loading-description-vague", "/description", "hold", {"value": vague[row]})
            )
        if hits:
            reasons.append(Finding("loading-control-under-way", "", "hold"))
        outcomes = [rules.outcomes[one.code] for one in reasons if one.code in rules.outcomes]
        assessed.append(Assessed(strictest(outcomes), reasons, hits))
    return assessed


def strictest(outcomes: Sequence[Outcome]) -> Outcome:
    """Return the strictest of outcomes; of none, that the assessment is complete."""
    return max(outcomes, key=OUTCOMES.index, default=OUTCOMES[0])


def _missing(one: Datum) -> Finding:
    pointer = "/" + one.any_of[0].replace(".", "/")
    return Finding("loading-datum-missing", pointer, "hold", {"datum": one.datum})


def _is_known(document: TransportDocument, one: Datum) -> bool:
    return any(_value(document, path) for path in one.any_of)


def _value(document: TransportDocument, path: str) -> Any:
    found: Any = document
    for name in path.split("."):
        found = getattr(found, name, None)
    return found


def _names(documents: Sequence[TransportDocument]) -> list[NamesOfRole]:
    people = [(row, role, getattr(one, role)) for row, one in enumerate(documents) for role in _ROLES]
    return [
        NamesOfRole(
            role,
            np.array([row for row, its, person in people if its == role and person is not None], np.int64),
            encode_words([person.name for _, its, person in people if its == role and person is not None]),
        )
        for role in _ROLES
    ]


def _find_vague(documents: Sequence[TransportDocument], lists: Lists) -> dict[int, str]:
    """Return rows whose description has a part that names no goods, with that part."""
    parts = [
        (row, part.strip())
        for row, document in enumerate(documents)
        for part in (document.description or "").split(";")
        if part.strip()
    ]
    tested = lists.vague_words.test([part.lower() for _, part in parts])
    return {row: part for (row, part), is_vague in zip(parts, tested, strict=True) if is_vague}
