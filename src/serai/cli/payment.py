"""`serai payment`: what came to the administration's bank accounts is booked to its cases."""

import asyncio

from serai.app import open_node, running_database
from serai.cli.input_file import InputPath, read_input
from serai.cli.node import operator_name
from serai.cli.output import OutputOption, choose_output, print_facts, print_rows
from serai.foundation.administration import own_party_id
from serai.foundation.clock import SystemClock
from serai.foundation.settings_reading import read_settings_here
from serai.journey.bank_statements.service import StatementImported, import_statements
from serai.journey.documents.submission import Sender


def import_file(file: InputPath, /, *, output: OutputOption = None) -> int:
    """Import a bank statement or notification: each movement is booked once, to the case of its reference,
    which is decided again. Exit code 1: some movements, or the statement, are for a person to look at.

    Parameters
    ----------
    file
        XML as the bank sent it: camt.053 or camt.054 of ISO 20022.
    """
    done = asyncio.run(_import(read_input(file)))
    form = choose_output(output)
    for one in done:
        facts = {
            "statement": one.statement,
            "account": one.account,
            **one.outcomes,
            "known_count": one.known_count,
            "pending_count": one.pending_count,
        }
        findings = [{"code": found.code, "pointer": found.pointer} for found in one.findings]
        if form == "table":
            print_facts(facts, form)
            print_rows(findings, form, ("code", "pointer"))
        else:
            print_facts(facts | {"findings": findings}, form)
    is_clear = all(not one.findings and one.outcomes.keys() <= {"paid", "taken-back"} for one in done)
    return 0 if is_clear else 1


async def _import(content: bytes) -> list[StatementImported]:
    settings = read_settings_here()
    with running_database(settings, SystemClock()) as dsn:
        async with open_node(settings, dsn) as node:
            own = own_party_id(node.administration_id)
            return await import_statements(
                node.processor,
                Sender(own, frozenset({"officer"}), acting_user=operator_name()),
                content,
                accounts=settings.payment.accounts.split(),
            )
