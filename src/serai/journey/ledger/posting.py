"""Entering a posting: its accounts are there, it balances, it has a leaf of its own in the log."""

from collections.abc import Sequence
from typing import Any, Protocol

import msgspec

from serai.evidence.promise import LogSigner, commit_and_promise
from serai.evidence.store import insert_promised_batch
from serai.foundation.copying import TableBuffer
from serai.foundation.id_text import format_id
from serai.foundation.ids import IdSource
from serai.journey.ledger.store import AccountIds, Connection, insert_postings, open_accounts
from serai.model.ledger import ACCOUNT_KINDS, PHASES, Account, Posting, find_imbalances
from serai.model.money import format_minor

FIELD = "posting"
"""Under which a leaf commits to a posting."""

_ENCODE = msgspec.json.Encoder(order="sorted").encode


class Ledger(LogSigner, Protocol):
    """What postings are entered with."""

    @property
    def ids(self) -> IdSource:
        """Where ids are from."""
        ...

    @property
    def account_ids(self) -> AccountIds:
        """Accounts that are known."""
        ...


async def enter_posting(
    ledger: Ledger, connection: Connection, buffer: TableBuffer, posting: Posting
) -> int | None:
    """Add a posting to what is written together, in the caller's transaction; return its id. None: it has no
    entries, and nothing is entered."""
    return (await enter_postings(ledger, connection, buffer, [posting]))[0]


async def enter_postings(
    ledger: Ledger, connection: Connection, buffer: TableBuffer, postings: Sequence[Posting]
) -> list[int | None]:
    """Add postings of one moment as `enter_posting` does one, each with its leaf under one promise."""
    # As they are kept.
    postings = [
        one._replace(at=one.at.replace(microsecond=one.at.microsecond // 1000 * 1000)) for one in postings
    ]
    entered = [one for one in postings if one.entries]
    if not entered:
        return [None] * len(postings)
    for one in entered:
        imbalances = find_imbalances(one.entries)
        assert not imbalances, f"a posting balances: {imbalances}"
    account_ids = await open_accounts(
        connection,
        ledger.account_ids,
        [entry.account for one in entered for entry in one.entries],
        ids=ledger.ids,
        administration_id=ledger.administration_id,
        at=entered[0].at,
    )
    posting_ids = ledger.ids.take(len(entered)).tolist()
    commitments, promise = commit_and_promise(
        ledger,
        entered[0].at,
        leaf_ids=posting_ids,
        fields={FIELD: list(map(committed_bytes, posting_ids, entered))},
    )
    insert_postings(
        buffer,
        account_ids,
        dict(zip(posting_ids, entered, strict=True)),
        salts=commitments.salts[FIELD],
        administration_id=ledger.administration_id,
    )
    await insert_promised_batch(
        buffer, promise, administration_id=ledger.administration_id, leaf_ids=posting_ids
    )
    found = iter(posting_ids)
    return [next(found) if one.entries else None for one in postings]


def committed_bytes(posting_id: int, posting: Posting) -> bytes:
    """Return what the leaf of a posting commits to: JSON with sorted names, entries by account and phase."""
    return _ENCODE(
        {
            "posting_id": format_id(posting_id),
            "kind": posting.kind,
            "subject_id": format_id(posting.subject_id),
            "posted_at": posting.at,
            "entries": _told(posting),
        }
    )


def _told(posting: Posting) -> Sequence[dict[str, Any]]:
    return [
        {
            **account_words(one.account),
            "phase": PHASES[one.phase],
            "amount": format_minor(one.amount_minor, one.account.currency_code),
        }
        for one in sorted(posting.entries)
    ]


def account_words(account: Account) -> dict[str, str]:
    """Return an account by names, those left out that say nothing."""
    words = {
        "account": ACCOUNT_KINDS[account.kind].code,
        "currency_code": account.currency_code,
        "party_id": format_id(account.party_id) if account.party_id else "",
        "debtor": account.debtor_code,
        "tax_type_code": account.tax_type_code,
        "country_code": account.country_code,
        "number": account.number,
    }
    return {name: word for name, word in words.items() if word}
