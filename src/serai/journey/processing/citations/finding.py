"""Which declarations of a batch cite a registered scheme number or bring a token, and what that is worth."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
import numpy as np

from serai.journey.pipeline import Checked
from serai.journey.tax_paid.checking import TokenVerdict
from serai.journey.tax_paid.declared import declared_of
from serai.journey.tax_paid.trust.book import Trust
from serai.journey.tax_paid.trust.store import Scheme
from serai.journey.validation.fields import DocumentFields
from serai.model.columns import Flags, Int64s
from serai.model.documents import VENDOR

FIELD: Final = "tax_paid_token"


class Citation(msgspec.Struct, frozen=True):
    """A declaration that cites a registered scheme number, or brings a token. scheme: None: the number is
    not registered here. is_valid: the number stands by its register. asks_token: by the day of the
    declaration its holder says that each carries one. verdict: of the token; None: there is none."""

    scheme: Scheme | None
    is_valid: bool
    asks_token: bool
    token: str | None = None
    verdict: TokenVerdict | None = None


Citations = Mapping[int, Citation]
"""By place of the document."""


def find_citations(
    fields: DocumentFields, checked: Checked, places: Sequence[int], trust: Trust, at: dt.datetime
) -> Citations:
    """Find citations among documents that can be accepted, and check their tokens. Pure; runs in a thread.

    places: of the documents of `fields`. A batch that cites nothing costs two looks at its columns.
    """
    is_given, schemes = fields.consignments.is_given(FIELD), _schemes_of(fields, trust)
    if schemes is None and not is_given.any():
        return {}
    wanted = is_given if schemes is None else is_given | (schemes >= 0)
    rows = np.flatnonzero(wanted[checked.accepted_rows])
    if not len(rows):
        return {}
    standing = checked.columns.consignments.words("scheme_status_code").take(rows).texts()
    tokens = fields.consignments.texts(FIELD) if is_given.any() else [None] * fields.count
    registered = list(trust.schemes.values())
    found: dict[int, Citation] = {}
    for row, status in zip(checked.accepted_rows[rows].tolist(), standing, strict=True):
        number = -1 if schemes is None else int(schemes[row])
        scheme = registered[number] if number >= 0 else None
        found[places[row]] = _cite(fields, row, scheme, tokens[row], status == "valid", trust=trust, at=at)
    return found


def _cite(
    fields: DocumentFields,
    row: int,
    scheme: Scheme | None,
    token: str | None,
    is_valid: bool,
    *,
    trust: Trust,
    at: dt.datetime,
) -> Citation:
    asks_token = scheme is not None and scheme.asks_token(at.date())
    if token is None:
        return Citation(scheme, is_valid, asks_token)
    verdict = trust.checker.check(token, at, declared_of(fields.document(row)), trust.tolerance)
    return Citation(scheme, is_valid, asks_token, token, verdict)


def _schemes_of(fields: DocumentFields, trust: Trust) -> Int64s | None:
    """Return which registered scheme each document cites, its place among them, -1: none; None: nobody cites
    one."""
    if not trust.schemes:
        return None
    consignments = fields.consignments
    numbers = consignments.words_where(
        "additional_fiscal_references", "role", VENDOR, "identification_number"
    )
    known = {number for _, number in trust.schemes}
    is_known: Flags = numbers.map_flags([word in known for word in numbers.words])
    rows = np.flatnonzero(is_known)
    if not len(rows):
        return None
    place_of = {key: place for place, key in enumerate(trust.schemes)}
    found = np.full(fields.count, -1, dtype=np.int64)
    kinds = consignments.words("scheme_kind_code").take(rows).texts()
    for row, kind, number in zip(rows.tolist(), kinds, numbers.take(rows).texts(), strict=True):
        found[row] = place_of.get((kind or "", number or ""), -1)
    return found
