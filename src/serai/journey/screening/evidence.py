"""What speaks for and against a hit besides the name: year of birth, country, identity number, kind.

Each weighs only where both sides have it. What differs lowers the score and never clears anybody by itself:
lists and declarations have wrong dates, too.
"""

from typing import Final, Literal, NamedTuple

import msgspec

from serai.journey.screening.list_entry import ListEntry
from serai.model.names.similarity.comparison import Compared
from serai.model.names.similarity.prepared import PreparedName

PPM: Final = 1_000_000
_YEARS_APART: Final = 1
_BIRTH_AGREES: Final = 30_000
_BIRTH_DIFFERS: Final = -120_000
_COUNTRY_AGREES: Final = 10_000
_COUNTRY_DIFFERS: Final = -20_000
_NUMBER_AGREES_MIN: Final = 950_000
_KIND_DIFFERS: Final = -150_000
_NUMBER_LENGTH_MIN: Final = 5

TraitCode = Literal["name", "word", "birth-year", "country", "identity-number", "kind", "company-form"]


class Asked(NamedTuple):
    """Somebody who is looked up. kind_code: as on lists; birth_year 0, and empty texts: not known."""

    name: str
    kind_code: str = ""
    country_code: str = ""
    birth_year: int = 0
    identity_number: str = ""


class Trait(msgspec.Struct, frozen=True):
    """What agrees or differs. asked, listed: what each side says; None: it says nothing of it."""

    what: TraitCode
    asked: str | None
    listed: str | None


class Weighed(NamedTuple):
    """A score with its parts. score_ppm: 0 to 1,000,000."""

    score_ppm: int
    agrees: tuple[Trait, ...]
    differs: tuple[Trait, ...]

    @property
    def is_corroborated(self) -> bool:
        """Say whether more than the name agrees."""
        return any(one.what in ("birth-year", "identity-number") for one in self.agrees)


def plain_number(number: str) -> str:
    """Return an identity number's letters and digits alone."""
    return "".join(sign for sign in number.upper() if sign.isalnum())


def weigh(asked: Asked, prepared: PreparedName, entry: ListEntry, name: str, compared: Compared) -> Weighed:
    """Weigh what both sides say. prepared: the name asked for; name: of the entry, compared to it."""
    agrees: list[Trait] = []
    differs: list[Trait] = []
    score = round(compared.similarity * PPM)
    if compared.similarity >= 1 and not compared.only_first and not compared.only_second:
        agrees.append(Trait("name", " ".join(prepared.words), name))
    else:
        agrees += [Trait("word", pair.first, pair.second) for pair in compared.pairs]
    differs += [Trait("word", word, None) for word in compared.only_first]
    differs += [Trait("word", None, word) for word in compared.only_second]
    if compared.is_other_form:
        differs.append(Trait("company-form", None, None))
    score += _weigh_birth(asked, entry, agrees, differs)
    score += _weigh_country(asked, entry, agrees, differs)
    if asked.kind_code and asked.kind_code != entry.kind_code:
        differs.append(Trait("kind", asked.kind_code, entry.kind_code))
        score += _KIND_DIFFERS
    number = plain_number(asked.identity_number)
    if len(number) >= _NUMBER_LENGTH_MIN and number in entry.identity_numbers:
        agrees.append(Trait("identity-number", number, number))
        score = max(score, _NUMBER_AGREES_MIN)
    return Weighed(max(0, min(score, PPM)), tuple(agrees), tuple(differs))


def _weigh_birth(asked: Asked, entry: ListEntry, agrees: list[Trait], differs: list[Trait]) -> int:
    if not asked.birth_year or not entry.birth_years:
        return 0
    listed = ", ".join(
        str(first) if first == last else f"{first}-{last}" for first, last in entry.birth_years
    )
    trait = Trait("birth-year", str(asked.birth_year), listed)
    is_near = any(
        first - _YEARS_APART <= asked.birth_year <= last + _YEARS_APART for first, last in entry.birth_years
    )
    (agrees if is_near else differs).append(trait)
    return _BIRTH_AGREES if is_near else _BIRTH_DIFFERS


def _weigh_country(asked: Asked, entry: ListEntry, agrees: list[Trait], differs: list[Trait]) -> int:
    if not asked.country_code or not entry.country_codes:
        return 0
    trait = Trait("country", asked.country_code, ", ".join(entry.country_codes))
    is_same = asked.country_code in entry.country_codes
    (agrees if is_same else differs).append(trait)
    return _COUNTRY_AGREES if is_same else _COUNTRY_DIFFERS
