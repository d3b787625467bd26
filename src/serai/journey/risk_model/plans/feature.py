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
