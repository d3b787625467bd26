"""What agencies may decide, on which law, and until when they may be silent: laws/agencies.yaml. Pure."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache
from typing import Final, Literal

import msgspec

from serai.foundation.shipped import find_shipped

_FILE: Final = "agencies.yaml"
CountedIn = Literal["working-days", "calendar-days"]
Shown = Literal["quantity", "mass", "documents", "value"]
"""What of goods an agency may need beside their code, description, origin and destination."""
Word = Literal["maintained", "cleared", "refused", "examination-wanted", "examination-recorded"]
"""What an agency may say of goods."""


class Silence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """After how many days of silence a suspension ends by itself, and by which law."""

    days: int
    counted_in: CountedIn
    law_reference: str


class AgencyLaw(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What agencies rest on where some rules keep goods; none named: elsewhere. silence: None: it ends
    nothing. maintained, cleared, refused, examined: the law of each. valid_to: the first day out of force.
    read: where each was read; what is not named there is to be read before anybody relies on it."""

    rules: list[str]
    valid_from: date
    valid_to: date | None
    silence: Silence | None
    maintained: str
    cleared: str
    refused: str
    examined: str
    shown: list[Shown]
    read: dict[str, str]
    source: str

    def reference_of(self, word: Word) -> str:
        """Return the law on which an agency says a thing."""
        named: Mapping[str, str] = {
            "maintained": self.maintained, "cleared": self.cleared, "refused": self.refused,
        }  # fmt: skip
        return named.get(word, self.examined)


class AgencyRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole table. reasons: by what an agency says, the codes of why."""

    laws: list[AgencyLaw]
    reasons: dict[Word, list[str]]

    def law_of(self, rule_id: str, at: datetime) -> AgencyLaw:
        """Return what an agency rests on where a rule keeps goods."""
        on = at.astimezone(UTC).date()
        valid = [
            one for one in self.laws if one.valid_from <= on and (one.valid_to is None or on < one.valid_to)
        ]
        named = [one for one in valid if rule_id in one.rules]
        return (named or [one for one in valid if not one.rules])[0]

    def laws_of(self, rules: str, at: datetime) -> Sequence[AgencyLaw]:
        """Return the same of several rules, with blanks between, each once."""
        found: list[AgencyLaw] = []
        for rule_id in rules.split():
            law = self.law_of(rule_id, at)
            if law not in found:
                found.append(law)
        return found


def references_of(laws: Sequence[AgencyLaw], word: Word) -> str:
    """Return on what an agency says a thing of goods that several of its rules keep."""
    return "; ".join(dict.fromkeys(law.reference_of(word) for law in laws))


def silences_of(laws: Sequence[AgencyLaw]) -> Sequence[Silence]:
    """Return the clocks of several rules, all of which have to run out; none where silence on one of them
    ends nothing."""
    found = [law.silence for law in laws if law.silence is not None]
    return found if len(found) == len(laws) else []


@cache
def shipped_agency_rules() -> AgencyRules:
    """Return the table that came with the laws."""
    return read_agency_rules((find_shipped("laws") / _FILE).read_bytes())


def read_agency_rules(content: bytes) -> AgencyRules:
    """Read a table. Raises msgspec.ValidationError, ValueError where something is said to be read that is not
    there."""
    rules = msgspec.yaml.decode(content, type=AgencyRules)
    for law in rules.laws:
        if unknown := law.read.keys() - {"silence", "maintained", "cleared", "refused", "examined"}:
            raise ValueError(f"agencies.yaml says of what is not there that it was read: {sorted(unknown)}")
    return rules
