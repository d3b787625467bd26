"""`serai webhook`: register addresses that a party's events are sent to, see the tries, tell again."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import msgspec
from cyclopts import Parameter

from serai.cli.node import open_node, operator_name
from serai.cli.output import OutputOption, choose_output, print_facts, print_rows
from serai.foundation.id_text import format_id, parse_id
from serai.journey.notifications.api import webhook_out
from serai.journey.notifications.service import WebhookService
from serai.web.case_files import build_webhook_service

Result = TypeVar("Result")

PartyOption = Annotated[str, Parameter(help="The party's number, as `serai party add` printed it.")]
_NEWEST = 2**63 - 1


def add(
    url: str,
    /,
    *,
    party: PartyOption,
    reference: Annotated[str, Parameter(help="The party's own name for it.")],
    kind: Annotated[list[str] | None, Parameter(help="A kind of event; again for more; none: all.")] = None,
    after: Annotated[str | None, Parameter(help="Cursor of the feed after which to begin.")] = None,
    output: OutputOption = None,
) -> int:
    """Register a webhook. Its secret is printed now and cannot be shown again.

    Parameters
    ----------
    url
        Where events are sent: https.
    """

    async def work(service: WebhookService) -> dict[str, object]:
        made = await service.register(
            parse_id(party),
            reference=reference,
            url=url,
            kinds=kind or [],
            after=after,
            made_by=operator_name(),
        )
        return {"webhook": format_id(made.webhook_id), "reference": reference, "secret": made.secret}

    print_facts(_with_service(work), choose_output(output))
    return 0


def list_webhooks(*, output: OutputOption = None) -> int:
    """List the webhooks of all parties and how they stand."""

    async def work(service: WebhookService) -> list[dict[str, object]]:
        return [
            {"party": format_id(row.party_id), **msgspec.to_builtins(webhook_out(row))}
            for row in await service.list_all()
        ]

    columns = ("party", "webhook", "reference", "url", "state", "failures_count", "failing_since")
    print_rows(_with_service(work), choose_output(output), columns)
    return 0


def tries(webhook: str, /, *, party: PartyOption, limit: int = 100, output: OutputOption = None) -> int:
    """List the tries to tell events, the newest first.

    Parameters
    ----------
    webhook
        The webhook's number.
    limit
        Most rows.
    """

    async def work(service: WebhookService) -> list[dict[str, object]]:
        rows = await service.list_tries(parse_id(party), parse_id(webhook), before_id=_NEWEST, limit=limit)
        return [
            {
                "at": row.at.isoformat(),
                "event": format_id(row.event_id),
                "try": row.try_number,
                "outcome": row.outcome,
                "status": row.status,
                "duration_ms": row.duration_ms,
            }
            for row in rows
        ]

    columns = ("at", "event", "try", "outcome", "status", "duration_ms")
    print_rows(_with_service(work), choose_output(output), columns)
    return 0


def replay(
    webhook: str,
    /,
    *,
    party: PartyOption,
    after: Annotated[str | None, Parameter(help="Cursor of the feed; none: from where it stopped.")] = None,
    output: OutputOption = None,
) -> int:
    """Tell events again from a cursor; a webhook that was switched off is active again.

    Parameters
    ----------
    webhook
        The webhook's number.
    """

    async def work(service: WebhookService) -> None:
        await service.set_cursor(parse_id(party), parse_id(webhook), after)

    _with_service(work)
    print_facts({"webhook": webhook, "state": "active"}, choose_output(output))
    return 0


def remove(webhook: str, /, *, party: PartyOption, output: OutputOption = None) -> int:
    """Remove a webhook.

    Parameters
    ----------
    webhook
        The webhook's number.
    """

    async def work(service: WebhookService) -> None:
        await service.remove(parse_id(party), parse_id(webhook))

    _with_service(work)
    print_facts({"removed": webhook}, choose_output(output))
    return 0


def _with_service(work: Callable[[WebhookService], Awaitable[Result]]) -> Result:
    async def run() -> Result:
        async with open_node() as node:
            return await work(
                build_webhook_service(
                    node.settings, node.database, node.ids, node.clock, node.administration_id
                )
            )

    return asyncio.run(run())
