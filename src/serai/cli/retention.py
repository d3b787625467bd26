"""`serai retention`: what is kept no longer, and letting it go."""

import asyncio
from typing import Annotated, Any

import msgspec
from cyclopts import Parameter

from serai.app import build_services
from serai.cli.node import open_node
from serai.cli.output import OutputOption, choose_output, print_facts, print_rows
from serai.foundation.id_text import format_id
from serai.journey.retention.service import Gone, keep_retention, list_runs, plan_retention
from serai.model.errors import SeraiError


def run(
    *,
    dry_run: Annotated[bool, Parameter(negative="", help="Say what would go, and change nothing.")] = False,
    output: OutputOption = None,
) -> int:
    """Let go what is kept no longer by the settings `retention.*`: quarters of closed cases, quotes, events.

    What is open is copied out before. The keys of what went are destroyed; receipts stay valid, and a leaf in
    the log says how much went. A running node does the same every hour.
    """
    print_facts(_facts(asyncio.run(_run(is_dry=dry_run))), choose_output(output))
    return 0


def list_done(*, output: OutputOption = None) -> int:
    """List what went, when, and how much: one row each time that something did."""
    print_rows(asyncio.run(_list()), choose_output(output))
    return 0


async def _run(*, is_dry: bool) -> Gone:
    async with open_node() as node:
        services = await build_services(
            node.settings, node.database, node.ids, node.clock, node.administration_id
        )
        rules = node.settings.retention
        if is_dry:
            return await plan_retention(services, rules, node.clock.now())
        gone = await keep_retention(services, rules, node.clock.now())
    if gone is None:
        raise SeraiError(
            "retention-under-way",
            "Another process is at it, or a case that was about to go has changed meanwhile.",
            "Run it again in a minute.",
        )
    return gone


async def _list() -> list[dict[str, Any]]:
    async with open_node() as node:
        runs = await list_runs(node.database, node.administration_id)
    return [
        {"run": format_id(one.run_id), "ran_at": one.ran_at.isoformat(timespec="seconds"), **_facts(one.gone)}
        for one in runs
    ]


def _facts(gone: Gone) -> dict[str, Any]:
    facts: dict[str, Any] = msgspec.to_builtins(gone)
    return facts
