"""Learns what is usual beside the filing: counts what was accepted, brings it to the store now and then."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field

from serai.foundation.database import Database
from serai.journey.advise.quality.store import add_usual, select_usual
from serai.journey.advise.quality.usual import Key, Sketches, Usual, spreads_of


@dataclass(slots=True)
class Learner:
    """What one process has seen and not stored yet, and what is usual by all that was stored.

    usual: replaced whole, never changed. A crash loses what was seen since the last bringing; a median does
    not feel it.
    """

    usual: Usual = field(default_factory=Usual.none)
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
                    await add_usual(connection, seen, administration_id=administration_id)
        except BaseException:
            self.seen.update(seen)
            raise
        async with database.read(administration_id) as connection:
            rows = await select_usual(connection, administration_id=administration_id)
        self.usual = await asyncio.to_thread(spreads_of, rows)
