"""What is said of hits on lists of denied parties: officers alone read it."""

from collections.abc import Mapping
from typing import Final

from serai.foundation.http.interface_words import translatable
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
