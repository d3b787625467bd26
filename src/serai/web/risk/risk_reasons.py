"""What speaks for the score of a parcel that is looked at, in sentences: for officers, when one asks.

The declaration is read as it was decided, without people, and scored by the model that the decision rests on.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from psycopg import AsyncConnection

from serai.app import Node
from serai.foundation.access.administering import ActingUser
from serai.foundation.vault.reading import Reach
from serai.journey.assessment.store import select_basis, select_components
from serai.journey.decision.store import DecisionRow, select_decisions
from serai.journey.law_in_force.risk_model import RISK_MODEL, model_in_force
from serai.journey.law_in_force.state import LawState
from serai.journey.recording.read_back import read_messages
from serai.journey.risk_model.model import RiskModel
from serai.journey.risk_model.reasons import reasons_of
from serai.journey.selection.store import Selection
from serai.laboratory.risk.declarations import ExaminedDeclaration, rows_of_lines
from serai.model.documents import Consignment
from serai.model.message_text import MessageText

PURPOSE: Final = "risk-reasons"
_MS: Final = 1_000
Connection = AsyncConnection[Any]


async def read_reasons(
    node: Node,
    by: ActingUser,
    connection: Connection,
    selections: Sequence[Selection],
    party_ids: dict[int, int],
) -> dict[int, list[MessageText]]:
    """Return the sentences of each selection that has a score, by decision, the strongest first.

    party_ids: who lodged, by consignment. One has none where its message or its model is gone, or this
    process has no LightGBM.
    """
    scored = {one.decision_id: one for one in selections if one.score_ppm is not None}
    if not scored:
        return {}
    decisions = await select_decisions(
        connection,
        sorted({one.consignment_id for one in scored.values()}),
        administration_id=by.administration_id,
    )
    asked = [one for one in decisions if one.decision_id in scored]
    reach = Reach(by.administration_id, PURPOSE, by.actor, by.at)
    messages = await read_messages(node.services, [one.document_id for one in asked], reach)
    law, found = node.processor.law, {}
    for one in asked:
        message = messages.get(one.document_id)
        model = await _model_of(connection, one.basis_id, law)
        if message is not None and model is not None:
            found[one.decision_id] = await asyncio.to_thread(
                _reasons, model, message[0], one, str(party_ids[one.consignment_id]), law=law
            )
    return found


async def _model_of(connection: Connection, basis_id: int, law: LawState) -> RiskModel | None:
    """Return the model that a decision rests on; mostly it is the one in force."""
    hashes = (await select_basis(connection, [basis_id]))[basis_id].component_hashes
    own = next((one for one in law.components if one.kind == RISK_MODEL), None)
    if own is not None and own.component_hash in hashes:
        return None if law.model is None else law.model.model
    before = await asyncio.to_thread(model_in_force, await select_components(connection, hashes))
    return None if before is None else before.model


def _reasons(
    model: RiskModel, document: Consignment, decision: DecisionRow, declarant: str, *, law: LawState
) -> list[MessageText]:
    """Explain the goods item with the highest score: that is the consignment's."""
    line = ExaminedDeclaration(
        declaration=document,
        is_found=None,
        examined_on=decision.accepted_at.date(),
        declarant=declarant,
    )
    rows = rows_of_lines([line], law.book, int(decision.accepted_at.timestamp() * _MS)).examined.rows
    highest = np.array([int(model.probabilities(rows).argmax())])
    return reasons_of(model, rows.take(highest))[0]
