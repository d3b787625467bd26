"""Public reasons of decisions in words, for standards that say why: sentence, remedy and appeal."""

from collections.abc import Sequence

import msgspec

from serai.journey.decision.answer import DecisionOut
from serai.journey.decision.rendered_reasons import Rendered, Texts, render_named_reasons
from serai.journey.law_in_force.state import LawState
from serai.journey.messaging.message_exchange import Notification
from serai.journey.processing.rendered_decision import catalogue


def texts_of(law: LawState, language: str) -> Texts:
    """Return the words of the law in use; rules keep their names, so earlier decisions are said with them."""
    return Texts([one.pack for one in law.book.packs.values()], catalogue(language))


def render_public_reasons(decision: DecisionOut, texts: Texts) -> tuple[Rendered, ...]:
    """Return the reasons of an item and of its contents as everybody may read them, strictest first."""
    of_items = (rule_id for item in decision.goods_items for rule_id in item.reasons)
    return tuple(render_named_reasons([*decision.reasons, *of_items], texts))


def with_reasons(notifications: Sequence[Notification], texts: Texts) -> list[Notification]:
    """Return notifications with the reasons of their decisions in words."""
    return [
        one
        if one.decision is None
        else msgspec.structs.replace(one, rendered=render_public_reasons(one.decision, texts))
        for one in notifications
    ]
