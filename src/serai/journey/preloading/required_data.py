"""What must be known of goods before they are loaded: the table `tables/pre_loading.yaml` of the laws."""

from typing import Final, Literal

import msgspec

from serai.model.errors import SeraiError

PRE_LOADING: Final = "tables/pre_loading.yaml"
"""The table's place among the files of the laws."""

Outcome = Literal[
    "assessment-complete", "request-for-information", "request-for-screening", "in-review", "do-not-load"
]
OUTCOMES: Final[tuple[Outcome, ...]] = (
    "assessment-complete",
    "request-for-information",
    "request-for-screening",
    "in-review",
    "do-not-load",
)
"""As stored, the strictest last."""
ANSWERED_BY_DECLARANT: Final = frozenset({"request-for-information", "request-for-screening"})


class Datum(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something that must be known. any_of: fields of a transport document (`consignor.name`)."""

    datum: str
    any_of: tuple[str, ...]


class PreloadingRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The table. outcomes: by reason code; screening_results: by what a carrier reports."""

    data: tuple[Datum, ...]
    outcomes: dict[str, Outcome]
    screening_results: dict[str, Outcome]
    answer_within_hours: int


def no_preloading_rules() -> PreloadingRules:
    """Return the rules by which nothing is asked for."""
    return PreloadingRules((), {}, {}, 24)


def read_preloading_rules(content: bytes) -> PreloadingRules:
    """Read the table. Raises SeraiError `pre-loading-table`."""
    try:
        return msgspec.yaml.decode(content, type=PreloadingRules)
    except msgspec.MsgspecError as fault:
        raise SeraiError(
            "pre-loading-table",
            f"{PRE_LOADING} is not as it should be: {fault}.",
            "Correct the table; the reference of pre-loading says what it may hold.",
        ) from fault
