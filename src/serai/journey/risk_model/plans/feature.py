"""What a feature of the risk model is, and what it may be made of."""

from typing import Final, Literal, NamedTuple

from serai.model.message_text import MessageText

Kind = Literal["outcomes", "seen", "share", "distance", "measure", "same", "habit", "apart", "usual"]
"""outcomes: how often examinations of the group found something. seen: how many of the group there were.
share: how usual the group is among those of its parent.
distance: how far a measure lies from what is usual for the group. measure: as it is. same: two keys agree.
habit: mean of another feature over the group. apart: how far that feature lies from the group's habit. usual:
what part of a party's goods is of the group."""

GOODS_ROLES: Final = ("chapter", "heading", "subheading", "currency")
ROUTE_ROLES: Final = ("origin", "dispatch", "treatment", "rate", "origin_mark", "transport_mode")
PARTY_ROLES: Final = ("filer", "seller", "sender_address")
ROLES: Final = (*GOODS_ROLES, *ROUTE_ROLES, *PARTY_ROLES)
"""What a key may name. Party roles are hashes of identifiers or of the pattern of an address; a group of
parties counts only from PARTY_SUPPORT_MIN rows on, so that the model holds nobody's single history."""
MEASURES: Final = ("log_mass", "log_price", "log_price_per_kg", "rate_percent")
PARTY_SUPPORT_MIN: Final = 5
GOODS_SUPPORT_MIN: Final = 2


class Sentences(NamedTuple):
    """What an officer reads where the value is below or above what is usual and speaks for risk; None: that
    side is no reason."""

    low: MessageText | None
    high: MessageText | None


class Feature(NamedTuple):
    """One column of the model.

    keys: roles whose joined key is the group. measure: of MEASURES, for `distance` and `measure`. parent: the
    feature that stands in where the group is not known well. of: the feature that `habit` is the mean of, and
    `apart` the distance. is_history: made of the weeks before alone, and made anew each week.
    """

    name: str
    kind: Kind
    sentences: Sentences
    keys: tuple[str, ...] = ()
    measure: str | None = None
    parent: str | None = None
    of: str | None = None
    is_history: bool = False


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
