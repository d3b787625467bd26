"""`serai payment`: what came to the administration's bank accounts is booked to its cases."""

import asyncio
from collections.abc import Sequence
from typing import Any

from serai.app import open_node, running_database
from serai.cli.input_file import InputPath, read_input
from serai.cli.node import Node, operator_name
from serai.cli.output import Output, OutputOption, choose_output, print_facts, print_rows
from serai.cli.proposal import print_waiting, propose_instead
from serai.foundation.access.store import ProposalRow
from serai.foundation.administration import own_party_id
from serai.foundation.clock import SystemClock
from serai.foundation.garbage_collection import collect_rarely
from serai.foundation.settings_reading import read_settings_here
from serai.journey.acts.waiting_marks import StatementToImport
from serai.journey.bank_statements.service import (
    MessageImported,
    import_statements,
    read_statements,
)
from serai.journey.documents.submission import Sender
from serai.model.findings import Finding


def import_file(file: InputPath, /, *, output: OutputOption = None) -> int:
    """Import a bank statement or notification: each movement is booked once, to the case of its reference,
    which is decided again. Exit code 1: some movements, or the statement, are for a person to look at.

    Parameters
    ----------
    file
        XML as the bank sent it: camt.053 or camt.054 of ISO 20022.
    """
    done, form = asyncio.run(_import(read_input(file))), choose_output(output)
    if isinstance(done, ProposalRow):
        print_waiting(done, form)
        return 0
    for one in done.statements:
        facts = {
            "statement": one.statement,
            "account": one.account,
            **one.outcomes,
            "known_count": one.known_count,
            "pending_count": one.pending_count,
        }
        _print(facts, one.findings, form)
    if done.findings:
        _print({"statement": ""}, done.findings, form)
    is_clear = all(
        not one.findings and one.outcomes.keys() <= {"paid", "taken-back"} for one in done.statements
    )
    return 0 if is_clear and not done.findings else 1


def _print(facts: dict[str, Any], findings: Sequence[Finding], form: Output) -> None:
    rows = [{"code": one.code, "pointer": one.pointer} for one in findings]
    if form == "table":
        print_facts(facts, form)
        print_rows(rows, form, ("code", "pointer"))
    else:
        print_facts(facts | {"findings": rows}, form)


async def _import(content: bytes) -> MessageImported | ProposalRow:
    settings = read_settings_here()
    with running_database(settings, SystemClock()) as dsn:
        async with open_node(settings, dsn) as node:
            collect_rarely()
            read = read_statements(content, settings.payment.accounts.split())
            own = own_party_id(node.administration_id)
            sender = Sender(own, frozenset({"officer"}), acting_user=operator_name())
            subject, detail = read.summary
            waiting = await propose_instead(
                Node(node.settings, node.database, node.ids, node.administration_id, node.clock),
                StatementToImport(sender, content),
                subject=subject,
                detail=detail,
            )
            return waiting or await import_statements(node.processor, sender, read)
