"""The page `/statement`: what is owed on a party's parcels and by whom, and which of them are held."""

from typing import Any

from litestar import Request, Response, get

from serai.explanation.phrases import read_phrases
from serai.foundation.http.respond import actor_of, kit_of, language_of, page
from serai.journey.dashboard.statement import LOOKED_AT_MAX, read_statement
from serai.journey.statistics.store import DashboardReader
from serai.journey.visibility.table import viewer_of
from serai.model.errors import SeraiError


@get("/statement", opt={"act": "hearings.answer"}, include_in_schema=False)
async def show_statement(request: Request[Any, Any, Any]) -> Response[str]:
    """Show the statement of whoever asks. Raises SeraiError `not-found` for the administration's people."""
    actor, kit, language = actor_of(request), kit_of(request), language_of(request)
    if viewer_of(actor).is_administration or actor.party_id is None:
        raise SeraiError(
            "not-found", "A statement is of a party that declares.", "Look into the queue instead."
        )
    async with kit.database.read(kit.administration_id) as connection:
        statement = await read_statement(
            DashboardReader(connection, kit.administration_id),
            connection,
            party_id=actor.party_id,
            administration_id=kit.administration_id,
            language=language,
        )
    more = {"looked_at_count": LOOKED_AT_MAX, "roles": read_phrases(language).roles}
    return page(request, statement, "portal/statement.html", more=more)


ROUTES = [show_statement]
