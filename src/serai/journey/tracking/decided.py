"""What Serai decided, told as events: made from the decisions when somebody asks, kept nowhere else."""

import datetime as dt
from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

from serai.formats.epcis.event import BizTransaction, Event, Place
from serai.formats.epcis.identifiers import canonical_identifier, has_wrong_check_digit
from serai.journey.tracking.case_store import DecidedRow
from serai.model.frames import LANES, STATUSES

OWN: Final = "urn:x-serai:"
"""Beginning of what is ours: kinds of identifier and words that no vocabulary has."""

_DECISION: Final = f"{OWN}decision:"
# Steps of the Core Business Vocabulary where it has one: who examines inspects, who waits holds.
_STEPS: Final = {"proceed": f"{OWN}bizstep:clearing", "examine": "inspecting"}
_RELEASING, _HOLDING = f"{OWN}bizstep:releasing", "holding"
_SSCC_DIGITS: Final = 18


def event_of_decision(
    row: DecidedRow,
    administration_code: str,
    *,
    things: Sequence[str] = (),
    transactions: Sequence[BizTransaction] = (),
) -> Event:
    """Return a decision as an event: an observation of the parcel at customs.

    things, transactions: as who asks calls the parcel; without them the house document and the declaration.
    """
    at = _instant(row.decided_at)
    declaration = BizTransaction(id=f"{OWN}declaration:{quote(row.mrn, safe='')}")
    return Event(
        kind="ObjectEvent",
        event_at=at,
        time_zone_offset="+00:00",
        recorded_at=at,
        event_id=f"{_DECISION}{row.decision_id}",
        action="OBSERVE",
        biz_step_code=_step(row),
        disposition_code=f"{OWN}disp:{STATUSES[row.status]}",
        epcs=tuple(things) or (_thing(row, declaration.id),),
        read_point=Place(id=f"{OWN}customs:{quote(administration_code, safe='')}"),
        biz_transactions=(*transactions, declaration),
    )


def decision_id_of(event_uri: str) -> int | None:
    """Return the decision that an event identifier names; None: it names none of ours."""
    digits = event_uri.removeprefix(_DECISION)
    is_ours = digits != event_uri and digits.isascii() and digits.isdecimal() and len(digits) < 20
    number = int(digits) if is_ours else 0
    return number if 0 < number < 2**63 else None


def _step(row: DecidedRow) -> str:
    return _RELEASING if STATUSES[row.status] == "released" else _STEPS.get(LANES[row.lane], _HOLDING)


def _thing(row: DecidedRow, otherwise: str) -> str:
    number = row.house_document
    if not number:
        return otherwise
    link = f"https://id.gs1.org/00/{number}"
    if (
        len(number) == _SSCC_DIGITS
        and number.isascii()
        and number.isdecimal()
        and not has_wrong_check_digit(link)
    ):
        return canonical_identifier(link)
    return f"{OWN}house-document:{quote(number, safe='')}"


def _instant(at: dt.datetime) -> str:
    return f"{at.astimezone(dt.UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"
