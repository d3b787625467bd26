"""What one movement of money is known by, so that a notification and the statement after it are one."""

from collections.abc import Iterator
from hashlib import sha256
from typing import NamedTuple

from serai.formats.iso20022.message import Entry, Statement, Transaction

_KEY_BYTES = 16


class Movement(NamedTuple):
    """A transaction with its entry. key: 16 bytes, the same whenever the bank tells of it again."""

    key: bytes
    entry: Entry
    transaction: Transaction


def movements_of(statement: Statement) -> Iterator[Movement]:
    """Give every transaction of a statement with its key.

    The key is made of the account, what the bank calls the entry, its amount, sign and day, and what tells
    the transaction from others of the entry; like ones are numbered. Where the bank gives an entry no
    reference, the statement's own name takes its place: then only the same statement repeats it. The status
    is no part of it: what was pending and is booked is the same movement.
    """
    seen: dict[tuple[str, ...], int] = {}
    for place, entry in enumerate(statement.entries):
        reference = entry.servicer_reference or f"{statement.identification}/{place}"
        for one in entry.transactions:
            parts = (
                statement.account.number,
                reference,
                entry.currency_code,
                str(entry.amount_minor),
                "" if entry.booked_on is None else entry.booked_on.isoformat(),
                "reversal" if entry.is_reversal else "",
                one.servicer_reference if one.servicer_reference != reference else "",
                one.end_to_end_id,
                one.transaction_id,
                "" if one.amount_minor is None else str(one.amount_minor),
                one.creditor_reference,
            )
            number = seen[parts] = seen.get(parts, 0) + 1
            # Lengths in front, so that no two ways of cutting make the same bytes.
            text = "".join(f"{len(part)}:{part}" for part in (*parts, str(number)))
            yield Movement(sha256(text.encode()).digest()[:_KEY_BYTES], entry, one)
