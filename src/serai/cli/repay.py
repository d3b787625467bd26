"""`serai repay`: a charge that was annulled goes back to who bore it: a plan, a second person's word, then
orders."""

import asyncio
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter

from serai.app import open_node, running_database
from serai.cli.input_file import read_input
from serai.cli.node import Node, acting_user_of_operator, operator_name
from serai.cli.node import open_node as open_command_node
from serai.cli.output import Output, OutputOption, choose_output, print_facts, print_rows
from serai.foundation.access.administering import NEWEST
from serai.foundation.access.store import ProposalRow
from serai.foundation.clock import SystemClock
from serai.foundation.id_text import format_id, parse_id
from serai.foundation.keys import KeyFolder
from serai.foundation.node_secrets import open_secret
from serai.foundation.settings import Settings
from serai.foundation.settings_reading import read_settings_here
from serai.journey.repayment_plan import store
from serai.journey.repayment_plan.making import make_plan, totals_of
from serai.journey.repayment_plan.paying import Paid, carry_out
from serai.journey.repayment_plan.store import StoredPlan
from serai.journey.repayment_plan.terms import Terms, read_terms
from serai.laboratory.output_file import writing_to
from serai.model.errors import SeraiError
from serai.model.money import format_minor
from serai.web.access_to_approve import counted
from serai.web.approved_actions import PlanToApprove, propose

_PLANS_COLUMNS = ("plan", "title", "made_at", "state", "orders", "amounts")
_SHOWN_COUNT = 200


def repay(
    *,
    plan: Annotated[
        Path | None, Parameter(help="File of a plan (YAML): work it out, and propose it to a second person.")
    ] = None,
    run: Annotated[
        str | None, Parameter(help="Number of a plan that was approved: carry it out, or go on with it.")
    ] = None,
    history: Annotated[
        Path | None, Parameter(help="With --plan: folder of the history (serai history --to).")
    ] = None,
    to: Annotated[
        Path | None, Parameter(help="Folder of the plans' files; without it in the node's data folder.")
    ] = None,
    output: OutputOption = None,
) -> int:
    """Repay a charge that was annulled, to who bore it, with interest. Without an option: list the plans.

    --plan pays nothing: it says what was charged, what was paid of it and what goes back, held against the
    ledger, and waits for another person on the page /proposals. --run enters and orders what that one has
    approved; it goes on where it was cut off, and again pays nothing.
    """
    form, settings = choose_output(output), read_settings_here()
    folder = to or Path(settings.data.folder) / "repayment-plans"
    if plan is not None and run is None:
        if history is None:
            raise SeraiError("input-faulty", "No history is named.", "Name its folder: --history FOLDER.")
        with writing_to(folder):
            made, proposal = asyncio.run(_plan(read_terms(read_input(plan)), history, folder))
        _print_plan(made, proposal, form)
    elif run is not None and plan is None:
        _print_paid(asyncio.run(_run(settings, parse_id(run), folder)), form)
    elif plan is None:
        print_rows([_row(one) for one in asyncio.run(_list())], form, _PLANS_COLUMNS)
    else:
        raise SeraiError(
            "input-faulty", "A plan is made or carried out, not both at once.", "Name --plan or --run."
        )
    return 0


async def _plan(terms: Terms, history: Path, folder: Path) -> tuple[StoredPlan, ProposalRow]:
    async with open_command_node() as node:
        made = await make_plan(
            node.database,
            node.administration_id,
            terms,
            plan_id=int(node.ids.take(1)[0]),
            history=history,
            folder=folder,
            made_by=operator_name(),
            at=node.clock.now(),
        )
        return made, await _propose(node, made)


async def _propose(node: Node, made: StoredPlan) -> ProposalRow:
    """Have a second person look at it, whatever the settings say: this is much money at once."""
    async with node.database.write_as_owner() as connection:
        folder = KeyFolder(node.settings.data.keys_folder)
        await open_secret(connection, folder, "proposal", node.clock.now())
    async with node.database.write() as connection:
        return await propose(
            connection,
            node.settings,
            acting_user_of_operator(node),
            PlanToApprove(made.plan_id, made.lines_hash.hex(), made.orders_hash.hex()),
            subject=f"repayment plan {format_id(made.plan_id)}",
            detail=", ".join([counted(made.orders_count, "order", "orders"), *_amounts(made)]),
        )


