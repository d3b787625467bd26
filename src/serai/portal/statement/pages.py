"""The pages `/statement`: what is owed on a party's parcels and by whom, which of them are held, and the
statements of its accounts by month, to read and to keep."""

from datetime import date
from typing import Any, Final

from litestar import Request, Response, get
from litestar.params import FromPath

from serai.explanation.phrases import read_phrases
from serai.foundation.http.respond import actor_of, kit_of, language_of, page
from serai.foundation.locales import month_text
from serai.journey.dashboard.statement import LOOKED_AT_MAX, read_statement
from serai.journey.refunds.store import list_newest_of_party
from serai.journey.statistics.store import DashboardReader
from serai.journey.visibility.table import viewer_of
from serai.model.errors import SeraiError
from serai.portal.refund_words import GROUNDS, INTEREST, STATUSES, refund_lines
from serai.portal.statement.api import OPT
from serai.portal.statement.document import document_of_debts, document_of_statement
from serai.portal.statement.files import answer_debts_pdf, answer_statement_csv, answer_statement_pdf
from serai.portal.statement.reading import (
    AnyRequest,
    list_own_months,
    read_own_debts,
    read_own_statement,
    reader_of,
)

REFUNDS_COUNT: Final = 20


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
        refunds = await list_newest_of_party(
            connection, actor.party_id, limit=REFUNDS_COUNT, administration_id=kit.administration_id
        )
    periods = (await list_own_months(request, None)).periods
    months = [(one, month_text(date.fromisoformat(f"{one}-01"), language)) for one in periods]
    more = {
        "months": months,
        "looked_at_count": LOOKED_AT_MAX,
        "roles": read_phrases(language).roles,
        "refunds": refund_lines(refunds, {}),
        "ground_words": GROUNDS,
        "interest_words": INTEREST,
        "status_words": STATUSES,
    }
    return page(request, statement, "portal/statement.html", more=more)


@get("/statement/{period:str}", opt=OPT, include_in_schema=False)
async def show_month(request: AnyRequest, period: FromPath[str]) -> Response[str]:
    """Show whoever asks a month of theirs. Raises SeraiError `not-found`, `statement-period-faulty`."""
    found = await read_own_statement(request, period, None)
    document = document_of_statement(found, reader_of(request, language_of(request)))
    return page(request, document, "portal/statement_month.html", more={"period": found.period})


@get("/statement/{period:str}/csv", opt=OPT, include_in_schema=False)
async def save_table(request: AnyRequest, period: FromPath[str]) -> Response[str]:
    """Give the statement of a month as a table."""
    return await answer_statement_csv(request, period)


@get("/statement/{period:str}/pdf", opt=OPT, include_in_schema=False)
async def save_document(request: AnyRequest, period: FromPath[str]) -> Response[bytes]:
    """Give the statement of a month as a document."""
    return await answer_statement_pdf(request, period)


@get("/statement/notification", opt=OPT, include_in_schema=False)
async def show_notification(request: AnyRequest) -> Response[str]:
    """Show what is to be paid now, charge by charge. Raises SeraiError `not-found`."""
    document = document_of_debts(
        await read_own_debts(request, None), reader_of(request, language_of(request))
    )
    return page(request, document, "portal/statement_month.html", more={"period": ""})


@get("/statement/notification/pdf", opt=OPT, include_in_schema=False)
async def save_notification(request: AnyRequest) -> Response[bytes]:
    """Give what is to be paid now as a document."""
    return await answer_debts_pdf(request)


ROUTES = [show_statement, show_month, save_table, save_document, show_notification, save_notification]
