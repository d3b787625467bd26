"""Public reasons of decisions in words, for standards that say why: sentence, remedy and appeal."""

from collections.abc import Sequence

import msgspec

from serai.journey.decision.answer import DecisionOut
from serai.journey.decision.rendered_reasons import Rendered, Texts, render_named_reasons
from serai.journey.messaging.message_exchange import Notification


def render_public_reasons(decision: DecisionOut, texts: Texts) -> tuple[Rendered, ...]:
    """Return the reasons of an item and of its contents as everybody may read them, strictest first."""
    of_items = (reason for item in decision.goods_items for reason in item.reasons)
    return tuple(render_named_reasons((one.code for one in (*decision.reasons, *of_items)), texts))


def with_reasons(notifications: Sequence[Notification], texts: Texts) -> list[Notification]:
    """Return notifications with the reasons of their decisions in words."""
    return [
        one
        if one.decision is None
        else msgspec.structs.replace(one, rendered=render_public_reasons(one.decision, texts))
        for one in notifications
    ]