async def _run(settings: Settings, plan_id: int, folder: Path) -> Paid:
    accounts = settings.payment.accounts.split()
    if not accounts:
        raise SeraiError(
            "account-not-set",
            "No bank account of the administration is set.",
            "Name it in the setting payment.accounts.",
        )
    clock = SystemClock()
    with running_database(settings, clock) as dsn:
        async with open_node(settings, dsn) as node:
            return await carry_out(node.services, plan_id, folder, account_number=accounts[0], clock=clock)


async def _list() -> list[StoredPlan]:
    async with open_command_node() as node, node.database.read(node.administration_id) as connection:
        return await store.select_plans(
            connection, before_id=NEWEST, limit=_SHOWN_COUNT, administration_id=node.administration_id
        )


def _print_plan(made: StoredPlan, proposal: ProposalRow, form: Output) -> None:
    totals = totals_of(made)
    facts = _row(made) | {
        "lines": made.lines_count,
        "proposal": format_id(proposal.proposal_id),
        "waits_until": proposal.expires_at.isoformat(timespec="seconds"),
    }
    tables: dict[str, list[dict[str, Any]]] = {
        "charges": [
            {
                "currency_code": one.currency_code,
                "charges": one.charges_count,
                "consignments": one.consignments_count,
                **_money(
                    one.currency_code,
                    annulled=one.annulled_minor,
                    due_back=one.due_back_minor,
                    repaid_before=one.repaid_before_minor,
                    left_out_or_repaid=one.covered_minor,
                    not_paid=one.unpaid_minor,
                ),
            }
            for one in totals.charges
        ],
        "payments": [
            {
                "paid": one.way,
                "goes_to": one.recipient_kind,
                "currency_code": one.currency_code,
                "lines": one.lines_count,
                **_money(one.currency_code, amount=one.amount_minor, interest=one.interest_minor),
            }
            for one in totals.ways
        ],
        "orders": [
            {
                "goes_to": one.recipient_kind,
                "currency_code": one.currency_code,
                "orders": one.orders_count,
                **_money(one.currency_code, amount=one.amount_minor, interest=one.interest_minor),
            }
            for one in totals.orders
        ],
        "not_in_this_plan": [
            {
                "due": one.due,
                "phase": one.phase,
                "currency_code": one.currency_code,
                "charges": one.charges_count,
                **_money(one.currency_code, amount=one.amount_minor),
            }
            for one in totals.elsewhere
        ],
    }
    if form != "table":
        print_facts(facts | tables, form)
        return
    print_facts(facts, form)
    for rows in tables.values():
        if rows:
            print_rows(rows, form, tuple(rows[0]))


def _print_paid(paid: Paid, form: Output) -> None:
    facts = _row(paid.plan) | {"lines_entered": paid.lines_count, "orders_placed": paid.orders_count}
    print_facts(facts, form)


def _row(plan: StoredPlan) -> dict[str, Any]:
    return {
        "plan": format_id(plan.plan_id),
        "title": plan.title,
        "made_at": plan.made_at.isoformat(timespec="seconds"),
        "state": _state(plan),
        "orders": plan.orders_count,
        "amounts": _amounts(plan),
    }


def _state(plan: StoredPlan) -> str:
    if plan.finished_at is not None:
        return "carried-out"
    if plan.begun_at is not None:
        return "begun"
    return "proposed" if plan.approved_at is None else "approved"


def _amounts(plan: StoredPlan) -> list[str]:
    """Return what the orders come to, interest included, by currency."""
    sums: dict[str, int] = {}
    for one in totals_of(plan).orders:
        sums[one.currency_code] = sums.get(one.currency_code, 0) + one.amount_minor + one.interest_minor
    return [f"{format_minor(amount, currency)} {currency}" for currency, amount in sorted(sums.items())]


def _money(currency_code: str, **amounts_minor: int) -> dict[str, str]:
    return {name: format_minor(amount, currency_code) for name, amount in amounts_minor.items()}
