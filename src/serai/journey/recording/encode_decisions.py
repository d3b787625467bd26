"""Cleared frames into decisions as they are answered and committed to: one for each consignment."""

from collections.abc import Sequence

import msgspec
import numpy as np

from serai.foundation.id_text import format_id
from serai.journey.consignments.rows import Row
from serai.journey.decision.answer import DecisionOut
from serai.journey.decision.text_arrays import bytes_of, ids_text
from serai.journey.law_in_force.state import LawState
from serai.journey.pipeline import Processed
from serai.journey.recording.decision_json import Kept, write_decisions
from serai.journey.recording.recorded_facts import officer_bits

_DECODER = msgspec.json.Decoder(DecisionOut)


def encode_decisions(
    rows: Sequence[Row],
    processed: Processed,
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
        officer_bits={number: officer_bits(processed, number) for number in processed.reason_sets},
        is_provisional=processed.is_provisional,
        supersedes=[format_id(row.previous.decision_id) if row.previous else None for row in rows],
    )
    return bytes_of(write_decisions(processed, law.book, kept))


def build_decisions(
    rows: Sequence[Row],
    processed: Processed,
    law: LawState,
    registration_numbers: Sequence[str],
    *,
    kind: str,
    decided_at: str,
) -> list[DecisionOut]:
    """Return the decision of each consignment of a batch, in order, to be looked into."""
    texts = encode_decisions(rows, processed, law, registration_numbers, kind=kind, decided_at=decided_at)
    return [_DECODER.decode(text) for text in texts]
