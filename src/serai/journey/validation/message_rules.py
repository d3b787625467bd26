"""From which day rules of our own messages hold, and how strictly: `message_rules.yaml`."""

import datetime as dt
from collections.abc import Mapping
from importlib.resources import files
from typing import Final

import msgspec

from serai.journey.validation.remarks import Remarks
from serai.model.columns import Int64s
from serai.model.findings import Severity

_DAY_MS = 86_400_000
_EPOCH = dt.date(1970, 1, 1)


class MessageRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When a rule is asked and how strictly.

    valid_from, valid_to: days on which it is asked at all, valid_to the first on which it is not; None: open.
    advice_to: the first day on which a breach is a fault; None: never more than advice.
    """

    code: str
    advice_to: dt.date | None
    source: str
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None

    def holds(self, on: dt.date) -> bool:
        """Say whether the rule is asked on a day."""
        has_begun = self.valid_from is None or on >= self.valid_from
        return has_begun and (self.valid_to is None or on < self.valid_to)

    def severity(self, on: dt.date) -> Severity:
        """Say what a breach is on a day."""
        return "advice" if self.advice_to is None or on < self.advice_to else "fault"


RULES: Final[Mapping[str, MessageRule]] = {
    rule.code: rule
    for rule in msgspec.yaml.decode(
        (files("serai.journey.validation") / "message_rules.yaml").read_bytes(), type=list[MessageRule]
    )
}


def apply_rules(remarks: Remarks, lodged_at: Int64s, rules: Mapping[str, MessageRule] = RULES) -> None:
    """Give gathered remarks the severity of their day; of rules not asked on it nothing is said.

    lodged_at: of each document, milliseconds of UTC. A remark in its grace says from when it is a fault
    (`fault_from`), one past it since when (`fault_since`).
    """
    dropped = set()
    for place, one in enumerate(remarks.gathered):
        rule = rules.get(one.finding.code)
        if rule is None:
            continue
        on = _EPOCH + dt.timedelta(days=int(lodged_at[one.row]) // _DAY_MS)
        if not rule.holds(on):
            dropped.add(place)
            continue
        severity, told = rule.severity(on), {}
        if rule.advice_to is not None:
            told = {"fault_from" if severity == "advice" else "fault_since": rule.advice_to.isoformat()}
        remarks.change(place, severity, told)
    if dropped:
        remarks.gathered = [one for place, one in enumerate(remarks.gathered) if place not in dropped]
