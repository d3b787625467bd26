"""Cleared frames into decisions as they are answered and committed to: one for each consignment."""

from collections.abc import Sequence

import msgspec
import numpy as np

from serai.foundation.id_text import format_id
from serai.journey.clearance.decision_text import Kept, write_decisions
from serai.journey.clearance.facts import officer_bits
from serai.journey.clearance.law_state import LawState
from serai.journey.clearance.rows import Row
from serai.journey.decide.answer import DecisionOut
from serai.journey.decide.text_arrays import bytes_of, ids_text
from serai.journey.pipeline import Cleared

_DECODER = msgspec.json.Decoder(DecisionOut)


def encode_decisions(
    rows: Sequence[Row],
    cleared: Cleared,
    law: LawState,
    registration_numbers: Sequence[str],
    *,
    kind: str,
    decided_at: str,
) -> list[bytes]:
    """Return the decision of each consignment of a batch as JSON, in order: a `DecisionOut`."""
    kept = Kept(
        decision_ids=ids_text(np.array([row.decision_id for row in rows], dtype=np.int64)),
        registration_numbers=registration_numbers,
        versions=np.array([row.version for row in rows], dtype=np.int64),
        kind=kind,
        decided_at=decided_at,
        bases=law.basis_hashes,
        officer_bits={number: officer_bits(cleared, number) for number in cleared.reason_sets},
        is_provisional=cleared.is_provisional,
        supersedes=[format_id(row.previous.decision_id) if row.previous else None for row in rows],
    )
    return bytes_of(write_decisions(cleared, law.book, kept))


def build_decisions(
    rows: Sequence[Row],
    cleared: Cleared,
    law: LawState,
    registration_numbers: Sequence[str],
    *,
    kind: str,
    decided_at: str,
) -> list[DecisionOut]:
    """Return the decision of each consignment of a batch, in order, to be looked into."""
    texts = encode_decisions(rows, cleared, law, registration_numbers, kind=kind, decided_at=decided_at)
    return [_DECODER.decode(text) for text in texts]
