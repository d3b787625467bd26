"""`serai recall`: recall goods, see what a recall would find, confirm it, end it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar

import msgspec
from cyclopts import Parameter

from serai.app import build_services
from serai.cli.input_file import InputPath, read_input
from serai.cli.node import open_node, operator_name
from serai.cli.output import OutputOption, choose_output, print_facts, print_rows
from serai.foundation.administration import own_party_id
from serai.foundation.id_text import parse_id
from serai.journey.documents.submission import Sender
from serai.journey.recalls import service as recalls
from serai.journey.recalls.api import RecallDeclaration
from serai.journey.recalls.service import RecallOut
from serai.journey.services import Services
from serai.model.errors import SeraiError

Result = TypeVar("Result")


def declare(file: InputPath, /, *, output: OutputOption = None) -> int:
    """Recall the goods that a file names: a running server counts what is in flight of them, and nothing else
    follows before that is confirmed.

    Parameters
    ----------
    file
        JSON as `POST /v1/recalls` takes it: reference, reason_code, rule.
    """
    try:
        declared = msgspec.json.decode(read_input(file), type=RecallDeclaration)
    except msgspec.MsgspecError as fault:
        raise SeraiError("input-faulty", f"{file.name}: {fault}.", "Correct it, then try again.") from fault

    async def work(services: Services, sender: Sender) -> RecallOut:
        told, _ = await recalls.declare_recall(
            services,
            sender,
            declared.rule,
            reference=declared.reference,
            reason_code=declared.reason_code,
            law_reference=declared.law_reference,
        )
        return told

    print_facts(_facts(_with_node(work)), choose_output(output))
    return 0


def list_recalls(*, output: OutputOption = None) -> int:
    """List recalls and what they find."""

    async def work(services: Services, sender: Sender) -> list[RecallOut]:
        return await recalls.read_recalls(services, sender)

    print_rows([_facts(one) for one in _with_node(work)], choose_output(output))
    return 0


def confirm(
    recall: str,
    /,
    *,
    expected_count: Annotated[int, Parameter(help="How many parcels it finds, as it was counted.")],
    output: OutputOption = None,
) -> int:
    """Let what a recall finds become tasks; a running server looks for it from then on.

    Parameters
    ----------
    recall
        Its number.
    """

    async def work(services: Services, sender: Sender) -> RecallOut:
        return await recalls.confirm_recall(services, sender, parse_id(recall), expected_count=expected_count)

    print_facts(_facts(_with_node(work)), choose_output(output))
    return 0


def end(recall: str, /, *, output: OutputOption = None) -> int:
    """Look no more for what a recall asks for; its tasks stay.

    Parameters
    ----------
    recall
        Its number.
    """

    async def work(services: Services, sender: Sender) -> RecallOut:
        return await recalls.end_recall(services, sender, parse_id(recall))

    print_facts(_facts(_with_node(work)), choose_output(output))
    return 0


def _with_node(work: Callable[[Services, Sender], Awaitable[Result]]) -> Result:
    async def run() -> Result:
        async with open_node() as node:
            services = await build_services(
                node.settings, node.database, node.ids, node.clock, node.administration_id
            )
            own = own_party_id(node.administration_id)
            return await work(services, Sender(own, frozenset({"officer"}), acting_user=operator_name()))

    return asyncio.run(run())


def _facts(one: RecallOut) -> dict[str, object]:
    return {
        "recall": one.recall_id,
        "reference": one.reference,
        "state": one.state,
        "reason": one.reason_code,
        "in_flight": one.in_flight_count,
        "hits": one.hit_count,
        "found": one.found_count,
    }
