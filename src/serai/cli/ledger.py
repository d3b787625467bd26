"""`serai ledger`: what stands on each account, the journal for accountants' tools, a check against what is
stored."""

import asyncio
import sys
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from serai.cli.account import AdministrationOption
from serai.cli.node import open_node
from serai.cli.output import OutputOption, choose_output, print_facts, print_rows
from serai.foundation.id_text import format_id, parse_id
from serai.journey.law_in_force.service import load_law
from serai.journey.ledger.beancount import account_name, write_journal
from serai.journey.ledger.leaf_check import find_changed
from serai.journey.ledger.posting import account_words
from serai.journey.ledger.store import list_postings, select_balances, select_postings
from serai.journey.ledger.tie_out import Difference, TiedOut, tie_out
from serai.journey.statements.answers import Payer, statement_out
from serai.journey.statements.csv_form import write_statement
from serai.journey.statements.period import read_month
from serai.journey.statements.service import Surroundings, read_statement
from serai.journey.statements.store import Party, select_party_name
from serai.model.errors import SeraiError
from serai.model.ledger import PHASES
from serai.model.money import format_minor

_COLUMNS = ("account", "party_id", "of", "phase", "balance", "currency_code")
_PAGE_COUNT = 500
_OF = ("debtor", "tax_type_code", "country_code", "number")
"""What a table shows together, under `of`."""


def balance(*, administration: AdministrationOption = None, output: OutputOption = None) -> int:
    """Say what stands on each account, debits above zero, by phase: what is pending and what is posted."""
    rows, form = asyncio.run(_balances(administration)), choose_output(output)
    if form == "table":
        rows = [row | {"of": " ".join(row[one] for one in _OF if one in row)} for row in rows]
    print_rows(rows, form, _COLUMNS)
    return 0


def export(
    *,
    format: Annotated[  # noqa: A002 - the option's name
        Literal["beancount", "statement"],
        Parameter(
            help="Beancount's journal: check it with `bean-check`; or a party's statement of a month, as CSV."
        ),
    ] = "beancount",
    party: Annotated[
        str | None, Parameter(help="Whose statement: its number, as GET /v1/parties has it.")
    ] = None,
    period: Annotated[str | None, Parameter(help="Of which month, such as 2026-11.")] = None,
    administration: AdministrationOption = None,
) -> int:
    """Write the whole journal to the standard output, oldest posting first; or one party's statement."""
    if format == "statement":
        if party is None or period is None:
            raise SeraiError(
                "statement-of-whom",
                "A statement is of a party and of a month.",
                "Name both: --party and --period.",
            )
        asyncio.run(_export_statement(administration, parse_id(party), period))
    else:
        asyncio.run(_export(administration))
    return 0


def check(*, administration: AdministrationOption = None, output: OutputOption = None) -> int:
    """Hold each account of assessment against the charges of all stored consignments, less what of payments
    was taken off them, and each posting against its leaf in the evidence log. Exit code 1: some differ."""
    (held, changed), form = asyncio.run(_hold(administration)), choose_output(output)
    facts = {
        "consignments_count": held.consignments_count,
        "balances_count": held.balances_count,
        "differences": [_told(one) for one in held.differences],
        "changed_postings": [format_id(one) for one in changed],
    }
    if form != "table":
        print_facts(facts, form)
    else:
        counts = {"differences": len(held.differences), "changed_postings": len(changed)}
        print_facts(facts | counts, form)
        print_rows([_told(one) for one in held.differences], form)
        print_rows([{"changed_posting": format_id(one)} for one in changed], form)
    return 1 if held.differences or changed else 0


async def _balances(code: str | None) -> list[dict[str, Any]]:
    async with (
        open_node(code=code) as node,
        node.database.read(node.administration_id, in_one_snapshot=True) as connection,
    ):
        found = await select_balances(connection, administration_id=node.administration_id)
    return [
        {
            **account_words(one.account),
            "phase": PHASES[one.phase],
            "balance": format_minor(one.amount_minor, one.account.currency_code),
        }
        for one in found
    ]


async def _export(code: str | None) -> None:
    async with (
        open_node(code=code) as node,
        node.database.read(node.administration_id, in_one_snapshot=True) as connection,
    ):
        postings = list_postings(connection, administration_id=node.administration_id)
        async for line in write_journal(postings, "Serai"):
            sys.stdout.write(f"{line}\n")


async def _export_statement(code: str | None, party_id: int, period: str) -> None:
    async with open_node(code=code) as node:
        settings = node.settings.administration
        month = read_month(period, settings.time_zone)
        law = await load_law(node.database, node.administration_id, node.clock.now())
        around = Surroundings(law.book, settings.country_code, settings.time_zone, node.clock.now())
        of = Party(party_id, node.administration_id)
        async with node.database.read(node.administration_id, in_one_snapshot=True) as connection:
            name = await select_party_name(connection, of)
            if name is None:
                raise SeraiError(
                    "party-unknown",
                    "There is no such party.",
                    "Read GET /v1/parties for those there are.",
                )
            found = await read_statement(connection, of, month, around)
    sys.stdout.write(write_statement(statement_out(Payer(party_id, name), found)))


async def _hold(code: str | None) -> tuple[TiedOut, list[int]]:
    async with (
        open_node(code=code) as node,
        node.database.read(node.administration_id, in_one_snapshot=True) as connection,
    ):
        key = {"administration_id": node.administration_id}
        held, changed, after_id = await tie_out(connection, **key), list[int](), -1
        while postings := await select_postings(connection, after_id, limit=_PAGE_COUNT, **key):
            changed += await find_changed(connection, postings, **key)
            after_id = postings[-1].posting_id
        return held, changed


def _told(one: Difference) -> dict[str, str]:
    currency = one.account.currency_code
    return {
        "account": account_name(one.account),
        "phase": PHASES[one.phase],
        "balance": format_minor(one.balance_minor, currency),
        "expected": format_minor(one.expected_minor, currency),
    }
