"""Features of what sellers and declarants did in earlier weeks: finds, usual price, weight and goods."""

from typing import Final

from serai.journey.risk_model.plans.feature import Feature, Sentences
from serai.model.message_text import MessageText

_FILER = Sentences(
    None,
    MessageText("Examinations of goods lodged by this declarant found something more often than others."),
)
_SELLER = Sentences(
    None, MessageText("Examinations of goods of this seller found something more often than others.")
)
_SENDER = Sentences(
    None,
    MessageText("Examinations of goods from addresses like this one found something more often than others."),
)
_PRICE_HABIT = Sentences(
    MessageText("The prices of this seller are mostly below those of other sellers of such goods."),
    MessageText("The prices of this seller are mostly above those of other sellers of such goods."),
)
_WEIGHT_HABIT = Sentences(
    MessageText("The goods of this seller mostly weigh less than such goods of other sellers."),
    MessageText("The goods of this seller mostly weigh more than such goods of other sellers."),
)
_ORIGIN_HABIT = Sentences(
    MessageText("The goods of this seller mostly come from another country than the one of their origin."),
    None,
)
_APART = Sentences(
    MessageText("The price is far below what this seller asks for such goods."),
    MessageText("The price is far above what this seller asks for such goods."),
)
_UNUSUAL_GOODS = Sentences(MessageText("This seller seldom sends goods with this commodity code."), None)
_UNUSUAL_ORIGIN = Sentences(MessageText("This seller seldom sends goods of this origin."), None)
_HABITS: Final = (
    ("price_per_kg", "distance_price_per_kg_subheading", _PRICE_HABIT),
    ("mass", "distance_mass_subheading", _WEIGHT_HABIT),
    ("price", "distance_price_subheading", _PRICE_HABIT),
    ("origin_is_dispatch", "origin_is_dispatch", _ORIGIN_HABIT),
)
_OF_GOODS: Final = ("price_per_kg", "mass")


def _outcomes(*keys: str, sentences: Sentences, parent: str | None = None) -> Feature:
    name = f"outcomes_{'_'.join(keys)}"
    return Feature(name, "outcomes", sentences, keys, parent=parent, is_history=True)


def _habit(name: str, of: str, sentences: Sentences, *keys: str) -> Feature:
    return Feature(f"habit_{name}_{'_'.join(keys)}", "habit", sentences, keys, of=of, is_history=True)


HISTORY_FEATURES: Final = (
    _outcomes("filer", sentences=_FILER),
    _outcomes("sender_address", sentences=_SENDER),
    _outcomes("seller", sentences=_SELLER),
    _outcomes("seller", "subheading", sentences=_SELLER, parent="outcomes_seller"),
    _outcomes("seller", "origin", sentences=_SELLER, parent="outcomes_seller"),
    *(_habit(name, of, sentences, "seller") for name, of, sentences in _HABITS),
    *(
        _habit(name, of, sentences, "seller", "subheading")
        for name, of, sentences in _HABITS
        if name in _OF_GOODS
    ),
    Feature(
        "apart_price_per_kg_seller",
        "apart",
        _APART,
        ("seller",),
        of="distance_price_per_kg_subheading",
        parent="habit_price_per_kg_seller",
        is_history=True,
    ),
    *(
        Feature(
            f"usual_seller_{role}",
            "usual",
            sentences,
            ("seller", role),
            parent="habit_mass_seller",
            is_history=True,
        )
        for role, sentences in (("subheading", _UNUSUAL_GOODS), ("origin", _UNUSUAL_ORIGIN))
    ),
)
"""Parts of a party's goods, never how many they are: who sends much is not examined more for it."""
