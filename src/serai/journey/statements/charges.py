"""The charges of consignments as they stood at an instant, each with its law and its life; and what a period
changed of them. Pure."""

from collections.abc import Container, Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from typing import NamedTuple
from zoneinfo import ZoneInfo

from serai.journey.amounts_payable.interest import Paid
from serai.journey.amounts_payable.law import PayableLaw, PayableRules
from serai.journey.amounts_payable.life import Facts, Life, Suspension, life_of
from serai.journey.ledger.payment_allocation import ChargeKey
from serai.journey.ledger.posting_rules import PostingRules
from serai.journey.statements.store import AllocationRow, ConsignmentName, DecisionRow
from serai.model.frames import STATUSES
from serai.model.ledger import POSTED
from serai.model.packed_detail import CHARGE_KINDS, DUES, PackedCharge

_BORDER = DUES.index("border")


class ChargeLaw(NamedTuple):
    """The law of a charge. jurisdiction: of its pack; "": its pack is not loaded any more."""

    law_reference: str
    jurisdiction: str


class Laws(NamedTuple):
    """What charges and their lives are read by. charges: by basis and number of the charge.
    suspensions: by consignment, what may stop its limitation periods."""

    charges: Mapping[tuple[int, int], ChargeLaw]
    payable: PayableRules
    posting: PostingRules
    time_zone: str
    rest_days: Container[date]
    suspensions: Mapping[int, Sequence[Suspension]] = MappingProxyType({})

    def day(self, at: datetime) -> date:
        """Return the day of an instant where the administration is."""
        return at.astimezone(ZoneInfo(self.time_zone)).date()


class Charge(NamedTuple):
    """A charge of a consignment, charges that nothing tells apart as one. amount_minor: as it stands;
    moved_minor: what the period changed of it. moved_at: when it was last decided."""

    name: ConsignmentName
    key: ChargeKey
    kind: str
    law_references: tuple[str, ...]
    amount_minor: int
    moved_minor: int
    moved_at: datetime
    life: Life
    law: PayableLaw


def charges_of(
    name: ConsignmentName,
    decisions: Sequence[DecisionRow],
    allocated: Mapping[ChargeKey, Sequence[AllocationRow]],
    laws: Laws,
    *,
    from_at: datetime,
    upto: date,
) -> list[Charge]:
    """Return the charges of a consignment that are entered in the accounts, as they stand with its last
    decision, and what was changed of them since an instant; also those that were taken away. decisions:
    oldest first. upto: the day on which their lives are looked at."""
    if not decisions:
        return []
    last = decisions[-1]
    before = [one for one in decisions if one.decided_at < from_at]
    then = _posted(name, before[-1], laws) if before else {}
    now = _posted(name, last, laws)
    found = []
    for key in dict.fromkeys([*now, *then]):
        said = now.get(key) or then[key]
        amount = sum(one.amount_minor for one in now.get(key, ()))
        moved = amount - sum(one.amount_minor for one in then.get(key, ()))
        of_basis = last if key in now else before[-1]
        read = [laws.charges.get((of_basis.basis_id, one.charge_number), ChargeLaw("", "")) for one in said]
        kind = CHARGE_KINDS[said[0].kind]
        facts = _facts(key, decisions, allocated.get(key, ()), laws, kind=kind, amount_minor=amount)
        law = laws.payable.law_of(read[0].jurisdiction, kind, facts.accepted_on or laws.day(last.decided_at))
        found.append(
            Charge(
                name,
                key,
                kind,
                tuple(dict.fromkeys(one.law_reference for one in read if one.law_reference)),
                amount,
                moved,
                last.decided_at,
                life_of(facts, law, laws.payable, upto, laws.rest_days),
                law,
            )
        )
    return found


def _posted(name: ConsignmentName, decision: DecisionRow, laws: Laws) -> dict[ChargeKey, list[PackedCharge]]:
    """Return what of a decision is entered in the accounts and due at the border."""
    found: dict[ChargeKey, list[PackedCharge]] = {}
    if laws.posting.phases[decision.status] != POSTED:
        return found
    for charge in decision.detail.charges:
        if charge.is_owed and charge.due == _BORDER:
            key = ChargeKey(
                name.consignment_id,
                charge.sequence_number,
                charge.tax_type_code,
                charge.debtor_code,
                charge.currency_code,
            )
            found.setdefault(key, []).append(charge)
    return found


def _facts(
    key: ChargeKey,
    decisions: Sequence[DecisionRow],
    allocated: Sequence[AllocationRow],
    laws: Laws,
    *,
    kind: str,
    amount_minor: int,
) -> Facts:
    last = decisions[-1]
    posted = next((one for one in decisions if laws.posting.phases[one.status] == POSTED), None)
    released = next((one for one in decisions if STATUSES[one.status] == "released"), None)
    on_account = [one for one in allocated if one.is_deferred]
    is_deferred = sum(one.amount_minor for one in on_account) > 0
    entered_on = None if posted is None else laws.day(posted.decided_at)
    return Facts(
        kind=kind,
        amount_minor=amount_minor,
        currency_code=key.currency_code,
        accepted_on=None if last.is_provisional or last.accepted_at is None else laws.day(last.accepted_at),
        # What is due is told with the decision, and by release at the latest.
        notified_on=entered_on,
        entered_on=entered_on,
        status=STATUSES[last.status],
        # What was put on an account is still to be paid, by the account.
        paid=[Paid(laws.day(one.posted_at), one.amount_minor) for one in allocated if not one.is_deferred],
        deferred=_month_of(laws.day(max(one.posted_at for one in on_account))) if is_deferred else None,
        released_on=None if released is None else laws.day(released.decided_at),
        suspensions=laws.suspensions.get(key.consignment_id, ()),
    )


def _month_of(day: date) -> tuple[date, date]:
    first = day.replace(day=1)
    after = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
    return first, date.fromordinal(after.toordinal() - 1)
