"""The ledger as a journal of Beancount (its input format, version 3): what anybody can check and add up with
tools of their own. What is pending is a transaction flagged `!`, what is posted one flagged `*`.
"""

import re
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, date
from hashlib import sha256
from typing import Final

from serai.foundation.id_text import format_id
from serai.journey.ledger.store import StoredPosting
from serai.model.ledger import ACCOUNT_KINDS, PENDING, POSTED, Account, Entry
from serai.model.money import format_minor

_FLAGS: Final = {PENDING: "!", POSTED: "*"}
_NOT_IN_NAMES: Final = re.compile(r"[^A-Za-z0-9-]")


async def write_journal(postings: AsyncIterator[StoredPosting], title: str) -> AsyncIterator[str]:
    """Yield the lines of a journal. postings: oldest first. title: of the journal."""
    yield f'option "title" "{_quoted(title)}"'
    opened: set[tuple[str, str]] = set()
    async for stored in postings:
        on = stored.posting.at.astimezone(UTC).date()
        for line in _open(stored.posting.entries, on, opened):
            yield line
        for phase in (PENDING, POSTED):
            entries = [one for one in stored.posting.entries if one.phase == phase]
            if entries:
                yield ""
                for line in _transaction(stored, entries, on, _FLAGS[phase]):
                    yield line


def _open(entries: Sequence[Entry], on: date, opened: set[tuple[str, str]]) -> Iterator[str]:
    for entry in entries:
        name, currency = account_name(entry.account), entry.account.currency_code
        if (name, currency) not in opened:
            opened.add((name, currency))
            # An account is named by its currency too: no directive opens it twice.
            yield f"{on} open {name} {currency}"


def _transaction(stored: StoredPosting, entries: Sequence[Entry], on: date, flag: str) -> Iterator[str]:
    posting = stored.posting
    yield f'{on} {flag} "{posting.kind}" "{format_id(posting.subject_id)}"'
    yield f'  posting: "{format_id(stored.posting_id)}"'
    for entry in entries:
        currency = entry.account.currency_code
        yield f"  {account_name(entry.account)}  {format_minor(entry.amount_minor, currency)} {currency}"


def account_name(account: Account) -> str:
    """Return the name of an account: one of the five roots, its kind, then what tells it from others of the
    kind, its currency last."""
    kind = ACCOUNT_KINDS[account.kind]
    parts = [
        format_id(account.party_id) if account.party_id else "",
        account.debtor_code,
        account.tax_type_code,
        account.country_code,
        # What parties made up: two of them may differ by the first letter's size alone.
        f"N.{account.number}" if account.number else "",
        account.currency_code,
    ]
    words = "".join(word.capitalize() for word in kind.code.split("-"))
    return ":".join([kind.root, words, *(_part(one) for one in parts if one)])


def _part(text: str) -> str:
    """Return a part of a name: letters, digits and dashes, a capital or a digit first. Where that changes
    more than the first letter, a hash of the text stands behind it, so that no two texts meet in one name."""
    plain = _NOT_IN_NAMES.sub("-", text)
    if plain != text or not plain[0].isalnum():
        return f"N{plain}-{sha256(text.encode()).hexdigest()[:8]}"
    return plain[0].upper() + plain[1:]


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
