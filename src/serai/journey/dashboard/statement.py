"""A party's statement: what is owed on its parcels and by whom, and which of them are held. Bounded: among
its newest parcels, by the index of them."""

from collections import defaultdict
from decimal import Decimal
from typing import Final, NamedTuple

from serai.foundation.id_text import format_id
from serai.journey.case_records import store as case_store
from serai.journey.case_records.amounts_payable import sum_payable
from serai.journey.case_records.answers import AmountsPayable
from serai.journey.cases.page_words import status_word
from serai.journey.consignments.act_records import DoneAct, select_standing_acts
from serai.journey.statistics.store import Connection, DashboardReader
from serai.model.acts import ACT_KINDS
from serai.model.frames import STATUSES

LOOKED_AT_MAX: Final = 500
SHOWN_MAX: Final = 200
_OWING: Final = ("arrival-expected", "payment-due")
_HELD: Final = (
    "document-missing",
    "under-documentary-control",
    "under-physical-control",
    "not-released",
    "suspended",
    "detained",
    "seized",
    "confiscated",
)
_PAYMENTS: Final = tuple(kind for kind, one in ACT_KINDS.items() if "payment" in one.effects)


class StatementLine(NamedTuple):
    """A parcel. status: code; status_title: in words. owed: what stands to be paid at the border."""

    reference: str
    href: str
    status: str
    status_title: str
    owed: list[AmountsPayable]


class Total(NamedTuple):
    """A sum. amount: decimal."""

    currency_code: str
    amount: str


class Statement(NamedTuple):
    """owing: parcels on which something is due; sums: of all of them, by currency and debtor. held: parcels
    that do not go on. has_more: there are more than are shown."""

    owing: list[StatementLine]
    sums: list[AmountsPayable]
    held: list[StatementLine]
    has_more: bool

    @property
    def totals(self) -> list[Total]:
        """What is owed by whomever, each currency apart."""
        totals: dict[str, Decimal] = defaultdict(Decimal)
        for one in self.sums:
            totals[one.currency_code] += Decimal(one.amount)
        return [Total(currency, f"{amount:f}") for currency, amount in totals.items()]


async def read_statement(
    reader: DashboardReader,
    connection: Connection,
    *,
    party_id: int,
    administration_id: int,
    language: str,
) -> Statement:
    """Return the statement of a party."""
    rows = await reader.waiting_of_party(
        party_id=party_id,
        statuses=[STATUSES.index(one) for one in (*_OWING, *_HELD)],
        look_max=LOOKED_AT_MAX,
        count_max=SHOWN_MAX + 1,
    )
    shown = rows[:SHOWN_MAX]
    owed = await _owed(
        connection,
        {consignment: case for consignment, case, _, status in shown if STATUSES[status] in _OWING},
        administration_id,
    )
    lines = [
        StatementLine(
            reference,
            f"/parcels/{format_id(case)}",
            STATUSES[status],
            status_word(status, language),
            owed.get(consignment, []),
        )
        for consignment, case, reference, status in shown
    ]
    owing = [one for one in lines if one.owed]
    held = [one for one in lines if one.status in _HELD]
    return Statement(owing, _sums(owing), held, len(rows) > SHOWN_MAX)


async def _owed(
    connection: Connection, case_of: dict[int, int], administration_id: int
) -> dict[int, list[AmountsPayable]]:
    """Return what is due at the border by consignment; of several in one case it stands at the first."""
    key = {"administration_id": administration_id}
    charges: dict[int, list[case_store.ChargeLine]] = defaultdict(list)
    for line in await case_store.select_charge_lines(connection, list(case_of), **key):
        charges[case_of[line.consignment_id]].append(line)
    paid: dict[int, list[DoneAct]] = defaultdict(list)
    for case, act in await select_standing_acts(connection, sorted(charges), _PAYMENTS, **key):
        paid[case].append(DoneAct(act, None))
    found: dict[int, list[AmountsPayable]] = {}
    for consignment, case in case_of.items():
        if case in charges:
            owed = sum_payable(charges.pop(case), paid[case])
            found[consignment] = [one for one in owed if one.due == "border"]
    return found


def _sums(owing: list[StatementLine]) -> list[AmountsPayable]:
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for line in owing:
        for one in line.owed:
            sums[one.currency_code, one.debtor] += Decimal(one.amount)
    return [
        AmountsPayable(amount=f"{amount:f}", currency_code=currency, due="border", debtor=debtor)
        for (currency, debtor), amount in sorted(sums.items())
    ]
