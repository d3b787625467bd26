"""Which parcels of a batch are before other agencies, from the transaction that decides them on.

A parcel is before an agency where a rule of its remit keeps the goods, or where the agency itself has said so
and not said otherwise. Of a batch of which no such rule speaks and nothing was before any agency the store is
asked nothing.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import numpy as np
from psycopg import AsyncConnection

from serai.journey.agency_controls import store as control_store
from serai.journey.agency_controls.store import ControlState, WantedControl
from serai.journey.consignments.rows import Row
from serai.journey.law_in_force.state import LawState
from serai.journey.permits import store as permit_store
from serai.journey.pipeline import Processed
from serai.journey.recording.controls.permits.naming import rules_of
from serai.journey.services import Services
from serai.model.acts import ACT_KINDS, DISPOSED_STATES, OPENING
from serai.model.frames import FINAL_STATUSES, LANES, STATUSES

Connection = AsyncConnection[Any]
_OVER: Final = FINAL_STATUSES | {STATUSES.index(state) for state in DISPOSED_STATES}
_PROCEED: Final = LANES.index("proceed")
_SAID: Final[Mapping[str, ControlState]] = {
    "agency-maintained": "maintained",
    "agency-examination-wanted": "maintained",
    "agency-refused": "refused",
}


async def keep_agency_controls(
    services: Services,
    connection: Connection,
    rows: Sequence[Row],
    processed: Processed,
    *,
    law: LawState,
    at: datetime,
) -> None:
    """Put parcels before the agencies whose rules keep them, and end what none keeps any more, in the
    transaction that decides them."""
    speaking = _speaking_rules(rows, processed, law)
    known = [row for row in rows if row.previous is not None and row.previous.lane != _PROCEED]
    if not speaking and not known:
        return
    key = {"administration_id": services.administration_id}
    wanted: list[WantedControl] = []
    if speaking:
        remits = await permit_store.select_remits(connection, **key)
        party_of = {one.rule_id: one.party_id for one in remits}
        for place, rule_ids in speaking.items():
            wanted += _wanted(rows[place], rule_ids, party_of)
        ids = services.ids.take(len(wanted)).tolist() if wanted else []
        await control_store.open_controls(connection, wanted, ids, at=at, **key)
    if known:
        ids = [row.consignment_id for row in known]
        await control_store.end_controls(connection, ids, wanted, at=at, **key)


def _speaking_rules(rows: Sequence[Row], processed: Processed, law: LawState) -> dict[int, set[str]]:
    """Return by place of a row the rules on restricted goods that keep it, and those that an agency keeps it
    by on its own word."""
    opening = {rule.rule_id for its in rules_of(law).values() for rule in its}
    frame = processed.consignments
    bits, numbers = frame.bit_sets("reason_bits"), frame.numbers("law_number")
    statuses = frame.numbers("status_number")
    found: dict[int, set[str]] = defaultdict(set)
    for number, reasons in processed.reason_sets.items():
        places = [(bit, one) for bit, one in enumerate(reasons.rule_ids) if one in opening]
        mask = sum(1 << bit for bit, _ in places)
        has_some = np.array([bool(one & mask) for one in bits.sets], dtype=np.bool_)
        for place in np.flatnonzero(has_some[bits.codes] & (numbers == number)).tolist():
            found[place] |= {one for bit, one in places if bits[place] >> bit & 1}
    for place, row in enumerate(rows):
        if row.acts and (kept := _kept_rules(row)):
            found[place] |= kept.keys()
    return {place: its for place, its in found.items() if int(statuses[place]) not in _OVER}


def _kept_rules(row: Row) -> dict[str, ControlState]:
    """Return the rules by which agencies keep or refuse goods on their own word, and which of the two."""
    said: dict[str, ControlState] = {}
    for act in row.acts:
        effects = ACT_KINDS[act.kind].effects
        if "agency" in effects:
            for rule_id in act.parameters["rules"].split():
                if OPENING in effects:
                    said.pop(rule_id, None)
                else:
                    said[rule_id] = _SAID[act.kind]
    return said


def _wanted(row: Row, rule_ids: set[str], party_of: Mapping[str, int]) -> list[WantedControl]:
    kept = _kept_rules(row) if row.acts else {}
    of_party: dict[int, list[str]] = defaultdict(list)
    for rule_id in sorted(rule_ids):
        if rule_id in party_of:
            of_party[party_of[rule_id]].append(rule_id)
    return [
        WantedControl(
            row.consignment_id, row.case_id, party_id, row.version, _state(its, kept), " ".join(its)
        )
        for party_id, its in sorted(of_party.items())
    ]


def _state(rule_ids: Sequence[str], kept: Mapping[str, ControlState]) -> ControlState:
    states = {kept[one] for one in rule_ids if one in kept}
    return "refused" if "refused" in states else "maintained" if states else "waiting"
