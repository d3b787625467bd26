"""The model's features as data: what each is made of, and the sentence that an officer reads of it."""

import hashlib
from typing import Final

import msgspec

from serai.journey.risk_model.plans.feature import (
    GOODS_SUPPORT_MIN,
    HISTORY_FEATURES,
    MEASURES,
    PARTY_SUPPORT_MIN,
    ROUTE_ROLES,
    Feature,
    Sentences,
)
from serai.model.message_text import MessageText

_GOODS = Sentences(
    None,
    MessageText("Examinations of goods with this commodity code found something more often than others."),
)
_ROUTE = Sentences(
    None,
    MessageText("Examinations of goods with this origin or route found something more often than others."),
)
_TREATMENT = Sentences(
    None,
    MessageText("Examinations of goods under this tariff treatment found something more often than others."),
)
_SEEN = Sentences(
    MessageText("Goods with this commodity code are seldom declared."),
    MessageText("Goods with this commodity code are declared very often."),
)
_UNUSUAL_ORIGIN = Sentences(MessageText("This origin is unusual for goods with this commodity code."), None)
_UNUSUAL_TREATMENT = Sentences(MessageText("This tariff treatment is unusual for such goods."), None)
_UNUSUAL_ROUTE = Sentences(MessageText("This route is unusual for goods of this origin."), None)
_UNUSUAL_CODE = Sentences(MessageText("This commodity code is seldom used within its heading."), None)
_MASS = Sentences(
    MessageText("The weight is far below that of this heading."),
    MessageText("The weight is far above that of this heading."),
)
_PRICE = Sentences(
    MessageText("The price is far below that of this heading."),
    MessageText("The price is far above that of this heading."),
)
_PRICE_PER_KG = Sentences(
    MessageText("The price per kilogram is far below that of this heading."),
    MessageText("The price per kilogram is far above that of this heading."),
)
_RATE = Sentences(
    MessageText("The rate of duty is low."),
    MessageText("The rate of duty is high."),
)
_SAME = Sentences(
    MessageText("The goods come from another country than the one where they are said to be made."),
    MessageText("The goods come from the country where they are said to be made."),
)
_OF_MEASURE: Final = {
    "log_mass": _MASS,
    "log_price": _PRICE,
    "log_price_per_kg": _PRICE_PER_KG,
    "rate_percent": _RATE,
}
_OF_ROLE: Final = {
    "treatment": _TREATMENT,
    "rate": _TREATMENT,
}
_PARENTS: Final = {"heading": "chapter", "subheading": "heading"}
_ROUTES: Final = {
    "chapter": ("origin", "treatment"),
    "heading": ("origin", "treatment"),
    "subheading": ("origin", "dispatch", "treatment"),
}


def _outcomes(*keys: str, sentences: Sentences, parent: str | None = None) -> Feature:
    return Feature(f"outcomes_{'_'.join(keys)}", "outcomes", sentences, keys, parent=parent)


def _goods_outcomes() -> tuple[Feature, ...]:
    alone = (
        _outcomes("chapter", sentences=_GOODS),
        _outcomes("heading", sentences=_GOODS, parent="outcomes_chapter"),
        _outcomes("subheading", sentences=_GOODS, parent="outcomes_heading"),
    )
    with_route = (
        _outcomes(goods, route, sentences=_GOODS, parent=f"outcomes_{goods}")
        for goods, routes in _ROUTES.items()
        for route in routes
    )
    return (*alone, *with_route)


def _share(keys: tuple[str, ...], among: str, sentences: Sentences) -> Feature:
    return Feature(f"share_{'_'.join(keys)}", "share", sentences, keys, parent=f"outcomes_{among}")


def _distance(measure: str, goods: str) -> Feature:
    name = f"distance_{measure.removeprefix('log_')}"
    parent = f"{name}_{_PARENTS[goods]}" if goods in _PARENTS else None
    return Feature(f"{name}_{goods}", "distance", _OF_MEASURE[measure], (goods, "currency"), measure, parent)


FEATURES: Final = (
    *_goods_outcomes(),
    *(_outcomes(role, sentences=_OF_ROLE.get(role, _ROUTE)) for role in ROUTE_ROLES),
    _outcomes("origin", "treatment", sentences=_TREATMENT, parent="outcomes_origin"),
    _outcomes("origin", "dispatch", sentences=_ROUTE, parent="outcomes_origin"),
    *(
        Feature(f"seen_{'_'.join(keys)}", "seen", _SEEN, keys)
        for keys in (("heading",), ("subheading",), ("subheading", "origin"))
    ),
    *(
        _share(keys, among, sentences)
        for keys, among, sentences in (
            (("subheading", "origin"), "subheading", _UNUSUAL_ORIGIN),
            (("heading", "origin"), "heading", _UNUSUAL_ORIGIN),
            (("subheading", "treatment"), "subheading", _UNUSUAL_TREATMENT),
            (("subheading", "rate"), "subheading", _UNUSUAL_TREATMENT),
            (("subheading", "origin_mark"), "subheading", _UNUSUAL_TREATMENT),
            (("origin", "treatment"), "origin", _UNUSUAL_TREATMENT),
            (("origin", "origin_mark"), "origin", _UNUSUAL_TREATMENT),
            (("origin", "dispatch"), "origin", _UNUSUAL_ROUTE),
            (("subheading",), "heading", _UNUSUAL_CODE),
        )
    ),
    *(
        _distance(measure, goods)
        for goods in _ROUTES
        for measure in ("log_mass", "log_price", "log_price_per_kg")
    ),
    *(Feature(one.removeprefix("log_"), "measure", _OF_MEASURE[one], measure=one) for one in MEASURES),
    Feature("origin_is_dispatch", "same", _SAME, ("origin", "dispatch")),
    *HISTORY_FEATURES,
)
"""A feature that others have as parent comes before them."""
NAMES: Final = tuple(one.name for one in FEATURES)
BY_NAME: Final = {one.name: one for one in FEATURES}


HISTORY_PLACES: Final = [place for place, one in enumerate(FEATURES) if one.is_history]
HISTORY_SOURCES: Final = frozenset(one.of for one in FEATURES if one.is_history and one.of is not None)
"""The features that habits are made of."""


def plan_hash() -> str:
    """Return the SHA-256 of what the features are made of: a model of other features is another program's."""
    plan = [
        (one.name, one.kind, one.keys, one.measure, one.parent, one.of, one.is_history) for one in FEATURES
    ]
    return hashlib.sha256(msgspec.json.encode([plan, PARTY_SUPPORT_MIN, GOODS_SUPPORT_MIN])).hexdigest()
