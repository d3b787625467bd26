"""`serai ledger`: what stands on each account, the journal for accountants' tools, a check against what is
stored."""

import asyncio
import sys
from typing import Annotated, Any, Literal

from cyclopts import Parameter

from serai.cli.account import AdministrationOption
from serai.cli.node import open_node
from serai.cli.output import OutputOption, choose_output, print_facts, print_rows
from serai.foundation.id_text import format_id
from serai.journey.ledger.beancount import account_name, write_journal
from serai.journey.ledger.leaf_check import find_changed
from serai.journey.ledger.posting import account_words
from serai.journey.ledger.store import list_postings, select_balances, select_postings
from serai.journey.ledger.tie_out import Difference, TiedOut, tie_out
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
        Literal["beancount"], Parameter(help="Beancount's journal: check it with `bean-check`.")
    ] = "beancount",
    administration: AdministrationOption = None,
) -> int:
    """Write the whole journal to the standard output, oldest posting first."""
    assert format == "beancount", "the shell was told what there is"
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
