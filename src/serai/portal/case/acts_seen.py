"""The acts of a case as whoever reads a page may see them."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from litestar import Request

from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of
from serai.foundation.id_text import parse_id
from serai.journey.case_records.answers import CaseActOut
from serai.journey.cases.service import CaseFiles
from serai.journey.visibility.table import viewer_of


class SeenActs(NamedTuple):
    """A case as it is called now, and its acts by number, with the words that the reader may read."""

    case_id: str
    root: int
    acts: Mapping[str, CaseActOut]

    def words_of(self, act_id: str) -> str:
        """Return the words of an act; "" where the reader may not read them, or they were erased."""
        seen = self.acts.get(act_id)
        return "" if seen is None else seen.reason or ""


async def read_seen_acts(request: Request[Any, Any, Any], case_id: int) -> SeenActs:
    """Return the acts of a case; what is opened of the vault for it, its ledger tells. Raises SeraiError
    `not-found` for whoever has no part in it."""
    files, actor = provided(request, CaseFiles), actor_of(request)
    shown = await files.read_acts(viewer_of(actor), case_id, actor.credential_id or "unknown")
    return SeenActs(shown.case_id, parse_id(shown.case_id), {one.act_id: one for one in shown.acts})
