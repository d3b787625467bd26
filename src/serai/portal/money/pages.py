"""The page `/money`: what is owed, secured and collected; money that waits for a person is booked by hand."""

from collections.abc import Sequence
from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.params import FromPath

from serai.foundation.access import registry
from serai.foundation.access.actor import Role
from serai.foundation.access.administering import NEWEST
from serai.foundation.access.table import may
from serai.foundation.http.interface_words import interface_words, translatable
from serai.foundation.http.problem_texts import error_text
from serai.foundation.http.provided import provided
from serai.foundation.http.respond import actor_of, kit_of, language_of, page
from serai.foundation.id_text import parse_id
from serai.foundation.settings import Settings
from serai.journey.acts.waiting_marks import OfficersMarks
from serai.journey.bank_statements import store as bank_store
from serai.journey.bank_statements.by_hand import MovementToMatch, detail_of, match_movement
from serai.journey.documents.submission import sender_of
from serai.journey.guarantees import store as guarantee_store
from serai.journey.ledger.figures import read_money_figures
from serai.journey.payment_accounts import store as account_store
from serai.journey.processing.transaction import Processor
from serai.journey.refunds import store as refund_store
from serai.journey.repayment_plan import store as plan_store
from serai.model.errors import SeraiError
from serai.portal.money.view import (
    MoneyView,
    account_lines,
    guarantee_lines,
    movement_lines,
    revenue_parts,
)
from serai.portal.money.words import COLLECTED, GUARANTEES, OUTCOMES, WAYS
from serai.portal.refund_words import (
    GROUNDS,
    INTEREST,
    RECIPIENTS,
    STATES,
    STATUSES,
    plan_lines,
    refund_lines,
)

_Request = Request[Any, Any, Any]
LINES_COUNT: Final = 50
REFUNDS_COUNT: Final = 20
PLANS_COUNT: Final = 5
MISSING: Final = translatable("State the case and how you know.")
_MATCH: Final = "bank_statements.import"
_FAULTY: Final = 422


@get("/money", opt={"act": "money.read"}, include_in_schema=False)
async def show_money(request: _Request) -> Response[str]:
    """Show debts, guarantees, payment accounts, what waits for a person, and revenue."""
    return await _page(request)


@post("/money/movements/{movement:str}", opt={"act": _MATCH}, include_in_schema=False, status_code=303)
async def book_movement(request: _Request, movement: FromPath[str]) -> Response[Any]:
    """Book a movement to the case that the form names."""
    form = await request.form()
    given = {name: " ".join(str(form.get(name, "")).split())[:512] for name in ("case_id", "reason")}
    if not all(given.values()):
        text = interface_words(language_of(request)).gettext(MISSING)
        missing = [{"text": text, "href": f"#case-{movement}"}]
        return await _page(request, given | {"number": movement}, missing)
    try:
        said = MovementToMatch(
            sender_of(actor_of(request)), parse_id(movement), parse_id(given["case_id"]), given["reason"]
        )
        propose = provided(request, OfficersMarks).propose
        if propose is not None:
            await propose(request, said, f"movement {movement}", detail_of(said))
        else:
            await match_movement(provided(request, Processor), said)
    except SeraiError as fault:
        faults = [{"text": error_text(fault, language_of(request)), "href": f"#case-{movement}"}]
        return await _page(request, given | {"number": movement}, faults)
    return Response("", status_code=303, headers={"location": "/money#mismatches"})


async def _page(
    request: _Request, given: dict[str, str] | None = None, faults: Sequence[dict[str, str]] = ()
) -> Response[str]:
    kit, actor = kit_of(request), actor_of(request)
    at, key = provided(request, Processor).services.clock.now(), {"administration_id": kit.administration_id}
    limit = {"after_id": 0, "limit": LINES_COUNT, **key}
    async with kit.database.read(kit.administration_id) as connection:
        waiting = await bank_store.select_unmatched(
            connection, after_id=0, limit=LINES_COUNT + 1, administration_id=kit.administration_id
        )
        guarantees = await guarantee_store.select_guarantees(connection, None, **limit)
        accounts = await account_store.select_accounts(connection, None, **limit)
        figures = await read_money_figures(connection, **key, at=at)
        orders, back = await refund_store.list_waiting_and_back(connection, limit=REFUNDS_COUNT, **key)
        plans = await plan_store.select_plans(connection, before_id=NEWEST, limit=PLANS_COUNT, **key)
        parties = await registry.list_parties(connection, kit.administration_id, after_id=0, limit=1_000)
    names = {one.party_id: one.name for one in parties}
    view = MoneyView(
        at=at,
        movements=movement_lines(waiting[:LINES_COUNT]),
        has_more_movements=len(waiting) > LINES_COUNT,
        debts=figures.debts,
        guarantees=guarantee_lines(guarantees, names, at),
        accounts=account_lines(accounts, names),
        waiting_refunds=refund_lines(orders, names),
        refunds_back=refund_lines(back, names),
        plans=plan_lines(plans),
        revenue=revenue_parts(figures),
        given=given or {},
        faults=list(faults),
    )
    more = {
        "collected_words": COLLECTED,
        "guarantee_words": GUARANTEES,
        "way_words": WAYS,
        "outcome_words": OUTCOMES,
        "ground_words": GROUNDS,
        "interest_words": INTEREST,
        "status_words": STATUSES,
        "recipient_words": RECIPIENTS,
        "state_words": STATES,
        "may_match": may(actor, _MATCH) and Role.OFFICER in actor.roles,
        "time_zone": provided(request, Settings).administration.time_zone,
    }
    return page(request, view, "portal/money.html", status=_FAULTY if faults else 200, more=more)


ROUTES = [show_money, book_movement]
