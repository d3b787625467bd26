"""By which import returned goods may have come: its registration number, or else its token, order or house
document."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from psycopg import AsyncConnection

from serai.foundation.jws import read_compact
from serai.journey.consignments import store as consignment_store
from serai.journey.consignments.store import ConsignmentRow
from serai.journey.matching import store as matching_store
from serai.journey.matching.match_keys import MatchKeys
from serai.journey.matching.rules import HOUSE_DOCUMENT, KEY_LIFE_DAYS, ORDER, house_key
from serai.journey.repayments.piece_evidence import ReturnToken
from serai.journey.services import Services
from serai.journey.tax_paid.citing import store as token_store
from serai.journey.tax_paid.token import decode_claims
from serai.model.documents import Return
from serai.model.registration_number import read_id

Connection = AsyncConnection[Any]
Tokens = Mapping[str, ReturnToken]
"""Tokens of returns as they were read, by their text."""


async def read_tokens(services: Services, connection: Connection, returns: Sequence[Return]) -> Tokens:
    """Read the tokens of returns, and whose tax each has proven here.

    The signature is not checked: nothing is paid by it again, and what counts is the import that used it.
    """
    claims = {
        one.tax_paid_token: decode_claims(signed.payload) if signed is not None else None
        for one in returns
        if one.tax_paid_token is not None
        for signed in (read_compact(one.tax_paid_token),)
    }
    keys = sorted({one.use_key for one in claims.values() if one is not None})
    if not keys:
        return {text: ReturnToken(None, None) for text in claims}
    owners = await token_store.select_owners(connection, keys, administration_id=services.administration_id)
    return {
        text: ReturnToken(one, owners.get(one.use_key) if one is not None else None)
        for text, one in claims.items()
    }


async def find_imports(
    services: Services, connection: Connection, returns: Sequence[Return], tokens: Tokens, at: datetime
) -> list[list[ConsignmentRow]]:
    """Return the consignments that each return may be of, whoever sends it: the one of its registration
    number, else the one whose tax its token has proven, else those of the case of its order or house
    document."""
    key = {"administration_id": services.administration_id}
    named = [_named(one, tokens) for one in returns]
    rows = {
        one.consignment_id: one
        for one in await consignment_store.select_consignments(
            connection, sorted({number for number in named if number}), **key
        )
    }
    unnamed = [place for place, one in enumerate(returns) if one.mrn is None and not named[place]]
    of_case: dict[int, list[ConsignmentRow]] = {}
    if unnamed:
        of_case = await _find_by_number(services, connection, returns, unnamed, at)
    found = []
    for place, one in enumerate(returns):
        row = rows.get(named[place])
        if row is not None and one.mrn in (None, row.mrn):
            found.append([row])
        else:
            found.append(of_case.get(place, []))
    return found


def _named(one: Return, tokens: Tokens) -> int:
    if one.mrn is not None:
        return read_id(one.mrn) or 0
    token = tokens.get(one.tax_paid_token or "")
    return (token.owner_id or 0) if token is not None else 0


async def _find_by_number(
    services: Services,
    connection: Connection,
    returns: Sequence[Return],
    places: Sequence[int],
    at: datetime,
) -> dict[int, list[ConsignmentRow]]:
    """Return the consignments of the cases that hold the order or house document of returns."""
    key = {"administration_id": services.administration_id}
    texts = [
        (place, kind, text)
        for place in places
        for kind, number, text in (
            (HOUSE_DOCUMENT, returns[place].house_document, house_key(returns[place].house_document or "")),
            (ORDER, returns[place].order_reference, f"order||{returns[place].order_reference}"),
        )
        if number
    ]
    if not texts:
        return {}
    keys = MatchKeys(
        np.array([place for place, _, _ in texts], dtype=np.int64),
        np.array([kind for _, kind, _ in texts], dtype=np.int64),
        *services.pseudonymiser.key_hashes([text.encode() for _, _, text in texts]),
    )
    since = at - timedelta(days=KEY_LIFE_DAYS)
    holders = await matching_store.select_holders(connection, keys, since=since, **key)
    roots = await matching_store.resolve_cases(connection, sorted({case_id for _, case_id in holders}))
    rows = await consignment_store.select_consignments_of_cases(
        connection, sorted(set(roots.values())), **key
    )
    roots |= await matching_store.resolve_cases(connection, sorted({row.case_id for row in rows}))
    of_case: dict[int, list[ConsignmentRow]] = defaultdict(list)
    for row in rows:
        of_case[roots.get(row.case_id, row.case_id)].append(row)
    found: dict[int, dict[int, ConsignmentRow]] = defaultdict(dict)
    for place, case_id in holders:
        found[place].update({row.consignment_id: row for row in of_case[roots.get(case_id, case_id)]})
    return {place: [its[number] for number in sorted(its)] for place, its in found.items()}
