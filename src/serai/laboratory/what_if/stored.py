"""Stored cases as batches of a what-if: their messages without people, the facts recorded of these, and the
very law each was decided by. Read some at a time; nothing is changed.

Each message that is opened stands in the vault's ledger, as every reading does.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from psycopg import AsyncConnection

from serai.foundation.id_text import format_id
from serai.foundation.vault.reading import Reach
from serai.journey.assessment.store import LAW_FILE, Component
from serai.journey.consignments import store as consignment_store
from serai.journey.consignments.rows import Row
from serai.journey.consignments.store import ConsignmentRow
from serai.journey.decision.store import DecisionRow
from serai.journey.law_in_force.list_rows import read_list_rows
from serai.journey.law_in_force.recorded import KeptLaw
from serai.journey.law_in_force.state import LawState
from serai.journey.pipeline import screen_checked
from serai.journey.processing.redetermine import newest_decisions
from serai.journey.recording.read_back import read_messages, row_to_redetermine
from serai.journey.recording.recorded_facts import recorded_context
from serai.journey.recording.run import context_of, recall_rows
from serai.journey.services import Services
from serai.laboratory.compare.measuring import KINDS
from serai.laboratory.what_if.batch import Batch, Recorded
from serai.laboratory.what_if.laws import LawLists, TriedLaw
from serai.laboratory.what_if.trial import Trial
from serai.law.book import LawBook
from serai.law.without_collector import without_collector
from serai.model.columns import encode_words
from serai.model.frames import WITHDRAWN
from serai.model.packed_detail import CHARGE_KINDS

PURPOSE: Final = "what-if"
PAGE_COUNT: Final = 5_000
LAWS_KEPT_MAX: Final = 64
ASSUMED_OF_STORED: Final = (
    "What was recorded of people stands under both laws: place, standing of scheme numbers, what was drawn "
    "on an allowance; rates and lists are those of the decision.",
)

Connection = AsyncConnection[Any]


@dataclass(slots=True)
class StoredCases:
    """Reads the cases of an administration and asks both laws about them.

    as_decided: the current law of each parcel is the one it was decided by, and the record is checked.
    """

    services: Services
    trial: Trial
    as_decided: bool
    kept: KeptLaw = field(default_factory=lambda: KeptLaw(LAWS_KEPT_MAX))
    _books: dict[tuple[str, tuple[bytes, ...]], LawBook] = field(default_factory=dict)

    async def try_all(self, reach: Reach) -> None:
        """Go through all cases. Raises LawPackError."""
        after_id = 0
        while rows := await self._page(after_id):
            after_id = rows[-1].consignment_id
            async with self.services.database.read(self.services.administration_id) as connection:
                with without_collector():
                    await self._try_page(connection, rows, reach)

    async def _page(self, after_id: int) -> list[ConsignmentRow]:
        administration_id = self.services.administration_id
        async with self.services.database.read(administration_id) as connection:
            return await consignment_store.select_consignments_after(
                connection, after_id, administration_id=administration_id, limit=PAGE_COUNT
            )

    async def _try_page(
        self, connection: Connection, consignments: Sequence[ConsignmentRow], reach: Reach
    ) -> None:
        standing = [one for one in consignments if one.status != WITHDRAWN]
        self.trial.withdrawn += len(consignments) - len(standing)
        decisions = await newest_decisions(self.services, connection, standing)
        messages = await read_messages(self.services, [one.document_id for one in standing], reach)
        by_basis: dict[int, list[tuple[Row, DecisionRow]]] = {}
        for one in standing:
            decision = decisions[one.consignment_id]
            message = messages.get(one.document_id)
            if message is None:
                self.trial.erased += 1
                continue
            row = row_to_redetermine(one, message[0], decision, one.decision_id)
            if row.accepted_at_ms is None:
                # Acceptance was only expected: the law that was asked then is asked again.
                row.accepted_at_ms = recorded_context(decision).accepted_at_ms
            by_basis.setdefault(decision.basis_id, []).append((row, decision))
        for basis_id, pairs in by_basis.items():
            basis, law = await self.kept.find(connection, basis_id)
            recorded = _recorded([one for _, one in pairs], basis.program_code) if self.as_decided else None
            await asyncio.to_thread(self._try, [row for row, _ in pairs], law, pairs[0][1], recorded)

    def _try(self, rows: Sequence[Row], law: LawState, first: DecisionRow, recorded: Recorded | None) -> None:
        checked = recall_rows(rows, law, first.decided_at)
        columns, screened = screen_checked(checked, law.lists, context_of(rows))
        batch = Batch(
            screened.consignments,
            screened.items,
            columns.first_items,
            [row.previous.mrn if row.previous else "" for row in rows],
            encode_words(row.document.seller_id for row in rows),
            [format_id(row.case_id) for row in rows],
            recorded,
        )
        current = law.book if self.as_decided else self._book("current", self.trial.current, law)
        self.trial.add(batch, current, self._book("draft", self.trial.draft, law))

    def _book(self, side: str, law: TriedLaw, decided_by: LawState) -> LawBook:
        """Return a law with the lists that a decision rests on: what differs is then the law."""
        lists = [one for one in decided_by.components if one.kind != LAW_FILE]
        key = side, tuple(sorted(one.component_hash for one in lists))
        if key not in self._books:
            self._books[key] = law.open(_lists(lists))
        return self._books[key]


def _recorded(decisions: Sequence[DecisionRow], law_code: str) -> Recorded:
    """Return what decisions charged and did not waive, by kind and currency."""
    sums: Counter[tuple[int, str, str]] = Counter()
    for place, decision in enumerate(decisions):
        for charge in decision.detail.charges:
            kind = CHARGE_KINDS[charge.kind]
            if not charge.is_waived and kind in KINDS:
                sums[place, kind, charge.currency_code] += charge.amount_minor
    return Recorded(
        [law_code] * len(decisions),
        np.array([decision.lane for decision in decisions], dtype=np.int64),
        np.array([place for place, _, _ in sums], dtype=np.int64),
        [kind for _, kind, _ in sums],
        [currency for _, _, currency in sums],
        np.array(list(sums.values()), dtype=np.int64),
    )


def _lists(components: Sequence[Component]) -> LawLists:
    rows = read_list_rows(components)
    return LawLists(tuple(rows.lines), tuple(rows.rates), tuple(rows.scheme_entries))
