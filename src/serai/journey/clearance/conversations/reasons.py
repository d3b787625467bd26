"""Public reasons of decisions in words, for standards that say why: sentence, remedy and appeal."""

from collections.abc import Sequence

import msgspec

from serai.journey.clearance.conversations.conversation import Happening
from serai.journey.clearance.law_state import LawState
from serai.journey.clearance.spoken import catalogue
from serai.journey.decide.answer import DecisionOut
from serai.journey.decide.speak import Spoken, Texts, speak_named


def texts_of(law: LawState, language: str) -> Texts:
    """Return the words of the law in use; rules keep their names, so earlier decisions are said with them."""
    return Texts([one.pack for one in law.book.packs.values()], catalogue(language))


def speak_reasons(decision: DecisionOut, texts: Texts) -> tuple[Spoken, ...]:
    """Return the reasons of an item and of its contents as everybody may read them, strictest first."""
    of_items = (rule_id for item in decision.goods_items for rule_id in item.reasons)
    return tuple(speak_named([*decision.reasons, *of_items], texts))


def with_reasons(happenings: Sequence[Happening], texts: Texts) -> list[Happening]:
    """Return happenings with the reasons of their decisions in words."""
    return [
        one
        if one.decision is None
        else msgspec.structs.replace(one, spoken=speak_reasons(one.decision, texts))
        for one in happenings
    ]
