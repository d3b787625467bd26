"""What is said of hits on lists of denied parties: officers alone read it."""

from collections.abc import Mapping
from typing import Final

from serai.foundation.http.interface_words import translatable
from serai.journey.name_verdicts.codes import Outcome
from serai.journey.screening.evidence import TraitCode

TRAIT_LABELS: Final[Mapping[TraitCode, str]] = {
    "name": translatable("Name"),
    "word": translatable("Word of the name"),
    "birth-year": translatable("Year of birth"),
    "country": translatable("Country"),
    "identity-number": translatable("Identity number"),
    "kind": translatable("Kind"),
    "company-form": translatable("Company form"),
}
"""What agrees or differs, by its code."""

VERDICT_LABELS: Final[Mapping[str, str]] = {
    "same-person": translatable("The same person"),
    "birth-year-differs": translatable("Another person: the year of birth differs"),
    "country-differs": translatable("Another person: the country differs"),
    "identity-number-differs": translatable("Another person: the identity number differs"),
    "other-kind": translatable("Not the same: the entry is of another kind (a firm, ship or aircraft)"),
    "name-differs": translatable("Another person: it is another name"),
    "weak-alias": translatable("Another person: only a weak alias resembles it"),
    "not-enough-known": translatable("Not enough is known to say"),
}
"""What an officer may say, by its code; of a code of an administration's own its meaning is shown."""

OUTCOME_LABELS: Final[Mapping[Outcome, str]] = {
    "same-person": translatable(
        "It stands against the parcel. Only a measure with its own legal basis follows."
    ),
    "other-person": translatable(
        "It stands against this person's parcels no longer, while the entry stays as it is."
    ),
    "not-known": translatable("The control goes on: ask for information, or examine."),
}
"""What follows, by the outcome."""
