"""Learns what is usual beside the submission: counts what was accepted, brings it to the store now and
then."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field

from serai.foundation.database import Database
from serai.journey.validation.data_quality.reference_values import Key, ReferenceValues, Sketches, spreads_of
from serai.journey.validation.data_quality.store import add_reference_values, select_reference_values


@dataclass(slots=True)
class Learner:
    """What one process has seen and not stored yet, and what is usual by all that was stored.

    reference_values: replaced whole, never changed. A crash loses what was seen since the last bringing; a
    median does not feel it.
    """

    reference_values: ReferenceValues = field(default_factory=ReferenceValues.none)
    seen: Counter[tuple[Key, int]] = field(default_factory=Counter)

    def see(self, sketches: Sketches) -> None:
        """Remember counted goods items."""
        self.seen.update(sketches)

    async def learn(self, database: Database, administration_id: int) -> None:
        """Bring what was seen, and take up what all processes have. What could not be brought stays."""
        seen, self.seen = self.seen, Counter()
        try:
            if seen:
                async with database.write() as connection:
                    await add_reference_values(connection, seen, administration_id=administration_id)
        except BaseException:
            self.seen.update(seen)
            raise
        async with database.read(administration_id) as connection:
            rows = await select_reference_values(connection, administration_id=administration_id)
        self.reference_values = await asyncio.to_thread(spreads_of, rows)
