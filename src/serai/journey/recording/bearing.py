"""Who bore what was paid: a payment's payer, unless the payer says to whom it was passed on."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from psycopg import AsyncConnection

from serai.foundation.id_text import parse_id
from serai.journey.consignments.act_records import select_standing_acts
from serai.model.acts import Act

Connection = AsyncConnection[Any]

BEARING: Final = "bearing-declared"


class Bearing(NamedTuple):
    """What of a payment was passed on to somebody. payer_party_id: who paid and says so. bearer: a pseudonym,
    16 bytes; the name is in the vault under act_id. amount_minor: of duty and tax; fee_minor: the payer's own
    fee, which is neither."""

    act_id: int
    payment_act_id: int
    payer_party_id: int
    bearer: bytes
    currency_code: str
    amount_minor: int
    fee_minor: int


async def select_bearings(
    connection: Connection, case_ids: Sequence[int], *, administration_id: int
) -> dict[int, list[Bearing]]:
    """Return what stands as declared of cases, oldest first. What is not declared was borne by who paid."""
    found: dict[int, list[Bearing]] = defaultdict(list)
    standing = await select_standing_acts(
        connection, case_ids, [BEARING], administration_id=administration_id
    )
    for root, act in standing:
        found[root].append(bearing_of(act))
    return found


def bearing_of(act: Act) -> Bearing:
    """Return what an act of bearing says."""
    said = act.parameters
    return Bearing(
        act.act_id,
        parse_id(said["payment"]),
        act.party_id if act.on_behalf_of is None else act.on_behalf_of,
        bytes.fromhex(said["bearer"]),
        said["currency_code"],
        said["amount_minor"],
        said["fee_minor"],
    )
